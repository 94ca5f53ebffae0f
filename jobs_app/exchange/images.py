"""Images that an import brings: decoded once, put into the blob store under their digest, before any row names them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings

from datasets_app.images import ImageFacts, UnfitImage, inspect
from samplecase.contracts.errors import ContractError
from samplecase.exchange.records import Record
from samplecase.exchange.sources import Files
from samplecase.storage.port import media_key
from samplecase.web.rest.blobs import blob_store

THREADS = 4
MAX_BYTES = 512 * 2**20  # of one image


@dataclass(frozen=True)
class Picture:
    """An image of the file, stored; or why it is none."""

    sha256: str = ""
    size: int = 0
    facts: ImageFacts | None = None
    reason: str = ""
    message: str = ""


def pictures(
    files: Files, records: Sequence[Record], known: Mapping[str, ImageFacts]
) -> list[Picture | None]:
    """For each record its image, None where it brings none. `known` ones, by their digests, are not decoded again."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="import") as pool:
        waiting = []
        for record in records:
            content = _content(files, record) if record.media else None
            waiting.append(
                content if isinstance(content, Picture | None) else pool.submit(_stored, content, known)
            )
        return [each if isinstance(each, Picture | None) else each.result() for each in waiting]


def digests(files: Files, records: Sequence[Record]) -> frozenset[str]:
    """The digests of the records' images."""
    found = set()
    for record in records:
        content = _content(files, record) if record.media else None
        if isinstance(content, bytes):
            found.add(hashlib.sha256(content).hexdigest())
    return frozenset(found)


def _content(files: Files, record: Record) -> bytes | Picture:
    name = record.media or ""
    try:
        if files.size(name) > MAX_BYTES:
            return Picture(reason="too_large", message=f"The image has more than {MAX_BYTES:,} bytes.")
        with files.open(name) as stream:
            return stream.read(MAX_BYTES + 1)
    except ContractError as error:
        return Picture(reason="damaged", message=error.message)
    except (OSError, KeyError):
        return Picture(reason="damaged", message=f"“{name}” cannot be read.")


def _stored(content: bytes, known: Mapping[str, ImageFacts]) -> Picture:
    digest = hashlib.sha256(content).hexdigest()
    if digest in known:
        return Picture(digest, len(content), known[digest])
    try:
        facts = inspect(io.BytesIO(content), max_pixels=settings.MAX_IMAGE_PIXELS)
    except UnfitImage as error:
        return Picture(reason=error.reason.value, message=error.message)
    store, key = blob_store(), media_key(digest)
    if not store.exists(key):
        store.put(key, io.BytesIO(content))
    return Picture(digest, len(content), facts)
