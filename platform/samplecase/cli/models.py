"""Commands about models on a server: create, list, push, and deploy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplecase.cli.completion import ModelName, datasets
from samplecase.cli.datasets import find_dataset
from samplecase.cli.output import AsJson, Exit, show, show_rows
from samplecase.contracts.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from samplecase.client import Client
    from samplecase.client.types import Deployment, Model

app = typer.Typer(name="models", help="Models and their packages.", no_args_is_help=True)
SchemaFile = Annotated[
    Path | None,
    typer.Option(
        "--schema", exists=True, dir_okay=False, help="The JSON schema, where the package holds none."
    ),
]


@app.command("list")
def list_models(
    search: Annotated[str | None, typer.Option(help="In name, description or tags.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="With this tag; again: with that one too.")] = None,
    owner: Annotated[str | None, typer.Option(help="The name of a user.")] = None,
    shared: Annotated[str | None, typer.Option(help="mine or with_me.")] = None,
    sort: Annotated[str | None, typer.Option(help="name, created, updated; with - for descending.")] = None,
    as_json: AsJson = False,
) -> None:
    """The models that you may see."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = [*client.models.list(search=search, tags=tag or [], owner=owner, shared=shared, sort=sort)]
    rows = [each if as_json else _row(each) for each in found]
    show_rows(rows, columns=["id", "name", "versions", "tags", "access"], as_json=as_json)


def _row(model: Model) -> dict[str, Any]:
    return {**model, "versions": [each["version"] for each in model["versions"]]}


@app.command()
def create(
    name: str,
    description: str = "",
    tag: Annotated[list[str] | None, typer.Option()] = None,
    as_json: AsJson = False,
) -> None:
    """Make a model, to push versions to."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        made = client.models.create(name, description=description, tags=tag or [])
    show(made, as_json=as_json, text=f"Made the model “{made['name']}” ({made['id']}).")


@app.command()
def delete(
    name: ModelName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a model with its versions, for good; refused while it is deployed or at work."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = find_model(client, name)
        if not yes:
            text = f"Delete “{name}” with its {len(found['versions'])} versions, for good?"
            typer.confirm(text, abort=True, err=True)
        client.models.delete(found["id"])
    show({"id": found["id"], "deleted": True}, as_json=as_json, text=f"“{name}” is deleted.")


@app.command()
def download(
    name: ModelName,
    version: Annotated[str, typer.Argument(help="The version, as 1.2.0.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The zip to write.")],
    as_json: AsJson = False,
) -> None:
    """Download the package of a version, as it was uploaded; for who may edit the model."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        size = client.models.download(find_model(client, name)["id"], version, output)
    show({"file": str(output), "bytes": size}, as_json=as_json, text=f"{output}: {size:,} bytes")


@app.command()
def push(
    name: ModelName,
    package: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    schema: SchemaFile = None,
    version: Annotated[str | None, typer.Option(help="The version, where the package names none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Upload a package as a new version of a model; what broke off goes on where it did."""
    from samplecase.cli.credentials import connect
    from samplecase.cli.sending import bars

    with connect() as client, bars(quiet=as_json) as watch:
        model = find_model(client, name)
        given = read_schema(schema)
        made = client.models.push(model["id"], package, schema=given, version=version, watch=watch)
    show(made, as_json=as_json, text=f"{name} {made['version']} (sha256 {made['sha256'][:12]}…)")


def deploy(
    name: ModelName,
    deploy_name: Annotated[str | None, typer.Option("--name", help="The deployment's name.")] = None,
    version: Annotated[
        str | None, typer.Option(help="A number, or an alias to follow. Default: the newest.")
    ] = None,
    mini_batch: Annotated[int, typer.Option(min=1)] = 1,
    replicas: Annotated[int, typer.Option(min=1)] = 1,
    gpus: Annotated[int, typer.Option(min=0, max=1)] = 0,
    custom_env: Annotated[bool, typer.Option(help="Build the package's own environment.")] = False,
    dataset: Annotated[
        str | None, typer.Option(help="Ask some of its samples too; tune on them.", autocompletion=datasets)
    ] = None,
    tune: Annotated[
        bool | None, typer.Option("--tune/--no-tune", help="Default: a no-code package with a dataset.")
    ] = None,
    allow_bf16: Annotated[bool, typer.Option("--allow-bf16", help="Let tuning try bfloat16.")] = False,
    as_json: AsJson = False,
) -> None:
    """Deploy a version and wait until a replica of it has answered, and it is tuned."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        model = find_model(client, name)
        made = client.deployments.create(
            model["id"],
            name=deploy_name or name,
            version=version,
            mini_batch=mini_batch,
            num_replicas=replicas,
            num_gpus=gpus,
            custom_environment=custom_env,
            dataset=None if dataset is None else find_dataset(client, dataset)["id"],
            tune=tune,
            allow_bf16=allow_bf16,
        )
        settled = client.deployments.wait_ready(made["id"])
    show(
        settled,
        as_json=as_json,
        text=f"Deployment {settled['id']} is {settled['state']}. {settled['reason']}{found_by(settled)}".strip(),
    )
    if settled["state"] != "ready":
        raise typer.Exit(Exit.NOT_FINISHED)


def found_by(deployment: Deployment) -> str:
    """What its check proposes, and what its tuning chose, in a line each."""
    measured = deployment["measured"] or {}
    lines = []
    if proposed := measured.get("proposed"):
        speed = measured["images_per_second"]
        lines.append(f"{speed} images/s; proposed: {_layout(proposed)}")
    if tuning := measured.get("tuning"):
        plan = measured["plan"]
        chosen = f"{plan['graph']}, {plan['precision']}, {_layout(plan)}" if plan else "no plan"
        lines.append(f"Tuned: {chosen}. {tuning['why']}")
    return "".join(f"\n{line}" for line in lines)


def _layout(layout: Mapping[str, Any]) -> str:
    return "mini-batch {mini_batch}, replicas {num_replicas}, threads {threads}".format_map(layout)


def add_to(app: typer.Typer) -> None:
    app.command()(deploy)


def find_model(client: Client, name: str) -> Model:
    found = client.models.find(name)
    if found is None:
        raise NotFound(f"There is no model “{name}” that you may see. samplecase models list")
    return found


def read_schema(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        read = json.loads(path.read_text())
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON: {error}") from None
    if not isinstance(read, dict):
        raise InvalidInput(f"{path} must hold a JSON object.")
    return read
