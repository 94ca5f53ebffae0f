"""A blob as a file that can be sought in, read in blocks: a zip's directory is at its end, and its files anywhere."""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO, cast

from samplecase.storage.port import BlobStore

BLOCK = 1 << 20


class Seekable(io.RawIOBase):
    """A file of `size` bytes whose place is a number; who inherits says in `readinto` what lies there."""

    def __init__(self, size: int) -> None:
        self._size, self._place = size, 0

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


class SeekableBlob(Seekable):
    """Reads what is asked for and nothing else; wrap it in a buffer."""

    def __init__(self, store: BlobStore, key: str) -> None:
        super().__init__(store.stat(key).size)
        self._store, self._key = store, key

    def readinto(self, buffer: Any) -> int:
        length = min(len(buffer), max(0, self._size - self._place))
        if not length:
            return 0
        with self._store.open(self._key, offset=self._place, length=length) as stream:
            data = stream.read(length)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)


def seekable(store: BlobStore, key: str) -> BinaryIO:
    """The blob, as a plain file where it is one. Raises `BlobNotFound`."""
    path = store.local_path(key)
    return path.open("rb") if path else cast(BinaryIO, io.BufferedReader(SeekableBlob(store, key), BLOCK))
