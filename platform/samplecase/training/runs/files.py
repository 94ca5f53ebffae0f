"""Files that are there whole or not at all, and logs that can be cut back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

from samplecase.storage.files import sync_folder

BLOCK = 1 << 20


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file beside its place, put it on the disk, and move it there: a reader sees the old or the new one."""
    half = path.with_name(f".{path.name}.{os.getpid()}.half")
    try:
        with half.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    write_whole(path, lambda file: file.write(text.encode()))


def write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


class Log:
    """Lines that are only ever added, until a resumed run cuts off what came after its checkpoint."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab")

    def add(self, lines: Iterable[str]) -> None:
        self._file.write("".join(f"{line}\n" for line in lines).encode())

    def show(self) -> None:
        """What was added is there for readers."""
        self._file.flush()

    def size(self) -> int:
        """Bytes, all of which are on the disk when this returns."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def cut(self, size: int) -> None:
        """Only the first `size` bytes stay."""
        self._file.flush()
        os.ftruncate(self._file.fileno(), size)
        self._file.seek(0, os.SEEK_END)

    def close(self) -> None:
        self._file.close()
