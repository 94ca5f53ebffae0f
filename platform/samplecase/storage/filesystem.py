"""Blobs as read-only files of one folder: the default store."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from samplecase.storage.files import sync_folder
from samplecase.storage.keys import check_key, check_prefix, check_range
from samplecase.storage.port import BlobInfo, BlobNotFound, StorageRefused, StorageUnavailable
from samplecase.storage.streams import bounded

# Begins with a dot, which no part of a key does: what is being written is never listed and never read.
_UNFINISHED = ".unfinished"
_ABANDONED_AFTER_SECONDS = 24 * 3600
REFUSALS = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS}
)  # that last until somebody changes rights or mounts


class FilesystemStore:
    """A `BlobStore` over a folder, which is made when the first blob is put."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def put(self, key: str, source: BinaryIO) -> int:
        """See the port. The bytes are on the disk before the key names them, also after a loss of power."""
        target = self._path(key)
        with _failures():
            unfinished = self._root / _UNFINISHED
            unfinished.mkdir(parents=True, exist_ok=True, mode=0o700)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=unfinished)
        try:
            with os.fdopen(handle, "wb") as file:
                size = _copy(source, file)
                with _failures():
                    file.flush()
                    os.fchmod(file.fileno(), 0o444)
                    os.fsync(file.fileno())
            with _failures():
                Path(name).replace(target)
                sync_folder(target.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return size

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        check_range(offset, length)
        with _failures(key):
            file = self._path(key).open("rb")
        file.seek(offset)
        return file if length is None else bounded(file, length, file.close)

    def stat(self, key: str) -> BlobInfo:
        with _failures(key):
            found = self._path(key).stat()
        return BlobInfo(size=found.st_size, modified=found.st_mtime)

    def exists(self, key: str) -> bool:
        with _failures():
            return self._path(key).is_file()

    def delete(self, key: str) -> None:
        with _failures():
            self._path(key).unlink(missing_ok=True)

    def list(self, prefix: str = "") -> Iterator[str]:
        check_prefix(prefix)
        start = self._root / prefix.rpartition("/")[0]
        for folder, folders, files in os.walk(start):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            inside = Path(folder).relative_to(self._root)
            for name in sorted(files):
                key = (inside / name).as_posix()
                if key.startswith(prefix):
                    yield key

    def local_path(self, key: str) -> Path | None:
        path = self._path(key)
        with _failures():
            return path if path.is_file() else None

    def check(self) -> None:
        """See the port. Also removes what a killed process left half written a day ago or longer."""
        key = f"check/{os.getpid()}-{time.monotonic_ns()}"
        try:
            self.put(key, io.BytesIO(b"samplecase"))
            with self.open(key) as stream:
                if stream.read() != b"samplecase":
                    raise StorageUnavailable(f"{self._root} does not give back what was written to it.")
            self.delete(key)
            self._remove_abandoned()
        except (StorageUnavailable, BlobNotFound) as error:
            raise StorageUnavailable(
                f"The blob folder {self._root} cannot be used ({error}); it needs to be writable and not full."
            ) from error

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _remove_abandoned(self) -> None:
        oldest = time.time() - _ABANDONED_AFTER_SECONDS
        for path in (self._root / _UNFINISHED).iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


@contextlib.contextmanager
def _failures(key: str = "") -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, IsADirectoryError) as error:
        if key:
            raise BlobNotFound(key) from None
        raise StorageUnavailable(str(error)) from error
    except OSError as error:
        kind = StorageRefused if error.errno in REFUSALS else StorageUnavailable
        raise kind(str(error)) from error


def _copy(source: BinaryIO, file: BinaryIO) -> int:
    """Copy all; a failing disk is the store's failure, a failing `source` is its owner's."""
    while block := source.read(1 << 20):
        with _failures():
            file.write(block)
    return file.tell()
