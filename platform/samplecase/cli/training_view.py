"""A run that is followed: a table of its epochs and a bar of the open one, on stderr; the result on stdout."""

from __future__ import annotations

import signal
import subprocess
import uuid
from collections.abc import Mapping
from typing import Any

import typer
from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from samplecase.cli.output import Exit, show
from samplecase.cli.progress import to_stderr
from samplecase.contracts.states import JobState
from samplecase.training.runs.folder import RunFolder
from samplecase.training.runs.launching import events_of, refusal, start
from samplecase.training.runs.steering import read_events, status

SHOWN = 12  # epochs in the live table


class RunView:
    """What events amount to, for the eye."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._epochs: list[Mapping[str, Any]] = []
        self._notes: list[str] = []
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
        )  # fmt: skip
        self._task = self._bar.add_task("starting", total=None, figures="")
        self._batches = self._whole = 0

    def note(self, event: Mapping[str, Any]) -> None:
        kind = event["event"]
        if kind == "started":
            self._whole, self._batches = event["epochs"], event["batches"]
            done = event["epoch"] * self._batches + event["batch"]
            self._bar.update(self._task, total=self._whole * self._batches, completed=done)
            if event["resumed"]:
                self._notes.append("exact resume" if event["exact"] else f"not exact: {event['reason']}")
        elif kind == "progress":
            done = (event["epoch"] - 1) * self._batches + event["batch"]
            figures = f"loss {event['loss']:.4f}  {event['images_per_second']:.0f} images/s"
            about = f"epoch {event['epoch']}/{self._whole}"
            self._bar.update(self._task, completed=done, description=about, figures=figures)
        elif kind == "epoch":
            self._epochs = [*(each for each in self._epochs if each["epoch"] < event["epoch"]), event]
            self._bar.update(self._task, completed=event["epoch"] * self._batches)

    def __rich__(self) -> Group:
        return Group(self.table(self._epochs[-SHOWN:]), self._bar)

    def table(self, epochs: list[Mapping[str, Any]]) -> Table:
        scores = [*epochs[-1]["scores"]] if epochs else []
        table = Table(box=None, pad_edge=False, header_style="bold", title=", ".join(self._notes) or None)
        for name in ("epoch", "train loss", "val loss", *scores, "lr", ""):
            table.add_column(name.replace("_", " "), justify="right" if name else "left")
        for each in epochs:
            figures = [f"{each['scores'][name]:.4f}" for name in scores]
            loss = "–" if each["val_loss"] is None else f"{each['val_loss']:.4f}"
            best = "best" if each["best"] else ""
            table.add_row(
                f"{each['epoch']}/{each['epochs']}", f"{each['train_loss']:.4f}", loss, *figures,
                f"{each['lr']:.2g}", best,
            )  # fmt: skip
        return table


def follow(run: RunFolder, *, accept_differences: bool = False, as_json: bool = False) -> None:
    """Start the run and show it until it ends. Ctrl+C pauses it. Raises what refused it."""
    written = run.output.stat().st_size if run.output.exists() else 0
    attempt = uuid.uuid4().hex
    view = RunView(run)
    for event in read_events(run)[0]:
        if event["event"] == "epoch":
            view.note(event)
    process = start(run, accept_differences=accept_differences, attempt=attempt)
    console = to_stderr()
    if not as_json:
        console.print(f"{run.path}", style="dim", highlight=False)
    with (
        Live(view, console=console, refresh_per_second=5, transient=False, screen=False)
        if not as_json
        else _Still()
    ):
        _until_over(run, process, view, attempt)
    found = status(run, attempt=attempt)
    if process.returncode and (error := refusal(run, since=written)):
        raise error
    answer = {"run": str(run.path), "state": found.state, "epoch": found.epoch, "epochs": found.epochs}
    text = f"{found.state}: {run.path}"
    if found.state is JobState.PAUSED:
        text += f"\nGo on: samplecase resume {run.path}"
    elif found.message:
        text += f"\n{found.message}\nThe log: {run.output}"
    show({**answer, "message": found.message}, as_json=as_json, text=text)
    if found.state not in (JobState.FINISHED, JobState.PAUSED, JobState.CANCELLED):
        raise typer.Exit(Exit.NOT_FINISHED)


class _Still:
    """In the place of a live view where a program reads."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def _until_over(run: RunFolder, process: subprocess.Popen[bytes], view: RunView, attempt: str) -> None:
    """An interrupt becomes a pause, which is waited for."""
    while True:
        try:
            for events in events_of(run, lambda: process.poll() is not None, attempt=attempt):
                for event in events:
                    view.note(event)
            return
        except KeyboardInterrupt:
            process.send_signal(signal.SIGTERM)
