"""Images on this machine as zip archives of a size that one request carries well."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BATCH_FILES = 200
BATCH_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Batch:
    """A zip of some files, as bytes, and how many files are in it."""

    content: bytes
    files: int


def split(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """The zips among the paths, and the others."""
    found = [*paths]
    zips = [path for path in found if path.is_file() and zipfile.is_zipfile(path)]
    return zips, [path for path in found if path not in zips]


def collect(paths: Iterable[Path], order: Callable[[Path], Any] | None = None) -> Iterator[tuple[Path, str]]:
    """Every file under `paths` with the name it gets: relative to the folder given, else its own name.

    A folder's files come sorted by what `order` makes of each, by default its path.
    """
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*"), key=order):
                if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts):
                    yield file, file.relative_to(path).as_posix()
        else:
            yield path, path.name


def batches(files: Iterable[tuple[Path, str]]) -> Iterator[Batch]:
    """Pack the files, uncompressed as images already are, into zips of at most BATCH_FILES and about BATCH_BYTES."""
    buffer, packed = io.BytesIO(), 0
    archive = zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED)
    for file, name in files:
        if packed and (packed >= BATCH_FILES or buffer.tell() + file.stat().st_size > BATCH_BYTES):
            archive.close()
            yield Batch(buffer.getvalue(), packed)
            buffer, packed = io.BytesIO(), 0
            archive = zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED)
        archive.write(file, name)
        packed += 1
    archive.close()
    if packed:
        yield Batch(buffer.getvalue(), packed)
