"""The two logs of a run: a line per step and a line per epoch, without times, so that equal runs have equal logs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch

from samplecase.training.engine.processes import Processes
from samplecase.training.engine.progress import OpenEpoch
from samplecase.training.runs.files import Log
from samplecase.training.runs.folder import RunFolder


def number(value: float) -> str:
    """Enough digits to tell two float32 apart."""
    return f"{value:.9g}"


class BatchLog:
    """`batch_log.csv`. Figures stay on the device until some have come together: each read would wait for a GPU."""

    def __init__(self, run: RunFolder, processes: Processes, columns: Sequence[str]) -> None:
        self._processes = processes
        self._log = Log(run.batch_log) if processes.is_first else None
        self._columns = list(columns)
        self._waiting: list[tuple[str, int, torch.Tensor]] = []
        self._last = math.nan
        self._every = 1 if processes.device.type == "cpu" and not processes.is_distributed else 16
        self._begin()

    @property
    def is_full(self) -> bool:
        return len(self._waiting) >= self._every

    def add(
        self,
        place: tuple[int, int, int],
        size: int,
        lr: float,
        loss: torch.Tensor,
        scores: Mapping[str, torch.Tensor],
    ) -> None:
        """Epoch (from 1), batch and step of a step, its samples, and figures without dimensions."""
        figures = torch.stack([loss, *(scores.get(name, loss.new_zeros(())) for name in self._columns)])
        self._waiting.append((f"{place[0]},{place[1]},{place[2]};{number(lr)}", size, figures))

    def settle(self, totals: OpenEpoch) -> float:
        """Write what waits, add it to the sums of the epoch, and return the last loss."""
        if not self._waiting:
            return self._last
        figures = self._processes.mean(torch.stack([each for _, _, each in self._waiting])).tolist()
        lines = []
        for (place, size, _), values in zip(self._waiting, figures, strict=True):
            totals.add(size, values[0], dict(zip(self._columns, values[1:], strict=True)))
            where, _, lr = place.partition(";")
            lines.append(",".join([where, *map(number, values), lr]))
        if self._log:
            self._log.add(lines)
        self._waiting = []
        self._last = float(figures[-1][0])
        return self._last

    def show(self) -> None:
        if self._log:
            self._log.show()

    def size(self) -> int:
        return self._log.size() if self._log else 0

    def cut(self, size: int) -> None:
        if self._log:
            self._log.cut(size)
            self._begin()

    def _begin(self) -> None:
        if self._log and not self._log.size():
            self._log.add([",".join(["epoch", "batch", "step", "loss", *self._columns, "lr"])])

    def close(self) -> None:
        if self._log:
            self._log.close()


def epoch_line(
    epoch: int,
    train: float,
    validation: float | None,
    scores: Mapping[str, float],
    columns: Sequence[str],
    lr: float,
) -> str:
    """`epoch,train_loss,val_loss,{field}_acc…,lr`; nothing stands where nothing was validated."""
    figures = [number(scores[name]) if name in scores else "" for name in columns]
    return ",".join(
        [str(epoch), number(train), "" if validation is None else number(validation), *figures, number(lr)]
    )


def epoch_header(columns: Sequence[str]) -> str:
    return ",".join(["epoch", "train_loss", "val_loss", *columns, "lr"])
