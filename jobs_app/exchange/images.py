"""Images that an import brings: decoded once, put into the blob store under their digest, before any row names them."""

from __future__ import annotations

import hashlib
import io
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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


Known = Callable[[str], ImageFacts | None]


def pictures(files: Files, records: Sequence[Record], known: Known) -> list[Picture | None]:
    """For each record its image, None where it brings none. One that is `known` by its digest is not decoded again.

    Each is read once, and only a few are in memory at a time.
    """
    with ThreadPoolExecutor(THREADS, thread_name_prefix="import") as pool:
        waiting: list[Picture | Future[Picture] | None] = []
        at_work: deque[Future[Picture]] = deque()
        for record in records:
            content = _content(files, record) if record.media else None
            if isinstance(content, Picture | None):
                waiting.append(content)
                continue
            digest = hashlib.sha256(content).hexdigest()
            if facts := known(digest):
                waiting.append(Picture(digest, len(content), facts))
                continue
            if len(at_work) > THREADS:
                at_work.popleft().result()
            at_work.append(pool.submit(_stored, content, digest))
            waiting.append(at_work[-1])
        return [each.result() if isinstance(each, Future) else each for each in waiting]


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


def _stored(content: bytes, digest: str) -> Picture:
    try:
        facts = inspect(io.BytesIO(content), max_pixels=settings.MAX_IMAGE_PIXELS)
    except UnfitImage as error:
        return Picture(reason=error.reason.value, message=error.message)
    store, key = blob_store(), media_key(digest)
    if not store.exists(key):
        store.put(key, io.BytesIO(content))
    return Picture(digest, len(content), facts)
