"""Blobs copied from one store into another, each checked by its digest."""

from __future__ import annotations

import hashlib
import io
import re
from typing import BinaryIO, cast

from samplecase.storage.port import BlobStore

# Keys that say the digest of what lies under them.
_ADDRESSED = re.compile(r"(?:media|masks|packages)/[0-9a-f]{2}/([0-9a-f]{64})(?:\.zip)?")


class Damaged(Exception):
    """The bytes under a key are not those that were once put there."""


def digest_in(key: str) -> str | None:
    """The digest that the key itself names."""
    found = _ADDRESSED.fullmatch(key)
    return found[1] if found else None


def copy(key: str, source: BlobStore, target: BlobStore, *, sha256: str | None) -> tuple[str, int]:
    """The digest and size of the blob that is now under `key` in `target` too.

    Raises `BlobNotFound`, and `Damaged` for other bytes than those of `sha256`, of which nothing is kept.
    """
    with source.open(key) as stream:
        checked = _Checked(stream, key, sha256)
        size = target.put(key, cast(BinaryIO, checked))
    return checked.sha256, size


class _Checked(io.RawIOBase):
    """A stream that is hashed while it is read, and breaks off before its end where it is not the right one."""

    def __init__(self, stream: BinaryIO, key: str, expected: str | None) -> None:
        self._stream = stream
        self._key = key
        self._expected = expected
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        block = self._stream.read(size)
        self._hash.update(block)
        if not block and self._expected not in {None, self.sha256}:
            raise Damaged(f"{self._key} is damaged: its bytes are not those of its digest.")
        return block
