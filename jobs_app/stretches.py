"""What the worker does in slices: for a while, and then the next task goes on, so that none holds a worker for long."""

from __future__ import annotations

import time
from collections.abc import Callable

STRETCH = 10  # seconds after which a task hands over to the next


def work_through(step: Callable[[], bool], *, hand_over: Callable[[], object]) -> bool:
    """Take steps until one says that there is nothing more (True), or hand over when the time is up (False)."""
    end = time.monotonic() + STRETCH
    while step():
        if time.monotonic() > end:
            hand_over()
            return False
    return True
