"""Uploads that are whole: their bytes as one file, their digest, and their use."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.core.files.base import File
from django.utils import timezone

from samplecase.contracts.errors import ChecksumMismatch, Conflict, InvalidInput
from samplecase.storage.port import BlobNotFound
from samplecase.web.accounts.models import User
from samplecase.web.rest.blobs import blob_store
from samplecase.web.uploads.models import USED_SECONDS, Part, Upload
from samplecase.web.uploads.removing import remove

BLOCK = 2**20
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

    Raises `ChecksumMismatch` where another one was said beforehand. Of such an upload nothing is kept.
    """
    if upload.is_whole:
        return upload
    with _sent(upload).open() as stream:
        digest = hashlib.file_digest(cast(io.BufferedReader, stream), "sha256").hexdigest()
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


@contextmanager
def used(*, acting_user: User, id: UUID) -> Iterator[Sent]:
    """An upload of the user's, for a block that makes something of it; it goes a while after that has succeeded.

    Raises `InvalidInput` (`unknown_upload`) and `Conflict` (`incomplete`) at `/upload`.
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
    Upload.objects.filter(pk=upload.pk).update(expires_at=lasting)
    yield _sent(verify(upload))
    now = timezone.now()
    Upload.objects.filter(pk=upload.pk).update(used_at=now, expires_at=now + timedelta(seconds=USED_SECONDS))


def _sent(upload: Upload) -> Sent:
    return Sent(upload.name, upload.length, upload.sha256, tuple(upload.stretches()))


def _unknown() -> InvalidInput:
    message = "There is no such upload of yours (any more); send the file again."
    return InvalidInput(message, code="unknown_upload", pointer="/upload")


class _Joined(io.RawIOBase):
    """Parts one after the other, read through one stream as long as nobody jumps."""

    def __init__(self, parts: tuple[Part, ...], size: int) -> None:
        self._parts, self._size = parts, size
        self._place = 0
        self._stream: BinaryIO | None = None
        self._stream_at = (-1, -1)  # the part that it is of, and the place of its next byte

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def tell(self) -> int:
        return self._place

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
