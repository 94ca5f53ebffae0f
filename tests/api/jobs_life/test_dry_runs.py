"""Dry runs: a model tried on a few samples, without a trace in any field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from datasets_app.models import Dataset, Field, Value
from jobs_app import starting
from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Job, JobField, Preview
from samplecase.web.accounts.models import User
from tests.api.jobs_life.working import (
    SUBJECT_OF,
    URL,
    act,
    answers,
    assert_counters_equal_rows,
    claim,
    commit,
    work,
)

pytestmark = pytest.mark.django_db


def test_a_dry_run_shows_outputs_and_leaves_no_trace_in_fields(
    owner_api: APIClient,
    superuser_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    order: Callable[..., dict[str, Any]],
) -> None:
    made = owner_api.post(URL, order(dry_run=4)).json()["jobs"][0]
    assert (made["total"], made["dry_run"], made["outputs"]) == (4, 4, {"predictions": "digits"})
    assert starting.start(made["id"])
    spread = [samples[0], samples[3], samples[6], samples[9]]
    assert work(ledger, failing=[samples[3]]) == spread
    job = Job.objects.get(pk=made["id"])
    assert_counters_equal_rows(job)
    assert (job.state, job.done, job.failed) == ("finished", 3, 1)
    assert not Field.objects.exists()
    assert not Value.objects.exists()
    assert not JobField.objects.exists()
    for api in (owner_api, superuser_api):
        rows = api.get(f"{URL}{job.pk}/preview/").json()["results"]
        assert [row["sample"] for row in rows] == spread
        assert rows[0] == {
            "sample": samples[0], "name": "00000.png", "outputs": {"predictions": SUBJECT_OF},
        }  # fmt: skip
        assert rows[1]["outputs"] == {}
        assert rows[1]["error"] == {"reason": "exception", "message": "ValueError"}
    assert owner_api.get(f"{URL}{job.pk}/").json()["can"] == ["retry"]
    assert "dry run" in act(owner_api, job, "undo", 409)["error"]["message"]
    act(owner_api, job, "retry")
    assert work(ledger) == [samples[3]]
    assert Preview.objects.filter(job=job).count() == 4
    assert not Field.objects.exists()


@pytest.mark.parametrize(("given", "total"), [(True, 8), (1, 1), (100, 10), (None, None), (False, None)])
def test_a_dry_run_is_on_as_many_samples_as_asked_for_or_eight(
    owner_api: APIClient, order: Callable[..., dict[str, Any]], given: Any, total: int | None
) -> None:
    answer = owner_api.post(URL, order(dry_run=given))
    assert answer.status_code == 201, answer.content
    made = answer.json()["jobs"][0]
    assert made["total"] == (total or 10)
    assert (made["dry_run"] is None) == (total is None)


@pytest.mark.parametrize("given", [0, -1, 101, 1.5, "many", [], {}])
def test_a_dry_run_on_nonsense_is_refused_at_its_place(
    owner_api: APIClient, order: Callable[..., dict[str, Any]], given: Any
) -> None:
    answer = owner_api.post(URL, order(dry_run=given))
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/dry_run"


def test_a_dry_run_needs_no_free_field_and_no_empty_one(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    order: Callable[..., dict[str, Any]],
    make_job: Callable[..., Job],
) -> None:
    make_job()
    found = claim(ledger)
    assert commit(ledger, found, answers(found))
    answer = owner_api.post(URL, order(dry_run=2))
    assert answer.status_code == 201, answer.content


def test_a_dry_run_of_which_all_fails_is_finished(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], order: Callable[..., dict[str, Any]]
) -> None:
    made = owner_api.post(URL, order(dry_run=2)).json()["jobs"][0]
    assert starting.start(made["id"])
    work(ledger, failing=samples)
    assert owner_api.get(f"{URL}{made['id']}/").json()["state"] == "finished"


def test_outputs_of_a_dry_run_are_its_owners(
    collaborator_api: APIClient,
    collaborator: User,
    dataset: Dataset,
    grant: Any,
    owner_api: APIClient,
    order: Callable[..., dict[str, Any]],
) -> None:
    made = owner_api.post(URL, order(dry_run=2)).json()["jobs"][0]
    grant(dataset, collaborator, "edit")
    assert collaborator_api.get(f"{URL}{made['id']}/preview/").status_code == 403
