"""A real PostgreSQL server for the tests that need one, started once per session."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.absent_parts import skip_or_fail
from tests.ports import free_port


def _binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: on PATH, where Debian puts them, or in the wheel of pgserver."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if debian:
        return debian[-1].parent
    try:
        import pgserver
    except ImportError:
        return None
    bundled = Path(pgserver.__file__).parent / "pginstall" / "bin"
    return bundled if (bundled / "initdb").exists() else None


@dataclass(frozen=True)
class PostgresServer:
    """A cluster that was started; `url` names no database yet."""

    url: str
    call: Callable[..., None]
    options: str

    def new_database(self, name: str, *, durable: bool = False) -> str:
        """The address of an empty database. A durable one loses no commit when the server is killed."""
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
            if durable:
                connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = on".encode())
        return f"{self.url}/{name}"

    def restart(self) -> None:
        """As after a crash: nobody is let finish, and the log is replayed."""
        self.call("pg_ctl", "-m", "immediate", "-w", "-o", self.options, "restart")


class NoPostgres(Exception):
    """PostgreSQL is not installed: `pip install pgserver`, or Debian: apt install postgresql."""


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server that is as fast as one can be that need not survive its host. Raises `NoPostgres`."""
    binaries = _binaries()
    if binaries is None:
        raise NoPostgres(str(NoPostgres.__doc__))
    folder = Path(tempfile.mkdtemp(prefix="samplecase-pg-"))
    try:
        call = _caller(binaries, folder)
        options = (
            f"-p {free_port()} -h 127.0.0.1 -k {folder}"
            " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        )
        call("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
        call("pg_ctl", "-w", "-o", options, "start")
        try:
            port = options.split()[1]
            yield PostgresServer(f"postgres://postgres@127.0.0.1:{port}", call, options)
        finally:
            call("pg_ctl", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _caller(binaries: Path, folder: Path) -> Callable[..., None]:
    """`call("pg_ctl", "start")`: run one of its programs on the cluster in `folder`, as a user that it accepts."""
    prefix: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root, and another user may not read what lies in root's home.
        user = "postgres" if _is_user("postgres") else "nobody"
        prefix = ["runuser", "-u", user, "--"]
        shutil.chown(folder, user)
        if subprocess.run([*prefix, "test", "-x", str(binaries / "initdb")], check=False).returncode:
            shutil.copytree(binaries.parent, folder / "installed", symlinks=True)
            binaries = folder / "installed" / binaries.name

    def call(program: str, *arguments: str) -> None:
        where = ["-l", str(folder / "log")] if program == "pg_ctl" else []
        with (folder / "calls").open("ab") as output:
            done = subprocess.run(
                [*prefix, str(binaries / program), "-D", str(folder / "data"), *where, *arguments],
                check=False,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        if done.returncode:
            said = "".join(
                path.read_text()[-2000:] for path in (folder / "calls", folder / "log") if path.exists()
            )
            raise RuntimeError(f"{program} {arguments} failed: {said}")

    return call


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server that dies with the session."""
    try:
        with running_postgres() as server:
            yield server
    except NoPostgres as error:
        skip_or_fail(str(error))


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """`postgres://…` of an empty database."""
    return postgres_server.new_database("samplecase")
