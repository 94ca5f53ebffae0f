"""The headers of tus 1.0 (https://tus.io/protocols/resumable-upload): read strictly, and written."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from django.utils.http import http_date

from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.texts import storable

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,expiration,termination"
ALGORITHMS = ("sha256", "sha1")
OFFSET_TYPE = "application/offset+octet-stream"
LARGEST = 2**63 - 1
MOST_METADATA = 4096  # characters
LONGEST_NAME = 255
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Metadata:
    """What the author of an upload says of it: the name of its file, and its SHA-256 in hexadecimal, or nothing."""

    name: str
    sha256: str
    text: str  # as it was sent


@dataclass(frozen=True)
class Checksum:
    """What the bytes of one request should hash to."""

    algorithm: str
    digest: bytes

    def hasher(self) -> hashlib._Hash:
        return hashlib.new(self.algorithm, usedforsecurity=False)


def whole_number(headers: Mapping[str, str], name: str) -> int:
    """A header that is a number of bytes. Raises `InvalidInput` at its name."""
    text = headers.get(name)
    if text is None:
        raise InvalidInput(f"The header {name} is needed.", pointer=f"/{name}")
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= LARGEST):
        raise InvalidInput(f"{name} is a whole number of bytes.", pointer=f"/{name}")
    return int(text)


def read_metadata(text: str) -> Metadata:
    """`filename d29ybGQ=,sha256 …`: keys with values in base64, of which we know these two.

    Raises `InvalidInput` at `/Upload-Metadata`.
    """
    if len(text) > MOST_METADATA:
        raise _bad_metadata(f"has more than {MOST_METADATA:,} characters")
    if not (text.isascii() and text.isprintable()):
        raise _bad_metadata("has other characters than printable ASCII")
    found: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        key, _, value = pair.partition(" ")
        if key in found:
            raise _bad_metadata(f"has {key[:60]!r} twice")
        found[key] = _decoded(key, value.strip()) if key in {"filename", "sha256"} else ""
    name = PurePosixPath(found.get("filename", "").replace("\\", "/")).name or "file"
    if storable(name) != name:
        raise _bad_metadata("has a file name that cannot be stored")
    sha256 = found.get("sha256", "").lower()
    if sha256 and not _DIGEST.fullmatch(sha256):
        raise _bad_metadata("has a sha256 that is not 64 hexadecimal digits")
    return Metadata(name[-LONGEST_NAME:], sha256, text)


def read_checksum(text: str | None) -> Checksum | None:
    """`sha256 47DEQpj8HBSa+…=`. Raises `InvalidInput` at `/Upload-Checksum`."""
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    if algorithm not in ALGORITHMS:
        raise _bad_checksum(f"The algorithms of Upload-Checksum are {' and '.join(ALGORITHMS)}.")
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise _bad_checksum("Upload-Checksum is an algorithm and a digest in base64.") from None
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise _bad_checksum(f"The digest of Upload-Checksum has another length than {algorithm} has.")
    return Checksum(algorithm, digest)


def expires(at: datetime) -> str:
    """The value of `Upload-Expires`."""
    return http_date(at.timestamp())


def _decoded(key: str, value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        raise _bad_metadata(f"has a value of {key!r} that is not UTF-8 in base64") from None


def _bad_metadata(what: str) -> InvalidInput:
    return InvalidInput(f"Upload-Metadata {what}.", pointer="/Upload-Metadata")


def _bad_checksum(message: str) -> InvalidInput:
    return InvalidInput(message, pointer="/Upload-Checksum")
