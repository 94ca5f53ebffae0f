"""Where files come from: a zip, a file, a folder that is never left, whatever links lie in it, or a prefix of S3."""

from __future__ import annotations

import json
import os
import stat
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from samplecase.contracts.errors import InvalidInput, TooLarge, Unavailable
from samplecase.packages.archive import Archive, open_archive
from samplecase.packages.limits import Limits
from samplecase.storage import open_prefix
from samplecase.storage.port import BlobNotFound, StorageRefused
from samplecase.storage.streams import bounded

MAX_DOCUMENT = 512 * 2**20  # bytes of a file of labels, which is read as a whole
MAX_FILES = 2_000_000
LIMITS = Limits(max_entries=MAX_FILES, max_unpacked_bytes=256 * 2**30, max_ratio=1_000, free_bytes=64 * 2**20)
IMAGES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"})
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_CLUTTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


class Unpreviewed(TooLarge):
    """A file is larger than what is read for a look at it; who imports it reads it."""


@dataclass(frozen=True)
class Bounds:
    """How much of a source is gone through: `files` of a folder or prefix, `document` bytes of a file of labels."""

    files: int = MAX_FILES
    document: int = MAX_DOCUMENT


WHOLE = Bounds()
A_LOOK = Bounds(files=50_000, document=64 * 2**20)  # what somebody may be made to wait for


class Files(Protocol):
    """Files by name, `/` between folders."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def bounds(self) -> Bounds: ...

    @property
    def is_cut(self) -> bool:
        """Whether there are more than `names`, which are as many as the bounds let it have."""
        ...

    def size(self, name: str) -> int: ...

    def open(self, name: str) -> BinaryIO: ...


class ZipFiles:
    """The files of a checked zip."""

    is_cut = False

    def __init__(self, archive: Archive, bounds: Bounds = WHOLE) -> None:
        self._archive, self.bounds = archive, bounds
        self._sizes = {entry.name: entry.size for entry in archive if not is_clutter(entry.name)}
        self.names = tuple(self._sizes)

    def size(self, name: str) -> int:
        return self._sizes[name]

    def open(self, name: str) -> BinaryIO:
        return self._archive.open(name)


class SingleFile:
    """One file that is all there is."""

    is_cut = False

    def __init__(self, name: str, file: BinaryIO, bounds: Bounds = WHOLE) -> None:
        self.names = (PurePosixPath(name).name or "file",)
        self._file, self.bounds = file, bounds

    def size(self, name: str) -> int:
        return self._file.seek(0, os.SEEK_END)

    def open(self, name: str) -> BinaryIO:
        """Only one is open at a time."""
        self._file.seek(0)
        return bounded(self._file, None, lambda: None)


class _Listed:
    """Files that are listed when somebody asks for their names."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Raises `TooLarge` where there are more than anybody reads, and `Unavailable` where a bucket refuses."""
        return tuple(sorted(self._listed[0]))

    @property
    def is_cut(self) -> bool:
        return self._listed[1]

    @cached_property
    def _listed(self) -> tuple[list[str], bool]:
        """Names, and whether there are more."""
        raise NotImplementedError


class FolderFiles(_Listed):
    """The files below a folder, opened step by step from it: a link anywhere on the way is refused, at every read.

    Of each folder its files are listed first, and then what is in its folders.
    """

    def __init__(self, root: Path, below: str = "", bounds: Bounds = WHOLE) -> None:
        self._root, self._below, self.bounds = root, downwards(below), bounds
        with self._folder(self._below):
            pass  # whoever names none is told at once

    @cached_property
    def _listed(self) -> tuple[list[str], bool]:
        found: list[str] = []
        waiting = deque([""])
        while waiting:
            prefix = waiting.popleft()
            with self._folder([*self._below, *downwards(prefix)]) as handle:
                files, folders = _inside(handle)
            waiting.extend(f"{prefix}{name}/" for name in folders)
            found += [f"{prefix}{name}" for name in files]
            if len(found) > self.bounds.files:
                if self.bounds.files >= MAX_FILES:
                    raise TooLarge(f"The folder has more than {MAX_FILES:,} files.")
                return found[: self.bounds.files], True
        return found, False

    def size(self, name: str) -> int:
        with self.open(name) as file:
            return os.fstat(file.fileno()).st_size

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


class PrefixFiles(_Listed):
    """The objects below a prefix of a bucket; one whose key no file could have is passed over.

    To open one of them they are not listed. What passes by itself raises `StorageUnavailable`.
    """

    def __init__(self, root: str, below: str = "", bounds: Bounds = WHOLE) -> None:
        """`root` is an address as `SAMPLECASE_BLOB_URL` takes it. Nothing is sent yet."""
        self._objects, self.bounds = open_prefix(root, "/".join(downwards(below))), bounds

    @cached_property
    def _listed(self) -> tuple[list[str], bool]:
        found: list[str] = []
        try:
            for number, name in enumerate(self._objects.names()):
                if number >= MAX_FILES:
                    raise TooLarge(f"The prefix has more than {MAX_FILES:,} objects.")
                if not all(name.split("/")) or is_clutter(name):
                    continue
                if len(found) >= self.bounds.files:
                    return found, True
                found.append(name)
        except StorageRefused as error:
            raise Unavailable(str(error), code="root_refused") from error
        return found, False

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
def open_file(name: str, file: BinaryIO, *, max_bytes: int, bounds: Bounds = WHOLE) -> Iterator[Files]:
    """An uploaded file: a zip's files, or itself. Raises `InvalidInput` and `TooLarge` for a zip that is not safe."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start not in ZIP_STARTS:
        yield SingleFile(name, file, bounds)
        return
    with open_archive(file, Limits(**{**vars(LIMITS), "max_bytes": max_bytes})) as archive:
        yield ZipFiles(archive, bounds)


def content(files: Files, name: str, *, max_bytes: int = MAX_DOCUMENT) -> bytes:
    """All of one file. Raises `TooLarge`, which is `Unpreviewed` where only a look at it is to be had."""
    size, most = files.size(name), files.bounds.document
    if size > max_bytes:
        raise TooLarge(f"“{name}” has {size:,} bytes; at most {max_bytes:,} are read.")
    if size > most:
        raise Unpreviewed(
            f"“{name}” has {size:,} bytes; a preview reads files up to {most:,}. What it holds is found by the import."
        )
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


def _inside(folder: int) -> tuple[list[str], list[str]]:
    """The files and the folders in an open one, in order; links are passed over."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda each: each.name)
    plain = [each for each in found if not is_clutter(each.name) and not each.is_symlink()]
    return (
        [each.name for each in plain if each.is_file(follow_symlinks=False)],
        [each.name for each in plain if each.is_dir(follow_symlinks=False)],
    )


def is_clutter(name: str) -> bool:
    return any(part.startswith(".") or part in _CLUTTER for part in name.split("/"))


def is_image(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in IMAGES
