"""Curves of a run, drawn again from its logs at any time."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import NotFound
from samplecase.training.runs.files import write_whole
from samplecase.training.runs.folder import RunFolder

Columns = dict[str, list[float]]


def read_log(file: Path) -> Columns:
    """A log's columns as numbers; what was not measured is not a number. Raises `NotFound`."""
    if not file.exists():
        raise NotFound(f"There is no {file.name} in {file.parent}: nothing was trained yet.")
    with file.open(newline="") as lines:
        reader = csv.DictReader(lines)
        columns: Columns = {name: [] for name in reader.fieldnames or ()}
        for row in reader:
            for name, values in columns.items():
                values.append(float(row[name] or "nan"))
    return columns


def draw_curves(run: RunFolder, target: Path) -> Path:
    """Loss and scores of every batch and epoch, and the learning rate, as one picture (PNG, SVG or PDF)."""
    from matplotlib.figure import Figure

    batches = read_log(run.batch_log)
    epochs = read_log(run.training_log) if run.training_log.exists() else {}
    figure = Figure(figsize=(11, 7), dpi=120, layout="constrained")
    loss, scores, rate, last = figure.subplots(2, 2).flat
    steps = batches["step"]
    loss.plot(steps, batches["loss"], linewidth=0.6, alpha=0.5, label="every batch")
    ends = _ends(batches)
    for name in ("train_loss", "val_loss"):
        if name in epochs:
            loss.plot(ends[: len(epochs[name])], epochs[name], marker="o", markersize=3, label=name)
    for name in (each for each in batches if each not in ("epoch", "batch", "step", "loss", "lr")):
        scores.plot(steps, batches[name], linewidth=0.6, alpha=0.5, label=f"{name}, every batch")
    for name in (each for each in epochs if each not in ("epoch", "train_loss", "val_loss", "lr")):
        scores.plot(
            ends[: len(epochs[name])], epochs[name], marker="o", markersize=3, label=f"{name}, validation"
        )
    rate.plot(steps, batches["lr"])
    last.plot(epochs.get("epoch", []), epochs.get("val_loss", []), marker="o", markersize=3)
    for axes, title in (
        (loss, "Loss"),
        (scores, "Scores"),
        (rate, "Learning rate"),
        (last, "Validation loss"),
    ):
        _labelled(axes, title)
    write_whole(target, lambda file: figure.savefig(file, format=target.suffix.lstrip(".") or "png"))
    return target


def _ends(batches: Columns) -> list[float]:
    """The last step of each epoch."""
    last: dict[float, float] = {}
    for epoch, step in zip(batches["epoch"], batches["step"], strict=True):
        last[epoch] = step
    return [*last.values()]


def _labelled(axes: Any, title: str) -> None:
    axes.set_title(title)
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend()
