"""Zips made to hurt, each refused with the entry's name and nothing left behind; odd but honest ones are accepted."""

from __future__ import annotations

import contextlib
import io
import json
import os
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samplecase.contracts.errors import InvalidInput, TooLarge
from samplecase.packages import Limits, inspect_package, open_archive, unpack_package

MANIFEST = json.dumps({
    "format": 1,
    "name": "honest",
    "entrypoint": "model:Model",
    "schema": {
        "inputs": {"properties": {"image_paths": {"type": "local"}}},
        "outputs": {"properties": {"predictions": {"type": "classification"}}},
    },
}).encode()  # fmt: skip
CODE = b"class Model:\n    def predict(self, image_paths):\n        return {'predictions': ['a'] * len(image_paths)}\n"


@dataclass(frozen=True)
class Raw:
    """An entry written byte by byte, so that each of its fields can lie."""

    name: bytes
    data: bytes = b"x"
    local_name: bytes | None = None
    method: int = 0
    flags: int = 0
    local_flags: int | None = None
    mode: int = 0o100644
    system: int = 3
    size: int | None = None  # unpacked, as the directory says
    packed: bytes | None = None
    packed_size: int | None = None  # as the directory says
    offset: int | None = None  # as the directory says
    extra: bytes = b""
    descriptor: bool = False
    crc: int | None = None


PLAIN = (Raw(b"model.json", MANIFEST), Raw(b"model.py", CODE))


def raw_zip(
    entries: Iterable[Raw], *, count: int | None = None, comment: bytes = b"", prefix: bytes = b"", disk: int = 0,
    tail: bytes = b"", size_change: int = 0,
) -> bytes:  # fmt: skip
    body, directory, number = bytearray(prefix), bytearray(), 0
    for entry in entries:
        packed = entry.data if entry.packed is None else entry.packed
        crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
        size = len(entry.data) if entry.size is None else entry.size
        packed_size = len(packed) if entry.packed_size is None else entry.packed_size
        offset = len(body) if entry.offset is None else entry.offset
        local = entry.name if entry.local_name is None else entry.local_name
        flags = entry.flags | (8 if entry.descriptor else 0)
        local_flags = flags if entry.local_flags is None else entry.local_flags
        sizes = (0, 0, 0) if entry.descriptor else (crc, packed_size, size)
        body += struct.pack(
            "<4s5H3L2H", b"PK\3\4", 20, local_flags, entry.method, 0, 33, *sizes, len(local), len(entry.extra)
        )
        body += local + entry.extra + packed
        if entry.descriptor:
            body += struct.pack("<4s3L", b"PK\7\x08", crc, len(packed), size)
        directory += struct.pack(
            "<4s2B5H3L5H2L", b"PK\1\2", 20, entry.system, 20, flags, entry.method, 0, 33, crc, packed_size, size,
            len(entry.name), len(entry.extra), 0, 0, 0, entry.mode << 16, offset,
        )  # fmt: skip
        directory += entry.name + entry.extra
        number += 1
    number = number if count is None else count
    end = struct.pack(
        "<4s4H2LH",
        b"PK\5\6",
        disk,
        disk,
        number,
        number,
        len(directory) + size_change,
        len(body),
        len(comment),
    )
    return bytes(body + directory + end + comment + tail)


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def named(*names: str | bytes, **facts: Any) -> bytes:
    raws = [Raw(name if isinstance(name, bytes) else name.encode(), flags=0x800, **facts) for name in names]
    return raw_zip([*PLAIN, *raws])


def written(fill: Callable[[zipfile.ZipFile], None], **options: Any) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", **options) as target:
        target.writestr("model.json", MANIFEST)
        target.writestr("model.py", CODE)
        fill(target)
    return made.getvalue()


def overlapping() -> bytes:
    """Two entries of the directory that share one local file."""
    start = len(raw_zip(PLAIN)) - 22 - sum(46 + len(each.name) for each in PLAIN)
    bomb = Raw(b"weights/a", b"x" * 100)
    return raw_zip([*PLAIN, bomb, replace(bomb, name=b"weights/b", local_name=b"weights/b", packed=b"", size=100,
                                          packed_size=100, offset=start)])  # fmt: skip


def shared_tail() -> bytes:
    """Two entries, each with a header of its own, the first running over the second (as in a 46 MB → 4.5 PB zip)."""
    inner = raw_zip([Raw(b"b", b"y" * 50)])[: 30 + 1 + 50]
    body = Raw(b"a", inner)
    start = len(raw_zip(PLAIN)) - 22 - sum(46 + len(each.name) for each in PLAIN)
    return raw_zip(
        [*PLAIN, body, Raw(b"b", b"y" * 50, packed=b"", size=50, packed_size=50, offset=start + 31)]
    )


ZEROS = bytes(3 * 2**20)
BOMB = Raw(b"bomb", ZEROS, method=8, packed=deflated(ZEROS))

# Name of the case -> (the zip, the entry that the error names; "" is the whole zip).
HOSTILE: dict[str, tuple[bytes, str]] = {
    "parent folder": (named("../evil.py"), "../evil.py"),
    "parent folder inside": (named("a/../../evil.py"), "a/../../evil.py"),
    "parent folder at the end": (named("a/.."), "a/.."),
    "parent folder as a folder": (named("../evil/"), "../evil/"),
    "absolute": (named("/etc/cron.d/evil"), "/etc/cron.d/evil"),
    "absolute twice": (named("//host/share/evil"), "//host/share/evil"),
    "drive letter": (named("C:evil.py"), "C:evil.py"),
    "drive letter and slash": (named("c:/evil.py"), "c:/evil.py"),
    "backslashes": (named("..\\evil.py"), "..\\evil.py"),
    "backslash inside": (named("weights\\w.pt"), "weights\\w.pt"),
    "dot part": (named("./evil.py"), "./evil.py"),
    "empty part": (named("a//b"), "a//b"),
    "empty name": (named(""), ""),
    "slash alone": (named("/"), "/"),
    "NUL in a name": (named(b"evil.txt\x00.py"), "evil.txt\\x00.py"),
    "newline in a name": (named("a\nb"), "a\\nb"),
    "escape sequence in a name": (named("\x1b[31mred"), "\\x1b[31mred"),
    "too long a name": (named("x" * 300), "x" * 200),
    "too deep a name": (named("/".join("x" * 40)), "/".join("x" * 40)),
    "name that is not UTF-8": (named(b"\xff\xfe"), "b'\\xff\\xfe'"),
    "symbolic link": (named("link", data=b"/etc/passwd", mode=0o120777), "link"),
    "symbolic link from another system": (named("link", data=b"/etc", mode=0o120777, system=0), "link"),
    "symbolic link as a folder": (named("link/", data=b"", mode=0o120777), "link/"),
    "character device": (named("zero", mode=0o020666), "zero"),
    "block device": (named("disk", mode=0o060666), "disk"),
    "pipe": (named("pipe", mode=0o010666), "pipe"),
    "socket": (named("socket", mode=0o140666), "socket"),
    "folder with content": (named("folder/", data=b"abc", mode=0o040755), "folder/"),
    "folder under the name of a file": (named("folder", data=b"abc", mode=0o040755), "folder"),
    "the same name twice": (named("a", "a"), "a"),
    "manifest twice": (raw_zip([*PLAIN, Raw(b"model.json", b"{}")]), "model.json"),
    "names that differ in case": (named("weights/A", "weights/a"), "weights/a"),
    "folders that differ in case": (named("Weights/a", "weights/b"), "weights/b"),
    "one name in two ways of Unicode": (named("\u00e9", "e\u0301"), "e\u0301"),
    "names that differ in width": (named("a", "\uff41"), "\uff41"),
    "file and folder of one name": (named("a", "a/b"), "a/b"),
    "folder and file of one name": (named("a/b", "a"), "a"),
    "encrypted": (raw_zip([*PLAIN, Raw(b"secret", flags=1)]), "secret"),
    "strongly encrypted": (raw_zip([*PLAIN, Raw(b"secret", flags=0x41)]), "secret"),
    "encrypted at its own place only": (raw_zip([*PLAIN, Raw(b"secret", local_flags=1)]), "secret"),
    "unknown compression": (raw_zip([*PLAIN, Raw(b"odd", method=99)]), "odd"),
    "LZMA": (written(lambda target: target.writestr("w", b"x" * 99, zipfile.ZIP_LZMA)), "w"),
    "bomb": (raw_zip([*PLAIN, BOMB]), "bomb"),
    "bomb in many parts": (
        raw_zip([*PLAIN, *(replace(BOMB, name=b"%d" % n, data=ZEROS[: 2**20], packed=deflated(ZEROS[: 2**20]))
                           for n in range(9))]), ""),
    "bomb that says it is small": (raw_zip([*PLAIN, replace(BOMB, size=100)]), "bomb"),
    "bomb that says it is packed large": (raw_zip([*PLAIN, replace(BOMB, packed_size=3 * 2**20)]), ""),
    "stored with two sizes": (raw_zip([*PLAIN, Raw(b"w", b"abc", size=3000)]), "w"),
    "two entries at one place": (overlapping(), "weights/b"),
    "one entry over another": (shared_tail(), "b"),
    "entry inside the directory": (raw_zip([*PLAIN, Raw(b"w", b"abc", packed_size=90, size=90)]), "w"),
    "entry beyond the end": (raw_zip([*PLAIN, Raw(b"w", offset=10**6)]), "w"),
    "another name at its own place": (raw_zip([*PLAIN, Raw(b"safe", local_name=b"evil")]), "safe"),
    "wrong checksum": (raw_zip([*PLAIN, Raw(b"w", b"abc", crc=1)]), "w"),
    "damaged stream": (raw_zip([*PLAIN, Raw(b"w", b"a" * 90, method=8, packed=b"\xff" * 40)]), "w"),
    "stream that ends early": (raw_zip([*PLAIN, Raw(b"w", bytes(range(200)), method=8,
                                                    packed=deflated(bytes(range(200)))[:60])]), "w"),
    "too many entries": (raw_zip(Raw(b"%d" % n, b"") for n in range(10_001)), ""),
    "too many entries that say they are few": (raw_zip((Raw(b"%d" % n, b"") for n in range(10_001)), count=2), ""),
    "fewer entries than it says": (raw_zip(PLAIN, count=3), ""),
    "more entries than it says": (raw_zip(PLAIN, count=1), ""),
    "part of a split zip": (raw_zip(PLAIN, disk=1), ""),
    "directory longer than it is": (raw_zip(PLAIN, size_change=10**6), ""),
    "directory shorter than it is": (raw_zip(PLAIN, size_change=-1), ""),
    "bytes after its end": (raw_zip(PLAIN, tail=b"#!/bin/sh\n"), ""),
    "cut off": (raw_zip(PLAIN)[:-30], ""),
    "no zip": (b"GIF89a" + bytes(100), ""),
    "nothing": (b"", ""),
    "end record alone": (struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0), ""),
}  # fmt: skip


@pytest.mark.timeout(10)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_zip_is_refused_by_name_and_leaves_nothing(kind: str, tmp_path: Path) -> None:
    data, entry = HOSTILE[kind]
    package = tmp_path / "package.zip"
    package.write_bytes(data)
    with pytest.raises(InvalidInput) as refused:
        inspect_package(package)
    assert refused.value.code == "invalid_archive"
    assert entry in [fault.pointer for fault in refused.value.details]
    assert refused.value.message.isprintable()
    with pytest.raises(InvalidInput):
        unpack_package(package, tmp_path / "into" / "package")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [package]
    assert list((tmp_path / "into").iterdir() if (tmp_path / "into").exists() else []) == []


def test_counting_the_entries_of_a_huge_directory_costs_little_memory(tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(raw_zip((Raw(b"%06d" % n, b"") for n in range(60_000)), count=60_000))
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="entries"):
        inspect_package(package)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_a_zip_over_the_limit_is_too_large(tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(raw_zip(PLAIN))
    with pytest.raises(TooLarge):
        inspect_package(package, limits=Limits(max_bytes=100))
    with pytest.raises(InvalidInput, match="Unpacked"):
        inspect_package(package, limits=Limits(max_unpacked_bytes=100))


def test_a_zip_in_the_zip_is_only_a_file(tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(raw_zip([*PLAIN, Raw(b"nested.zip", HOSTILE["bomb"][0])]))
    assert "nested.zip" in dict(inspect_package(package).files)


def zip64(fill: Callable[[zipfile.ZipFile], None]) -> bytes:
    """The end record and one entry in their 64-bit forms, as streaming tools write them."""

    def add(target: zipfile.ZipFile) -> None:
        with target.open(zipfile.ZipInfo("wide"), "w", force_zip64=True) as entry:
            entry.write(b"x" * 10)
        fill(target)

    data = written(add)
    end = len(data) - 22
    _, _, _, count, _, size, offset, _ = struct.unpack("<4s4H2LH", data[end:])
    wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    return data[:end] + wide + locator + last


class Unseekable(io.RawIOBase):
    """A pipe: the zip must write sizes behind its entries."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += data
        return len(data)


def piped() -> bytes:
    target = Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zipped:  # type: ignore[arg-type]
        zipped.writestr("model.json", MANIFEST)
        zipped.writestr("model.py", CODE)
    return bytes(target.data)


def with_comment(target: zipfile.ZipFile) -> None:
    target.comment = b"made with care, PK\x01\x02 and all"


def with_entry(name: str, data: bytes = b"x", **facts: Any) -> Callable[[zipfile.ZipFile], None]:
    def add(target: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo(name)
        for fact, value in facts.items():
            setattr(info, fact, value)
        target.writestr(info, data)

    return add


def nothing_more(_: zipfile.ZipFile) -> None:
    pass


RANDOM = os.urandom(3 * 2**20)
HONEST: dict[str, bytes] = {
    "stored": written(nothing_more),
    "deflated": written(nothing_more, compression=zipfile.ZIP_DEFLATED),
    "sizes behind the entries": piped(),
    "sizes behind a stored entry": raw_zip([*PLAIN, Raw(b"w", b"abc", descriptor=True)]),
    "64-bit sizes": zip64(nothing_more),
    "a comment": written(with_comment),
    "entries of folders": written(with_entry("weights/", b"", external_attr=(0o40755 << 16) | 0x10)),
    "a folder after its files": raw_zip([*PLAIN, Raw(b"w/a"), Raw(b"w/", b"", mode=0o040755)]),
    "an empty folder": written(with_entry("examples/", b"")),
    "names in UTF-8": written(with_entry("weights/größe-数字.bin")),
    "names in the DOS code page": raw_zip([*PLAIN, Raw(b"gr\x94\xe1e.txt")]),
    "no modes, as from Windows": raw_zip([replace(each, mode=0, system=0) for each in PLAIN]),
    "an executable file": written(with_entry("run.sh", external_attr=0o100755 << 16)),
    "dates before 1980": raw_zip([replace(each, extra=b"UT\x05\x00\x01\0\0\0\0") for each in PLAIN]),
    "an empty file": written(with_entry("pkg/__init__.py", b"")),
    "a shell script in front": raw_zip(PLAIN, prefix=b"#!/usr/bin/env python3\n"),
    "large weights that do not shrink": written(with_entry("weights/w.pt", RANDOM)),
    "large weights that shrink a little": written(
        with_entry("weights/w.pt", RANDOM + bytes(2**20)), compression=zipfile.ZIP_DEFLATED
    ),
    "a mebibyte of zeros": raw_zip(
        [*PLAIN, Raw(b"w", ZEROS[: 2**20], method=8, packed=deflated(ZEROS[: 2**20]))]
    ),
    "dots in names": written(with_entry("weights/..model..v1.2..pt")),
    "a colon in a name": written(with_entry("notes/epoch: 3.txt")),
    "spaces in names": written(with_entry("my weights/a file .pt")),
    "what macOS adds": written(with_entry("__MACOSX/._model.py")),
    "exactly 10,000 entries": raw_zip(
        [*PLAIN, *(Raw(b"d/%d/" % n, b"", mode=0o040755) for n in range(9_998))]
    ),
    "directory in another order": raw_zip(reversed(PLAIN)),
}


@pytest.mark.parametrize("kind", HONEST)
def test_an_odd_but_honest_zip_is_accepted_and_unpacked_whole(kind: str, tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(HONEST[kind])
    found = inspect_package(package)
    assert found.manifest["entrypoint"] == "model:Model"
    unpack_package(package, tmp_path / "into", sha256=found.sha256)
    unpacked = {path.relative_to(tmp_path / "into").as_posix(): path.stat().st_size
                for path in (tmp_path / "into").rglob("*") if path.is_file()}  # fmt: skip
    assert unpacked == dict(found.files)
    assert (tmp_path / "into" / "model.py").read_bytes() == CODE


def test_a_stream_of_an_entry_gives_small_pieces(tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(HONEST["deflated"])
    with open_archive(package) as archive, archive.open("model.py") as stream:
        assert stream.read(5) + stream.read() == CODE


def test_an_open_file_is_taken_and_stays_open() -> None:
    file = io.BytesIO(HONEST["stored"])
    with open_archive(file) as archive:
        assert [entry.name for entry in archive] == ["model.json", "model.py"]
    assert not file.closed


@given(
    kind=st.sampled_from(["stored", "deflated", "sizes behind the entries", "64-bit sizes", "a comment"]),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_a_zip_with_changed_bytes_is_accepted_or_refused_and_nothing_else(
    kind: str, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(HONEST[kind])
    for place, value in changes:
        data[-1 - place % len(data)] = value
    with contextlib.suppress(InvalidInput), open_archive(io.BytesIO(data)) as archive:
        archive.verify()
        assert all(not entry.name.startswith("/") for entry in archive)
