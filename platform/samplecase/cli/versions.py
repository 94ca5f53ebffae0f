"""Commands about the versions of a model: show them, move aliases, take stages, compare, delete."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from samplecase.cli.completion import ModelName
from samplecase.cli.models import find_model
from samplecase.cli.output import AsJson, show, show_rows

Name = ModelName
Number = Annotated[str, typer.Argument(help="The version, as 1.2.0.")]


def versions(name: Name, as_json: AsJson = False) -> None:
    """The versions of a model, the newest first, with their stages and aliases."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        model = find_model(client, name)
    named: dict[str, list[str]] = {}
    for alias in model["aliases"]:
        named.setdefault(alias["version"], []).append(alias["name"])
    rows: list[dict[str, Any]] = [
        {**each, "aliases": named.get(each["version"], [])} for each in model["versions"]
    ]
    columns = ["version", "stage", "aliases", "sha256", "uploaded_by", "created_at"]
    show_rows(rows, columns=columns, as_json=as_json)


def alias(
    name: Name,
    alias: Annotated[str, typer.Argument(help="As champion.")],
    version: Annotated[str | None, typer.Argument(help="Left out: its history.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take it away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let an alias mean a version; deployments that follow it come along. Without a version, show its history."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        model = find_model(client, name)
        if remove:
            client.models.remove_alias(model["id"], alias)
            show({"name": alias, "version": None}, as_json=as_json, text=f"{alias} is gone.")
        elif version is not None:
            made = client.models.set_alias(model["id"], alias, version)
            show(made, as_json=as_json, text=f"{alias} means {made['version']} of {name}.")
        else:
            moves = [*client.models.alias_history(model["id"], alias)]
            show_rows(moves, columns=["before", "after", "moved_by", "moved_at"], as_json=as_json)


def stage(
    name: Name,
    version: Number,
    stage: Annotated[str, typer.Argument(help="development, production or archived.")],
    as_json: AsJson = False,
) -> None:
    """Take a version a step on in its life."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        changed = client.models.set_stage(find_model(client, name)["id"], version, stage)
    show(changed, as_json=as_json, text=f"{name} {changed['version']} is in {changed['stage']}.")


def changes(
    name: Name,
    version: Number,
    since: Annotated[str, typer.Option(help="The version to compare with.")],
    as_json: AsJson = False,
) -> None:
    """What a version changes since another, of the schema and of the files."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = client.models.changes(find_model(client, name)["id"], version, since=since)
    if as_json:
        show(found, as_json=True)
        return
    rows = [{**each, "where": each["pointer"]} for each in found["changes"]] + [
        {"step": "file", "where": each["name"], "message": f"{each['before']} → {each['after']} bytes"}
        for each in found["files"]
    ]
    show_rows(rows, columns=["step", "where", "message"], as_json=False, empty="Nothing that matters.")


def delete_version(name: Name, version: Number, as_json: AsJson = False) -> None:
    """Delete a version; if values name it, a tombstone stays."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        client.models.delete_version(find_model(client, name)["id"], version)
    show({"version": version, "deleted": True}, as_json=as_json, text=f"{name} {version} is deleted.")


def add_to(app: typer.Typer) -> None:
    for command in (versions, alias, stage, changes, delete_version):
        app.command()(command)
