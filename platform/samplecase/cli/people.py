"""Commands about who is asking: login and whoami."""

from __future__ import annotations

import socket
import sys
from typing import Annotated, Literal

import typer

from samplecase.cli.output import AsJson, show
from samplecase.contracts.errors import InvalidInput


def login(
    url: Annotated[str, typer.Argument(help="The address of the server, as http://127.0.0.1:8000")],
    username: Annotated[str | None, typer.Option(help="Asked for when not given.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, as scripts do.")
    ] = False,
    token: Annotated[str | None, typer.Option(help="Use this token instead of a password.")] = None,
    scope: Annotated[
        Literal["read", "write", "admin"],
        typer.Option(help="What the new token may do; admin: manage accounts and tokens too."),
    ] = "write",
    as_json: AsJson = False,
) -> None:
    """Sign in to a server; the token is kept for the next commands."""
    from samplecase.cli.credentials import Credentials, keep
    from samplecase.client import Client

    with Client(url, token=token) as client:
        if token is None:
            name, password = _asked(username, password_stdin=password_stdin)
            token = client.login(name, password, name=f"samplecase on {socket.gethostname()}", scope=scope)
        me = client.me()
        keep(Credentials(client.transport.url, token))
    show(me, as_json=as_json, text=f"Signed in to {client.transport.url} as {me['username']}.")


def _asked(username: str | None, *, password_stdin: bool) -> tuple[str, str]:
    if not password_stdin:
        return username or typer.prompt("Username"), typer.prompt("Password", hide_input=True)
    if username is None:
        raise InvalidInput("--password-stdin needs --username, for only the password is read.")
    return username, sys.stdin.readline().removesuffix("\n")


def whoami(as_json: AsJson = False) -> None:
    """Who the commands act as, and where."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        me = client.me()
        show(me, as_json=as_json, text=f"{me['username']} at {client.transport.url}")


def add_to(app: typer.Typer) -> None:
    app.command()(login)
    app.command()(whoami)
