"""Streams over a part of another stream."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol


class _Source(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class BoundedStream(io.RawIOBase):
    """At most `length` bytes of `source` (all of them for None); closing it calls `on_close`."""

    def __init__(self, source: _Source, length: int | None, on_close: Callable[[], None]) -> None:
        self._source = source
        self._left = length
        self._on_close = on_close

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = len(buffer) if self._left is None else min(len(buffer), self._left)
        data = self._source.read(wanted) if wanted else b""
        buffer[: len(data)] = data
        if self._left is not None:
            self._left -= len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._on_close()
        super().close()


def bounded(source: _Source, length: int | None, on_close: Callable[[], None]) -> BinaryIO:
    """A buffered `BoundedStream`."""
    return io.BufferedReader(BoundedStream(source, length, on_close), 1 << 16)
