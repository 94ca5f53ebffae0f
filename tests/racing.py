"""Two or more who do something at the same moment, each with a connection of his own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import sleep
from typing import Any

import pytest
from django.db import connections

TOGETHER = 4


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """What `act` gives to each of several threads that begin together."""
    barrier = Barrier(TOGETHER)

    def wait_and_act(index: int) -> Any:
        barrier.wait()
        try:
            return act(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TOGETHER) as pool:
        return list(pool.map(wait_and_act, range(TOGETHER)))


def in_the_midst_of(
    monkeypatch: pytest.MonkeyPatch,
    where: tuple[Any, str],
    first: Callable[[], Any],
    second: Callable[[], Any],
) -> list[Any]:
    """What both give, where `second` begins while `first` is at the function `where`, with what it holds by then."""
    module, name = where
    original, is_there = getattr(module, name), Event()

    def paused(*arguments: Any, **options: Any) -> Any:
        is_there.set()
        sleep(0.3)  # enough for the other to take what it can; both end well however little it was
        return original(*arguments, **options)

    def closed(act: Callable[[], Any]) -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    monkeypatch.setattr(module, name, paused)
    with ThreadPoolExecutor(2) as pool:
        begun = pool.submit(closed, first)
        assert is_there.wait(30)
        return [each.result() for each in (begun, pool.submit(closed, second))]
