"""Waiting for what the server does in the background, by polling."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from samplecase.contracts.errors import ContractError

T = TypeVar("T")


class NotReady(ContractError):
    """It did not come to an end in time."""

    code = "timeout"


def poll(
    look: Callable[[], T], *, until: Callable[[T], bool], every: float, timeout: float | None
) -> Iterator[T]:
    """Yield what `look` sees until `until` holds, that last one included.

    Raises `NotReady` after `timeout` seconds; None waits without end.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        seen = look()
        yield seen
        if until(seen):
            return
        if deadline is not None and time.monotonic() > deadline:
            raise NotReady(f"Nothing ended within {timeout:g} s.")
        time.sleep(every)
