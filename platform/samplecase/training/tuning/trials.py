"""Trials that run, several at once; each a training run of its own, that may be continued later."""

from __future__ import annotations

import math
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from samplecase.contracts.states import JobState
from samplecase.training.config import TrainingConfig, parse_config, with_settings
from samplecase.training.runs.folder import RunFolder
from samplecase.training.runs.launching import POLL_SECONDS, start
from samplecase.training.runs.steering import Order, give_order, read_events, status
from samplecase.training.tuning.space import Space
from samplecase.training.tuning.study import (
    Method,
    Pruning,
    TrialRow,
    as_settings,
    is_hopeless,
    next_settings,
    read_rows,
    write_rows,
)

NewRun = Callable[[TrainingConfig, str], RunFolder]


@dataclass
class Search:
    """A search and its rows, which are all that it remembers: started again, it goes on."""

    file: Path
    base: TrainingConfig
    space: Space
    trials: int
    new_run: NewRun
    method: Method = "tpe"
    pruning: Pruning = "none"
    parallel: int = 1
    seed: int = 0
    tell: Callable[[TrialRow], None] = lambda row: None
    rows: list[TrialRow] = field(init=False)
    _running: dict[int, subprocess.Popen[bytes] | None] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.rows = read_rows(self.file)

    def run(self) -> list[TrialRow]:
        """Every trial, to its end. What was running when the search was cut off is gone on with first."""
        for row in self.rows:
            if row.state == "running":
                self._go_on(row)
        while self._fill() or self._running:
            self._look()
            time.sleep(POLL_SECONDS)
        return self.rows

    def stop(self) -> None:
        """Running trials pause; the search can be started again."""
        for number, process in self._running.items():
            if process is None:
                give_order(self._run(number), Order.PAUSE)
            else:
                process.terminate()
        while not all(self._is_over(number) for number in self._running):
            time.sleep(POLL_SECONDS)

    def _fill(self) -> bool:
        """Start trials while there is room; whether there may be more."""
        while len(self.rows) < self.trials and len(self._running) < self.parallel:
            chosen = next_settings(self.rows, self.space, method=self.method, seed=self.seed)
            if chosen is None:
                return False
            row = TrialRow(len(self.rows), chosen)
            config = parse_config(with_settings(self.base.plain(), as_settings(chosen)))
            row.run = str(self.new_run(config, f"trial-{row.number}").path)
            self.rows.append(row)
            self._save()
            self._launch(row)
        return len(self.rows) < self.trials

    def _go_on(self, row: TrialRow) -> None:
        """A trial that outlived the search's end is followed, and not started a second time."""
        if status(self._run(row.number)).pid is None:
            self._launch(row)
        else:
            self._running[row.number] = None

    def _run(self, number: int) -> RunFolder:
        return RunFolder(Path(self.rows[number].run))

    def _is_over(self, number: int) -> bool:
        process = self._running[number]
        if process is None:
            return status(self._run(number)).pid is None
        return process.poll() is not None

    def _launch(self, row: TrialRow) -> None:
        self._running[row.number] = start(RunFolder(Path(row.run)))

    def _look(self) -> None:
        """Take up what the trials say, and give up those without hope."""
        for number in list(self._running):
            row, run = self.rows[number], self._run(number)
            is_over = self._is_over(number)
            values = judgements(run)
            if len(values) > len(row.values):
                row.values = values
                if not is_over and is_hopeless(self.rows, row, self.space, pruning=self.pruning):
                    row.state = "pruned"
                    give_order(run, Order.CANCEL)
                self._save()
                self.tell(row)
            if is_over:
                del self._running[number]
                if row.state == "running":
                    row.state = "finished" if status(run).state is JobState.FINISHED else "failed"
                self._save()
                self.tell(row)

    def _save(self) -> None:
        write_rows(self.file, self.rows)


def judgements(run: RunFolder) -> list[float]:
    """Of each epoch, the more the better; what was no number is the worst."""
    judged = [each["judged"] for each in read_events(run)[0] if each["event"] == "epoch"]
    return [-math.inf if each is None else float(each) for each in judged]


def best_of(rows: list[TrialRow]) -> TrialRow | None:
    """The best finished trial."""
    finished = [row for row in rows if row.state == "finished" and row.values]
    return max(finished, key=lambda row: max(row.values), default=None)
