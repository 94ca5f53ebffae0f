"""Changing a password, which ends the sessions that the old one opened."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.web.accounts.models import OneTimeLink, User, record
from samplecase.web.accounts.sessions import end_sessions


def check_password_rules(password: str, user: User, *, pointer: str) -> None:
    """Raises `InvalidInput` at `pointer` with each rule of the settings that `password` breaks."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        message = " ".join(error.messages)
        raise InvalidInput(message, details=[Fault(pointer, each) for each in error.messages]) from None


@transaction.atomic
def set_password(*, user: User, password: str, acting_user: User, besides: str | None = None) -> None:
    """A new password; `user` is signed out everywhere but in the session with the key `besides`.

    Links that are still unused stop working too: each is as good as the password.
    """
    user.set_password(password)
    user.save(update_fields=["password"])
    end_sessions(user=user, acting_user=acting_user, besides=besides)
    OneTimeLink.objects.withdraw(user)
    record(actor=acting_user, action="user.password", subject=user)
