"""The bytes of one request, put into the blob store part by part, each recorded before the next is read."""

from __future__ import annotations

import io
import secrets
import time
from collections.abc import Callable
from typing import BinaryIO, Protocol, cast

from django.http import UnreadablePostError

from samplecase.contracts.errors import ChecksumMismatch, Conflict, InvalidInput, Locked, NotFound, TooLarge
from samplecase.web.rest.blobs import blob_store
from samplecase.web.uploads.headers import Checksum
from samplecase.web.uploads.models import MOST_PARTS, PREFIX, RENEW_SECONDS, Part, Upload

PART_BYTES = 16 * 2**20
PART_SECONDS = 10.0  # after which a part ends early, so that a slow connection loses little …
LEAST_PART_BYTES = 2**20  # … and yet does not make too many
BLOCK = 256 * 2**10


class Source(Protocol):
    """The body of a request."""

    def read(self, size: int = -1, /) -> bytes: ...


def receive(
    *, upload: Upload, body: Source, offset: int, size: int, checksum: Checksum | None = None
) -> Upload:
    """Add the `size` bytes of `body` at `offset`; returns the upload as it is then.

    1. Hold the upload, or raise `Locked` where another request adds to it.
    2. Refuse another offset than its own (`Conflict`), and more than is left of it (`TooLarge`).
    3. Put each part into the blob store, and then record it: what is recorded is there, whatever is killed.
       With a checksum all parts are recorded together, once it is right; else (`ChecksumMismatch`) none is.

    What came before a connection broke off is kept, where no checksum was given; `InvalidInput` (`cut_off`) says so.
    """
    holder = upload.take_turn()
    if not holder:
        raise Locked("Another request is sending this upload; wait for its end.")
    try:
        present = _present(upload)
        _refuse_unfit(present, offset, size)
        incoming = _Incoming(body, size, checksum, lambda: _renew(present, holder))
        _store(present, incoming, offset, holder, checksum)
        if incoming.is_cut:
            kept = "nothing of it was kept" if checksum else "they are kept, so go on from there"
            message = f"The request was cut off after {size - incoming.left:,} of its {size:,} bytes; {kept}."
            raise InvalidInput(message, code="cut_off")
    finally:
        upload.end_turn(holder)
    return _present(upload)


def _present(upload: Upload) -> Upload:
    found = Upload.objects.filter(pk=upload.pk).first()
    if found is None:
        raise NotFound("This upload was removed.")
    return found


def _refuse_unfit(upload: Upload, offset: int, size: int) -> None:
    if offset != upload.offset:
        message = f"The upload goes on at byte {upload.offset:,}, not at {offset:,}."
        raise Conflict(message, code="wrong_offset", pointer="/Upload-Offset")
    if offset + size > upload.length:
        message = f"These are more bytes than are left of it: {upload.length - offset:,}."
        raise TooLarge(message, code="beyond_length", pointer="/Content-Length")
    if size and upload.parts.count() >= MOST_PARTS:
        raise TooLarge(
            f"The upload came in {MOST_PARTS:,} pieces, which is the most; send it again in larger ones.",
            code="too_many_parts",
        )


def _store(upload: Upload, incoming: _Incoming, offset: int, holder: str, checksum: Checksum | None) -> None:
    waiting: list[Part] = []
    try:
        while incoming.left and not incoming.is_cut:
            part = _put(upload, incoming, offset)
            if part is None:
                break
            waiting.append(part)
            offset += part.size
            if checksum is None:
                _record(upload, waiting, holder)
                waiting = []
        if checksum is not None and not incoming.is_cut:
            if not incoming.is_right:
                raise ChecksumMismatch()
            if waiting:
                _record(upload, waiting, holder)
                waiting = []
    except (ChecksumMismatch, Locked):
        _delete(waiting)
        raise
    # After any other exception nobody knows whether they were recorded: the sweep finds out.
    if incoming.is_cut:
        _delete(waiting)


def _delete(unrecorded: list[Part]) -> None:
    for part in unrecorded:
        blob_store().delete(part.key)


def _put(upload: Upload, incoming: _Incoming, start: int) -> Part | None:
    # By a name of its own: a request that has lost the upload may still be writing at the same place.
    key = f"{PREFIX}{upload.public_id}/{start:019}-{secrets.token_hex(8)}"
    size = blob_store().put(key, cast(BinaryIO, _Piece(incoming)))
    if size:
        return Part(start, size, key)
    blob_store().delete(key)
    return None


def _record(upload: Upload, parts: list[Part], holder: str) -> None:
    if not upload.add(parts, holder=holder):
        raise _taken_over()


def _renew(upload: Upload, holder: str) -> None:
    if not upload.keep_turn(holder):
        raise _taken_over()


def _taken_over() -> Locked:
    return Locked("Another request went on with this upload, or it was removed.")


class _Incoming:
    """The body of a request: how much of it is left, whether it broke off, and what it hashes to."""

    def __init__(self, body: Source, size: int, checksum: Checksum | None, renew: Callable[[], None]) -> None:
        self._body = body
        self._checksum = checksum
        self._hash = checksum.hasher() if checksum else None
        self._renew = renew
        self._renewed_at = time.monotonic()
        self.left = size
        self.is_cut = False

    @property
    def is_right(self) -> bool:
        return self._hash is None or self._checksum is None or self._hash.digest() == self._checksum.digest

    def read(self, size: int) -> bytes:
        if self.is_cut or not self.left:
            return b""
        try:
            block = self._body.read(min(size, self.left, BLOCK))
        except (UnreadablePostError, OSError):
            block = b""
        self.is_cut = not block
        self.left -= len(block)
        if self._hash:
            self._hash.update(block)
        if time.monotonic() - self._renewed_at > RENEW_SECONDS:
            self._renewed_at = time.monotonic()
            self._renew()
        return block


class _Piece(io.RawIOBase):
    """As much of a body as goes into one part."""

    def __init__(self, incoming: _Incoming) -> None:
        self._incoming = incoming
        self._left = PART_BYTES
        self._ends_at = time.monotonic() + PART_SECONDS

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        is_late = time.monotonic() > self._ends_at and PART_BYTES - self._left >= LEAST_PART_BYTES
        if is_late or not self._left:
            return b""
        block = self._incoming.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        return block
