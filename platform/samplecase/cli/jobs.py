"""Commands about jobs: run, and jobs list, show, preview, pause, resume, cancel, retry, undo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from samplecase.cli.completion import DatasetName, JobId, ModelName, datasets
from samplecase.cli.datasets import find_dataset
from samplecase.cli.models import find_model
from samplecase.cli.output import AsJson, Exit, harmless, show, show_rows
from samplecase.contracts.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from samplecase.client import Client
    from samplecase.client.types import Deployment, Entry, Job, OnExisting

app = typer.Typer(name="jobs", help="Jobs: models run over samples.", no_args_is_help=True)


def run(
    model: ModelName,
    dataset: DatasetName,
    output: Annotated[
        list[str] | None,
        typer.Option(
            help="OUTPUT=FIELD, once for each output to keep. Default: every output, as MODEL_OUTPUT."
        ),
    ] = None,
    filter: Annotated[str | None, typer.Option(help="Only the samples under this filter, as JSON.")] = None,
    on_existing: Annotated[
        str, typer.Option(help="fail, skip or replace, where the field has values.")
    ] = "fail",
    dry_run: Annotated[
        int | None,
        typer.Option(
            help="Try so many samples first, and show the outputs: nothing is written. Waits for the end."
        ),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Wait for the end; the exit code tells.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a model's newest ready deployment over a dataset."""
    from samplecase.cli import progress
    from samplecase.cli.credentials import connect

    chosen = read_filter(filter)
    with connect() as client:
        deployment = ready_deployment(client, model)
        entry: Entry = {
            "deployment": deployment["id"],
            "on_existing": read_on_existing(on_existing),
        }
        if output:
            entry["outputs"] = read_outputs(output)
        of = find_dataset(client, dataset)["id"]
        made = client.jobs.submit(of, [entry], filter=chosen, dry_run=dry_run)
        jobs = made["jobs"]
        follow = follow or dry_run is not None
        if follow:
            jobs = progress.follow(client, jobs, names={job["id"]: model for job in jobs}, quiet=as_json)
        errors = [
            error for job in jobs if follow and job["failed"] for error in client.jobs.errors(job["id"])
        ]
        previews = [row for job in jobs if dry_run is not None for row in client.jobs.preview(job["id"])]
    if as_json:
        told = {"jobs": jobs, "errors": errors} if follow else {}
        show({**made, **told} if dry_run is None else {**made, **told, "previews": previews}, as_json=True)
    else:
        for job in jobs:
            show(job, as_json=False, text=f"Job {job['id']}: {progress.describe(job)}")
        for row in previews:
            if "error" not in row:
                typer.echo(f"  {row['name']}: {json.dumps(row['outputs'], ensure_ascii=False)}")
        for error in errors:
            typer.echo(harmless(f"  {error['name']}: {error['reason']}: {error['message']}"), err=True)
    if follow:
        raise typer.Exit(verdict(jobs))


def verdict(jobs: list[Job]) -> Exit:
    """The exit code of followed jobs."""
    if any(job["state"] != "finished" for job in jobs):
        return Exit.NOT_FINISHED
    return Exit.SAMPLES_FAILED if any(job["failed"] for job in jobs) else Exit.DONE


@app.command("list")
def list_jobs(
    dataset: Annotated[
        str | None, typer.Option(help="Only those of this dataset.", autocompletion=datasets)
    ] = None,
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    as_json: AsJson = False,
) -> None:
    """The jobs that you may see, newest first."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        of = find_dataset(client, dataset)["id"] if dataset else None
        rows = [*client.jobs.list(dataset=of, state=state)]
    columns = ["id", "kind", "state", "total", "done", "failed", "skipped", "created_at"]
    show_rows(rows, columns=columns, as_json=as_json)


@app.command("show")
def show_job(job: JobId, as_json: AsJson = False) -> None:
    """How far a job is, and why samples failed."""
    from samplecase.cli import progress
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = client.jobs.get(job)
        errors = [*client.jobs.errors(job)] if found["failed"] else []
    lines = [f"Job {found['id']}: {progress.describe(found)}, {progress.ended(found)} of {found['total']}"]
    lines += [f"  {error['name']}: {error['reason']}: {error['message']}" for error in errors]
    show({**found, "errors": errors}, as_json=as_json, text="\n".join(lines))


@app.command("preview")
def show_preview(job: JobId, as_json: AsJson = False) -> None:
    """What the model of a dry run answered."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        rows = client.jobs.preview(job)
    lines = [
        f"{row['name']}: {json.dumps(row.get('error', row['outputs']), ensure_ascii=False)}" for row in rows
    ]
    show({"results": rows}, as_json=as_json, text="\n".join(lines))


@app.command("log")
def show_log(job: JobId, as_json: AsJson = False) -> None:
    """What the model printed; for the job's owner and superusers."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        log = client.jobs.log(job)
    show({"log": log}, as_json=as_json, text=log)


@app.command("follow")
def follow_job(job: JobId, as_json: AsJson = False) -> None:
    """Wait until a job has ended or is paused; the exit code tells how."""
    from samplecase.cli import progress
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = client.jobs.get(job)
        [seen] = progress.follow(client, [found], names={job: f"{found['kind']} {job}"}, quiet=as_json)
    show(seen, as_json=as_json, text=f"Job {job}: {progress.describe(seen)}")
    raise typer.Exit(verdict([seen]))


@app.command()
def pause(job: JobId, as_json: AsJson = False) -> None:
    """Let a job rest; nothing of it is written until it is resumed."""
    act("pause", job, as_json=as_json)


@app.command()
def resume(job: JobId, as_json: AsJson = False) -> None:
    """Let a paused job go on."""
    act("resume", job, as_json=as_json)


@app.command()
def cancel(job: JobId, as_json: AsJson = False) -> None:
    """End a job; what it has written stays."""
    act("cancel", job, as_json=as_json)


@app.command()
def retry(job: JobId, as_json: AsJson = False) -> None:
    """Run a job again for its samples that failed or were cancelled."""
    act("retry", job, as_json=as_json)


@app.command()
def undo(job: JobId, as_json: AsJson = False) -> None:
    """Take back what a job wrote, and wait until that is done; what others have changed since stays."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        client.jobs.undo(job)
        *_, seen = client.jobs.follow(job)
    counts = seen["undo"] or {"restored": 0, "kept": 0}
    told = f"Job {job} is {seen['state']}: {counts['restored']} values taken back, {counts['kept']} kept."
    show(seen, as_json=as_json, text=told)


def act(action: Literal["pause", "resume", "cancel", "retry"], job: int, *, as_json: bool) -> None:
    from samplecase.cli.credentials import connect

    with connect() as client:
        seen = getattr(client.jobs, action)(job)
    show(seen, as_json=as_json, text=f"Job {job} is {seen['state']}.")


def add_to(parent: typer.Typer) -> None:
    parent.command()(run)


def ready_deployment(client: Client, model: str) -> Deployment:
    """The newest deployment of the model that is ready."""
    deployments = client.deployments.list(model=find_model(client, model)["id"])
    ready = [each for each in deployments if each["state"] == "ready" and not each["left_behind"]]
    if not ready:
        raise NotFound(f"“{model}” has no deployment that is ready. samplecase deploy {model}")
    return max(ready, key=lambda each: each["id"])


def read_outputs(pairs: list[str]) -> dict[str, str]:
    outputs = {}
    for pair in pairs:
        output, equals, field = pair.partition("=")
        if not (output and equals and field):
            raise InvalidInput(f"--output {pair} is not OUTPUT=FIELD.")
        outputs[output] = field
    return outputs


def read_filter(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        read = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"--filter is not JSON: {error}") from None
    if not isinstance(read, dict):
        raise InvalidInput(
            '--filter must be a JSON object, as {"field": "ground_truth.label", "op": "eq", "value": "3"}'
        )
    return read


def read_on_existing(text: str) -> OnExisting:
    match text:
        case "fail" | "skip" | "replace":
            return text
    raise InvalidInput(f"--on-existing is fail, skip or replace, not {text}.")
