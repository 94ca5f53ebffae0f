"""The demo's first half: two classifiers of digits, run over all of them, and a field that is half labelled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from samplecase.cli.demo import digits, reviewed
from samplecase.cli.demo.models import Recipe, ensure_deployments, ensure_models
from samplecase.cli.demo.recipes import Drawn, run_recipe
from samplecase.cli.demo.runs import Run, ensure_values, evaluate, lacking, speed
from samplecase.cli.progress import to_stderr
from samplecase.client import Client
from samplecase.client.types import Evaluation, Job

RECIPES = (
    Recipe("digits-cnn", "A small convolutional network, packed with its code.", ("demo", "digits", "cnn")),
    Recipe(
        "digits-mlp",
        "One hidden layer, packed without code: an exported program.",
        ("demo", "digits", "no code"),
    ),
)


def show(client: Client, images: Drawn) -> list[str]:
    """Dataset, models, deployments, jobs and their evaluations; returns what is not as it should be."""
    dataset = digits.ensure_dataset(client, images)
    made = ensure_models(
        client, RECIPES, lambda folder: train(images, folder), title="Training two small networks"
    )
    runs = [Run(*each) for each in zip(made, ensure_deployments(client, made), strict=True)]
    jobs = ensure_values(client, dataset, runs)
    evaluations = [
        evaluate(
            client,
            dataset["id"],
            each.field,
            ground_truth=digits.GROUND_TRUTH,
            filter=digits.NOT_TRAINED_ON,
        )
        for each in runs
    ]
    to_stderr().print(results(runs, jobs, evaluations))
    reviewed.ensure_half(client, dataset)
    reviewed.ensure_review(client, dataset, runs[0].field)
    return lacking(client, dataset, runs)


def train(images: Drawn, folder: Path) -> str:
    drawn, trained_on = images.folder(), folder / "train.json"
    trained_on.write_text(json.dumps(digits.by_split(drawn)["train"]))
    return run_recipe("train.py", drawn, trained_on, folder)


def results(runs: Sequence[Run], jobs: Sequence[Job], evaluations: Sequence[Evaluation]) -> Table:
    """The models side by side."""
    tested = max(evaluation["samples"] for evaluation in evaluations)
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    table.title = f"Accuracy on the {tested} samples that were not trained on"
    for heading in ("model", "field", "accuracy", "done", "failed", "samples/s"):
        table.add_column(heading, no_wrap=True)
    for each, job, evaluation in zip(runs, jobs, evaluations, strict=True):
        accuracy = f"{evaluation['metrics']['accuracy']:.1%}"
        table.add_row(
            each.model["name"], each.field, accuracy, str(job["done"]), str(job["failed"]), speed(job)
        )
    return table
