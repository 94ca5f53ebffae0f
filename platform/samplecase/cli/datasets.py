"""Commands about datasets: create, list, add, evaluate."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samplecase.cli.completion import DatasetName
from samplecase.cli.output import AsJson, show, show_rows
from samplecase.contracts.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from samplecase.client import Client
    from samplecase.client.types import Dataset, Evaluation, UploadReport

app = typer.Typer(name="datasets", help="Datasets and their samples.", no_args_is_help=True)


@app.command("list")
def list_datasets(as_json: AsJson = False) -> None:
    """The datasets that you may see."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        rows = [*client.datasets.list()]
    show_rows(rows, columns=["id", "name", "sample_count", "access"], as_json=as_json)


@app.command()
def create(
    name: str,
    description: str = "",
    tag: Annotated[list[str] | None, typer.Option()] = None,
    as_json: AsJson = False,
) -> None:
    """Make a dataset."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        made = client.datasets.create(name, description=description, tags=tag or [])
    show(made, as_json=as_json, text=f"Made the dataset “{made['name']}” ({made['id']}).")


@app.command()
def add(
    name: DatasetName,
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Images, folders or zips of them.")],
    labels_from_folders: Annotated[
        bool, typer.Option(help="Make the name of each image's folder its ground_truth.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Upload images into a dataset; what is there already is skipped."""
    from rich.progress import Progress

    from samplecase.cli.credentials import connect
    from samplecase.cli.progress import to_stderr
    from samplecase.cli.sending import bars
    from samplecase.client.archives import collect, split

    zips, others = split(paths)
    report: UploadReport = {"added": 0, "skipped": []}
    with connect() as client:
        dataset = find_dataset(client, name)["id"]
        with bars(quiet=as_json) as watch:
            _count(
                report,
                client.datasets.add(dataset, zips, labels_from_folders=labels_from_folders, watch=watch),
            )
        if others:
            with Progress(console=to_stderr(), disable=as_json) as progress:
                bar = progress.add_task("Uploading", total=sum(1 for _ in collect(others)))
                more = client.datasets.add(
                    dataset,
                    others,
                    labels_from_folders=labels_from_folders,
                    progress=lambda files: progress.advance(bar, files),
                )
            _count(report, more)
    skipped = [f"  {each['name']}: {each['reason']}" for each in report["skipped"]]
    lines = [f"{report['added']} added, {len(skipped)} skipped", *skipped]
    show(report, as_json=as_json, text="\n".join(lines))


def _count(report: UploadReport, more: UploadReport) -> None:
    report["added"] += more["added"]
    report["skipped"] += more["skipped"]


@app.command()
def evaluate(
    name: DatasetName,
    predictions: Annotated[str, typer.Option(help="The field of predictions.")],
    ground_truth: Annotated[str, typer.Option(help="The field that they are compared with.")],
    filter: Annotated[str | None, typer.Option(help="Only these samples: a filter, as JSON.")] = None,
    iou_threshold: Annotated[
        float | None, typer.Option(help="Of detections: how much boxes overlap to be one (0.5).")
    ] = None,
    crowd_attribute: Annotated[
        str | None, typer.Option(help="Of detections: marks boxes that stand for many (iscrowd).")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the result.")] = 3600,
    as_json: AsJson = False,
) -> None:
    """Compare two fields of a dataset, and show the metrics."""
    from samplecase.cli.credentials import connect
    from samplecase.cli.jobs import read_filter

    with connect() as client:
        found = client.datasets.evaluate(
            find_dataset(client, name)["id"],
            predictions=predictions,
            ground_truth=ground_truth,
            filter=read_filter(filter),
            iou_threshold=iou_threshold,
            crowd_attribute=crowd_attribute,
            timeout=timeout,
        )
    if found["state"] != "finished":
        raise Unavailable(f"The evaluation {found['id']} is {found['state']}.")
    show(found, as_json=as_json, text=described_evaluation(found))


@app.command("show")
def show_dataset(name: DatasetName, as_json: AsJson = False) -> None:
    """A dataset with its fields."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = find_dataset(client, name)
    lines = [f"{found['name']}: {found['sample_count']} samples, your right is {found['access']}"]
    lines += [f"  {each['name']} ({each['type']}): {each['value_count']} values" for each in found["fields"]]
    show(found, as_json=as_json, text="\n".join(lines))


@app.command("samples")
def show_samples(
    name: DatasetName,
    filter: Annotated[str | None, typer.Option(help="Only these samples: a filter, as JSON.")] = None,
    sort: Annotated[str | None, typer.Option(help="As -guess.confidence.")] = None,
    field: Annotated[list[str] | None, typer.Option(help="Only these fields, once for each.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many samples at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Samples and their values, in an order and under a filter."""
    from samplecase.cli.credentials import connect
    from samplecase.cli.jobs import read_filter

    chosen = read_filter(filter)
    with connect() as client:
        pk = find_dataset(client, name)["id"]
        page = min(limit, 500)
        found = client.datasets.samples(pk, filter=chosen, sort=sort, fields=field, limit=page)
        rows = [*itertools.islice(found, limit)]
    show_rows(rows, columns=["id", "name", "width", "height", "tags", "values"], as_json=as_json)


@app.command()
def delete(
    name: DatasetName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a dataset with all that is in it, for good."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = find_dataset(client, name)
        if not yes:
            typer.confirm(
                f"Delete “{name}” with its {found['sample_count']} samples, for good?", abort=True, err=True
            )
        client.datasets.delete(found["id"])
    show({"id": found["id"], "deleted": True}, as_json=as_json, text=f"“{name}” is deleted.")


def described_evaluation(found: Evaluation) -> str:
    """An evaluation for a person: what it compares, and its metrics."""
    counted = f"{found['samples']} samples, {found['missing']} without both"
    lines = [f"{found['predictions']} against {found['ground_truth']}: {counted}"]
    if found["state"] != "finished":
        lines[0] += f" ({found['state']})"
    if found["stale"]:
        lines.append("  Values have changed since: samplecase evaluations refresh counts again.")
    return "\n".join([*lines, *(f"  {metric:20} {value:.4f}" for metric, value in found["metrics"].items())])


def find_dataset(client: Client, name: str) -> Dataset:
    found = client.datasets.find(name)
    if found is None:
        raise NotFound(f"There is no dataset “{name}” that you may see. samplecase datasets list")
    return found
