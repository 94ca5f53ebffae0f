"""`python -m tests.clocked FILE COMMAND…`: a `samplecase` command on a host whose clock is off by the seconds in FILE.

FILE is read at every look at the clock, so that a test can let it jump. SQLite has the host's clock, PostgreSQL its
own. Time that only passes (`time.monotonic`) is left alone, as it is when a clock is set.
"""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# What Django asks SQLite for when it asks for the time.
NOW = ("%Y-%m-%d %H:%M:%f", "NOW")


def set_clock(offset: Callable[[], float]) -> Callable[[], float]:
    """Let this process, and those that it forks, take the time to be off; returns the time that they see."""
    real = time.time

    def seen() -> float:
        return real() + offset()

    time.time = seen
    time.time_ns = lambda: int(seen() * 1e9)
    from django.utils import timezone

    timezone.now = lambda: datetime.datetime.fromtimestamp(seen(), datetime.UTC)
    return seen


def set_clock_of_sqlite(seen: Callable[[], float]) -> None:
    from django.db.backends.signals import connection_created

    def strftime(*arguments: str) -> str:
        if arguments != NOW:
            raise ValueError(f"the clock of this test does not know strftime{arguments}")
        moment = datetime.datetime.fromtimestamp(seen(), datetime.UTC)
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]

    def replace(connection: Any, **_: Any) -> None:
        if connection.vendor == "sqlite":
            connection.connection.create_function("strftime", -1, strftime)

    connection_created.connect(replace, weak=False)


def main() -> None:
    file = Path(sys.argv.pop(1))
    set_clock_of_sqlite(set_clock(lambda: float(file.read_text())))
    from samplecase.cli.main import main as samplecase

    samplecase()


if __name__ == "__main__":
    main()
