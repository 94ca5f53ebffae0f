"""A copy of the database at one moment, while others write; and the way back into an empty one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from samplecase.contracts.errors import Conflict, InvalidInput, Unavailable

SUFFIX = {"sqlite": ".sqlite3", "postgresql": ".pgdump"}
# Of Django's settings, the variables by which PostgreSQL's programs know them: no password stands in arguments.
PG_VARIABLES = {
    "HOST": "PGHOST",
    "PORT": "PGPORT",
    "USER": "PGUSER",
    "PASSWORD": "PGPASSWORD",
    "NAME": "PGDATABASE",
}
UNOWNED = ("--no-owner", "--no-privileges")


def migrations() -> list[str]:
    """What this database has been brought to. Raises `Conflict` where there is none yet."""
    applied = MigrationRecorder(connection).applied_migrations()
    if not applied:
        raise Conflict("There is no database to back up: samplecase up makes it.")
    return sorted(".".join(each) for each in applied)


def refuse_newer(applied: Sequence[str]) -> None:
    """Raises `Conflict` for migrations that this version does not know."""
    known = {".".join(each) for each in MigrationLoader(None).disk_migrations}
    # What an app's table was called by an app that is gone is no news.
    apps = {each.partition(".")[0] for each in known}
    unknown = sorted(each for each in set(applied) - known if each.partition(".")[0] in apps)
    if unknown:
        raise Conflict(
            f"The backup is of a newer version of Samplecase, with {unknown[0]}: install that one first."
        )


def dump(path: Path) -> None:
    """Write all of the database as it is at one moment; nobody who writes has to wait."""
    if connection.vendor == "sqlite":
        _copy_sqlite(Path(connection.settings_dict["NAME"]), path)
    else:
        _run("pg_dump", "--format=custom", *UNOWNED, f"--file={path}")


def load(path: Path) -> None:
    """Make a database of what `dump` wrote."""
    if connection.vendor == "sqlite":
        target = Path(connection.settings_dict["NAME"])
        fresh = target.with_name(f"{target.name}.restored")
        shutil.copyfile(path, fresh)
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        fresh.chmod(0o600)
        connection.close()
        for log in ("-wal", "-shm"):  # of the empty database that was there
            target.with_name(target.name + log).unlink(missing_ok=True)
        fresh.replace(target)
    else:
        database = f"--dbname={connection.settings_dict['NAME']}"
        _run("pg_restore", "--single-transaction", "--exit-on-error", *UNOWNED, database, str(path))


def files() -> set[str]:
    """Names of the files that an embedded database is."""
    if connection.vendor != "sqlite":
        return set()
    name = Path(connection.settings_dict["NAME"]).name
    return {name, f"{name}-wal", f"{name}-shm"}


def refuse_used() -> None:
    """Raises `Conflict` where the database of the settings has anything in it."""
    is_absent = connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists()
    if not is_absent and connection.introspection.table_names():
        raise Conflict("The database of the settings is not empty. Restore into a new one.")


def _copy_sqlite(source: Path, target: Path) -> None:
    address = f"file:{quote(str(source))}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=20)) as here,
        closing(sqlite3.connect(target)) as there,
    ):
        here.backup(there)
        # As one file: the copy would want a log of its own as soon as somebody looks into it.
        there.execute("PRAGMA journal_mode=DELETE")
        ((found,),) = there.execute("PRAGMA quick_check(1)").fetchall()
    if found != "ok":
        raise InvalidInput(f"The database {source} is damaged: {found}")


def _run(program: str, *arguments: str) -> None:
    if not shutil.which(program):
        raise Unavailable(
            f"{program} is not on the PATH: install PostgreSQL's client programs of the server's version."
        )
    facts = connection.settings_dict
    environment = {variable: str(facts[name]) for name, variable in PG_VARIABLES.items() if facts.get(name)}
    if mode := facts.get("OPTIONS", {}).get("sslmode"):
        environment["PGSSLMODE"] = mode
    done = subprocess.run(
        [program, "--no-password", *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Unavailable(f"{program} failed: {done.stderr.strip()[-1000:]}")
