"""Where a zip's directory lies and how many entries it really has, found out without reading the entries.

The standard library reads the whole directory into memory before it tells its length: 200 MB for 200,000 entries.
Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

_END = struct.Struct("<4s4H2LH")
_END_64_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_HEADER = struct.Struct("<4s6H3L5H2L")
_MAX_COMMENT = 2**16 - 1
_MAX_DIRECTORY_BYTES = 2**25  # 10,000 entries of 3 kB; honest ones have 50 to 200 bytes


class BadDirectory(Exception):
    """The zip's directory is not what a zip's directory is; the text says why."""


@dataclass(frozen=True)
class Directory:
    """The place of the directory in the file, and the number of entries in it."""

    start: int
    entries: int


def read_directory(file: BinaryIO, *, max_entries: int) -> Directory:
    """Find the directory of a seekable `file` and count its entries; raises `BadDirectory`."""
    end, tail = _find_end(file)
    _, disk, first_disk, here, declared, size, offset, _ = _END.unpack(tail[: _END.size])
    before_end = end
    if wide := _find_end_64(file, end):
        _, _, _, _, disk, first_disk, here, declared, size, offset = wide
        before_end = end - _END_64_LOCATOR.size - _END_64.size
    if disk or first_disk or here != declared:
        raise BadDirectory("It is one part of a zip that was split; join the parts first.")
    start = before_end - size
    if size > _MAX_DIRECTORY_BYTES or start < 0 or offset > start:
        raise BadDirectory("Its list of entries does not lie where it says.")
    if declared > max_entries:
        raise BadDirectory(f"It has {declared:,} entries; at most {max_entries:,} are allowed.")
    counted = _count(file, start, before_end, max_entries=max_entries)
    if counted != declared:
        raise BadDirectory(f"It says {declared:,} entries and has {counted:,}.")
    return Directory(start=start, entries=counted)


def _find_end(file: BinaryIO) -> tuple[int, bytes]:
    """Offset and bytes of the end record, whose comment must end with the file."""
    length = file.seek(0, 2)
    file.seek(max(0, length - _END.size - _MAX_COMMENT))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise BadDirectory("It is no zip, or its end was cut off.")
    record = tail[at:]
    if _END.unpack(record[: _END.size])[-1] != len(record) - _END.size:
        raise BadDirectory("Something that is no zip follows its end.")
    return length - len(record), record


def _find_end_64(file: BinaryIO, end: int) -> tuple[Any, ...] | None:
    place = end - _END_64_LOCATOR.size
    if place < _END_64.size:
        return None
    file.seek(place)
    if file.read(4) != b"PK\x06\x07":
        return None
    file.seek(place - _END_64.size)
    record: tuple[Any, ...] = _END_64.unpack(file.read(_END_64.size))
    if record[0] != b"PK\x06\x06":
        raise BadDirectory("Its 64-bit end does not lie where it says.")
    return record


def _count(file: BinaryIO, start: int, end: int, *, max_entries: int) -> int:
    file.seek(start)
    directory = file.read(end - start)
    at = counted = 0
    while at < len(directory):
        if len(directory) - at < _HEADER.size or directory[at : at + 4] != b"PK\x01\x02":
            raise BadDirectory("Its list of entries is damaged.")
        header = _HEADER.unpack_from(directory, at)
        at += _HEADER.size + sum(header[10:13])  # name, extra, comment
        counted += 1
        if counted > max_entries:
            raise BadDirectory(f"It has over {max_entries:,} entries, which is the most that is allowed.")
    if at != len(directory):
        raise BadDirectory("Its list of entries is damaged.")
    return counted
