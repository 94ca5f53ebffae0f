"""One-time links: the way in for the first owner, for people who are invited, and for those who lost a password."""

from __future__ import annotations

from django.db import transaction

from samplecase.contracts.errors import Conflict, NotFound
from samplecase.web.accounts.lockout import unlock
from samplecase.web.accounts.models import LinkPurpose, OneTimeLink, User, record
from samplecase.web.accounts.names import save_named
from samplecase.web.accounts.sessions import end_sessions

FIRST_OWNER = "admin"


def link_address(base_url: str, secret: str) -> str:
    return f"{base_url.rstrip('/')}/welcome/{secret}/"


@transaction.atomic
def first_owner_link(base_url: str) -> str | None:
    """A link for the first superuser, who is made here if there is no account yet.

    None as soon as anybody has signed in: from then on links are made by `login_link`. Until then each start
    gives a new one, for the one before may have expired unread.
    """
    if User.objects.exclude(last_login=None).exists():
        return None
    first = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if first is None:
        if User.objects.exists():
            return None
        first = User(username=FIRST_OWNER, is_staff=True, is_superuser=True)
        first.set_unusable_password()
        first.save()
        record(actor=None, action="user.create", subject=first, superuser=True)
    elif first.has_usable_password():
        return None
    return link_address(base_url, OneTimeLink.objects.issue(user=first, purpose=LinkPurpose.LOGIN))


@transaction.atomic
def login_link(
    username: str, *, base_url: str, purpose: LinkPurpose = LinkPurpose.LOGIN, acting_user: User | None = None
) -> str:
    """A link that signs `username` in once. Raises `NotFound` for an unknown and `Conflict` for an inactive user.

    Without `acting_user` it was asked for on the server itself.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotFound(f"There is no user “{username}”.")
    if not user.is_active:
        raise Conflict(f"“{username}” is not active.")
    record(actor=acting_user, action="user.link", subject=user, purpose=purpose.value)
    return link_address(base_url, OneTimeLink.objects.issue(user=user, purpose=purpose, made_by=acting_user))


@transaction.atomic
def enter(*, secret: str, username: str | None, name: str, password: str | None) -> User | None:
    """Use a link up and set what was chosen; the user to sign in, or None if another was first or time is over.

    His other links stop working: whoever still has one could sign in with it, and need not know the password. Raises
    `InvalidInput` at `/username` where somebody else took that at the same moment; the link is then not used up.
    """
    link = OneTimeLink.objects.consume(secret)
    if link is None:
        return None
    user = link.user
    user.first_name, _, user.last_name = name.partition(" ")
    if username is not None:
        user.username = username
    if password:
        user.set_password(password)
    save_named(user)
    OneTimeLink.objects.withdraw(user)
    unlock(user.username)
    if password:
        end_sessions(user=user, acting_user=user)
    record(actor=user, action="user.enter", subject=user, purpose=link.purpose, password_set=bool(password))
    return user
