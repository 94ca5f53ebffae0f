"""The weights files of a run: the last, the best, and those of the epochs that are to stay."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from samplecase.training.config import TrainingConfig
from samplecase.training.engine.checkpoint import save
from samplecase.training.engine.progress import Progress
from samplecase.training.runs.folder import RunFolder


class Keeper:
    """Writes after each epoch; writing again what is there changes nothing."""

    def __init__(self, run: RunFolder, config: TrainingConfig) -> None:
        self._run, self._config = run, config

    def keep(self, epoch: int, values: dict[str, Any], progress: Progress) -> None:
        save(self._run.last, values)
        if progress.best_epoch == epoch:
            _link(self._run.last, self._run.best)
        if self._config.keep.keeps(epoch, rank=progress.rank(epoch)):
            slim = {name: values[name] for name in ("model", "epoch", "best_metric", "config")}
            save(self._run.epoch(epoch), slim)
        if self._config.keep.kind == "best_k":
            self._drop({each for _, each in progress.ranking[: self._config.keep.number]})

    def _drop(self, kept: set[int]) -> None:
        for number in self._run.kept_epochs():
            if number not in kept:
                self._run.epoch(number).unlink()


def _link(source: Path, target: Path) -> None:
    """A second name for a file that will never be changed, only replaced."""
    half = target.with_name(f".{target.name}.{os.getpid()}.half")
    half.unlink(missing_ok=True)
    os.link(source, half)
    half.replace(target)


def disk_need(config: TrainingConfig, *, weights: int, resume: int) -> int:
    """Bytes that a run will have written at its end: two resume files, last and best, and the epochs that stay."""
    number = config.keep.number
    epochs = {
        "all": config.epochs,
        "best_k": min(number, config.epochs),
        "every_n": config.epochs // number,
    }[config.keep.kind]
    return 4 * resume + epochs * weights
