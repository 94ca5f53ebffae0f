"""Large files on their way: the bars of a command that sends some, and `samplecase uploads`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from samplecase.cli.output import AsJson, harmless, show, show_rows

if TYPE_CHECKING:
    from samplecase.client.uploads import Watch

app = typer.Typer(name="uploads", help="Large files that were begun to be sent.", no_args_is_help=True)


@contextmanager
def bars(*, quiet: bool = False) -> Iterator[Watch]:
    """For each file a line: how many bytes of it are read, and then sent, how fast, and how long it will take."""
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from samplecase.cli.progress import to_stderr

    columns = [TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()]
    with Progress(*columns, TimeRemainingColumn(), console=to_stderr(), disable=quiet) as progress:
        tasks: dict[tuple[str, str], TaskID] = {}

        def watch(name: str, phase: str, done: int, total: int) -> None:
            if (name, phase) not in tasks:
                words = f"{phase.capitalize()} {escape(harmless(name))}"
                # What was sent by an earlier try is no speed of this one.
                tasks[name, phase] = progress.add_task(words, total=total, completed=done)
            progress.update(tasks[name, phase], completed=done)

        yield watch


@app.command("list")
def list_uploads(as_json: AsJson = False) -> None:
    """Your uploads under way; the same file sent again goes on where it broke off."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        rows = [*client.uploads.list()]
    show_rows(rows, columns=["id", "name", "offset", "length", "expires_at"], as_json=as_json)


@app.command()
def remove(
    upload: Annotated[str, typer.Argument(help="Its id, of `uploads list`.")], as_json: AsJson = False
) -> None:
    """Give an upload up, with all that came of it."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        client.uploads.remove(upload)
    show({"id": upload, "removed": True}, as_json=as_json, text=f"Upload {upload} is removed.")
