"""Unpacked packages on this host: each once, under its digest, checked when it is fetched, never changed after."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from samplecase.contracts.errors import InvalidInput, TooLarge
from samplecase.packages import DEFAULT_LIMITS, Limits, unpack_package
from samplecase.storage.port import BlobNotFound, BlobStore, package_key

BLOCK = 1024 * 1024
WAIT_SECONDS = 0.1


class PackageUnavailable(Exception):
    """The package is gone, is not what was uploaded, or cannot be unpacked; the message says which."""


class PackageCache:
    """Packages by SHA-256 under one folder, which several executors of a host may share."""

    def __init__(self, folder: Path, blobs: BlobStore, limits: Limits = DEFAULT_LIMITS) -> None:
        self._folder = folder
        self._blobs = blobs
        self._limits = limits

    def folder_of(self, sha256: str) -> Path:
        """The unpacked package. Raises `PackageUnavailable`, `StorageUnavailable`."""
        target = self._folder / sha256
        if target.is_dir():
            return target
        with exclusive(self._folder / f"{sha256}.lock"):
            if not target.is_dir():
                self._unpack(sha256, target)
        return target

    def _unpack(self, sha256: str, target: Path) -> None:
        # Always of this name: what a killed process left of it goes first.
        work = self._folder / f"unpacking-{sha256}"
        shutil.rmtree(work, ignore_errors=True)
        try:
            work.mkdir(mode=0o700)
            self._fetch(sha256, work / "package.zip")
            unpack_package(work / "package.zip", work / "package", limits=self._limits, sha256=sha256)
            make_read_only(work / "package")
            (work / "package").rename(target)
        except (BlobNotFound, InvalidInput, TooLarge) as error:
            raise PackageUnavailable(_reason(error)) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _fetch(self, sha256: str, archive: Path) -> None:
        with self._blobs.open(package_key(sha256)) as source, archive.open("wb") as file:
            shutil.copyfileobj(source, file, BLOCK)


def _reason(error: Exception) -> str:
    if isinstance(error, BlobNotFound):
        return "the package is no longer in the store"
    return f"the package cannot be unpacked: {error}"


def make_read_only(folder: Path) -> None:
    """Take the right to write from everything below, and let every user read it.

    The folder itself keeps it: who renames a folder must be able to write to it.
    """
    for parent, folders, files in os.walk(folder):
        for name in files:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o555 if path.stat().st_mode & 0o100 else 0o444)
        for name in folders:
            if not Path(parent, name).is_symlink():
                Path(parent, name).chmod(0o755)
    folder.chmod(0o755)


@contextmanager
def exclusive(lock: Path, check: Callable[[], None] | None = None) -> Iterator[None]:
    """One process and thread at a time; the system lets go of the lock when its holder dies.

    `check` is called while others have it, and may raise.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        while check is not None and not _is_locked_at_once(file):
            check()
            time.sleep(WAIT_SECONDS)
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_locked_at_once(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
