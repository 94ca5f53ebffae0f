"""The demo's second half: a detector of digits, run over scenes of them and evaluated."""

from __future__ import annotations

from rich.table import Table

from samplecase.cli.demo import scenes
from samplecase.cli.demo.models import Recipe, ensure_deployments, ensure_models
from samplecase.cli.demo.recipes import Drawn, run_recipe
from samplecase.cli.demo.runs import Run, ensure_values, evaluate, lacking, speed
from samplecase.cli.progress import to_stderr
from samplecase.client import Client
from samplecase.client.types import Evaluation, Job

LEAST_MAP_50 = 0.8  # less says that something is broken: the seeds are fixed
DETECTOR = Recipe(
    "digit-detector",
    "A small centre-point network that finds digits, packed without code: an exported program.",
    ("demo", "digits", "detection", "no code"),
)


def show(client: Client, drawn: Drawn) -> list[str]:
    """Dataset, model, deployment, job and its evaluation; returns what is not as it should be."""
    dataset = scenes.ensure_dataset(client, drawn)
    made = ensure_models(
        client,
        [DETECTOR],
        lambda folder: run_recipe("train_detector.py", drawn.folder(), folder),
        title="Training a small detector, up to a minute",
    )
    runs = [Run(*each) for each in zip(made, ensure_deployments(client, made), strict=True)]
    [job] = ensure_values(client, dataset, runs)
    evaluation = evaluate(
        client,
        dataset["id"],
        runs[0].field,
        ground_truth=scenes.GROUND_TRUTH,
        filter=scenes.NOT_TRAINED_ON,
    )
    to_stderr().print(results(runs[0], job, evaluation))
    return [*lacking(client, dataset, runs), *too_bad(evaluation)]


def too_bad(evaluation: Evaluation) -> list[str]:
    """A sentence where the detector finds less than it must."""
    found = evaluation["metrics"]["map_50"]
    if found >= LEAST_MAP_50:
        return []
    return [f"The detector's mAP at an IoU of 0.5 is {found:.3f}, and at least {LEAST_MAP_50} was expected."]


def results(run: Run, job: Job, evaluation: Evaluation) -> Table:
    """The detector's figures."""
    metrics = evaluation["metrics"]
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    table.title = f"{run.field} on the {evaluation['samples']} scenes that were not trained on"
    for heading in ("model", "mAP@0.5", "mAP@[.5:.95]", "done", "failed", "samples/s"):
        table.add_column(heading, no_wrap=True)
    table.add_row(
        run.model["name"],
        f"{metrics['map_50']:.3f}",
        f"{metrics['map']:.3f}",
        str(job["done"]),
        str(job["failed"]),
        speed(job),
    )
    return table
