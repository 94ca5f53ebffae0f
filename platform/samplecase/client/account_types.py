"""The shapes of accounts, tokens, sessions, rights and the audit log, as the server answers them."""

from __future__ import annotations

from typing import Literal, TypedDict

from samplecase.client.types import Json

Scope = Literal["read", "write", "admin"]


class OneTimeLink(TypedDict):
    """An address that signs its person in once, and for how many seconds it does."""

    link: str
    purpose: str
    valid_seconds: int


class Person(TypedDict):
    """An account, as staff see it."""

    id: int
    username: str
    name: str
    email: str
    is_active: bool
    is_staff: bool
    is_superuser: bool
    last_login: str | None
    invited_until: str | None


class Invited(Person):
    """A person just invited, with the link to hand over."""

    invitation: OneTimeLink


class Token(TypedDict):
    """A token without its text."""

    id: str
    name: str
    scope: Scope
    created_at: str
    expires: str | None
    last_used_at: str | None


class NewToken(Token):
    """A token just made, with its text."""

    token: str


class Session(TypedDict):
    """A browser that one is signed in with."""

    id: str
    created_at: str
    seen_at: str
    address: str
    agent: str
    is_current: bool


class UserRight(TypedDict):
    """A right given to one user."""

    username: str
    right: str


class GroupRight(TypedDict):
    """A right given to all members of a group."""

    name: str
    right: str


class Rights(TypedDict):
    """Who may do what with a dataset or a model."""

    everyone: str
    users: list[UserRight]
    groups: list[GroupRight]


class Candidates(TypedDict):
    """People (`{username, name}`) and groups to share with."""

    users: list[dict[str, str]]
    groups: list[str]


class Transferred(TypedDict):
    """Whose it is now, and the right that one has oneself."""

    owner: str
    access: str


class AuditRow(TypedDict):
    """Who did what to which object, when."""

    id: int
    at: str
    actor: str
    action: str
    object: Json
    home: Json | None
    details: Json
