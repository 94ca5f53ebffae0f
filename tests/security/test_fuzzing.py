"""Requests made from the API's own description: what is wrong with them is never the server's fault, and what it
answers is what the description says.

Sent as the owner of all there is, whose requests get through to the services, and as a stranger: some hundreds in every
run, 10,000 and 2,000 in the long one, in parts of a thousand that can be run one by one.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from samplecase.web.uploads.headers import OFFSET_TYPE
from samplecase.web.uploads.models import Upload, lasting_until

CASES = 3  # of each operation, by each of the two, of valid requests and of others
FEWEST = 250
LONG_CASES = 6
LONG_FEWEST = 1_000
# Parts of the long run, each with another seed, which is its number.
LONG = [*(("owner", part) for part in range(1, 11)), *(("stranger", part) for part in range(1, 3))]

DESCRIBED: list[Any] = [content_type_conformance, response_schema_conformance, status_code_conformance]

schemathesis.serializer.alias(OFFSET_TYPE, "application/octet-stream")

# Tokens would be revoked under the requests that follow; uploads of files have hostile tests of their own.
LEFT_OUT = {"tokens_destroy", "datasets_samples_create", "models_versions_create"}


@pytest.fixture(scope="module")
def operations() -> list[Any]:
    from samplecase.web.wsgi import application

    written = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=written)
    api = schemathesis.openapi.from_dict(json.loads(written.getvalue()))
    api.app = application
    found = [each.ok() for each in api.get_all_operations()]
    return [each for each in found if each.definition.raw["operationId"] not in LEFT_OUT]


@pytest.fixture
def known(
    dataset: Any, model: Any, owner: Any, make_samples: Any, make_field: Any
) -> Callable[[Any], dict[str, Any]]:
    """The path parameters of a case, those of something that exists put in place of what was made up."""
    sample, *_ = make_samples(dataset, 3)
    make_field(dataset, "kind")
    upload = Upload.objects.create(owner=owner, name="a.zip", length=5, expires_at=lasting_until()).public_id

    def placed(case: Any) -> dict[str, Any]:
        if case.path.startswith("/api/v1/uploads/"):
            return dict.fromkeys(case.path_parameters or {}, str(upload))
        first = dataset if case.path.startswith("/api/v1/datasets/") else model
        there = {"pk": first.pk, "id": first.pk, "dataset": dataset.pk, "sid": sample.pk, "name": "kind"}
        return {name: there.get(name, value) for name, value in (case.path_parameters or {}).items()}

    return placed


@pytest.fixture(autouse=True)
def one_connection(db: None) -> Iterator[None]:
    """A served request ends its connection when it is old, and with it this test's transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("role", ["owner", "stranger"])
def test_no_request_is_the_server_s_fault(
    role: str, operations: list[Any], known: Any, request: pytest.FixtureRequest
) -> None:
    fuzz(role, operations, known, request, cases=CASES, fewest=FEWEST, part=0)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("role", "part"), LONG)
def test_no_request_of_very_many_is_the_server_s_fault(
    role: str, part: int, operations: list[Any], known: Any, request: pytest.FixtureRequest
) -> None:
    fuzz(role, operations, known, request, cases=LONG_CASES, fewest=LONG_FEWEST, part=part)


def fuzz(
    role: str,
    operations: list[Any],
    known: Any,
    request: pytest.FixtureRequest,
    *,
    cases: int,
    fewest: int,
    part: int,
) -> None:
    """Send `cases` valid and as many other requests of each operation; fails with every kind of fault found."""
    token = request.getfixturevalue(f"{role}_api")._credentials["HTTP_AUTHORIZATION"]
    statuses: list[int] = []
    faults: dict[tuple[str, int], str] = {}

    def send(case: Any) -> None:
        if len(statuses) % 4:  # the rest keeps the addresses that were made up
            case.path_parameters = known(case)
        answer = case.call(headers={"Authorization": token})
        statuses.append(answer.status_code)
        try:
            assert answer.status_code < 500, answer.text
            case.validate_response(answer, checks=DESCRIBED)
        except (AssertionError, FailureGroup) as fault:
            kind = case.operation.label, answer.status_code
            faults.setdefault(kind, f"{case.as_curl_command()}\n{fault}")

    run = settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for operation in operations:
        for mode in schemathesis.GenerationMode:
            made = operation.as_strategy(generation_mode=mode)
            # Where nothing can be sent, nothing can be wrong with it.
            with contextlib.suppress(Unsatisfiable):
                seed(7 + part)(run(given(case=made)(lambda case: send(case))))()
    assert not faults, "\n\n".join(faults.values())
    assert len(statuses) >= fewest
    assert {200, 400, 404} <= set(statuses)
