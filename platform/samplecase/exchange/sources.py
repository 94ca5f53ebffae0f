"""Where files come from: a zip, a file, a folder that is never left, whatever links lie in it, or a prefix of S3."""

from __future__ import annotations

import io
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from samplecase.contracts.errors import InvalidInput, TooLarge, Unavailable
from samplecase.packages.archive import Archive, open_archive
from samplecase.packages.limits import Limits
from samplecase.storage import open_prefix
from samplecase.storage.port import BlobNotFound, StorageRefused

MAX_DOCUMENT = 512 * 2**20  # bytes of a file of labels, which is read as a whole
MAX_FILES = 2_000_000
LIMITS = Limits(max_entries=MAX_FILES, max_unpacked_bytes=256 * 2**30, max_ratio=1_000, free_bytes=64 * 2**20)
IMAGES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"})
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_CLUTTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


class Files(Protocol):
    """Files by name, `/` between folders."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def size(self, name: str) -> int: ...

    def open(self, name: str) -> BinaryIO: ...


class ZipFiles:
    """The files of a checked zip."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._sizes = {entry.name: entry.size for entry in archive if not is_clutter(entry.name)}
        self.names = tuple(self._sizes)

    def size(self, name: str) -> int:
        return self._sizes[name]

    def open(self, name: str) -> BinaryIO:
        return self._archive.open(name)


class SingleFile:
    """One file that is all there is."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.names = (PurePosixPath(name).name or "file",)
        self._file = file

    def size(self, name: str) -> int:
        return self._file.seek(0, os.SEEK_END)

    def open(self, name: str) -> BinaryIO:
        self._file.seek(0)
        return io.BytesIO(self._file.read(MAX_DOCUMENT + 1))


class FolderFiles:
    """The files below a folder, opened step by step from it: a link anywhere on the way is refused, at every read."""

    def __init__(self, root: Path, below: str = "") -> None:
        self._root, self._below = root, downwards(below)
        self._sizes: dict[str, int] = {}
        with self._folder(self._below) as handle:
            self._list(handle, "")
        self.names = tuple(sorted(self._sizes))

    def size(self, name: str) -> int:
        return self._sizes[name]

    def open(self, name: str) -> BinaryIO:
        *folders, last = name.split("/")
        with self._folder([*self._below, *folders]) as handle:
            found = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=handle)
        if not stat.S_ISREG(os.fstat(found).st_mode):
            os.close(found)
            raise InvalidInput(f"“{name}” is no plain file.", pointer="/path")
        return os.fdopen(found, "rb")

    @contextmanager
    def _folder(self, parts: list[str]) -> Iterator[int]:
        """The folder under `parts` of the root, each opened in the one before without following a link."""
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        handle = os.open(self._root, flags)
        try:
            for part in parts:
                inner = os.open(part, flags | os.O_NOFOLLOW, dir_fd=handle)
                os.close(handle)
                handle = inner
            yield handle
        finally:
            os.close(handle)

    def _list(self, handle: int, prefix: str) -> None:
        with os.scandir(handle) as entries:
            found = sorted(entries, key=lambda each: each.name)
        for each in found:
            name = f"{prefix}{each.name}"
            if is_clutter(each.name) or each.is_symlink():
                continue
            if each.is_file(follow_symlinks=False):
                self._sizes[name] = each.stat(follow_symlinks=False).st_size
                if len(self._sizes) > MAX_FILES:
                    raise TooLarge(f"The folder has more than {MAX_FILES:,} files.")
            elif each.is_dir(follow_symlinks=False):
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                inner = os.open(each.name, flags, dir_fd=handle)
                try:
                    self._list(inner, f"{name}/")
                finally:
                    os.close(inner)


class PrefixFiles:
    """The objects below a prefix of a bucket; one whose key no file could have is passed over.

    They are listed when somebody asks for their names, and not to open one of them. What passes by itself raises
    `StorageUnavailable`.
    """

    def __init__(self, root: str, below: str = "") -> None:
        """`root` is an address as `SAMPLECASE_BLOB_URL` takes it. Nothing is sent yet."""
        self._objects = open_prefix(root, "/".join(downwards(below)))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Raises `Unavailable` where the bucket refuses, and `TooLarge`."""
        found = []
        try:
            for number, name in enumerate(self._objects.names()):
                if number >= MAX_FILES:
                    raise TooLarge(f"The prefix has more than {MAX_FILES:,} objects.")
                if all(name.split("/")) and not is_clutter(name):
                    found.append(name)
        except StorageRefused as error:
            raise Unavailable(str(error), code="root_refused") from error
        return tuple(sorted(found))

    def size(self, name: str) -> int:
        with _object(name):
            return self._objects.size(name)

    def open(self, name: str) -> BinaryIO:
        with _object(name):
            return self._objects.open(name)


@contextmanager
def _object(name: str) -> Iterator[None]:
    """Whoever cannot have one object has the others all the same."""
    try:
        yield
    except BlobNotFound:
        raise faulty(name, "has been taken away") from None
    except StorageRefused:
        raise faulty(name, "may not be read") from None


def downwards(path: str) -> list[str]:
    """The parts of a path. Raises `InvalidInput` at `/path` if one leads elsewhere than down."""
    parts = [part for part in path.split("/") if part]
    if any(part in {".", ".."} for part in parts):
        raise InvalidInput("A path leads downwards only.", pointer="/path")
    return parts


@contextmanager
def open_file(name: str, file: BinaryIO, *, max_bytes: int) -> Iterator[Files]:
    """An uploaded file: a zip's files, or itself. Raises `InvalidInput` and `TooLarge` for a zip that is not safe."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start not in ZIP_STARTS:
        yield SingleFile(name, file)
        return
    with open_archive(file, Limits(**{**vars(LIMITS), "max_bytes": max_bytes})) as archive:
        yield ZipFiles(archive)


def content(files: Files, name: str, *, max_bytes: int = MAX_DOCUMENT) -> bytes:
    """All of one file. Raises `TooLarge`."""
    if files.size(name) > max_bytes:
        raise TooLarge(f"“{name}” has {files.size(name):,} bytes; at most {max_bytes:,} are read.")
    with files.open(name) as stream:
        return stream.read(max_bytes + 1)


def document(files: Files, name: str) -> Any:
    """A JSON file. Raises `InvalidInput` with the line."""
    try:
        return json.loads(content(files, name))
    except RecursionError:
        raise faulty(name, "is nested too deep") from None
    except ValueError as error:
        raise faulty(name, f"is no JSON: {error}") from None


def faulty(name: str, reason: str) -> InvalidInput:
    return InvalidInput(f"“{name}” {reason}.", code="invalid_file", pointer=name)


def beginning(files: Files, name: str, size: int = 4096) -> bytes:
    with files.open(name) as stream:
        return stream.read(size)


def is_clutter(name: str) -> bool:
    return any(part.startswith(".") or part in _CLUTTER for part in name.split("/"))


def is_image(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in IMAGES
