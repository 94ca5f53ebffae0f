"""The way back: every file and blob is checked by its digest, and only an installation without data is filled."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from django.db import connection

from samplecase.cli.backup import database
from samplecase.cli.backup.folder import About, BackupFolder
from samplecase.contracts.errors import Conflict, InvalidInput
from samplecase.storage.copying import Damaged, copy
from samplecase.storage.port import BlobNotFound, BlobStore

# What settings and locks leave in a data folder before there is any data.
OF_THE_START = {"secret_key", "up.lock", "uploads", "work"}


def refuse_used(data_dir: Path, store: BlobStore) -> None:
    """Raises `Conflict` where anything would be mixed with what is restored."""
    database.refuse_used()
    looked_into = {*database.files(), "blobs"}  # by their own means
    found = sorted(
        each.name
        for each in data_dir.iterdir()
        if each.name not in looked_into | OF_THE_START
        or (each.name in {"uploads", "work"} and any(each.iterdir()))
    )
    if found:
        raise Conflict(
            f"The data folder {data_dir} is not empty: it has {', '.join(found[:3])}. Choose a new one."
        )
    if next(store.list(), None) is not None:
        raise Conflict("The blob store of the settings is not empty. Restore into a new one.")


def restore(
    folder: BackupFolder, *, data_dir: Path, store: BlobStore, tell: Callable[[int], None]
) -> tuple[About, int]:
    """Fill an empty installation; the backup's facts, and how many blobs it has.

    Raises `InvalidInput` where the backup is damaged; then the installation is as empty as before.
    """
    about = folder.about()
    if about.vendor != connection.vendor:
        raise Conflict(
            f"The backup is of {about.vendor}, the database of the settings is {connection.vendor}."
        )
    database.refuse_newer(about.migrations)
    dumped = folder.checked(about.database)
    secret_key = folder.checked(about.secret_key) if about.secret_key else None
    refuse_used(data_dir, store)
    put: list[str] = []
    try:
        for entry in folder.entries(about.blobs):
            put.append(entry.key)
            copy(entry.key, folder.blobs, store, sha256=entry.sha256)
            tell(len(put))
        database.load(dumped)
    except BaseException as error:
        for key in put:
            store.delete(key)
        if isinstance(error, BlobNotFound):
            raise InvalidInput(f"The blob {error} is missing from the backup.") from None
        if isinstance(error, Damaged):
            raise InvalidInput(f"The backup's blob {error}") from None
        raise
    if secret_key:
        target = data_dir / "secret_key"
        shutil.copyfile(secret_key, target)
        target.chmod(0o600)
    return about, len(put)
