"""Media of a store that is not on this host, kept as files for a while and fetched before their turn comes."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from samplecase.storage.port import BlobStore, StorageUnavailable, media_key

FETCHERS = 16  # requests at once: what is waited for is the network, not this host
BLOCK = 1024 * 1024
READABLE_BY_ALL = 0o444


class MediaCache:
    """The media of `store` as files: where they lie, or copies below `folder`, at most `limit_bytes` of them.

    What was not used for longest goes first. A file that is linked into a replica's folder outlives its going. Nothing
    is fetched twice at the same time.
    """

    def __init__(self, store: BlobStore, folder: Path, limit_bytes: int) -> None:
        self.store = store
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._sizes: OrderedDict[str, int] = OrderedDict()  # by key, the longest unused first
        self._bytes = 0
        self._coming: dict[str, Future[Path]] = {}
        self._fetchers = ThreadPoolExecutor(FETCHERS, thread_name_prefix="fetcher")

    def local_path(self, key: str) -> Path | None:
        """The file of a blob, fetched if need be. Raises `BlobNotFound`, `StorageUnavailable`."""
        return self.store.local_path(key) or self._kept(key) or self._fetch(key).result()

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        """See the store. A whole blob is read from its file."""
        path = self.local_path(key) if length is None else None
        if path is not None:
            with contextlib.suppress(FileNotFoundError):  # it has just gone
                stream = path.open("rb")
                stream.seek(offset)
                return stream
        return self.store.open(key, offset=offset, length=length)

    def prefetch(self, digests: Iterable[str]) -> None:
        """Begin to fetch the media of these SHA-256, in this order, unless they lie on this host."""
        for digest in digests:
            key = media_key(digest)
            if self._kept(key):
                continue
            if self.store.local_path(key) is not None:
                return  # a store lies here with all it has, or with nothing
            self._fetch(key)

    def close(self) -> None:
        self._fetchers.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kept(self, key: str) -> Path | None:
        with self._lock:
            if key not in self._sizes:
                return None
            self._sizes.move_to_end(key)
        return self._path(key)

    def _path(self, key: str) -> Path:
        return self._folder / key.rpartition("/")[2]

    def _fetch(self, key: str) -> Future[Path]:
        with self._lock:
            if key not in self._coming:
                self._coming[key] = self._fetchers.submit(self._fetched, key)
            return self._coming[key]

    def _fetched(self, key: str) -> Path:
        path = self._path(key)
        try:
            if self._kept(key):  # it came between somebody's look and his wish
                return path
            size = self._copy(key, path)
            with self._lock:
                self._sizes[key] = size
                self._bytes += size
                gone = self._make_room()
        finally:
            with self._lock:
                self._coming.pop(key, None)
        for each in gone:
            each.unlink(missing_ok=True)
        return path

    def _copy(self, key: str, path: Path) -> int:
        """The bytes of a blob in a file that is there only when it is whole."""
        with self.store.open(key) as source:
            unfinished = path.with_suffix(".part")
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                with unfinished.open("wb") as file:
                    shutil.copyfileobj(source, file, BLOCK)
                    size = file.tell()
                unfinished.chmod(READABLE_BY_ALL)
                unfinished.replace(path)
            except BaseException as error:
                unfinished.unlink(missing_ok=True)
                if isinstance(error, OSError):
                    raise StorageUnavailable(f"{self._folder} cannot be written: {error.strerror}") from error
                raise
        return size

    def _make_room(self) -> list[Path]:
        """Forget the longest unused until the rest fits, all but the newest; needs the lock."""
        gone = []
        while self._bytes > self._limit_bytes and len(self._sizes) > 1:
            key, size = self._sizes.popitem(last=False)
            self._bytes -= size
            gone.append(self._path(key))
        return gone
