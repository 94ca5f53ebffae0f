"""Uploads that are whole: their bytes as one file, their digest, and their use."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.core.files.base import File
from django.utils import timezone

from samplecase.contracts.errors import ChecksumMismatch, Conflict, InvalidInput, Locked
from samplecase.storage.port import BlobNotFound
from samplecase.storage.seekable import Seekable
from samplecase.web.accounts.models import User
from samplecase.web.rest.blobs import blob_store
from samplecase.web.uploads.models import RENEW_SECONDS, USED_SECONDS, Part, Upload
from samplecase.web.uploads.removing import remove

BLOCK = 2**20
UNKNOWN = "unknown_upload"
IN_USE = timedelta(hours=6)  # how long the use of one may take, whatever the settings say of its expiry


@dataclass(frozen=True)
class Sent:
    """A whole upload: the name of its file, its size in bytes and its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str
    parts: tuple[Part, ...]

    def open(self) -> BinaryIO:
        """Its bytes, as a file that can be sought in. Raises `InvalidInput` at `/upload` if they went meanwhile."""
        return cast(BinaryIO, io.BufferedReader(_Joined(self.parts, self.size), BLOCK))

    def as_file(self) -> File[bytes]:
        """The same, with its name."""
        return File(self.open(), name=self.name)


def verify(upload: Upload) -> Upload:
    """Count the digest of an upload all of which came; done twice, it changes nothing.

    Raises `ChecksumMismatch` where another one was said beforehand, `InvalidInput` (`unknown_upload`) where a part
    is gone, and `Locked` where another request is at it. Of the first two nothing is kept.
    """
    if upload.is_whole:
        return upload
    holder = upload.take_turn()
    present = Upload.objects.filter(pk=upload.pk).first()
    if present is None:
        raise _unknown()
    if not holder:
        raise Locked("Another request is reading this upload as a whole; wait for its end.")
    try:
        return present if present.is_whole else _verified(present, holder)
    finally:
        upload.end_turn(holder)


def _verified(upload: Upload, holder: str) -> Upload:
    try:
        digest = _digest(upload, holder)
    except InvalidInput:
        remove(upload)
        raise
    if upload.expected_sha256 not in {"", digest}:
        remove(upload)
        raise ChecksumMismatch(
            f"“{upload}” came with other bytes than its digest says: sha256 {digest}, and "
            f"{upload.expected_sha256} was said. Nothing of it was kept; send it again."
        )
    if not Upload.objects.filter(pk=upload.pk).update(sha256=digest):
        raise _unknown()
    upload.sha256 = digest
    return upload


def _digest(upload: Upload, holder: str) -> str:
    counted, renewed_at = hashlib.sha256(), time.monotonic()
    with _sent(upload).open() as stream:
        while block := stream.read(BLOCK):
            counted.update(block)
            if time.monotonic() - renewed_at > RENEW_SECONDS:
                renewed_at = time.monotonic()
                if not upload.keep_turn(holder):
                    raise Locked("Another request went on with this upload, or it was removed.")
    return counted.hexdigest()


@contextmanager
def used(*, acting_user: User, id: UUID) -> Iterator[Sent]:
    """An upload of the user's, for a block that makes something of it; it goes a while after that has succeeded.

    Otherwise it stays for as long as it had. One whose bytes are gone goes at once, so that it can be begun anew.

    Raises `InvalidInput` (`unknown_upload`) and `Conflict` (`incomplete`) at `/upload`, and what `verify` raises.
    """
    upload = Upload.objects.of(acting_user).filter(public_id=id).first()
    if upload is None:
        raise _unknown()
    if upload.offset < upload.length:
        message = (
            f"Of “{upload}” only {upload.offset:,} of {upload.length:,} bytes came so far; send the rest."
        )
        raise Conflict(message, code="incomplete", pointer="/upload")
    lasting = max(upload.expires_at, timezone.now() + IN_USE)
    # In one step with the question whether its time is over: what was given up meanwhile stays so.
    if not Upload.objects.of(acting_user).filter(pk=upload.pk).update(expires_at=lasting):
        raise _unknown()
    try:
        yield _sent(verify(upload))
    except BaseException as error:
        if isinstance(error, InvalidInput) and error.code == UNKNOWN:
            remove(upload)
        else:
            Upload.objects.filter(pk=upload.pk, expires_at=lasting).update(expires_at=upload.expires_at)
        raise
    now = timezone.now()
    Upload.objects.filter(pk=upload.pk).update(used_at=now, expires_at=now + timedelta(seconds=USED_SECONDS))


def _sent(upload: Upload) -> Sent:
    return Sent(upload.name, upload.length, upload.sha256, tuple(upload.stretches()))


def _unknown() -> InvalidInput:
    message = "There is no such upload of yours (any more); send the file again."
    return InvalidInput(message, code=UNKNOWN, pointer="/upload")


class _Joined(Seekable):
    """Parts one after the other, read through one stream as long as nobody jumps."""

    def __init__(self, parts: tuple[Part, ...], size: int) -> None:
        super().__init__(size)
        self._parts = parts
        self._stream: BinaryIO | None = None
        self._stream_at = (-1, -1)  # the part that it is of, and the place of its next byte

    def readinto(self, buffer: Any) -> int:
        if self._place >= self._size:
            return 0
        index = self._index()
        data = self._at(index).read(min(len(buffer), self._size - self._place))
        if not data:
            raise _unknown()
        buffer[: len(data)] = data
        self._place += len(data)
        self._stream_at = (index, self._place)
        return len(data)

    def close(self) -> None:
        self._leave()
        super().close()

    def _index(self) -> int:
        """Of the part in which the next byte lies."""
        low, high = 0, len(self._parts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._parts[middle].start <= self._place else (low, middle)
        return low

    def _at(self, index: int) -> BinaryIO:
        if self._stream is None or self._stream_at != (index, self._place):
            self._leave()
            if not self._parts:  # it was removed before its parts were looked for
                raise _unknown()
            part = self._parts[index]
            try:
                self._stream = blob_store().open(part.key, offset=self._place - part.start)
            except BlobNotFound:
                raise _unknown() from None
        return self._stream

    def _leave(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
