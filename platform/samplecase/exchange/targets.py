"""Where a format is written to: a folder, or a zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TextIO, cast


class Target(Protocol):
    """Takes files by name, one after the other."""

    def put(self, name: str, content: bytes) -> None: ...

    @contextmanager
    def text(self, name: str) -> Iterator[TextIO]:
        """A file that is written bit by bit, in UTF-8."""
        yield cast(TextIO, None)


class FolderTarget:
    """Files below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, content: bytes) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    @contextmanager
    def text(self, name: str) -> Iterator[TextIO]:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file


class ZipTarget:
    """Files of a zip, of one date so that the same content gives the same bytes."""

    def __init__(self, zipped: zipfile.ZipFile) -> None:
        self._zip = zipped

    def put(self, name: str, content: bytes) -> None:
        self._zip.writestr(entry(name, is_packed=False), content)

    @contextmanager
    def text(self, name: str) -> Iterator[TextIO]:
        with self._zip.open(entry(name), "w", force_zip64=True) as raw:
            file = io.TextIOWrapper(raw, encoding="utf-8", newline="")
            yield file
            file.flush()
            file.detach()


def entry(name: str, *, is_packed: bool = True) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
    info.external_attr = 0o644 << 16
    return info
