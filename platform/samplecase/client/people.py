"""The accounts of a server, for staff: listed, invited, taken out of use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from samplecase.client.account_types import Invited, OneTimeLink, Person
from samplecase.client.transport import Transport


class People:
    """What staff may do with accounts; changing them needs a token of the scope `admin`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, search: str | None = None) -> Iterator[Person]:
        """Everybody with an account, by username; `search` in username, name or email."""
        return self._transport.pages("people/", search=search)

    def find(self, username: str) -> Person | None:
        """The person of this username, or None where there is none."""
        return next((each for each in self.list(search=username) if each["username"] == username), None)

    def invite(self, username: str, *, name: str = "", email: str = "") -> Invited:
        """Make an account without a password; its `invitation` has the link to hand over, shown this once."""
        body = {"username": username, "name": name, "email": email}
        return cast(Invited, self._transport.post("people/", body))

    def link(self, person: int) -> OneTimeLink:
        """Another one-time link; the ones before stop working."""
        return cast(OneTimeLink, self._transport.post(f"people/{person}/link/"))

    def set_active(self, person: int, is_active: bool) -> Person:
        """Take an account out of use, which ends its sessions, or let it be used again."""
        return self._change(person, is_active=is_active)

    def set_staff(self, person: int, is_staff: bool) -> Person:
        """Let somebody manage accounts, or no longer; for superusers."""
        return self._change(person, is_staff=is_staff)

    def _change(self, person: int, **changes: Any) -> Person:
        return cast(Person, self._transport.patch(f"people/{person}/", changes))
