"""Inviting people, letting them back in, and taking their accounts out of use."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery
from django.utils import timezone

from samplecase.contracts.errors import Conflict, Forbidden
from samplecase.web.accounts.links import login_link
from samplecase.web.accounts.models import LinkPurpose, OneTimeLink, User, record
from samplecase.web.accounts.names import is_taken, name_taken, save_named
from samplecase.web.accounts.sessions import end_sessions


def people() -> QuerySet[Any]:
    """Every account, with `invited_until`: when its unused invitation ends, null without one."""
    invitations = OneTimeLink.objects.filter(
        user=OuterRef("pk"), purpose=LinkPurpose.INVITATION, used_at=None, expires_at__gt=timezone.now()
    )
    newest = invitations.order_by("-expires_at").values("expires_at")[:1]
    return User.objects.annotate(invited_until=Subquery(newest, output_field=DateTimeField()))


def new_person() -> User:
    """An account that is not stored yet and has no password."""
    user = User()
    user.set_unusable_password()
    return user


@transaction.atomic
def sign_up(*, username: str, name: str, password: str) -> User:
    """An ordinary account that somebody makes for himself; what is given was checked by the form.

    Raises `InvalidInput` at `/username` where somebody else took that at the same moment.
    """
    user = new_person()
    user.username = username
    user.first_name, _, user.last_name = name.partition(" ")
    user.set_password(password)
    save_named(user)
    record(actor=user, action="user.create", subject=user, signed_up=True)
    return user


@transaction.atomic
def invite(
    *, acting_user: User, base_url: str, username: str, name: str = "", email: str = ""
) -> tuple[User, str]:
    """A new account without a password, and the link that lets its person choose one.

    Raises `InvalidInput` at `/username` where that is taken, in whatever case.
    """
    if is_taken(username):
        raise name_taken()
    user = new_person()
    user.username, user.email = username, email
    user.first_name, _, user.last_name = name.partition(" ")
    save_named(user)
    record(actor=acting_user, action="user.create", subject=user, invited=True)
    link = login_link(username, base_url=base_url, purpose=LinkPurpose.INVITATION, acting_user=acting_user)
    return user, link


@transaction.atomic
def new_link(*, user: User, base_url: str, acting_user: User) -> tuple[str, LinkPurpose]:
    """Another link for `user`: an invitation while he never signed in, else one for 15 minutes.

    Whoever has a link can act as its person, so staff get one only for those whom they invited themselves and who
    have not come yet: somebody with a password, as a superuser may set it, is there without ever signing in, by
    tokens. Raises `Forbidden` for others.
    """
    is_new = user.last_login is None
    if not acting_user.is_superuser:
        is_own = OneTimeLink.objects.filter(user=user, made_by=acting_user).exists()
        has_come = not is_new or user.has_usable_password()
        if has_come or not is_own or user.is_staff or user.is_superuser:
            raise Forbidden(
                "Only a superuser can make a link for somebody who has signed in or whom others invited."
            )
    purpose = LinkPurpose.INVITATION if is_new else LinkPurpose.LOGIN
    OneTimeLink.objects.filter(user=user, used_at=None).delete()  # the one before may be in the wrong hands
    return login_link(user.username, base_url=base_url, purpose=purpose, acting_user=acting_user), purpose


@transaction.atomic
def set_active(*, user: User, is_active: bool, acting_user: User) -> User:
    """Let an account be used, or end its sessions and links and let it not. What it owns stays.

    Raises `Conflict` for one's own account, and `Forbidden` where staff who are no superuser ask it of staff.
    """
    if user.pk == acting_user.pk:
        raise Conflict("You cannot deactivate yourself.")
    if (user.is_staff or user.is_superuser) and not acting_user.is_superuser:
        raise Forbidden("Only a superuser can do that to staff.")
    if user.is_active == is_active:
        return user
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    if not is_active:
        end_sessions(user=user, acting_user=acting_user)
        OneTimeLink.objects.withdraw(user)
    _record_right("active", is_active, user=user, acting_user=acting_user)
    return user


@transaction.atomic
def set_staff(*, user: User, is_staff: bool, acting_user: User) -> User:
    """Let somebody manage accounts, or no longer; what he made stays.

    Raises `Forbidden` for who is no superuser, and `Conflict` for one's own account.
    """
    if not acting_user.is_superuser:
        raise Forbidden("Only a superuser can say who is staff.")
    if user.pk == acting_user.pk:
        raise Conflict("You cannot change whether you are staff yourself.")
    if user.is_staff == is_staff:
        return user
    user.is_staff = is_staff
    user.save(update_fields=["is_staff"])
    _record_right("staff", is_staff, user=user, acting_user=acting_user)
    return user


def _record_right(name: str, value: bool, *, user: User, acting_user: User) -> None:
    facts = {"before": {name: not value}, "after": {name: value}}
    record(actor=acting_user, action="user.rights", subject=user, **facts)
