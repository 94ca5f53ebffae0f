"""What commands do on the server's own host, straight on its database: migrate, first account, links, tokens."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from samplecase.contracts.errors import Conflict, NotFound

if TYPE_CHECKING:
    from samplecase.web.accounts.models import User


def start_django() -> None:
    """Load the settings and the apps, once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samplecase.web.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def migrate() -> None:
    """Bring the database to this version."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def data_dir() -> Path:
    from django.conf import settings

    return Path(settings.DATA_DIR)


@contextlib.contextmanager
def only_one_server() -> Iterator[None]:
    """Hold the data folder: on SQLite two executors would starve each other.

    Raises `Conflict` while another holds it; the kernel lets go of it however that one ends.
    """
    import fcntl

    with (data_dir() / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"Samplecase already runs over {data_dir()}: stop that one first.") from None
        yield


def leave_database() -> None:
    """Close this process's connections: it starts others and needs none itself."""
    from django.db import connections

    connections.close_all()


def first_link(base: str) -> str | None:
    """A link for the first administrator, who is made if there is no account; None once somebody has signed in."""
    from samplecase.web.accounts.links import first_owner_link

    return first_owner_link(base)


def login_link(base: str, username: str) -> str:
    """A fresh one-time address that signs this user in."""
    from samplecase.web.accounts import links

    return links.login_link(username, base_url=base)


def administrator() -> User:
    """The one that the demo acts as: the first there is."""
    from samplecase.web.accounts.models import User

    first = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if first is None:
        raise NotFound("There is no active superuser: manage.py createsuperuser makes one.")
    return first


def short_token(user: User, *, name: str, hours: float) -> str:
    """A token for a program on this host; what this name had before is revoked."""
    from samplecase.web.accounts.models import ApiToken, TokenScope

    ApiToken.objects.filter(user=user, name=name).delete()
    _, token = ApiToken.objects.create(
        user=user, expiry=timedelta(hours=hours), name=name, scope=TokenScope.WRITE
    )
    return str(token)


def revoke_tokens(user: User, *, name: str) -> None:
    from samplecase.web.accounts.models import ApiToken

    ApiToken.objects.filter(user=user, name=name).delete()
