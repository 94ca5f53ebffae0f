"""Models run over datasets and compared with the ground truth; what an earlier demo has done is not done again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from samplecase.cli import progress
from samplecase.cli.demo import digits
from samplecase.client import Client
from samplecase.client.types import Dataset, Deployment, Entry, Evaluation, Job, Json, Model
from samplecase.contracts.errors import Unavailable

PATIENCE_SECONDS = 180.0
OUTPUT = "predictions"


@dataclass(frozen=True)
class Run:
    """One model of the demo, ready to be run over a dataset."""

    model: Model
    deployment: Deployment

    @property
    def field(self) -> str:
        """The field that its predictions become."""
        return f"{self.model['slug']}_{OUTPUT}"


def ensure_values(client: Client, dataset: Dataset, runs: Sequence[Run]) -> list[Job]:
    """Every sample's value of each run's field: by one submission of all jobs, less what earlier runs have done.

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


def evaluate(client: Client, dataset: int, field: str, *, ground_truth: str, filter: Json) -> Evaluation:
    """The field against the ground truth under the filter; the one of an earlier run is still true."""
    kept = (
        each
        for each in client.datasets.evaluations(dataset)
        if each["state"] == "finished"
        and (each["predictions"], each["ground_truth"]) == (field, ground_truth)
        and each["filter"] == filter
    )
    done = next(kept, None) or client.datasets.evaluate(
        dataset, predictions=field, ground_truth=ground_truth, filter=filter
    )
    if done["state"] != "finished":
        raise Unavailable(f"The evaluation of {field} is {done['state']}.")
    return done


def lacking(client: Client, dataset: Dataset, runs: Sequence[Run]) -> list[str]:
    """A sentence where samples lack a value of a run's field; none where all is well."""
    fields = [each.field for each in runs]
    samples = client.datasets.samples(dataset["id"], fields=fields)
    count = sum(1 for each in samples if any(digits.value_of(each, field) is None for field in fields))
    return [f"{count} samples of {dataset['name']} lack a value."] if count else []


def speed(job: Job) -> str:
    """Samples per second from the start of the job to its end, its model's start included."""
    if not (job["started_at"] and job["finished_at"]):
        return "–"
    seconds = (
        datetime.fromisoformat(job["finished_at"]) - datetime.fromisoformat(job["started_at"])
    ).total_seconds()
    return f"{job['done'] / seconds:.0f}" if seconds > 0 else "–"
