"""What happens when two people do the same thing at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from models_app.models import Deployment, Model, Version
from tests.fixtures_models import Traces, package_of

pytestmark = pytest.mark.django_db(transaction=True)
TOGETHER = 4


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """What `act` gives to each of several threads that begin together."""
    barrier = Barrier(TOGETHER)

    def wait_and_act(index: int) -> Any:
        barrier.wait()
        try:
            return act(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TOGETHER) as pool:
        return list(pool.map(wait_and_act, range(TOGETHER)))


def test_a_name_is_given_once(client_of: Any, owner: Any) -> None:
    apis = [client_of(owner) for _ in range(TOGETHER)]
    answers = at_once(lambda index: apis[index].post("/api/v1/models/", {"name": "digits"}).status_code)
    assert sorted(answers) == [201, 400, 400, 400]
    assert Model.objects.count() == 1


def test_names_with_one_slug_get_one_each(client_of: Any, owner: Any) -> None:
    apis = [client_of(owner) for _ in range(TOGETHER)]
    names = ["a b", "a-b", "a.b", "a_b"]
    answers = at_once(lambda index: apis[index].post("/api/v1/models/", {"name": names[index]}).status_code)
    assert answers == [201] * TOGETHER
    assert set(Model.objects.values_list("slug", flat=True)) == {"a_b", "a_b_2", "a_b_3", "a_b_4"}


def test_a_version_is_made_once_and_its_package_stays(
    client_of: Any, owner: Any, upload: Any, traces: Traces
) -> None:
    apis = [client_of(owner) for _ in range(TOGETHER)]
    package = package_of(version="1.0.0")
    answers = at_once(lambda index: upload(apis[index], package).status_code)
    assert sorted(answers) == [201, 409, 409, 409]
    assert traces.stored == [f"{Version.objects.get().sha256}.zip"]
    assert traces.spooled == []


def test_a_deployment_is_stopped_once(deployment: Any) -> None:
    assert sorted(at_once(lambda _: Deployment.objects.get(pk=deployment.pk).stop())) == [
        False,
        False,
        False,
        True,
    ]
