"""What a process prints, kept within bounds."""

from __future__ import annotations

import threading
from collections import deque


class LogTail:
    """The end of a stream of text, at most `limit` characters of it; safe between threads."""

    def __init__(self, limit: int = 64 * 1024) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._fresh: deque[str] = deque()
        self._fresh_size = 0
        self._dropped = 0
        self._tail = ""

    def add(self, text: str) -> None:
        # NUL cannot be stored in a PostgreSQL text, nor a lone surrogate anywhere.
        text = text.replace("\x00", "\ufffd")
        with self._lock:
            self._tail = (self._tail + text)[-self._limit :]
            self._fresh.append(text)
            self._fresh_size += len(text)
            while self._fresh_size > self._limit and len(self._fresh) > 1:
                gone = self._fresh.popleft()
                self._fresh_size -= len(gone)
                self._dropped += len(gone)

    def take(self) -> str:
        """What was added since the last call."""
        with self._lock:
            text = "".join(self._fresh)
            if self._dropped:
                text = f"[{self._dropped} characters left out]\n{text}"
            self._fresh.clear()
            self._fresh_size = self._dropped = 0
            return text

    @property
    def text(self) -> str:
        with self._lock:
            return self._tail
