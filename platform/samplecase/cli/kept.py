"""Commands about what a dataset keeps beside its samples: views, evaluations and reviews."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from samplecase.cli.completion import DatasetName
from samplecase.cli.datasets import described_evaluation, find_dataset
from samplecase.cli.jobs import read_filter
from samplecase.cli.output import AsJson, Exit, show, show_rows
from samplecase.contracts.errors import NotFound

views_app = typer.Typer(name="views", help="Saved views of a dataset.", no_args_is_help=True)
evaluations_app = typer.Typer(name="evaluations", help="Evaluations of a dataset.", no_args_is_help=True)
reviews_app = typer.Typer(
    name="reviews", help="Queues of samples for people to look at.", no_args_is_help=True
)

Filter = Annotated[str | None, typer.Option(help="A filter, as JSON.")]
Evaluation = Annotated[int, typer.Argument(help="Its id.")]


@views_app.command("list")
def list_views(dataset: DatasetName, as_json: AsJson = False) -> None:
    """The views of a dataset."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        rows = [*client.views.list(find_dataset(client, dataset)["id"])]
    show_rows(rows, columns=["id", "name", "filter", "sort", "created_by", "problem"], as_json=as_json)


@views_app.command("save")
def save_view(
    dataset: DatasetName,
    name: Annotated[str, typer.Argument(help="The view's name.")],
    filter: Filter = None,
    sort: Annotated[str | None, typer.Option(help="As -guess.confidence.")] = None,
    field: Annotated[list[str] | None, typer.Option(help="A field that is drawn, once for each.")] = None,
    as_json: AsJson = False,
) -> None:
    """Keep a filter and an order under a name, for everyone who sees the dataset."""
    from samplecase.cli.credentials import connect

    chosen = read_filter(filter)
    with connect() as client:
        pk = find_dataset(client, dataset)["id"]
        made = client.views.save(pk, name, filter=chosen, sort=sort, fields=field)
    show(made, as_json=as_json, text=f"Saved the view “{made['name']}” ({made['id']}).")


@views_app.command("delete")
def delete_view(dataset: DatasetName, name: str, as_json: AsJson = False) -> None:
    """Delete a view; the samples stay."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        pk = find_dataset(client, dataset)["id"]
        found = client.views.find(pk, name)
        if found is None:
            raise NotFound(f"“{dataset}” has no view “{name}”. samplecase views list {dataset}")
        client.views.delete(pk, found["id"])
    show({**found, "deleted": True}, as_json=as_json, text=f"The view “{name}” is deleted.")


@evaluations_app.command("list")
def list_evaluations(dataset: DatasetName, as_json: AsJson = False) -> None:
    """The evaluations of a dataset, the newest first."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        rows = [*client.datasets.evaluations(find_dataset(client, dataset)["id"])]
    columns = ["id", "type", "predictions", "ground_truth", "state", "samples", "missing", "stale"]
    show_rows(rows, columns=columns, as_json=as_json)


@evaluations_app.command("show")
def show_evaluation(dataset: DatasetName, evaluation: Evaluation, as_json: AsJson = False) -> None:
    """The metrics of one, as they were counted."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = client.datasets.evaluation(find_dataset(client, dataset)["id"], evaluation)
    show(found, as_json=as_json, text=described_evaluation(found))


@evaluations_app.command("refresh")
def refresh_evaluation(
    dataset: DatasetName,
    evaluation: Evaluation,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the result.")] = 3600,
    as_json: AsJson = False,
) -> None:
    """Count one again, over the values as they are now, and wait for the result."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        pk = find_dataset(client, dataset)["id"]
        found = client.datasets.refresh_evaluation(pk, evaluation, timeout=timeout)
    show(found, as_json=as_json, text=described_evaluation(found))
    if found["state"] != "finished":
        raise typer.Exit(Exit.NOT_FINISHED)


@evaluations_app.command("delete")
def delete_evaluation(dataset: DatasetName, evaluation: Evaluation, as_json: AsJson = False) -> None:
    """Delete one, and what it found on the samples."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        client.datasets.delete_evaluation(find_dataset(client, dataset)["id"], evaluation)
    show(
        {"id": evaluation, "deleted": True}, as_json=as_json, text=f"The evaluation {evaluation} is deleted."
    )


@reviews_app.command("list")
def list_reviews(dataset: DatasetName, as_json: AsJson = False) -> None:
    """The reviews of a dataset, and how far each is."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = [*client.reviews.list(find_dataset(client, dataset)["id"])]
    rows: list[dict[str, Any]] = [{**each} if as_json else {**each, **each["counts"]} for each in found]
    columns = [
        "id",
        "name",
        "source",
        "target",
        "total",
        "done",
        "accepted",
        "rejected",
        "corrected",
        "problem",
    ]
    show_rows(rows, columns=columns, as_json=as_json)


@reviews_app.command("create")
def create_review(
    dataset: DatasetName,
    name: Annotated[str, typer.Argument(help="The review's name.")],
    source: Annotated[str, typer.Option(help="The field with a model's labels.")],
    target: Annotated[
        str | None, typer.Option(help="The field that people write. Default: SOURCE_reviewed.")
    ] = None,
    filter: Filter = None,
    order: Annotated[str, typer.Option(help="confidence, -confidence, or any sort.")] = "confidence",
    as_json: AsJson = False,
) -> None:
    """Put the samples that the filter holds now into a queue."""
    from samplecase.cli.credentials import connect

    chosen = read_filter(filter)
    with connect() as client:
        pk = find_dataset(client, dataset)["id"]
        made = client.reviews.create(pk, name, source=source, target=target, filter=chosen, order=order)
    total = made["counts"]["total"]
    show(made, as_json=as_json, text=f"Made the review “{name}” ({made['id']}) of {total} samples.")


@reviews_app.command("delete")
def delete_review(dataset: DatasetName, name: str, as_json: AsJson = False) -> None:
    """Delete a queue; what people wrote in it stays."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        pk = find_dataset(client, dataset)["id"]
        found = client.reviews.find(pk, name)
        if found is None:
            raise NotFound(f"“{dataset}” has no review “{name}”. samplecase reviews list {dataset}")
        client.reviews.delete(pk, found["id"])
    show({**found, "deleted": True}, as_json=as_json, text=f"The review “{name}” is deleted.")


def add_to(app: typer.Typer) -> None:
    for each in (views_app, evaluations_app, reviews_app):
        app.add_typer(each)
