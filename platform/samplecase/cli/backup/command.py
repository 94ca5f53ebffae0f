"""Commands of the server's own host: backup and restore."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from samplecase.cli.output import AsJson, Exit, show
from samplecase.contracts.errors import Unavailable

TELL_EVERY_SECONDS = 10.0
Folder = Annotated[Path, typer.Argument(help="The folder of the backup, on another disk than the data.")]


def backup(folder: Folder, as_json: AsJson = False) -> None:
    """Copy the database and what is new of the blobs into a folder, while everything runs."""
    from samplecase.cli import local

    local.start_django()
    from samplecase.cli.backup.folder import BackupFolder
    from samplecase.cli.backup.making import Report, back_up
    from samplecase.web.rest.blobs import blob_store

    say: Callable[[Report], None] = _seldom(
        lambda report: f"{report.blobs:,} blobs, {report.copied:,} of them copied …"
    )
    with _failures():
        made = back_up(
            BackupFolder(folder), store=blob_store(), secret_key=local.data_dir() / "secret_key", tell=say
        )
    text = (
        f"The database ({made.database_bytes:,} bytes) and {made.blobs:,} blobs ({made.blob_bytes:,} bytes) are in "
        f"{folder}; {made.copied:,} blobs were new."
    )
    show(made.as_json(), as_json=as_json, text=text)
    for key in made.damaged:
        print(
            f"samplecase: blob {key} of this installation is damaged, and is not in the backup.",
            file=sys.stderr,
        )
    if made.damaged:
        raise typer.Exit(Exit.REFUSED)


def restore(folder: Folder, as_json: AsJson = False) -> None:
    """Fill an installation that has no data yet with those of a backup, every digest checked."""
    from samplecase.cli import local

    local.start_django()
    from samplecase.cli.backup import restoring
    from samplecase.cli.backup.folder import BackupFolder
    from samplecase.web.rest.blobs import blob_store

    say: Callable[[int], None] = _seldom(lambda count: f"{count:,} blobs …")
    with _failures(), local.only_one_server():
        about, blobs = restoring.restore(
            BackupFolder(folder), data_dir=local.data_dir(), store=blob_store(), tell=say
        )
    facts = {"made_at": about.made_at, "blobs": blobs, "data_dir": str(local.data_dir())}
    text = (
        f"What was backed up at {about.made_at} is restored, with {blobs:,} blobs: samplecase up starts it."
    )
    show(facts, as_json=as_json, text=text)


@contextmanager
def _failures() -> Iterator[None]:
    """A disk, a store or a database that does not serve becomes a sentence."""
    from django.db import DatabaseError

    from samplecase.storage.port import StorageUnavailable

    try:
        yield
    except (OSError, StorageUnavailable, DatabaseError, sqlite3.Error) as error:
        raise Unavailable(f"It could not be done: {error}") from error


def _seldom(words: Callable[[Any], str]) -> Callable[[Any], None]:
    """Says on stderr how far it is, every few seconds."""
    next_at = time.monotonic() + TELL_EVERY_SECONDS

    def say(state: Any) -> None:
        nonlocal next_at
        if time.monotonic() >= next_at:
            next_at = time.monotonic() + TELL_EVERY_SECONDS
            print(words(state), file=sys.stderr, flush=True)

    return say


def add_to(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)
