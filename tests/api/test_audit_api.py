"""The audit log: who may read what, how it is searched, and that its pages do not shift."""

from __future__ import annotations

from typing import Any

import pytest

from datasets_app.models import Dataset
from models_app.models import Model
from samplecase.web.accounts.models import AuditEntry, User, record

AUDIT = "/api/v1/audit/"
NOBODY: dict[str, Any] = {"everyone": "none", "users": [], "groups": []}


def seen(api: Any, **filters: Any) -> list[str]:
    """Actions, newest first."""
    answer = api.get(AUDIT, filters)
    assert answer.status_code == 200, answer.content
    return [row["action"] for row in answer.json()["results"]]


def test_an_owner_reads_what_is_done_to_his_objects_and_what_is_in_them(
    owner_api: Any, collaborator_api: Any, stranger_api: Any, superuser_api: Any, collaborator: User,
    dataset: Dataset, grant: Any,
) -> None:  # fmt: skip
    grant(dataset, collaborator, "edit")
    address = f"/api/v1/datasets/{dataset.pk}/"
    collaborator_api.post(f"{address}fields/", {"name": "kind", "type": "classification"})
    collaborator_api.put(f"{address}sharing/", {**NOBODY, "users": [{"username": "collaborator", "right": "edit"}],
                                                "everyone": "view"})  # fmt: skip
    done = ["dataset.share", "field.create"]
    assert seen(owner_api) == done
    assert seen(superuser_api) == done
    assert seen(collaborator_api) == []
    assert seen(stranger_api) == []
    row = owner_api.get(AUDIT).json()["results"][1]
    assert (row["actor"], row["object"]["type"], row["object"]["name"]) == ("collaborator", "field", "kind")
    assert row["home"] == {"type": "dataset", "id": dataset.pk}


def test_the_log_of_a_deleted_object_stays_with_who_owned_it(
    owner_api: Any, superuser_api: Any, stranger_api: Any, dataset: Dataset
) -> None:
    owner_api.delete(f"/api/v1/datasets/{dataset.pk}/")
    for api in (owner_api, superuser_api):
        assert seen(api) == ["dataset.delete"]
    assert seen(stranger_api) == []


def test_a_new_owner_reads_all_and_the_old_one_what_was_until_then(
    owner_api: Any, collaborator_api: Any, collaborator: User, model: Model
) -> None:
    address = f"/api/v1/models/{model.pk}/"
    owner_api.patch(address, {"tags": ["a"]})
    owner_api.post(f"{address}transfer/", {"username": "collaborator"})
    collaborator_api.patch(address, {"tags": ["b"]})
    assert seen(collaborator_api) == ["model.update", "model.transfer", "model.update"]
    assert seen(owner_api) == ["model.transfer", "model.update"]


def test_a_models_author_reads_nothing_of_the_jobs_that_ran_it(
    owner: User, owner_api: Any, collaborator: User, collaborator_api: Any, version: Any, deployment: Any
) -> None:
    from jobs_app.lifecycle import fail
    from jobs_app.models import Job, Submission

    private = Dataset.objects.create(name="private", owner=collaborator)
    job = Job.objects.create(
        submission=Submission.objects.create(owner=collaborator),
        kind="inference",
        dataset=private,
        version=version,
        deployment=deployment,
        owner=collaborator,
    )
    assert fail(job_id=job.pk, code="model_failed", message="no weights")
    assert seen(collaborator_api) == ["job.failed"]
    assert seen(owner_api) == []


def test_everybody_reads_what_was_done_to_his_own_account(
    stranger: User, stranger_api: Any, owner_api: Any, superuser: User
) -> None:
    record(actor=superuser, action="user.rights", subject=stranger)
    assert seen(stranger_api) == ["user.rights"]
    assert seen(owner_api) == []


@pytest.fixture
def told(superuser: User, owner: User, dataset: Dataset, model: Model) -> None:
    record(actor=owner, action="dataset.update", subject=dataset)
    record(actor=superuser, action="dataset.share", subject=dataset)
    record(actor=None, action="model.update", subject=model)


@pytest.mark.parametrize(
    ("filters", "actions"),
    [
        ({"action": "dataset"}, ["dataset.share", "dataset.update"]),
        ({"action": "dataset.share"}, ["dataset.share"]),
        ({"action": "data"}, []),
        ({"actor": "owner"}, ["dataset.update"]),
        ({"actor": "system"}, ["model.update"]),
        ({"type": "model"}, ["model.update"]),
        ({"search": "CNN"}, ["model.update"]),
        ({"since": "2020-01-01T00:00:00Z", "until": "2021-01-01T00:00:00Z"}, []),
        ({"since": "yesterday"}, None),
        ({"until": "never"}, None),
        ({"actor": "x" * 151}, None),
        ({"search": "x" * 101}, None),
    ],
)
def test_filters(superuser_api: Any, told: None, filters: dict[str, str], actions: list[str] | None) -> None:
    if actions is not None:
        assert seen(superuser_api, **filters) == actions
        return
    answer = superuser_api.get(AUDIT, filters)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"].removeprefix("/") in filters


def test_one_objects_rows_are_found_by_type_and_id(superuser_api: Any, told: None, dataset: Dataset) -> None:
    assert seen(superuser_api, type="dataset", id=str(dataset.pk)) == ["dataset.share", "dataset.update"]
    assert seen(superuser_api, type="dataset", id="x") == []


def test_pages_do_not_shift_while_rows_are_added(superuser_api: Any, told: None, dataset: Dataset) -> None:
    first = superuser_api.get(AUDIT, {"limit": 2}).json()
    record(actor=None, action="dataset.later", subject=dataset)
    second = superuser_api.get(AUDIT, {"limit": 2, "cursor": first["next"]}).json()
    actions = [row["action"] for page in (first, second) for row in page["results"]]
    assert actions == ["model.update", "dataset.share", "dataset.update"]
    refused = superuser_api.get(AUDIT, {"limit": 2, "cursor": first["next"], "action": "dataset"})
    assert refused.json()["error"]["code"] == "bad_cursor"


def test_it_cannot_be_written(superuser_api: Any, told: None) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(superuser_api, method)(AUDIT, {}).status_code == 405
    assert AuditEntry.objects.count() == 3


def test_very_many_rows_are_not_counted(
    client_of: Any, superuser: User, told: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from samplecase.web.sharing.audit_api import AuditViewSet

    api = client_of(superuser)
    assert api.get("/api/v1/audit/").json()["count"] == 3
    monkeypatch.setattr(AuditViewSet, "most_counted", 2)
    first = api.get("/api/v1/audit/", {"limit": 2}).json()
    assert first["count"] is None
    rest = api.get("/api/v1/audit/", {"limit": 2, "cursor": first["next"]}).json()
    assert len(first["results"] + rest["results"]) == 3
    assert api.get("/api/v1/audit/", {"type": "model"}).json()["count"] == 1
