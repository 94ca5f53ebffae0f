"""Runs in processes of their own, killed where a test says, and what is equal when they end."""

from __future__ import annotations

import functools
import importlib
import itertools
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import matplotlib.figure  # noqa: F401 - else each child loads it anew
import torch

from samplecase.training.config import TrainingConfig, parse_config, with_settings
from samplecase.training.data.folder import manifest_of
from samplecase.training.engine.checkpoint import load, weights_sha256
from samplecase.training.engine.starting import train_run
from samplecase.training.runs.folder import RunFolder, new_run
from tests.ports import free_port

NETWORKS = Path(__file__).with_name("networks.py")
TINY = f"architecture.name={NETWORKS}:Tiny"
SMALL = [
    TINY, "architecture.weights=none", "device=cpu", "threads=1", "workers=0", "epochs=3", "batch_size=8",
    "optimizer.lr=0.01", "checkpoint_seconds=0", "data.augmentation.brightness=0.2",
]  # fmt: skip


def small(*settings: str, **values: Any) -> TrainingConfig:
    """A training of seconds; later settings come last."""
    return parse_config(with_settings(with_settings(values, SMALL), settings))


def made(root: Path, source: Path, config: TrainingConfig) -> RunFolder:
    return new_run(root, config, manifest_of(source, config.data), description="test", day=date(2026, 1, 2))


class Laid(Protocol):
    """What happens to a process."""

    def lay(self) -> None: ...


@dataclass(frozen=True)
class Trap:
    """A process dies at the nth call of a function, before it or after it; `halfway` in the middle of a file."""

    where: str  # module:function or module:Class.method
    nth: int = 1
    when: str = "before"

    def lay(self) -> None:
        module, _, path = self.where.partition(":")
        *owners, name = path.split(".")
        owner = functools.reduce(getattr, owners, importlib.import_module(module))
        original, calls = getattr(owner, name), itertools.count(1)

        @functools.wraps(original)
        def trapped(*arguments: Any, **named: Any) -> Any:
            is_it = next(calls) == self.nth
            if is_it and self.when == "halfway":
                arguments[0]._file.write(arguments[1][: len(arguments[1]) // 2])
                arguments[0]._file.flush()
            if is_it and self.when != "after":
                os.kill(os.getpid(), signal.SIGKILL)
            found = original(*arguments, **named)
            if is_it:
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        setattr(owner, name, trapped)


def in_child(does: Callable[[], object]) -> int:
    """What a forked process ended with, negative for a signal."""
    return ended(forked(does))


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def forked(does: Callable[[], object], **surroundings: str) -> int:
    """The id of a process that does it. It has torch loaded already."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 1
        os.environ.update(surroundings)
        try:
            torch.set_num_threads(1)
            does()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid


def trained(run: RunFolder, trap: Trap | None = None) -> int:
    """Start the run or go on with it, until its end or the trap."""

    def does() -> None:
        if trap:
            trap.lay()
        train_run(run)

    return in_child(does)


def trained_by(number: int, run: RunFolder, trap: Laid | None = None) -> list[int]:
    """Processes of one run, as torchrun starts them; the trap is the second one's. How each ended."""

    def does() -> None:
        if trap and os.environ["RANK"] == "1":
            trap.lay()
        train_run(run)

    group = {"WORLD_SIZE": str(number), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    return [
        ended(pid)
        for pid in [forked(does, RANK=str(rank), LOCAL_RANK=str(rank), **group) for rank in range(number)]
    ]


@dataclass(frozen=True)
class Outcome:
    """What has to be equal to the byte."""

    last: str
    best: str
    epochs: tuple[str, ...]
    training_log: bytes
    batch_log: bytes
    summary: bytes
    predictions: bytes


def outcome(run: RunFolder) -> Outcome:
    return Outcome(
        weights_sha256(load(run.last)["model"]),
        weights_sha256(load(run.best)["model"]),
        tuple(weights_sha256(load(run.epoch(each))["model"]) for each in run.kept_epochs()),
        run.training_log.read_bytes(),
        run.batch_log.read_bytes(),
        (run.results / "summary_metrics.csv").read_bytes(),
        (run.results / "predictions.csv").read_bytes(),
    )
