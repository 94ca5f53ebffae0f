"""Memory that the processes of one web server share: made before they are forked, gone with the last of them."""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager


class SharedMemory:
    """Zeros at first, for this process and those that it forks. A process that is killed holds nobody up."""

    def __init__(self, size: int) -> None:
        self._threads = threading.Lock()
        # Its locks belong to a process, also where the file was inherited, and the kernel lets go of them.
        with tempfile.TemporaryFile() as file:
            self._file = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._file)
        self._memory = mmap.mmap(-1, size)

    @contextmanager
    def held(self) -> Iterator[mmap.mmap]:
        """The memory, for one thread of one process at a time."""
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield self._memory
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def clear(self) -> None:
        """Zeros again."""
        with self.held() as memory:
            memory[:] = bytes(len(memory))
