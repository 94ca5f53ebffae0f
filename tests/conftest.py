"""One world of test people: an owner, a collaborator he shares with, a stranger, a superuser, and nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from guardian.shortcuts import assign_perm
from rest_framework.test import APIClient

# Servers that tests may ask for, one module each.
pytest_plugins = [f"tests.{each.stem}" for each in sorted(Path(__file__).parent.glob("fixtures_*.py"))]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite as a file, as in the product: in memory it has neither WAL nor several connections."""
    from django.conf import settings
    from django.db import connections

    database = connections["default"].settings_dict
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(settings.DATA_DIR / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Without knox's own table: its model is swapped for ours, and PostgreSQL cannot truncate what it references."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS knox_authtoken")


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> None:
    """Ids of users come again in each test, and what they asked for is counted by them."""
    from samplecase.web.rest.limiter import LIMITER

    LIMITER.forget()


@pytest.fixture
def make_user(db: None) -> Callable[..., Any]:
    """`make_user("ann", is_superuser=True)`: a user without a password."""
    from samplecase.web.accounts.models import User

    def make(username: str, **fields: Any) -> User:
        user = User(username=username, **fields)
        user.set_unusable_password()
        user.save()
        return user

    return make


@pytest.fixture
def owner(make_user: Callable[..., Any]) -> Any:
    """Owns `dataset` and `model`."""
    return make_user("owner")


@pytest.fixture
def collaborator(make_user: Callable[..., Any]) -> Any:
    """Has an account and whatever right a test grants him."""
    return make_user("collaborator")


@pytest.fixture
def stranger(make_user: Callable[..., Any]) -> Any:
    """Has an account and no right on anything."""
    return make_user("stranger")


@pytest.fixture
def superuser(make_user: Callable[..., Any]) -> Any:
    return make_user("superuser", is_staff=True, is_superuser=True)


@pytest.fixture
def group(db: None) -> Group:
    """A group without members."""
    return Group.objects.create(name="annotators")


@pytest.fixture
def client_of(db: None) -> Callable[..., APIClient]:
    """`client_of(user, scope="write")`: a client that sends a real token of that user."""
    from samplecase.web.accounts.models import ApiToken

    def make(user: Any, scope: str = "write") -> APIClient:
        # In use already: the first request of a token would note that, in a statement more than the next one's.
        _, token = ApiToken.objects.create(user=user, name="tests", scope=scope, last_used_at=timezone.now())
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
        return client

    return make


@pytest.fixture
def owner_api(owner: Any, client_of: Callable[..., APIClient]) -> APIClient:
    return client_of(owner)


@pytest.fixture
def collaborator_api(collaborator: Any, client_of: Callable[..., APIClient]) -> APIClient:
    return client_of(collaborator)


@pytest.fixture
def stranger_api(stranger: Any, client_of: Callable[..., APIClient]) -> APIClient:
    return client_of(stranger)


@pytest.fixture
def superuser_api(superuser: Any, client_of: Callable[..., APIClient]) -> APIClient:
    return client_of(superuser)


@pytest.fixture
def anonymous_api(db: None) -> APIClient:
    return APIClient()


@pytest.fixture
def dataset(owner: Any) -> Any:
    """An empty dataset of `owner`, shared with nobody."""
    from datasets_app.models import Dataset

    return Dataset.objects.create(name="digits", owner=owner)


@pytest.fixture
def model(owner: Any) -> Any:
    """A model of `owner` without a version, shared with nobody."""
    from models_app.models import Model

    return Model.objects.create(name="digits-cnn", slug="digits_cnn", owner=owner)


@pytest.fixture
def grant() -> Callable[[Any, Any, str], None]:
    """`grant(dataset, collaborator, "label")`; a user or a group."""

    def give(subject: Any, holder: Any, right: str) -> None:
        assign_perm(f"{subject._meta.app_label}.{subject.codename(right)}", holder, subject)

    return give
