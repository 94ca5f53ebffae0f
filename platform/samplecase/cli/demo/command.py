"""The demo from its first line to its last."""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType

from rich.table import Table

from samplecase.cli import local, progress
from samplecase.cli.demo import digits, models
from samplecase.cli.demo.serving import RunningServer, running_server
from samplecase.client import Client
from samplecase.client.types import Dataset, Deployment, Entry, Evaluation, Job, Model
from samplecase.contracts.errors import Unavailable

PATIENCE_SECONDS = 180.0
OUTPUT = "predictions"


@dataclass(frozen=True)
class Run:
    """One model of the demo, ready to be run over the dataset."""

    model: Model
    deployment: Deployment

    @property
    def field(self) -> str:
        """The field that its predictions become."""
        return f"{self.model['slug']}_{OUTPUT}"


def run(*, check: bool, port: int) -> int:
    """Do the main job; then serve until Ctrl-C, or stop if it is only a check. 0 when every sample has its values."""
    signal.signal(signal.SIGTERM, interrupt)
    console = progress.to_stderr()
    began = time.monotonic()
    with running_server(port) as server:
        console.print(
            f"The server runs at {server.url}, its data lies in {local.data_dir()}", highlight=False
        )
        with Client(server.url, token=server.token) as client:
            lacking = main_job(client)
        console.print(f"The main job took {time.monotonic() - began:.0f} s.", highlight=False)
        if lacking:
            console.print(
                f"{lacking} samples lack a value; the server's log is {server.log}", highlight=False
            )
        if not check:
            serve(server)
    return 1 if lacking else 0


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main_job(client: Client) -> int:
    """Dataset, models, deployments, jobs and their evaluation; returns how many samples lack a value."""
    with tempfile.TemporaryDirectory() as folder:
        images = digits.Images(Path(folder) / "digits")
        dataset = digits.ensure_dataset(client, images)
        made = models.ensure_models(client, images)
    runs = [Run(*each) for each in zip(made, models.ensure_deployments(client, made), strict=True)]
    jobs = ensure_values(client, dataset, runs)
    evaluations = [evaluate(client, dataset["id"], each.field) for each in runs]
    progress.to_stderr().print(results(runs, jobs, evaluations))
    fields = [each.field for each in runs]
    samples = client.datasets.samples(dataset["id"], fields=fields)
    return sum(1 for sample in samples if any(digits.value_of(sample, field) is None for field in fields))


def ensure_values(client: Client, dataset: Dataset, runs: Sequence[Run]) -> list[Job]:
    """Every sample's value of both fields: by one submission of two jobs, less what earlier runs have done.

    Returns, per model, the last job that wrote its field.
    """
    latest = [last_job(client, dataset, each) for each in runs]
    entries: list[Entry] = [
        {"deployment": each.deployment["id"], "outputs": {OUTPUT: each.field}, "on_existing": "skip"}
        for each, job in zip(runs, latest, strict=True)
        if digits.field_count(dataset, each.field) < dataset["sample_count"] and not is_open(job)
    ]
    made = iter(client.jobs.submit(dataset["id"], entries)["jobs"] if entries else [])
    written = {entry["deployment"] for entry in entries}
    found = [
        next(made) if each.deployment["id"] in written else job
        for each, job in zip(runs, latest, strict=True)
    ]
    jobs = [job for job in found if job is not None]
    names = {job["id"]: each.model["name"] for each, job in zip(runs, jobs, strict=True)}
    ended = progress.follow(client, jobs, names=names, patience=PATIENCE_SECONDS)
    for job in ended:
        explain(client, job, names[job["id"]])
    return ended


def last_job(client: Client, dataset: Dataset, run: Run) -> Job | None:
    """The newest job that writes the run's field."""
    jobs = client.jobs.list(dataset=dataset["id"], kind="inference")
    return next((job for job in jobs if run.field in job["outputs"].values()), None)


def is_open(job: Job | None) -> bool:
    return job is not None and job["state"] in {"queued", "running"}


def explain(client: Client, job: Job, name: str) -> None:
    """Print why a job is not what it should be: its own error, and the first of its samples'."""
    console = progress.to_stderr()
    if job["state"] != "finished":
        console.print(f"{name}: {progress.describe(job)}", highlight=False)
    if job["failed"]:
        first = next(client.jobs.errors(job["id"]), None)
        if first is not None:
            console.print(f"{name}: {first['name']}: {first['reason']}: {first['message']}", highlight=False)


def evaluate(client: Client, dataset: int, field: str) -> Evaluation:
    """The field against the ground truth on what was not trained on; the one of an earlier run is still true."""
    kept = (
        each
        for each in client.datasets.evaluations(dataset)
        if each["state"] == "finished"
        and each["predictions"] == field
        and each["filter"] == digits.NOT_TRAINED_ON
    )
    done = next(kept, None) or client.datasets.evaluate(
        dataset, predictions=field, ground_truth=digits.GROUND_TRUTH, filter=digits.NOT_TRAINED_ON
    )
    if done["state"] != "finished":
        raise Unavailable(f"The evaluation of {field} is {done['state']}.")
    return done


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


def speed(job: Job) -> str:
    """Samples per second from the start of the job to its end, its model's start included."""
    if not (job["started_at"] and job["finished_at"]):
        return "–"
    seconds = (
        datetime.fromisoformat(job["finished_at"]) - datetime.fromisoformat(job["started_at"])
    ).total_seconds()
    return f"{job['done'] / seconds:.0f}" if seconds > 0 else "–"


def serve(server: RunningServer) -> None:
    """Say how to get in, and wait for Ctrl-C."""
    admin = local.administrator()
    link = local.login_link(server.url, admin.username)
    local.leave_database()
    print(
        f"\nOpen this link once, within 15 minutes, to sign in as {admin.username}:\n{link}\n\nCtrl-C ends the server."
    )
    try:
        server.wait()
    except KeyboardInterrupt:
        return
