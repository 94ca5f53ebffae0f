"""Commands about accounts: people, for staff; one's own tokens and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from samplecase.cli.completion import Username, tokens
from samplecase.cli.output import AsJson, show, show_rows
from samplecase.contracts.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from samplecase.client import Client
    from samplecase.client.account_types import Person

people_app = typer.Typer(name="people", help="Accounts, for staff.", no_args_is_help=True)
tokens_app = typer.Typer(name="tokens", help="Your tokens for scripts.", no_args_is_help=True)
sessions_app = typer.Typer(
    name="sessions", help="The browsers that you are signed in with.", no_args_is_help=True
)
ADMIN = "Changing accounts needs a token of the scope admin: samplecase login URL --scope admin."


@people_app.command("list")
def list_people(
    search: Annotated[str | None, typer.Option(help="In username, name or email.")] = None,
    as_json: AsJson = False,
) -> None:
    """Everybody with an account, by username."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        rows = [*client.people.list(search=search)]
    columns = [
        "id",
        "username",
        "name",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
        "invited_until",
    ]
    show_rows(rows, columns=columns, as_json=as_json)


@people_app.command(epilog=ADMIN)
def invite(
    username: str,
    name: Annotated[str, typer.Option(help="The full name.")] = "",
    email: Annotated[str, typer.Option(help="Kept with the account; nothing is sent.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make an account without a password, and the link that lets its person choose one."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        made = client.people.invite(username, name=name, email=email)
    show(made, as_json=as_json, text=made["invitation"]["link"])


@people_app.command(epilog=ADMIN)
def link(username: Username, as_json: AsJson = False) -> None:
    """Make another one-time link; the ones before stop working."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        made = client.people.link(find_person(client, username)["id"])
    show(made, as_json=as_json, text=made["link"])


@people_app.command(epilog=ADMIN)
def deactivate(username: Username, as_json: AsJson = False) -> None:
    """Take an account out of use, and end its sessions; what it owns stays."""
    _set_active(username, False, as_json=as_json)


@people_app.command(epilog=ADMIN)
def activate(username: Username, as_json: AsJson = False) -> None:
    """Let an account be used again."""
    _set_active(username, True, as_json=as_json)


@people_app.command(epilog=ADMIN)
def staff(
    username: Username,
    remove: Annotated[bool, typer.Option("--remove", help="Take it away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let somebody manage accounts, or no longer; for superusers."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        changed = client.people.set_staff(find_person(client, username)["id"], not remove)
    state = "staff" if changed["is_staff"] else "not staff"
    show(changed, as_json=as_json, text=f"{changed['username']} is {state}.")


def _set_active(username: str, is_active: bool, *, as_json: bool) -> None:
    from samplecase.cli.credentials import connect

    with connect() as client:
        changed = client.people.set_active(find_person(client, username)["id"], is_active)
    state = "in use" if changed["is_active"] else "out of use"
    show(changed, as_json=as_json, text=f"{changed['username']} is {state}.")


def find_person(client: Client, username: str) -> Person:
    found = client.people.find(username)
    if found is None:
        raise NotFound(f"There is no person “{username}”. samplecase people list")
    return found


@tokens_app.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """Your tokens, without their text, the newest first."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        rows = [*client.account.tokens()]
    show_rows(rows, columns=["id", "name", "scope", "created_at", "expires", "last_used_at"], as_json=as_json)


@tokens_app.command("create", epilog=ADMIN)
def create_token(
    name: str,
    scope: Annotated[
        Literal["read", "write", "admin"], typer.Option(help="What it may do; admin: accounts too.")
    ] = "write",
    expires: Annotated[str | None, typer.Option(help="As 2026-12-31T00:00:00Z. Default: in a year.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it, this once."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        made = client.account.make_token(name, scope=scope, expires=expires)
    show(made, as_json=as_json, text=made["token"])


@tokens_app.command(epilog=ADMIN)
def revoke(
    token: Annotated[str, typer.Argument(help="Its name or id.", autocompletion=tokens)],
    as_json: AsJson = False,
) -> None:
    """Revoke a token: whoever sends it is refused from now on."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        chosen = [each for each in client.account.tokens() if token in {each["id"], each["name"]}]
        if not chosen:
            raise NotFound(f"You have no token “{token}”. samplecase tokens list")
        if len(chosen) > 1:
            raise InvalidInput(f"{len(chosen)} tokens are called “{token}”: name one by its id.")
        client.account.revoke_token(chosen[0]["id"])
    show({**chosen[0], "revoked": True}, as_json=as_json, text=f"The token “{chosen[0]['name']}” is revoked.")


@sessions_app.command("list")
def list_sessions(as_json: AsJson = False) -> None:
    """The browsers that you are signed in with, the last used first."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        rows = [*client.account.sessions()]
    show_rows(rows, columns=["id", "seen_at", "address", "agent"], as_json=as_json)


@sessions_app.command(epilog=ADMIN)
def end(
    session: Annotated[str | None, typer.Argument(help="Its id.")] = None,
    everywhere: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign one browser out, or all of them; tokens stay."""
    from samplecase.cli.credentials import connect

    if (session is None) != everywhere:
        raise InvalidInput("Name one session, or --all. samplecase sessions list")
    with connect() as client:
        if session is None:
            ended = client.account.end_sessions()
        else:
            client.account.end_session(session)
            ended = 1
    show({"ended": ended}, as_json=as_json, text=f"{ended} signed out.")


def add_to(app: typer.Typer) -> None:
    for each in (people_app, tokens_app, sessions_app):
        app.add_typer(each)
