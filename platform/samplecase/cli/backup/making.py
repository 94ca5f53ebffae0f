"""A backup: the database first, then every blob, so that whatever the database names is there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection

from samplecase.cli.backup import database
from samplecase.cli.backup.folder import About, BackupFolder, Entry, File
from samplecase.contracts.errors import ContractError
from samplecase.storage.copying import Damaged, copy, digest_in
from samplecase.storage.port import BlobNotFound, BlobStore

# Made anew when somebody asks for them; and what looks whether the store works.
LEFT_OUT = ("thumbnails/", "check/")


@dataclass
class Report:
    """What a backup did. `gone`: blobs that were deleted while it was made; `damaged`: keys of those left out."""

    database_bytes: int = 0
    blobs: int = 0
    blob_bytes: int = 0
    copied: int = 0
    copied_bytes: int = 0
    gone: int = 0
    damaged: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def back_up(
    folder: BackupFolder, *, store: BlobStore, secret_key: Path, tell: Callable[[Report], None]
) -> Report:
    """Bring the folder's backup up to now; only blobs that it lacks are copied."""
    report = Report()
    with folder.held():
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        applied = database.migrations()
        name = f"database-{stamp}{database.SUFFIX[connection.vendor]}"
        database.dump(folder.path / name)
        dumped = folder.described(name)
        report.database_bytes = dumped.bytes
        listed = _write_list(folder, f"blobs-{stamp}.txt", _save_blobs(folder, store, report, tell))
        about = About(
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            vendor=connection.vendor,
            migrations=applied,
            database=dumped,
            blobs=listed,
            secret_key=_save_secret_key(folder, secret_key, f"secret-key-{stamp}"),
        )
        folder.conclude(about)
        _forget_others(folder, about)
    return report


def _save_blobs(
    folder: BackupFolder, store: BlobStore, report: Report, tell: Callable[[Report], None]
) -> Iterator[Entry]:
    known = _known(folder)
    for key in store.list():
        if key.startswith(LEFT_OUT):
            continue
        try:
            entry = _unchanged(key, folder, store, known) or _saved(key, folder, store, report)
        except BlobNotFound:
            report.gone += 1
            continue
        except Damaged:
            report.damaged.append(key)
            continue
        report.blobs += 1
        report.blob_bytes += entry.size
        tell(report)
        yield entry


def _known(folder: BackupFolder) -> dict[str, Entry]:
    """What the backup before has under keys that do not say their digest."""
    try:
        entries = folder.entries(folder.about().blobs)
        return {each.key: each for each in entries if digest_in(each.key) is None}
    except ContractError:
        return {}


def _unchanged(key: str, folder: BackupFolder, store: BlobStore, known: dict[str, Entry]) -> Entry | None:
    """The entry of a blob that the folder has already: keys are written once."""
    try:
        size = folder.blobs.stat(key).size
    except BlobNotFound:
        return None
    if sha256 := digest_in(key):
        return Entry(sha256, size, key)
    before = known.get(key)
    return before if before and before.size == size == store.stat(key).size else None


def _saved(key: str, folder: BackupFolder, store: BlobStore, report: Report) -> Entry:
    sha256, size = copy(key, store, folder.blobs, sha256=digest_in(key))
    report.copied += 1
    report.copied_bytes += size
    return Entry(sha256, size, key)


def _write_list(folder: BackupFolder, name: str, entries: Iterator[Entry]) -> File:
    with (folder.path / name).open("w") as file:
        for entry in entries:
            file.write(f"{entry}\n")
    return folder.described(name)


def _save_secret_key(folder: BackupFolder, path: Path, name: str) -> File | None:
    """The key in the data folder, if it is there and not in the settings: sessions and cursors are signed with it."""
    if not path.is_file():
        return None
    shutil.copyfile(path, folder.path / name)
    return folder.described(name)


def _forget_others(folder: BackupFolder, about: About) -> None:
    """Delete blobs that the installation has no more."""
    listed = {each.key for each in folder.entries(about.blobs)}
    for key in list(folder.blobs.list()):
        if key not in listed:
            folder.blobs.delete(key)
