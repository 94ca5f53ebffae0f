"""Usernames: how they are stored, and that each is somebody's alone, in whatever case it is written."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from samplecase.contracts.errors import InvalidInput
from samplecase.web.accounts.models import User

LONGEST_NAME = 150
TAKEN = "Someone else has this username."


def as_stored(username: str) -> str:
    """Letters of one width: "ａdmin" is "admin". What is too long for a name would only grow by it, and costs time."""
    return User.normalize_username(username) if len(username) <= LONGEST_NAME else username


def is_taken(username: str, *, besides: User | None = None) -> bool:
    """Whether anybody `besides` that one is called so, whatever the case."""
    others = User.objects.exclude(pk=besides.pk) if besides else User.objects.all()
    if username.isascii():
        return others.filter(username__iexact=username).exists()
    # SQLite knows the case of ASCII letters only.
    wanted = username.lower()
    return any(name.lower() == wanted for name in others.values_list("username", flat=True).iterator())


def save_named(user: User) -> None:
    """Store `user` under a name that was free. Raises `InvalidInput` at `/username` where somebody just took it."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise name_taken() from None


def name_taken() -> InvalidInput:
    return InvalidInput(TAKEN, code="name_taken", pointer="/username")
