"""What kept weights can do: be evaluated again, be verified, and be asked about images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from samplecase.contracts.errors import Conflict, InvalidInput, NotFound
from samplecase.training.data.checks import UNREADABLE
from samplecase.training.engine.checkpoint import load
from samplecase.training.engine.evaluating import evaluate_split, input_format
from samplecase.training.engine.results import summary_text, write_results
from samplecase.training.engine.starting import prepared_processes
from samplecase.training.inputs.images import read_image
from samplecase.training.networks.building import BuiltNetwork, build
from samplecase.training.runs.documents import verify_checksums
from samplecase.training.runs.folder import RunFolder
from samplecase.training.tasks import EvaluationResult, Task, task_for


def restored(run: RunFolder, weights: Path, device: torch.device | str = "cpu") -> tuple[BuiltNetwork, Task]:
    """The network of a run with weights that it kept."""
    config = run.config()
    task = task_for(config, run.manifest())
    built = build(
        config.architecture.name, task.outputs(), input_size=config.data.input_size,
        dropout=config.architecture.dropout, pretrained=config.architecture.weights != "none",
    )  # fmt: skip
    built.network.load_state_dict(load(weights)["model"])
    built.network.to(device).eval()
    return built, task


def evaluate_kept(run: RunFolder, epoch: str, *, split: str) -> dict[str, Any]:
    """Metrics of `best`, `last`, an epoch's number or `all` epochs; those of an epoch get a folder of results."""
    chosen = (
        {str(each): run.epoch(each) for each in run.kept_epochs()}
        if epoch == "all"
        else {epoch: _file(run, epoch)}
    )
    answers = {}
    for name, file in chosen.items():
        result = _evaluated(run, file, split)
        folder = (
            run.results
            if name == "best" and split == "validation"
            else run.path / f"evaluation_{split}_{name}"
        )
        if folder != run.results:
            write_results(folder, result)
        answers[name] = result.summary()
    if not answers:
        raise NotFound(f"{run.path} kept the weights of no epoch.")
    return {"split": split, "epochs": answers}


def verify(run: RunFolder) -> dict[str, Any]:
    """Whether the files are those of the run's end, and the published figures come out of them again.

    Raises `InvalidInput` for changed files, `Conflict` for other figures.
    """
    files = verify_checksums(run)
    summary = run.results / "summary_metrics.csv"
    if not summary.exists():
        raise NotFound(f"{run.path} has no published figures: it had no samples to validate on.")
    published = summary.read_text()
    found = summary_text(_evaluated(run, run.best, "validation"))
    if found != published:
        raise Conflict("The published figures do not come out again.", code="other_figures")
    return {"files": files, "metrics": "equal"}


def predict_images(checkpoint: Path, images: Sequence[Path]) -> dict[str, Any]:
    """The labels of images, by weights in their run folder. An image that cannot be read has its error."""
    if not checkpoint.is_file():
        raise NotFound(f"There is no file {checkpoint}.")
    folder = checkpoint.resolve().parent
    run = RunFolder(folder.parent if folder.name == "checkpoints" else folder)
    built, task = restored(run, checkpoint)
    wanted = input_format(run.config(), built)
    rows = []
    with torch.no_grad():
        for path in images:
            try:
                rows.append(
                    {"image": str(path), **task.predict(built.network, read_image(str(path)), wanted)}
                )
            except UNREADABLE as error:
                rows.append({"image": str(path), "error": str(error)})
    return {"predictions": rows}


def _evaluated(run: RunFolder, file: Path, split: str) -> EvaluationResult:
    config = run.config()
    processes = prepared_processes(config)
    built, task = restored(run, file, processes.device)
    result = evaluate_split(
        split, config=config, manifest=run.manifest(), task=task, built=built, processes=processes
    )
    if result is None:
        raise InvalidInput(f"The run has no samples for {split}.", code="no_data")
    return result


def _file(run: RunFolder, epoch: str) -> Path:
    file = {"best": run.best, "last": run.last}.get(epoch) or (
        run.epoch(int(epoch)) if epoch.isdigit() else None
    )
    if file is None or not file.exists():
        kept = ", ".join(map(str, run.kept_epochs())) or "none"
        raise NotFound(f"There are no weights of epoch {epoch}; kept are best, last and: {kept}.")
    return file
