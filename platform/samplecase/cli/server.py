"""Commands of the server's own host: up, migrate, web, worker, executor, login-link, doctor, demo."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from typing import Annotated

import typer

from samplecase.cli.listening import answers, require_free
from samplecase.cli.output import AsJson, Exit, show, show_rows

ANYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]
Host = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 lets other machines in.")]

Workers = Annotated[int, typer.Option(min=1, help="Processes of the web server.")]


def up(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    workers: Workers = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what goes wrong; make no link.")] = False,
) -> None:
    """Migrate the database, then run web, worker and executor as one until Ctrl-C."""
    from samplecase.cli import local
    from samplecase.cli.supervisor import Supervisor, supervised

    require_free(host, port)
    local.start_django()
    with local.only_one_server():
        local.migrate()
        greeting = Greeting(f"http://{'127.0.0.1' if host in ANYWHERE else host}:{port}", quiet=quiet)
        local.leave_database()
        Supervisor(
            {
                "web server": supervised(
                    "web", "--port", str(port), "--host", host, "--workers", str(workers)
                ),
                "worker": supervised("worker"),
                "executor": supervised("executor"),
            },
            say=tell,
        ).run(meanwhile=greeting.when_ready)


def migrate() -> None:
    """Bring the database to this version; `up` does it by itself."""
    from samplecase.cli import local

    local.start_django()
    local.migrate()


def web(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    workers: Workers = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads per process.")] = 8,
) -> None:
    """Serve the page and the REST interface."""
    from samplecase.cli.gunicorn import Server
    from samplecase.cli.lifeline import let_forks_die_too

    require_free(host, port)
    let_forks_die_too()
    Server(bind=f"{host}:{port}", workers=workers, threads=threads).run()


def worker() -> None:
    """Start queued jobs and do the schedule: the django-q2 cluster."""
    from samplecase.cli import local
    from samplecase.cli.lifeline import let_forks_die_too

    local.start_django()
    # Killed with -9, its main process would leave a guard and workers behind that go on taking jobs.
    let_forks_die_too()
    from django.core.management import call_command

    call_command("qcluster")


def executor() -> None:
    """Claim the chunks of running jobs, feed them to replicas and write the results; checks deployments too."""
    from samplecase.cli import local

    local.start_django()
    # Models can be imported only now.
    from samplecase.cli.executor import make_executor

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    made = make_executor()
    _favour_throughput()
    made.run(stop)


def _favour_throughput() -> None:
    """For a process whose threads pass many small objects on: each of them waits shortly for its turn, and the garbage
    collector looks seldom, and never at what was there from the start.
    """
    sys.setswitchinterval(0.0005)
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def login_link(
    username: str,
    url: Annotated[str, typer.Option(help="The address of the server.")] = "http://127.0.0.1:8000",
    as_json: AsJson = False,
) -> None:
    """Make a one-time link that signs a user in; on the server's own host."""
    from samplecase.cli import local

    local.start_django()
    link = local.login_link(url, username)
    show({"link": link}, as_json=as_json, text=link)


def doctor(as_json: AsJson = False) -> None:
    """What is configured, reachable and sandboxed here, and what is not."""
    from samplecase.cli.doctor import examine

    findings = [finding.as_row() for finding in examine()]
    show_rows(findings, columns=["check", "state", "detail"], as_json=as_json)
    if any(row["state"] == "broken" for row in findings):
        raise typer.Exit(Exit.REFUSED)


def demo(
    check: Annotated[bool, typer.Option("--check", help="Stop after the job; the exit code tells.")] = False,
    port: Port = 8000,
) -> None:
    """The main job on real images through the REST interface, then the server with its pages."""
    from samplecase.cli.demo.command import run

    raise typer.Exit(run(check=check, port=port))


def add_to(app: typer.Typer) -> None:
    app.command()(up)
    app.command()(migrate)
    app.command()(web)
    app.command()(worker)
    app.command()(executor)
    app.command("login-link")(login_link)
    app.command()(doctor)
    app.command()(demo)


class Greeting:
    """What `up` says once the web server answers."""

    def __init__(self, base: str, *, quiet: bool) -> None:
        from samplecase.cli import local

        self._base = base
        self._lines = [] if quiet else [f"Samplecase runs at {base}", f"Data folder: {local.data_dir()}"]
        if not quiet and (link := local.first_link(base)):
            self._lines.append(f"Sign in once, within 15 minutes: {link}")

    def when_ready(self) -> None:
        if self._lines and answers(self._base):
            for line in self._lines:
                tell(line)
            self._lines = []


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
