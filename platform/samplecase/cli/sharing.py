"""Commands about rights: share and transfer, for datasets and for models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from samplecase.cli.completion import DatasetName, ModelName, people
from samplecase.cli.datasets import find_dataset
from samplecase.cli.models import find_model
from samplecase.cli.output import AsJson, show, show_rows
from samplecase.contracts.errors import InvalidInput

if TYPE_CHECKING:
    from samplecase.client import Client
    from samplecase.client.account_types import Rights
    from samplecase.client.sharing import Kind

share_app = typer.Typer(name="share", help="Who may do what with a dataset or a model.", no_args_is_help=True)
transfer_app = typer.Typer(
    name="transfer", help="Give a dataset or a model to another owner.", no_args_is_help=True
)

Everyone = Annotated[str | None, typer.Option(help="The right of all who are signed in.")]
User = Annotated[list[str] | None, typer.Option("--user", help="USERNAME=RIGHT, once for each.")]
Group = Annotated[list[str] | None, typer.Option("--group", help="GROUP=RIGHT, once for each.")]
NewOwner = Annotated[str, typer.Argument(help="The username of the new owner.", autocompletion=people)]
Keep = Annotated[str, typer.Option(help="The right that you keep, or none.")]


@share_app.command("dataset")
def share_dataset(
    name: DatasetName,
    everyone: Everyone = None,
    user: User = None,
    group: Group = None,
    as_json: AsJson = False,
) -> None:
    """Show who may do what; with options, change their rights (none, view, label, edit) and no others'."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        _share(client, "datasets", find_dataset(client, name)["id"], everyone, user, group, as_json=as_json)


@share_app.command("model")
def share_model(
    name: ModelName,
    everyone: Everyone = None,
    user: User = None,
    group: Group = None,
    as_json: AsJson = False,
) -> None:
    """Show who may do what; with options, change their rights (none, view, run, edit) and no others'."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        _share(client, "models", find_model(client, name)["id"], everyone, user, group, as_json=as_json)


def _share(
    client: Client,
    kind: Kind,
    pk: int,
    everyone: str | None,
    users: list[str] | None,
    groups: list[str] | None,
    *,
    as_json: bool,
) -> None:
    given_users, given_groups = read_rights("--user", users or []), read_rights("--group", groups or [])
    if everyone or given_users or given_groups:
        rights = client.sharing.give(kind, pk, everyone=everyone, users=given_users, groups=given_groups)
    else:
        rights = client.sharing.of(kind, pk)
    if as_json:
        show(rights, as_json=True)
        return
    show_rows(_rows(rights), columns=["who", "right"], as_json=False)


def _rows(rights: Rights) -> list[dict[str, str]]:
    return [
        {"who": "everyone", "right": rights["everyone"]},
        *({"who": each["username"], "right": each["right"]} for each in rights["users"]),
        *({"who": f"group {each['name']}", "right": each["right"]} for each in rights["groups"]),
    ]


def read_rights(option: str, pairs: list[str]) -> dict[str, str]:
    """`["grace=edit"]` as names and rights; a name may hold an equals sign, a right does not."""
    rights = {}
    for pair in pairs:
        name, equals, right = pair.rpartition("=")
        if not (name and equals and right):
            raise InvalidInput(f"{option} {pair} is not NAME=RIGHT, as grace=edit.")
        rights[name] = right
    return rights


@transfer_app.command("dataset")
def transfer_dataset(
    name: DatasetName, owner: NewOwner, keep: Keep = "edit", as_json: AsJson = False
) -> None:
    """Make somebody else the owner of a dataset."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        given = client.sharing.transfer("datasets", find_dataset(client, name)["id"], owner, keep=keep)
    show(
        given,
        as_json=as_json,
        text=f"“{name}” belongs to {given['owner']} now; your right is {given['access']}.",
    )


@transfer_app.command("model")
def transfer_model(name: ModelName, owner: NewOwner, keep: Keep = "edit", as_json: AsJson = False) -> None:
    """Make somebody else the owner of a model."""
    from samplecase.cli.credentials import connect

    with connect() as client:
        given = client.sharing.transfer("models", find_model(client, name)["id"], owner, keep=keep)
    show(
        given,
        as_json=as_json,
        text=f"“{name}” belongs to {given['owner']} now; your right is {given['access']}.",
    )


def add_to(app: typer.Typer) -> None:
    app.add_typer(share_app)
    app.add_typer(transfer_app)
