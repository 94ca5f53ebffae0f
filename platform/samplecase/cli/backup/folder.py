"""The folder of a backup. `backup.json` is written last and names the rest, so that a backup which is cut off counts
for nothing, and leaves the one before as it was.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import Conflict, InvalidInput
from samplecase.storage.filesystem import FilesystemStore

FORMAT = 1
ABOUT = "backup.json"


@dataclass(frozen=True)
class File:
    """A file of the folder, and the digest that it must have."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class About:
    """What `backup.json` says."""

    made_at: str
    vendor: str  # of the database: sqlite, postgresql
    migrations: list[str]  # those of the database, as `app.name`
    database: File
    blobs: File  # a line for each: digest, size, key
    secret_key: File | None


@dataclass(frozen=True)
class Entry:
    """A line of the list of blobs."""

    sha256: str
    size: int
    key: str

    def __str__(self) -> str:
        return f"{self.sha256} {self.size} {self.key}"


class BackupFolder:
    """A folder that has a backup, or will have one."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.blobs = FilesystemStore(self.path / "blobs")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """For one backup at a time. Raises `Conflict`, also for a folder of something else."""
        names = {each.name for each in self.path.iterdir()} if self.path.is_dir() else set()
        if names and not names & {".lock", ABOUT}:
            raise Conflict(f"{self.path} is neither empty nor a backup: choose another folder.")
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(f"Another backup into {self.path} is going on.") from None
            yield

    def about(self) -> About:
        """Raises `InvalidInput` where there is no backup that this version can read."""
        try:
            said = json.loads((self.path / ABOUT).read_text())
        except FileNotFoundError:
            raise InvalidInput(f"There is no whole backup in {self.path}: it has no {ABOUT}.") from None
        except (OSError, ValueError) as error:
            raise InvalidInput(f"{self.path / ABOUT} cannot be read: {error}") from None
        try:
            return _about(said)
        except (KeyError, TypeError):
            raise InvalidInput(f"{self.path / ABOUT} is not that of a backup of format {FORMAT}.") from None

    def conclude(self, about: About) -> None:
        """Make this the folder's backup, and forget what belonged to the one before."""
        fresh = self.path / f".{ABOUT}"
        with fresh.open("w") as file:
            json.dump({"format": FORMAT, **asdict(about)}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path / ABOUT)
        kept = {
            ABOUT,
            about.database.name,
            about.blobs.name,
            *([about.secret_key.name] if about.secret_key else []),
        }
        for path in self.path.iterdir():
            if path.is_file() and path.name not in kept and path.name != ".lock":
                path.unlink()

    def described(self, name: str) -> File:
        """A file that was just written, with its bytes on the disk."""
        path = self.path / name
        path.chmod(0o600)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        return self._read(name)

    def checked(self, file: File) -> Path:
        """Where a file of the backup lies. Raises `InvalidInput` if it is not the one that was written."""
        path = self.path / file.name
        if Path(file.name).name != file.name or not path.is_file():
            raise InvalidInput(f"{path} is missing from the backup.")
        if self._read(file.name) != file:
            raise InvalidInput(f"{path} is damaged: its bytes are not those of its digest.")
        return path

    def _read(self, name: str) -> File:
        with (self.path / name).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            return File(name, file.tell(), sha256)

    def entries(self, file: File) -> Iterator[Entry]:
        with self.checked(file).open() as lines:
            for line in lines:
                sha256, size, key = line.rstrip("\n").split(" ", 2)
                yield Entry(sha256, int(size), key)


def _about(said: dict[str, Any]) -> About:
    if said["format"] != FORMAT:
        raise KeyError("format")
    files = {name: File(**said[name]) for name in ("database", "blobs")}
    secret_key = File(**said["secret_key"]) if said["secret_key"] else None
    return About(
        made_at=str(said["made_at"]),
        vendor=str(said["vendor"]),
        migrations=[str(each) for each in said["migrations"]],
        secret_key=secret_key,
        **files,
    )
