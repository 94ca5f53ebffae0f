"""Blobs in memory: the twin of the real stores for tests and trials."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from samplecase.storage.keys import check_key, check_prefix, check_range
from samplecase.storage.port import BlobInfo, BlobNotFound


class MemoryStore:
    """A `BlobStore` that is gone with its process."""

    def __init__(self) -> None:
        self._blobs: dict[str, tuple[bytes, float]] = {}
        self._lock = threading.Lock()

    def put(self, key: str, source: BinaryIO) -> int:
        check_key(key)
        data = b"".join(iter(lambda: source.read(1 << 20), b""))
        with self._lock:
            self._blobs[key] = (data, time.time())
        return len(data)

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        check_range(offset, length)
        data, _ = self._blob(key)
        return io.BytesIO(data[offset:] if length is None else data[offset : offset + length])

    def stat(self, key: str) -> BlobInfo:
        data, modified = self._blob(key)
        return BlobInfo(size=len(data), modified=modified)

    def exists(self, key: str) -> bool:
        return check_key(key) in self._blobs

    def delete(self, key: str) -> None:
        with self._lock:
            self._blobs.pop(check_key(key), None)

    def list(self, prefix: str = "") -> Iterator[str]:
        check_prefix(prefix)
        yield from sorted(key for key in tuple(self._blobs) if key.startswith(prefix))

    def local_path(self, key: str) -> Path | None:
        check_key(key)
        return None

    def check(self) -> None:
        """Memory is always there."""

    def _blob(self, key: str) -> tuple[bytes, float]:
        try:
            return self._blobs[check_key(key)]
        except KeyError:
            raise BlobNotFound(key) from None
