"""A zip that is written in stretches by different workers: each is bytes of its own, and knows where it begins.

A zip is its files one after the other, then a directory that says where each begins. So a stretch needs no more than
the size of all before it, and the directory none of their bytes.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

_FACTS = ("filename", "CRC", "compress_size", "file_size", "header_offset", "compress_type", "flag_bits")


class _Shifted:
    """A file that says it is `start` bytes further on than it is."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file, self._start = file, start

    def tell(self) -> int:
        return self._file.tell() + self._start

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        place = offset - self._start if whence == os.SEEK_SET else offset
        return self._file.seek(place, whence) + self._start

    def write(self, data: bytes) -> int:
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def seekable(self) -> bool:
        return True


@contextmanager
def part(start: int, folder: str) -> Iterator[tuple[zipfile.ZipFile, BinaryIO]]:
    """A zip to write into, and the file with its bytes, which begins at byte `start` of the whole."""
    with tempfile.TemporaryFile(dir=folder) as file:
        zipped = zipfile.ZipFile(cast(Any, _Shifted(cast(BinaryIO, file), start)), "w", allowZip64=True)
        try:
            yield zipped, cast(BinaryIO, file)
        finally:
            zipped.fp = None  # it is not to write a directory of its own


def listed(zipped: zipfile.ZipFile) -> bytes:
    """Its entries, a line each."""
    rows = ([getattr(info, name) for name in _FACTS] for info in zipped.infolist())
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def entries(lines: Iterable[bytes]) -> Iterator[zipfile.ZipInfo]:
    """What `listed` gave."""
    for line in lines:
        facts = dict(zip(_FACTS, json.loads(line), strict=True))
        info = zipfile.ZipInfo(facts.pop("filename"), date_time=(1980, 1, 1, 0, 0, 0))
        info.external_attr, info.create_system = 0o644 << 16, 3
        for name, value in facts.items():
            setattr(info, name, value)
        yield info


@contextmanager
def directory(start: int, infos: Iterable[zipfile.ZipInfo], folder: str) -> Iterator[BinaryIO]:
    """The end of a zip whose files have `start` bytes."""
    with tempfile.TemporaryFile(dir=folder) as file:
        shifted = _Shifted(cast(BinaryIO, file), start)
        zipped = zipfile.ZipFile(cast(Any, shifted), "w", allowZip64=True)
        zipped.filelist.extend(infos)
        zipped.comment = b"Samplecase"  # which also makes the directory one that is to be written
        zipped.close()
        yield cast(BinaryIO, file)
