"""Models that are told which sample it is, and what came of the samples of a job."""

from __future__ import annotations

import threading
from typing import Any

from samplecase.contracts.states import Outcome
from samplecase.runtime.memory_ledger import MemoryJob
from tests.engine.conftest import World

LABEL_BY_NUMBER = {"predictions": {"type": "classification"}}
NUMBERED = {"number": {"type": "integer"}}


def by_number(body: str, imports: str = "") -> str:
    """A model that is given each sample's number; `body` may raise, die or return for `n` of `number`."""
    lines = "\n".join(f"            {line}" for line in body.strip().splitlines())
    return (
        f"import os, signal, time\n{imports}\nclass Model:\n    def predict(self, number):\n        out = []\n"
        f"        for n in number:\n{lines}\n            out.append({{'label': str(n)}})\n"
        "        return {'predictions': out}\n"
    )


def numbered(world: World, count: int) -> list[Any]:
    return [world.sample(f"{number}.png", number=number) for number in range(count)]


def reasons(job: MemoryJob) -> dict[int, str]:
    """The reason of each sample that ended in error, by its id."""
    return {key: result.reason for key, result in job.results.items() if result.outcome is Outcome.ERROR}


def labels(job: MemoryJob) -> dict[int, str]:
    return {
        key: result.values["predictions"]["label"]
        for key, result in job.results.items()
        if result.outcome is Outcome.DONE
    }


def has_lanes(job: MemoryJob) -> bool:
    """Whether the executor still works on it, or has yet to give its replicas back."""
    return any(thread.name == f"job-{job.id}" for thread in threading.enumerate())
