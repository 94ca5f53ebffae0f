"""Evaluations over REST: compared slice by slice by the worker, and exact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ
from rest_framework.test import APIClient

from datasets_app import evaluation_slices
from datasets_app.models import Dataset, Evaluation, Field
from datasets_app.values import NewValue, write_values
from jobs_app import evaluating, steering
from jobs_app.models import Job
from jobs_app.tasks import evaluate, start_job, sweep
from samplecase.contracts.states import Source
from samplecase.web.accounts.models import User

pytestmark = pytest.mark.django_db

TRUTH = ["1", "1", "2", "2", None]
FOUND = ["1", "2", "2", None, "1"]
ASKED = {"predictions": "found", "ground_truth": "truth"}


@pytest.fixture
def url(dataset: Dataset) -> str:
    return f"/api/v1/datasets/{dataset.pk}/evaluations/"


@pytest.fixture
def samples(dataset: Dataset, add_samples: Callable[..., list[int]]) -> list[int]:
    """Five samples, of which three have both labels."""
    made = add_samples(dataset, 5)
    for name, labels in (("truth", TRUTH), ("found", FOUND)):
        field = Field.objects.create(dataset=dataset, name=name, type="classification")
        rows = [NewValue(pk, {"label": label}) for pk, label in zip(made, labels, strict=True) if label]
        write_values(field=field, rows=rows, source=Source.IMPORT)
    Field.objects.create(dataset=dataset, name="boxes", type="detections")
    return made


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    for type_ in evaluation_slices.SLICES:
        monkeypatch.setitem(evaluation_slices.SLICES, type_, 2)


def test_an_evaluation_counts_its_samples_and_then_has_metrics(
    owner_api: APIClient, url: str, samples: list[int], small_slices: None
) -> None:
    answer = owner_api.post(url, ASKED)
    assert answer.status_code == 202, answer.content
    made = answer.json()
    shown = owner_api.get(f"{url}{made['id']}/").json()
    assert (shown["state"], shown["job"], shown["metrics"]) == ("queued", made["job"], {})
    assert shown["confusion"] == {"classes": [], "matrix": []}
    start_job(made["job"])
    evaluate(made["job"])
    shown = owner_api.get(f"{url}{made['id']}/").json()
    assert (shown["state"], shown["type"], shown["samples"], shown["missing"]) == (
        "finished",
        "classification",
        3,
        2,
    )
    assert shown["metrics"]["accuracy"] == pytest.approx(2 / 3)
    assert shown["confusion"] == {"classes": ["1", "2"], "matrix": [[1, 1], [0, 1]]}
    assert shown["per_class"][0] == {
        "label": "1", "precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "support": 2,
    }  # fmt: skip
    job = owner_api.get(f"/api/v1/jobs/{made['job']}/").json()
    assert (job["kind"], job["state"], job["total"], job["done"]) == ("evaluation", "finished", 5, 5)
    assert (job["evaluation"], job["model"], job["outputs"]) == (made["id"], None, {})
    assert [each["id"] for each in owner_api.get(url).json()["results"]] == [made["id"]]


def test_a_filter_chooses_the_samples(owner_api: APIClient, url: str, samples: list[int]) -> None:
    chosen = {"field": "truth.label", "op": "eq", "value": "1"}
    made = owner_api.post(url, ASKED | {"filter": chosen}).json()
    start_job(made["job"])
    evaluate(made["job"])
    shown = owner_api.get(f"{url}{made['id']}/").json()
    assert (shown["samples"], shown["missing"], shown["filter"]) == (2, 0, chosen)


def test_slices_that_come_twice_are_counted_once(
    owner_api: APIClient, url: str, samples: list[int], small_slices: None
) -> None:
    from jobs_app.evaluating import _slice

    made = owner_api.post(url, ASKED).json()
    start_job(made["job"])
    assert _slice(made["job"])
    job = Job.objects.get(pk=made["job"])
    assert (job.done, job.state) == (2, "running")
    evaluate(made["job"])
    evaluate(made["job"])
    job.refresh_from_db()
    assert (job.done, job.total, job.state) == (5, 5, "finished")
    assert Evaluation.objects.get().samples == 3


def test_a_long_evaluation_hands_over_to_the_next_task(
    owner_api: APIClient, url: str, samples: list[int], small_slices: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = owner_api.post(url, ASKED).json()
    start_job(made["job"])
    OrmQ.objects.all().delete()
    monkeypatch.setattr("jobs_app.stretches.STRETCH", -1)
    rounds = 0
    while rounds == 0 or OrmQ.objects.exists():
        OrmQ.objects.all().delete()
        evaluate(made["job"])
        rounds += 1
    assert rounds == 3
    assert Job.objects.get().state == "finished"


def test_an_evaluation_whose_worker_was_killed_is_rung_for_again(
    owner_api: APIClient, url: str, samples: list[int]
) -> None:
    made = owner_api.post(url, ASKED).json()
    start_job(made["job"])
    OrmQ.objects.all().delete()
    assert sweep() == 0
    Job.objects.update(updated_at=timezone.now() - timedelta(minutes=2))
    assert sweep() == 1
    assert sweep() == 0
    assert [each.func() for each in OrmQ.objects.all()] == ["jobs_app.tasks.evaluate"]


def test_what_nobody_foresaw_fails_the_job_instead_of_being_met_for_ever(
    owner_api: APIClient, url: str, samples: list[int], small_slices: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = owner_api.post(url, ASKED).json()
    start_job(made["job"])
    with monkeypatch.context() as faulty:
        faulty.setattr(evaluating, "store", lambda *_: [][0])
        evaluate(made["job"])
    job = owner_api.get(f"/api/v1/jobs/{made['job']}/").json()
    assert (job["state"], job["error"]["code"]) == ("failed", "unforeseen")
    assert "IndexError" in job["error"]["message"]
    again = owner_api.post(f"{url}{made['id']}/refresh/").json()
    start_job(again["job"])
    evaluate(again["job"])
    assert owner_api.get(f"{url}{made['id']}/").json()["samples"] == 3


def test_a_database_that_is_away_only_delays_the_job(
    owner_api: APIClient, url: str, samples: list[int], small_slices: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    made = owner_api.post(url, ASKED).json()
    start_job(made["job"])
    with monkeypatch.context() as faulty:
        faulty.setattr(evaluating, "store", away)
        with pytest.raises(OperationalError):
            evaluate(made["job"])
    assert owner_api.get(f"/api/v1/jobs/{made['job']}/").json()["state"] == "running"
    evaluate(made["job"])
    assert owner_api.get(f"{url}{made['id']}/").json()["samples"] == 3


def test_a_cancelled_evaluation_goes_no_further(
    owner_api: APIClient, owner: User, url: str, samples: list[int]
) -> None:
    made = owner_api.post(url, ASKED).json()
    start_job(made["job"])
    assert owner_api.post(f"/api/v1/jobs/{made['job']}/cancel/").status_code == 200
    evaluate(made["job"])
    job = Job.objects.get()
    assert (job.state, job.done, job.cancelled) == ("cancelled", 0, 5)
    assert steering.cancel(job=job, acting_user=owner).state == "cancelled"


def test_a_field_that_is_deleted_meanwhile_fails_the_evaluation(
    owner_api: APIClient, url: str, samples: list[int]
) -> None:
    made = owner_api.post(url, ASKED).json()
    start_job(made["job"])
    Field.objects.filter(name="truth").update(deleted_at=timezone.now())
    evaluate(made["job"])
    shown = owner_api.get(f"/api/v1/jobs/{made['job']}/").json()
    assert (shown["state"], shown["error"]["code"]) == ("failed", "field_gone")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"predictions": "none"}, "/predictions"),
        ({"ground_truth": "none"}, "/ground_truth"),
        ({"ground_truth": "found"}, "/ground_truth"),
        ({"predictions": "boxes"}, "/predictions"),
        ({"predictions": None}, "/predictions"),
        ({"filter": {"field": "none", "op": "eq", "value": 1}}, "/filter/field"),
        ({"typo": 1}, "/typo"),
    ],
)
def test_a_faulty_evaluation_is_refused_at_its_place(
    owner_api: APIClient, url: str, samples: list[int], change: dict[str, Any], pointer: str
) -> None:
    answer = owner_api.post(url, ASKED | change)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"] == pointer
    assert not Evaluation.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize(("right", "status"), [(None, 404), ("view", 403), ("label", 202)])
def test_a_collaborator_needs_label_to_evaluate_and_view_to_look(
    collaborator_api: APIClient,
    dataset: Dataset,
    collaborator: User,
    grant: Callable[[Any, Any, str], None],
    owner_api: APIClient,
    url: str,
    samples: list[int],
    right: str | None,
    status: int,
) -> None:
    made = owner_api.post(url, ASKED).json()
    if right:
        grant(dataset, collaborator, right)
    assert collaborator_api.post(url, ASKED).status_code == status
    seen = 404 if right is None else 200
    assert collaborator_api.get(url).status_code == seen
    assert collaborator_api.get(f"{url}{made['id']}/").status_code == seen


def test_others_see_no_evaluation(
    stranger_api: APIClient, anonymous_api: APIClient, superuser_api: APIClient, url: str, samples: list[int]
) -> None:
    made = superuser_api.post(url, ASKED).json()
    for address in (url, f"{url}{made['id']}/"):
        assert stranger_api.get(address).status_code == 404
        assert anonymous_api.get(address).status_code == 401
    assert stranger_api.post(url, ASKED).status_code == 404
    assert anonymous_api.post(url, ASKED).status_code == 401
    assert superuser_api.get(f"{url}999999/").status_code == 404
