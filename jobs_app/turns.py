"""Whose turn it is to write, among the threads of one process."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import connection

writing = threading.Lock()


def turn_to_write() -> AbstractContextManager[Any]:
    """On SQLite one writes at a time: who waits for this lock goes on at once, who waits for SQLite's own sleeps.

    What can be made ready before a transaction, or made of its answer afterwards, is done without it. So are leases
    renewed: mostly that only reads, which waits for nobody.
    """
    return writing if connection.vendor == "sqlite" else nullcontext()
