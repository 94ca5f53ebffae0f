"""Commands about deployments: list, show, log, start, stop, delete. `deploy` makes them."""

from __future__ import annotations

from typing import Annotated

import typer

from samplecase.cli.completion import DeploymentId, models
from samplecase.cli.models import find_model, found_by
from samplecase.cli.output import AsJson, Exit, show, show_rows

app = typer.Typer(name="deployments", help="Deployments: how versions of models run.", no_args_is_help=True)


@app.command("list")
def list_deployments(
    model: Annotated[
        str | None, typer.Option(help="Only those of this model.", autocompletion=models)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The deployments that you may see."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        of = find_model(client, model)["id"] if model else None
        rows = [*client.deployments.list(model=of)]
    columns = ["id", "name", "version", "follows", "state", "mini_batch", "num_replicas", "reason"]
    show_rows(rows, columns=columns, as_json=as_json)


@app.command("show")
def show_deployment(deployment: DeploymentId, as_json: AsJson = False) -> None:
    """The state of a deployment, and what its check measured."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = client.deployments.get(deployment)
    text = (
        f"{found['name']} {found['version']} is {found['state']}. {found['reason']}{found_by(found)}".strip()
    )
    show(found, as_json=as_json, text=text)


@app.command("log")
def show_log(deployment: DeploymentId, as_json: AsJson = False) -> None:
    """What its check and the model printed."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        log = client.deployments.log(deployment)
    show({"log": log}, as_json=as_json, text=log)


@app.command()
def start(deployment: DeploymentId, as_json: AsJson = False) -> None:
    """Check a stopped or failed deployment anew, and wait for the end of it."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        client.deployments.start(deployment)
        found = client.deployments.wait_ready(deployment)
    show(found, as_json=as_json, text=f"{found['name']} is {found['state']}. {found['reason']}".strip())
    if found["state"] != "ready":
        raise typer.Exit(Exit.NOT_FINISHED)


@app.command()
def stop(deployment: DeploymentId, as_json: AsJson = False) -> None:
    """Take a deployment out of use until it is started again."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = client.deployments.stop(deployment)
    show(found, as_json=as_json, text=f"{found['name']} is {found['state']}.")


@app.command()
def delete(deployment: DeploymentId, as_json: AsJson = False) -> None:
    """Delete a stopped or failed deployment."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        client.deployments.delete(deployment)
    text = f"The deployment {deployment} is deleted."
    show({"id": deployment, "deleted": True}, as_json=as_json, text=text)
