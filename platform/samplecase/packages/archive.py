"""The one reader of zips in the product: what is not safe and whole is refused, never made right."""

from __future__ import annotations

import io
import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from samplecase.contracts.errors import Fault, InvalidInput, TooLarge
from samplecase.packages.entry_names import NameSet, name_fault
from samplecase.packages.limits import DEFAULT_LIMITS, Limits
from samplecase.packages.zip_directory import BadDirectory, read_directory

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_BLOCK = 1 << 20
_MAX_FAULTS = 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error)


@dataclass(frozen=True)
class Entry:
    """One file in a zip: its name with `/` between folders, and its size unpacked, in bytes."""

    name: str
    size: int


class Archive:
    """A zip whose directory has been checked. Made by `open_archive`."""

    def __init__(self, zipped: zipfile.ZipFile) -> None:
        self._zip = zipped
        self.entries = tuple(
            Entry(each.filename, each.file_size) for each in zipped.infolist() if not each.is_dir()
        )
        self.folders = tuple(each.filename for each in zipped.infolist() if _is_folder(each))
        self._sizes = {entry.name: entry.size for entry in self.entries}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __contains__(self, name: object) -> bool:
        return name in self._sizes

    def open(self, name: str) -> BinaryIO:
        """A stream of one file; reading it raises `InvalidInput` where its content is damaged."""
        with _readable(name):
            return io.BufferedReader(_EntryStream(name, self._zip.open(name), self._sizes[name]), 1 << 16)

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """All of one file; raises `InvalidInput` when it is larger than `max_bytes`."""
        if self._sizes[name] > max_bytes:
            raise _refused([Fault(name, f"has {self._sizes[name]:,} bytes; at most {max_bytes:,} are read")])
        with self.open(name) as stream:
            return stream.read()

    def verify(self) -> None:
        """Read every file to its end and compare the checksums; raises `InvalidInput`."""
        for entry in self.entries:
            with self.open(entry.name) as stream:
                while stream.read(_BLOCK):
                    pass

    def unpack(self, into: Path) -> None:
        """Write all files below `into`, which must not exist; whole or not at all."""
        into.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=into.parent, prefix=f".{into.name}-"))
        try:
            for folder in self.folders:
                (unfinished / folder).mkdir(parents=True, exist_ok=True)
            for entry in self.entries:
                self._write(entry, unfinished / entry.name)
            unfinished.chmod(0o755)
            if into.exists():
                raise FileExistsError(into)
            unfinished.rename(into)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise

    def _write(self, entry: Entry, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        with os.fdopen(handle, "wb") as file, self.open(entry.name) as stream:
            shutil.copyfileobj(stream, file, _BLOCK)


class _EntryStream(io.RawIOBase):
    """One file of a zip. The zip's own reader stops at the declared size, so that counting it is enough."""

    def __init__(self, name: str, source: Any, size: int) -> None:
        self._name = name
        self._source = source
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _readable(self._name):
            data = self._source.read(len(buffer))
            self._left -= len(data)
            if not data and self._left:
                raise zipfile.BadZipFile(f"{self._left:,} bytes are missing at its end")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()


@contextmanager
def open_archive(source: Path | BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Iterator[Archive]:
    """A checked zip: a path, or a seekable binary file (which stays open).

    Raises `InvalidInput` (`invalid_archive`) whose details name the entries, or `TooLarge`. Nothing is unpacked yet.
    """
    if isinstance(source, Path):
        with source.open("rb") as file, open_archive(file, limits) as archive:
            yield archive
        return
    packed = source.seek(0, 2)
    if packed > limits.max_bytes:
        raise TooLarge(f"The zip has {packed:,} bytes; at most {limits.max_bytes:,} are allowed.")
    try:
        directory = read_directory(source, max_entries=limits.max_entries)
        zipped = zipfile.ZipFile(source)
    except (BadDirectory, *_UNREADABLE) as error:
        raise _refused([Fault("", str(error))]) from error
    except UnicodeDecodeError as error:
        raise _refused([Fault(repr(error.object)[:200], "is said to be UTF-8 and is not")]) from error
    with zipped:
        faults = list(islice(chain(_name_faults(zipped), _entry_faults(zipped, limits, packed)), _MAX_FAULTS))
        faults += [] if faults else _overlaps(source, zipped, directory.start)
        if faults:
            raise _refused(faults)
        yield Archive(zipped)


def _refused(faults: list[Fault]) -> InvalidInput:
    first = faults[0]
    subject = f'"{first.pointer}" {first.message}.' if first.pointer else first.message
    more = f" There are {len(faults) - 1} more faults." if len(faults) > 1 else ""
    return InvalidInput(
        f"This zip cannot be accepted: {subject}{more}", code="invalid_archive", details=faults[:_MAX_FAULTS]
    )


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise _refused([Fault(name, f"is damaged ({error})")]) from error


def _name_faults(zipped: zipfile.ZipFile) -> Iterator[Fault]:
    names = NameSet()
    for info in zipped.infolist():
        name = info.orig_filename  # `filename` is cut at a NUL
        reason = name_fault(name) or names.add(name)
        if reason:
            yield Fault(_printable(name), reason)


def _entry_faults(zipped: zipfile.ZipFile, limits: Limits, packed: int) -> Iterator[Fault]:
    total = 0
    for info in zipped.infolist():
        total += info.file_size
        reason = _kind_fault(info) or _size_fault(info, limits)
        if reason:
            yield Fault(_printable(info.orig_filename), reason)
    if total > limits.max_unpacked_bytes:
        yield Fault(
            "", f"Unpacked, it has {total:,} bytes; at most {limits.max_unpacked_bytes:,} are allowed."
        )
    elif total > limits.free_bytes + limits.max_ratio * packed:
        yield Fault("", f"It unpacks to over {limits.max_ratio} times its size ({total:,} bytes).")


def _kind_fault(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if kind == stat.S_IFLNK:
        return "is a symbolic link"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a device, a pipe or a socket"
    if info.compress_type not in _COMPRESSIONS:
        return "is compressed in another way than deflate"
    if (_is_folder(info) and info.file_size) or (kind == stat.S_IFDIR and not _is_folder(info)):
        return "is a folder and a file at once"
    return None


def _is_folder(info: zipfile.ZipInfo) -> bool:
    # ZipInfo.is_dir breaks on an empty name.
    return info.orig_filename.endswith("/")


def _size_fault(info: zipfile.ZipInfo, limits: Limits) -> str | None:
    if info.file_size > limits.free_bytes + limits.max_ratio * info.compress_size:
        return f"unpacks to over {limits.max_ratio} times its size ({info.file_size:,} bytes)"
    if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
        return "has two different sizes"
    return None


def _overlaps(file: BinaryIO, zipped: zipfile.ZipFile, end: int) -> list[Fault]:
    """Entries that share bytes (one such zip of 14 kB unpacks to 1 GB), or whose own header says something else."""
    faults = []
    free = 0
    for info in sorted(zipped.infolist(), key=lambda each: each.header_offset):
        name = _printable(info.orig_filename)
        file.seek(info.header_offset)
        header = file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
            faults.append(Fault(name, "does not lie where the directory says"))
            continue
        _, _, flags, method, *_, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        written = file.read(name_length).decode("utf-8" if flags & 0x800 else "cp437", errors="replace")
        stop = info.header_offset + len(header) + name_length + extra_length + info.compress_size
        if info.header_offset < free or stop > end:
            faults.append(Fault(name, "overlaps another entry"))
        elif written != info.orig_filename or method != info.compress_type or flags & _ENCRYPTED:
            faults.append(Fault(name, "is described otherwise at its own place than in the directory"))
        free = max(free, stop)
    return faults


def _printable(name: str) -> str:
    """A hostile name as it may stand in a message and in JSON."""
    return name.encode("unicode_escape").decode()[:200] if not name.isprintable() else name[:200]
