"""Making and revoking API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.db import transaction
from django.utils import timezone

from samplecase.contracts.errors import InvalidInput, NotFound
from samplecase.web.accounts.models import ApiToken, TokenScope, User, record


@transaction.atomic
def make_token(
    *,
    user: User,
    name: str = "",
    scope: str = TokenScope.WRITE,
    expires: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A token of `user` and its text, which cannot be read again. Without `expires` it lasts a year.

    Raises `InvalidInput` at `/expires` for a time that has passed.
    """
    options = {}
    if expires is not None:
        options["expiry"] = expires - timezone.now()
        if expires <= timezone.now():
            raise InvalidInput("This time has passed already.", pointer="/expires")
    made, text = ApiToken.objects.create(user=user, name=name, scope=scope, **options)
    record(actor=user, action="token.make", subject=user, token=str(made.public_id), name=name, scope=scope)
    return cast(ApiToken, made), str(text)


@transaction.atomic
def revoke_token(*, token: ApiToken, acting_user: User) -> None:
    """Take a token back: the next request with it is refused. Raises `NotFound` if it is gone already."""
    deleted, _ = ApiToken.objects.filter(public_id=token.public_id).delete()
    if not deleted:
        raise NotFound("This token was revoked already.")
    record(
        actor=acting_user,
        action="token.revoke",
        subject=token.user,
        token=str(token.public_id),
        name=token.name,
        scope=token.scope,
    )
