"""POST /jobs/: one job per entry, all of them or none, and every fault by its place."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django_q.models import OrmQ
from rest_framework.test import APIClient

from datasets_app.models import Dataset, Field, Sample
from datasets_app.values import NewValue, write_values
from jobs_app.models import Chunk, IdempotencyKey, Job, JobField, Submission
from jobs_app.tasks import forget_idempotency_keys
from samplecase.contracts.states import Source
from samplecase.web.accounts.models import AuditEntry, User
from tests.fixtures_jobs import SCHEMA

pytestmark = pytest.mark.django_db
URL = "/api/v1/jobs/"


@pytest.fixture
def samples(dataset: Dataset, add_samples: Callable[..., list[int]], settings: Any) -> list[int]:
    settings.CHUNK_SIZE = 4
    return add_samples(dataset, 10)


@pytest.fixture
def order(dataset: Dataset, samples: list[int], ready_deployment: Any) -> dict[str, Any]:
    """A body that is right."""
    entry = {"deployment": ready_deployment.pk, "outputs": {"predictions": "digits"}}
    return {"dataset": dataset.pk, "entries": [entry]}


def assert_nothing_was_made() -> None:
    for rows in (Submission, Job, JobField, Chunk, IdempotencyKey, OrmQ):
        assert not rows.objects.exists(), rows
    assert not AuditEntry.objects.filter(action="job.submit").exists()


def refused(answer: Any, status: int, *, code: str = "", pointer: str | None = None, says: str = "") -> None:
    assert answer.status_code == status, answer.content
    error = answer.json()["error"]
    assert not code or error["code"] == code
    if pointer is not None:
        assert pointer in [each["pointer"] for each in error["details"]]
    assert says in str(error)


def test_a_submit_makes_the_job_its_ledger_its_field_its_doorbell_and_its_audit_row(
    owner_api: APIClient, order: dict[str, Any], owner: User, samples: list[int], ready_deployment: Any
) -> None:
    answer = owner_api.post(URL, order)
    assert answer.status_code == 201, answer.content
    (shown,) = answer.json()["jobs"]
    job = Job.objects.get()
    assert answer.json()["submission"] == shown["submission"] == job.submission_id
    assert shown | {
        "id": job.pk, "kind": "inference", "state": "queued", "reason": "", "dataset": order["dataset"],
        "model": ready_deployment.version.model_id, "version": "1.1.0", "deployment": ready_deployment.pk,
        "owner": "owner", "total": 10, "done": 0, "failed": 0, "skipped": 0, "cancelled": 0, "rate": None,
        "eta_seconds": None, "started_at": None, "finished_at": None, "error": None,
        "outputs": {"predictions": "digits"}, "replicas": [], "bottleneck": None, "can": ["pause", "cancel"],
    } == shown  # fmt: skip
    chunks = Chunk.objects.filter(job=job).order_by("index")
    assert [each.sample_ids for each in chunks] == [samples[:4], samples[4:8], samples[8:]]
    assert [each.outcomes for each in chunks] == ["....", "....", ".."]
    assert job.open_chunks == 3
    assert job.version_sha256 == ready_deployment.version.digest
    field = Field.objects.get(name="digits")
    assert (field.type, field.created_by_job) == ("classification", job.pk)
    assert JobField.objects.filter(job=job, field=field, is_open=True).exists()
    assert [each.func() for each in OrmQ.objects.all()] == ["jobs_app.tasks.start_job"]
    assert AuditEntry.objects.get(action="job.submit").actor == owner


def test_two_models_are_submitted_together(
    owner_api: APIClient, order: dict[str, Any], model: Any, make_deployment: Callable[..., Any]
) -> None:
    second = make_deployment(model)
    order["entries"].append({"deployment": second.pk, "outputs": {"predictions": "other", "score": "score"}})
    answer = owner_api.post(URL, order)
    assert answer.status_code == 201, answer.content
    assert [job["outputs"] for job in answer.json()["jobs"]] == [
        {"predictions": "digits"}, {"predictions": "other", "score": "score"},
    ]  # fmt: skip
    assert OrmQ.objects.count() == 2


def test_samples_are_frozen_by_filter_or_by_name(
    owner_api: APIClient, order: dict[str, Any], samples: list[int], dataset: Dataset
) -> None:
    by_filter = {"field": "name", "op": "in", "value": [f"0000{index}.png" for index in range(5)]}
    assert owner_api.post(URL, order | {"filter": by_filter}).status_code == 201
    first = Job.objects.get()
    Sample.objects.create(
        dataset=dataset,
        name="late.png",
        media_sha256="f" * 64,
        width=1,
        height=1,
        bytes=1,
        mime="image/png",
    )
    assert [each.sample_ids for each in Chunk.objects.filter(job=first)] == [samples[:4], samples[4:5]]
    order["entries"][0]["outputs"] = {"predictions": "other"}
    named = [samples[7], samples[2], samples[7]]
    assert owner_api.post(URL, order | {"samples": named}).status_code == 201
    second = Job.objects.latest("pk")
    assert (second.total, Chunk.objects.get(job=second).sample_ids) == (2, [samples[2], samples[7]])


def test_outputs_that_are_left_out_go_to_fields_named_after_the_model(
    owner_api: APIClient, order: dict[str, Any]
) -> None:
    del order["entries"][0]["outputs"]
    answer = owner_api.post(URL, order)
    assert answer.json()["jobs"][0]["outputs"] == {
        "predictions": "digits_cnn_predictions", "score": "digits_cnn_score",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"dataset": "x"}, "/dataset"),
        ({"entries": []}, "/entries"),
        ({"entries": 3}, "/entries"),
        ({"entries": [3]}, "/entries/0"),
        ({"entrys": []}, "/entrys"),
        ({"samples": []}, "/samples"),
        ({"samples": ["a"]}, "/samples/0"),
        ({"samples": [2**70]}, "/samples/0"),
        ({"samples": [999_999]}, "/samples/0"),
        ({"samples": [1], "filter": {"field": "name", "op": "eq", "value": "a"}}, "/samples"),
        ({"filter": {"field": "nothing", "op": "eq", "value": 1}}, "/filter/field"),
        ({"filter": {"field": "name", "op": "eq", "value": "none such"}}, "/filter"),
        ({"filter": 7}, "/filter"),
    ],
)
def test_a_faulty_order_is_refused_at_its_place(
    owner_api: APIClient, order: dict[str, Any], change: dict[str, Any], pointer: str
) -> None:
    refused(owner_api.post(URL, order | change), 400, pointer=pointer)
    assert_nothing_was_made()


@pytest.mark.parametrize(
    ("change", "pointer", "says"),
    [
        ({"deployment": None}, "/entries/0/deployment", ""),
        ({"outputs": {}}, "/entries/0/outputs", "At least one"),
        ({"outputs": {"prediction": "a"}}, "/entries/0/outputs/prediction", "predictions"),
        ({"outputs": {"predictions": "No Name"}}, "/entries/0/outputs/predictions", ""),
        ({"outputs": {"predictions": "width"}}, "/entries/0/outputs/predictions", "reserved"),
        ({"outputs": {"predictions": None}}, "/entries/0/outputs/predictions", ""),
        ({"outputs": {"predictions": "a", "score": "a"}}, "/entries/0/outputs/score", "Another output"),
        ({"outputs": {"predictions": "a\0"}}, None, ""),
        ({"inputs": {"image_paths": "a"}}, "/entries/0/inputs/image_paths", "image"),
        ({"inputs": {"nothing": "a"}}, "/entries/0/inputs/nothing", "Unknown"),
        ({"on_existing": "maybe"}, "/entries/0/on_existing", ""),
        ({"on_exist": "fail"}, "/entries/0/on_exist", "on_existing"),
    ],
)
def test_a_faulty_entry_is_refused_at_its_place(
    owner_api: APIClient, order: dict[str, Any], change: dict[str, Any], pointer: str | None, says: str
) -> None:
    order["entries"][0] |= change
    refused(owner_api.post(URL, order), 400, pointer=pointer, says=says)
    assert_nothing_was_made()
    assert not Field.objects.exists()


def test_all_faults_are_named_at_once(owner_api: APIClient, order: dict[str, Any]) -> None:
    order["entries"][0]["outputs"] = {"predictions": "Bad", "scores": "a"}
    order["entries"][0]["inputs"] = {"x": 1}
    answer = owner_api.post(URL, order)
    refused(answer, 400, pointer="/entries/0/inputs/x")
    assert len(answer.json()["error"]["details"]) == 3


def test_two_entries_on_one_field_are_refused(owner_api: APIClient, order: dict[str, Any]) -> None:
    order["entries"] *= 2
    refused(owner_api.post(URL, order), 400, pointer="/entries/1/outputs/predictions")
    assert_nothing_was_made()


@pytest.mark.parametrize(
    ("facts", "says"),
    [({"type": "detections"}, "detections"), ({"type": "embedding", "dimension": 3}, "embedding")],
)
def test_a_field_of_another_type_is_refused(
    owner_api: APIClient, order: dict[str, Any], dataset: Dataset, facts: dict[str, Any], says: str
) -> None:
    Field.objects.create(dataset=dataset, name="digits", **facts)
    refused(owner_api.post(URL, order), 400, pointer="/entries/0/outputs/predictions", says=says)
    assert_nothing_was_made()


def test_an_embedding_of_another_dimension_is_refused(
    owner_api: APIClient,
    order: dict[str, Any],
    dataset: Dataset,
    model: Any,
    make_deployment: Callable[..., Any],
) -> None:
    outputs = {"type": "object", "properties": {"vector": {"type": "embedding", "dimension": 4}}}
    deployment = make_deployment(model, schema=SCHEMA | {"outputs": outputs})
    Field.objects.create(dataset=dataset, name="vector", type="embedding", dimension=3)
    order["entries"] = [{"deployment": deployment.pk, "outputs": {"vector": "vector"}}]
    refused(owner_api.post(URL, order), 400, pointer="/entries/0/outputs/vector", says="dimension 4")
    order["entries"][0]["outputs"] = {"vector": "other"}
    assert owner_api.post(URL, order).status_code == 201
    assert Field.objects.get(name="other").dimension == 4


@pytest.fixture
def with_inputs(
    order: dict[str, Any], model: Any, make_deployment: Callable[..., Any], dataset: Dataset
) -> dict[str, Any]:
    """An order for a model that wants a number and may have a text."""
    properties = {
        "image": {"type": "image"},
        "threshold": {"type": "number", "minimum": 0},
        "hint": {"type": "string"},
    }
    inputs = {"type": "object", "required": ["threshold"], "properties": properties}
    order["entries"][0]["deployment"] = make_deployment(model, schema=SCHEMA | {"inputs": inputs}).pk
    Field.objects.create(dataset=dataset, name="count", type="integer")
    Field.objects.create(dataset=dataset, name="text", type="string")
    return order


@pytest.mark.parametrize(
    ("inputs", "pointer"),
    [
        ({}, "/entries/0/inputs/threshold"),
        ({"threshold": "none"}, "/entries/0/inputs/threshold"),
        ({"threshold": "text"}, "/entries/0/inputs/threshold"),
        ({"threshold": 3}, "/entries/0/inputs/threshold"),
        ({"threshold": {"const": 3}}, "/entries/0/inputs/threshold"),
        ({"threshold": {"constant": None}}, "/entries/0/inputs/threshold/constant"),
        ({"threshold": {"constant": "a"}}, "/entries/0/inputs/threshold/constant"),
        ({"threshold": {"constant": -1}}, "/entries/0/inputs/threshold/constant"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(
    owner_api: APIClient, with_inputs: dict[str, Any], inputs: dict[str, Any], pointer: str
) -> None:
    with_inputs["entries"][0]["inputs"] = inputs
    refused(owner_api.post(URL, with_inputs), 400, pointer=pointer)
    assert_nothing_was_made()


@pytest.mark.parametrize("threshold", ["count", {"constant": 0.5}])
def test_inputs_come_from_a_field_or_a_constant(
    owner_api: APIClient, with_inputs: dict[str, Any], threshold: Any
) -> None:
    with_inputs["entries"][0]["inputs"] = {"threshold": threshold, "hint": {"constant": None}}
    assert owner_api.post(URL, with_inputs).status_code == 201
    assert Job.objects.get().inputs["threshold"] == threshold


# Conflicts -----------------------------------------------------------------------------------------------------------


def test_a_field_that_an_unfinished_job_writes_is_busy(owner_api: APIClient, order: dict[str, Any]) -> None:
    assert owner_api.post(URL, order).status_code == 201
    refused(owner_api.post(URL, order), 409, code="field_busy", pointer="/entries/0/outputs/predictions")
    assert Job.objects.count() == Submission.objects.count() == OrmQ.objects.count() == 1
    owner_api.post(f"{URL}{Job.objects.get().pk}/cancel/")
    assert owner_api.post(URL, order).status_code == 201


def test_a_field_with_values_is_refused_unless_one_says_what_to_do(
    owner_api: APIClient, order: dict[str, Any], dataset: Dataset, samples: list[int]
) -> None:
    field = Field.objects.create(dataset=dataset, name="digits", type="classification")
    write_values(field=field, rows=[NewValue(samples[9], {"label": "1"})], source=Source.IMPORT)
    only_others = order | {"samples": samples[:2]}
    for body in (order, only_others):
        refused(
            owner_api.post(URL, body), 409, code="field_has_values", pointer="/entries/0/outputs/predictions"
        )
    assert_nothing_was_made()
    order["entries"][0]["on_existing"] = "skip"
    assert owner_api.post(URL, order).status_code == 201


@pytest.mark.parametrize("state", ["pending", "building", "failed", "stopped"])
def test_a_deployment_that_is_not_ready_is_refused(
    owner_api: APIClient, order: dict[str, Any], ready_deployment: Any, state: str
) -> None:
    type(ready_deployment).objects.update(state=state)
    answer = owner_api.post(URL, order)
    refused(answer, 409, code="deployment_not_ready", pointer="/entries/0/deployment", says=state)
    assert_nothing_was_made()


def test_a_deployment_without_a_sandbox_is_refused_where_several_people_have_accounts(
    owner_api: APIClient, order: dict[str, Any], ready_deployment: Any, stranger: User
) -> None:
    type(ready_deployment).objects.update(sandbox="none")
    refused(owner_api.post(URL, order), 409, code="deployment_not_ready", says="sandbox")


def test_a_deployment_with_an_unfinished_job_is_not_deleted(
    owner_api: APIClient, order: dict[str, Any], ready_deployment: Any
) -> None:
    owner_api.post(URL, order)
    address = f"/api/v1/deployments/{ready_deployment.pk}/"
    refused(owner_api.delete(address), 409, code="in_use")
    owner_api.post(f"{URL}{Job.objects.get().pk}/cancel/")
    assert owner_api.delete(address).status_code == 204


# Rights --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on_dataset", "on_model", "status"),
    [
        (None, None, 404),
        ("view", "run", 403),
        ("label", None, 404),
        ("label", "view", 403),
        ("label", "run", 201),
        ("edit", "edit", 201),
    ],
)
def test_a_collaborator_needs_label_on_the_dataset_and_run_on_the_model(
    collaborator_api: APIClient,
    order: dict[str, Any],
    dataset: Dataset,
    model: Any,
    collaborator: User,
    grant: Callable[[Any, Any, str], None],
    on_dataset: str | None,
    on_model: str | None,
    status: int,
) -> None:
    for subject, right in ((dataset, on_dataset), (model, on_model)):
        if right:
            grant(subject, collaborator, right)
    assert collaborator_api.post(URL, order).status_code == status
    if status != 201:
        assert_nothing_was_made()


def test_strangers_see_nothing_superusers_may_and_nobody_else_is_let_in(
    stranger_api: APIClient, anonymous_api: APIClient, superuser_api: APIClient, order: dict[str, Any]
) -> None:
    assert stranger_api.post(URL, order).status_code == 404
    assert anonymous_api.post(URL, order).status_code == 401
    assert_nothing_was_made()
    assert superuser_api.post(URL, order).status_code == 201


def test_a_token_to_read_submits_nothing(
    client_of: Callable[..., APIClient], owner: User, order: dict[str, Any]
) -> None:
    assert client_of(owner, scope="read").post(URL, order).status_code == 403
    assert_nothing_was_made()


# Idempotency ---------------------------------------------------------------------------------------------------------

KEY = {"HTTP_IDEMPOTENCY_KEY": "once-1"}


def test_the_same_key_and_body_is_carried_out_once(owner_api: APIClient, order: dict[str, Any]) -> None:
    first = owner_api.post(URL, order, **KEY)
    again = owner_api.post(URL, dict(reversed(order.items())), **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Job.objects.count() == OrmQ.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(owner_api: APIClient, order: dict[str, Any]) -> None:
    owner_api.post(URL, order, **KEY)
    order["entries"][0]["outputs"] = {"predictions": "other"}
    refused(owner_api.post(URL, order, **KEY), 409, code="idempotency_key_reused")
    assert Job.objects.count() == 1


def test_the_key_of_a_refused_request_may_be_used_again(owner_api: APIClient, order: dict[str, Any]) -> None:
    assert owner_api.post(URL, order | {"samples": [999_999]}, **KEY).status_code == 400
    assert owner_api.post(URL, order, **KEY).status_code == 201


def test_keys_are_each_users_own_and_are_forgotten_after_a_day(
    owner_api: APIClient, superuser_api: APIClient, order: dict[str, Any]
) -> None:
    from datetime import timedelta

    from django.utils import timezone

    assert owner_api.post(URL, order, **KEY).status_code == 201
    refused(superuser_api.post(URL, order, **KEY), 409, code="field_busy")
    assert forget_idempotency_keys() == 0
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    refused(owner_api.post(URL, order, **KEY), 409, code="field_busy")
    assert forget_idempotency_keys() == 1


@pytest.mark.parametrize("key", ["", "x" * 101, "ümlaut"])
def test_a_key_that_is_no_key_is_refused(owner_api: APIClient, order: dict[str, Any], key: str) -> None:
    refused(owner_api.post(URL, order, HTTP_IDEMPOTENCY_KEY=key), 400, pointer="Idempotency-Key")
    assert_nothing_was_made()


def at_the_same_moment(clients: list[APIClient], *bodies: dict[str, Any], **headers: str) -> list[Any]:
    """What the clients are answered who send the bodies by turns."""
    barrier = threading.Barrier(len(clients))
    answers: list[Any] = []

    def send(client: APIClient, body: dict[str, Any]) -> None:
        try:
            barrier.wait()
            answers.append(client.post(URL, body, **headers))
        finally:
            connections.close_all()

    turns = zip(clients, itertools.cycle(bodies), strict=False)
    threads = [threading.Thread(target=send, args=each) for each in turns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_the_same_request_at_the_same_moment_is_carried_out_once(
    client_of: Callable[..., APIClient], owner: User, order: dict[str, Any]
) -> None:
    answers = at_the_same_moment([client_of(owner) for _ in range(4)], order, **KEY)
    assert [each.status_code for each in answers] == [201] * 4
    assert len({each.json()["submission"] for each in answers}) == 1
    assert Job.objects.count() == OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_several_submits_to_one_field_at_the_same_moment_one_gets_it(
    client_of: Callable[..., APIClient], owner: User, order: dict[str, Any]
) -> None:
    answers = at_the_same_moment([client_of(owner) for _ in range(4)], order)
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    assert {each.json()["error"]["code"] for each in answers if each.status_code == 409} == {"field_busy"}
    assert Job.objects.count() == Field.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_submits_of_the_same_deployments_in_any_order_do_not_wait_for_each_other(
    client_of: Callable[..., APIClient],
    owner: User,
    order: dict[str, Any],
    make_deployment: Callable[..., Any],
    model: Any,
) -> None:
    deployments = [make_deployment(model).pk for _ in range(6)]

    def body(prefix: str, ids: list[int]) -> dict[str, Any]:
        entries = [{"deployment": pk, "outputs": {"predictions": f"{prefix}{pk}"}} for pk in ids]
        return {**order, "entries": entries}

    bodies = body("a", deployments), body("b", deployments[::-1])
    answers = at_the_same_moment([client_of(owner) for _ in range(2)], *bodies)
    assert [each.status_code for each in answers] == [201, 201]
    assert Job.objects.count() == 12


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "place", ["jobs_app.submit.Chunk.objects.bulk_create", "jobs_app.submit.doorbell.ring_start"]
)
def test_a_submit_that_breaks_off_anywhere_leaves_nothing(
    owner_api: APIClient, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def break_off(*_: Any, **__: Any) -> None:
        raise RuntimeError("the process was killed here")

    monkeypatch.setattr(place, break_off)
    with pytest.raises(RuntimeError):
        owner_api.post(URL, order, **KEY)
    assert_nothing_was_made()
    assert not Field.objects.exists()
