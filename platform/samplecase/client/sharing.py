"""Who may do what with a dataset or a model, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from samplecase.client.account_types import Candidates, Rights, Transferred
from samplecase.client.transport import Transport

Kind = Literal["datasets", "models"]


class Sharing:
    """What those who may *edit* something may do with its rights.

    Rights are cumulative: of models none < view < run < edit, of datasets none < view < label < edit.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def of(self, kind: Kind, pk: int) -> Rights:
        """Who may do what; the owner, who may everything, is not listed."""
        return cast(Rights, self._transport.get(f"{kind}/{pk}/sharing/"))

    def replace(self, kind: Kind, pk: int, rights: Rights) -> Rights:
        """Put these rights in the place of all there were."""
        return cast(Rights, self._transport.put(f"{kind}/{pk}/sharing/", rights))

    def give(
        self,
        kind: Kind,
        pk: int,
        *,
        everyone: str | None = None,
        users: Mapping[str, str] | None = None,
        groups: Mapping[str, str] | None = None,
    ) -> Rights:
        """Change the rights of those who are named, by name; `none` takes a right away. All others keep theirs."""
        present = self.of(kind, pk)
        held_by_users = {each["username"]: each["right"] for each in present["users"]} | dict(users or {})
        held_by_groups = {each["name"]: each["right"] for each in present["groups"]} | dict(groups or {})
        return self.replace(
            kind,
            pk,
            {
                "everyone": everyone or present["everyone"],
                "users": [{"username": name, "right": right} for name, right in held_by_users.items()],
                "groups": [{"name": name, "right": right} for name, right in held_by_groups.items()],
            },
        )

    def candidates(self, search: str) -> Candidates:
        """At most ten people and ten groups whom one may know."""
        return cast(Candidates, self._transport.get("sharing/candidates/", search=search))

    def transfer(self, kind: Kind, pk: int, username: str, *, keep: str = "edit") -> Transferred:
        """Make somebody else the owner; the owner so far keeps the right `keep`, which may be `none`."""
        return cast(
            Transferred, self._transport.post(f"{kind}/{pk}/transfer/", {"username": username, "keep": keep})
        )
