"""`python -m tests.saboteur PLAN COMMAND…`: a `samplecase` command that stops dead at a chosen moment.

PLAN is JSON: `{"where": "module:function", "when": "before"|"after", "nth": 2, "marker": path}`. At the nth call the
process writes its id into the marker and stops itself by SIGSTOP, so that a test can kill it, kill everything, or
wake it when its lease is over. The marker is made once: of several processes only one is stopped.
Instead, `{"storage": {"fails_at": 3}}` lets one call of the blob store fail, `{"dies_with": 7}` is an executor that
is killed as soon as it has claimed the sample 7, and `{"memory": n}` one whose replicas get n bytes.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import itertools
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from samplecase.cli.local import start_django


def _stop_here(marker: Path) -> None:
    half = marker.with_suffix(f".{os.getpid()}")
    half.write_text(str(os.getpid()))
    try:
        os.link(half, marker)
    except FileExistsError:
        return
    from jobs_app.turns import writing

    # All threads stop. One in the middle of a transaction would keep SQLite from everybody for as long as this one
    # rests; who waits in vain has that turn himself.
    has_turn = writing.acquire(timeout=2)
    os.kill(os.getpid(), signal.SIGSTOP)
    if has_turn:
        writing.release()


def found(where: str) -> tuple[Any, str]:
    """The module or class of a function `module:Class.name`, and its name there. Raises `AttributeError`."""
    module, _, path = where.partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    getattr(owner, name)
    return owner, name


def lay_trap(*, where: str, when: str, nth: int, marker: str) -> None:
    """Replace the function in its module by one that stops the process."""
    owner, name = found(where)
    original = getattr(owner, name)
    calls = itertools.count(1)

    @functools.wraps(original)
    def trapped(*arguments: Any, **named: Any) -> Any:
        is_the_one = next(calls) == nth
        if is_the_one and when == "before":
            _stop_here(Path(marker))
        answer = original(*arguments, **named)
        if is_the_one and when == "after":
            _stop_here(Path(marker))
        return answer

    setattr(owner, name, trapped)


def break_storage(*, fails_at: int) -> None:
    """The executor's store fails at its nth call, and again at the 2nd after that."""
    from samplecase.cli import executor
    from samplecase.storage.port import StorageUnavailable

    class FailingStore:
        def __init__(self, store: Any) -> None:
            self._store = store
            self._calls = itertools.count(1)

        def __getattr__(self, name: str) -> Any:
            method = getattr(self._store, name)

            def call(*arguments: Any, **named: Any) -> Any:
                if next(self._calls) in (fails_at, fails_at + 2):
                    raise StorageUnavailable("a failure that a test has ordered")
                return method(*arguments, **named)

            return call

    opened = executor.blob_store
    executor.blob_store = lambda: FailingStore(opened())  # type: ignore[assignment,return-value]


def die_with(sample: int) -> None:
    """As of an image whose decoding takes the whole process along."""
    from jobs_app.ledger import DatabaseLedger

    original = DatabaseLedger.claim_chunk

    def claim_chunk(*arguments: Any, **named: Any) -> Any:
        claim = original(*arguments, **named)
        if claim is not None and any(each.id == sample for each in claim.samples):
            os.kill(os.getpid(), signal.SIGKILL)
        return claim

    DatabaseLedger.claim_chunk = claim_chunk  # type: ignore[method-assign]


def bound_memory(most: int) -> None:
    from samplecase.cli import executor

    whole = executor.executor_settings
    executor.executor_settings = lambda: dataclasses.replace(whole(), memory_limit_bytes=most)


def main() -> None:
    plan = json.loads(sys.argv.pop(1))
    start_django()
    if storage := plan.pop("storage", None):
        break_storage(**storage)
    if sample := plan.pop("dies_with", None):
        die_with(sample)
    if most := plan.pop("memory", None):
        bound_memory(most)
    if plan:
        lay_trap(**plan)
    from samplecase.cli.main import main as samplecase

    samplecase()


if __name__ == "__main__":
    main()
