"""Processes that must not outlive the one that started them, even if that one is killed with -9.

`python -m samplecase.cli.lifeline PARENT SCRIPT …` runs a script as one of them.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel kill this process when its parent ends.

    `parent` is the process that should be the parent now: if it is gone already, this one ends at once.
    """
    expected = os.getppid() if parent is None else parent
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(expected,), daemon=True, name="lifeline").start()
    if os.getppid() != expected:
        os._exit(1)


def let_forks_die_too() -> None:
    """Apply the same to every process forked from here on: the kernel forgets the wish at each fork."""
    os.register_at_fork(after_in_child=die_with_parent)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    del sys.argv[:2]
    runpy.run_path(sys.argv[0], run_name="__main__")
