"""The command `audit`: who did what, when."""

from __future__ import annotations

import itertools
from typing import Annotated, Any

import typer

from samplecase.cli.completion import people
from samplecase.cli.output import AsJson, show_rows


def audit(
    action: Annotated[str | None, typer.Option(help="As job.submit, or all of a kind: job.")] = None,
    actor: Annotated[
        str | None, typer.Option(help="The username of who did it, or system.", autocompletion=people)
    ] = None,
    type: Annotated[str | None, typer.Option(help="Of the object: dataset, model, job, user …")] = None,
    id: Annotated[str | None, typer.Option(help="Of the object, with --type.")] = None,
    since: Annotated[str | None, typer.Option(help="At this time or later: 2026-01-31T12:00:00Z.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this time.")] = None,
    search: Annotated[str | None, typer.Option(help="In the names of objects.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many rows at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Who did what, the newest first: for superusers all of it, else what concerns you and what you own."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        found = client.audit.list(
            action=action,
            actor=actor,
            type=type,
            id=id,
            since=since,
            until=until,
            search=search,
            limit=min(limit, 500),
        )
        rows: list[dict[str, Any]] = [{**each} for each in itertools.islice(found, limit)]
    if not as_json:
        rows = [{**each, "object": _named(each["object"])} for each in rows]
    show_rows(
        rows, columns=["at", "actor", "action", "object", "details"], as_json=as_json, empty="Nothing found."
    )


def _named(found: dict[str, Any]) -> str:
    return f"{found['type']} {found['id']} {found['name']}".rstrip()


def add_to(app: typer.Typer) -> None:
    app.command()(audit)
