"""Frames between executor and replica, also those that no honest replica sends."""

from __future__ import annotations

import ast
import io
import json
import struct
import sys
from pathlib import Path

import pytest

from samplecase.runtime import shim


def framed(header: object, *parts: bytes) -> io.BytesIO:
    data = json.dumps(header).encode()
    return io.BytesIO(struct.pack(">I", len(data)) + data + b"".join(parts))


def test_a_frame_is_read_as_it_was_written() -> None:
    stream = io.BytesIO()
    shim.write_frame(stream, {"type": "a", "x": "ü"}, [b"one", b"", b"three"])
    shim.write_frame(stream, {"type": "b"})
    stream.seek(0)
    header, parts = shim.read_frame(stream) or ({}, [])
    assert (header["type"], header["x"], parts) == ("a", "ü", [b"one", b"", b"three"])
    assert shim.read_frame(stream) == ({"type": "b", "parts": []}, [])
    assert shim.read_frame(stream) is None


@pytest.mark.parametrize(
    "stream",
    [
        io.BytesIO(b"\xff\xff\xff\xff"),
        io.BytesIO(struct.pack(">I", 3) + b"{}"),
        io.BytesIO(struct.pack(">I", 3) + b"{]}"),
        io.BytesIO(struct.pack(">I", 200_000) + b"[" * 200_000),
        framed([]),
        framed({"type": 5}),
        framed({"type": "x", "parts": "many"}),
        framed({"type": "x", "parts": [0] * 5000}),
        framed({"type": "x", "parts": [-1]}),
        framed({"type": "x", "parts": [True]}),
        framed({"type": "x", "parts": [2**40]}),
        framed({"type": "x", "parts": [10]}, b"short"),
    ],
)
def test_what_is_no_frame_is_refused(stream: io.BytesIO) -> None:
    with pytest.raises(shim.FrameError):
        shim.read_frame(stream)


def test_the_shim_is_one_file_of_the_standard_library_for_python_3_8() -> None:
    tree = ast.parse(Path(shim.__file__).read_text("utf-8"), feature_version=(3, 8))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} - {"numpy"} <= sys.stdlib_module_names
