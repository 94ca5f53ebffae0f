"""The life of versions over REST: stages and their guards, deletion and what is left of it, comparisons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jobs_app.models import Job, Submission
from models_app import deploying
from models_app.deleting import delete_version
from models_app.models import Deployment, Version
from models_app.pointing import Tombstone
from models_app.stages import change_stage
from samplecase.contracts.errors import NotFound
from samplecase.contracts.states import Stage
from samplecase.web.accounts.models import AuditEntry
from tests.fixtures_models import SCHEMA, Traces, package_of


def one(model: Any, number: str, step: str = "") -> str:
    return f"/api/v1/models/{model.pk}/versions/{number}/{step}"


def staged(api: Any, model: Any, stage: str, number: str = "1.0.0") -> tuple[int, str]:
    """The status, and the stage or the code of the refusal."""
    answer = api.post(one(model, number, "stage/"), {"stage": stage})
    told = answer.json()
    return answer.status_code, told["stage"] if answer.status_code == 200 else told["error"]["code"]


@pytest.fixture
def make_run(dataset: Any, owner: Any, version: Any) -> Callable[..., Any]:
    """`make_run(state="finished", done=3)`: the row of a job that ran `version`."""

    def make(**facts: Any) -> Job:
        submission = Submission.objects.create(owner=owner)
        whole = {"kind": "inference", "state": "finished", "version": version, "done": 3, **facts}
        made: Job = Job.objects.create(submission=submission, dataset=dataset, owner=owner, **whole)
        return made

    return make


def test_a_version_begins_in_development_and_steps_on(owner_api: Any, model: Any, deployment: Any) -> None:
    assert owner_api.get(one(model, "1.0.0")).json()["stage"] == "development"
    assert staged(owner_api, model, "production") == (200, "production")
    assert staged(owner_api, model, "production") == (200, "production")  # no second step
    assert staged(owner_api, model, "development") == (409, "bad_step")
    owner_api.post(f"/api/v1/deployments/{deployment.pk}/stop/")
    assert staged(owner_api, model, "archived") == (200, "archived")
    assert staged(owner_api, model, "production") == (409, "bad_step")
    assert staged(owner_api, model, "development") == (200, "development")
    steps = AuditEntry.objects.filter(action="version.stage").order_by("pk").values_list("details", flat=True)
    assert [(each["before"], each["after"]) for each in steps] == [
        ("development", "production"),
        ("production", "archived"),
        ("archived", "development"),
    ]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ({}, (200, "production")),
        ({"dry_run": 3}, (200, "production")),  # a try shows it too
        ({"done": 0}, (409, "unproven")),
        ({"state": "failed"}, (409, "unproven")),
        (None, (409, "unproven")),
    ],
)
def test_production_needs_a_proof(
    owner_api: Any, model: Any, version: Any, make_run: Any, run: Any, expected: Any
) -> None:
    if run is not None:
        make_run(**run)
    assert staged(owner_api, model, "production") == expected


@pytest.mark.parametrize("state", ["pending", "building", "ready"])
def test_what_is_deployed_is_not_archived_and_not_deleted(
    owner_api: Any, model: Any, deployment: Any, state: str
) -> None:
    Deployment.objects.update(state=state)
    assert staged(owner_api, model, "archived") == (409, "deployed")
    answer = owner_api.delete(one(model, "1.0.0"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "deployed")
    assert "digits" in answer.json()["error"]["message"]
    assert Version.objects.get().stage == "development"


def test_what_an_alias_means_is_not_archived_and_not_deleted(
    owner_api: Any, model: Any, version: Any
) -> None:
    owner_api.put(f"/api/v1/models/{model.pk}/aliases/champion/", {"version": "1.0.0"})
    assert staged(owner_api, model, "archived") == (409, "aliased")
    answer = owner_api.delete(one(model, "1.0.0"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "aliased")


def test_an_archived_version_is_neither_deployed_nor_started(
    owner_api: Any, model: Any, deployment: Any
) -> None:
    owner_api.post(f"/api/v1/deployments/{deployment.pk}/stop/")
    assert staged(owner_api, model, "archived") == (200, "archived")
    started = owner_api.post(f"/api/v1/deployments/{deployment.pk}/start/")
    named = owner_api.post("/api/v1/deployments/", {"model": model.pk, "name": "again", "version": "1.0.0"})
    for answer in (started, named):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "archived")
    unnamed = owner_api.post("/api/v1/deployments/", {"model": model.pk, "name": "again"})
    assert (unnamed.status_code, unnamed.json()["error"]["details"][0]["pointer"]) == (400, "/version")


@pytest.mark.parametrize(("right", "status"), [("view", 403), ("run", 403), ("edit", 409)])
def test_stages_and_deletion_need_edit(
    collaborator_api: Any, collaborator: Any, stranger_api: Any, model: Any, deployment: Any, grant: Any,
    right: str, status: int,
) -> None:  # fmt: skip
    grant(model, collaborator, right)
    assert staged(collaborator_api, model, "archived")[0] == status
    assert collaborator_api.delete(one(model, "1.0.0")).status_code == status
    assert staged(stranger_api, model, "archived")[0] == 404
    assert stranger_api.delete(one(model, "1.0.0")).status_code == 404


def test_a_version_without_traces_is_gone_with_its_bytes(
    owner_api: Any, model: Any, upload: Any, traces: Traces, django_capture_on_commit_callbacks: Any
) -> None:
    upload(owner_api, package_of(version="1.0.0"))
    with django_capture_on_commit_callbacks(execute=True):
        assert owner_api.delete(one(model, "1.0.0")).status_code == 204
    assert owner_api.get(one(model, "1.0.0")).status_code == 404
    shown = owner_api.get(f"/api/v1/models/{model.pk}/").json()
    assert shown["versions"] == shown["tombstones"] == shown["aliases"] == []
    assert traces.stored == []
    assert upload(owner_api, package_of(version="1.0.0")).status_code == 201  # its number is free again


def test_a_version_that_has_written_leaves_a_tombstone(
    owner_api: Any, model: Any, version: Any, make_run: Any, upload: Any, dataset: Any, add_samples: Any,
) -> None:  # fmt: skip
    from datasets_app.models import Field, Value

    job, [sample] = make_run(), add_samples(dataset, 1)
    field = Field.objects.create(dataset=dataset, name="kind", type="classification")
    Value.objects.create(
        field=field,
        sample_id=sample,
        data={"label": "3"},
        source="model",
        job=job.pk,
        model_version=version.pk,
    )
    assert owner_api.delete(one(model, "1.0.0")).status_code == 204
    [stone] = owner_api.get(f"/api/v1/models/{model.pk}/").json()["tombstones"]
    assert (stone["version"], stone["sha256"], stone["deleted_by"]) == ("1.0.0", "0" * 64, "owner")
    assert Tombstone.objects.get().digest == version.digest
    address = f"/api/v1/datasets/{dataset.pk}/samples/{sample}/"
    assert owner_api.get(address).json()["provenance"]["kind"]["model"] == {
        "name": "digits-cnn",
        "version": "1.0.0",
    }
    assert "no longer" in owner_api.get(one(model, "1.0.0")).json()["error"]["message"]
    refused = upload(owner_api, package_of(version="1.0.0"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "version_exists")
    assert owner_api.delete(f"/api/v1/models/{model.pk}/").status_code == 204
    assert owner_api.get(address).json()["provenance"]["kind"]["model"]["version"] == "1.0.0"


def test_deleting_the_model_leaves_its_writers_named(
    owner_api: Any, model: Any, version: Any, make_run: Any
) -> None:
    from models_app.named import named_versions

    make_run()
    Version.objects.create(model=model, version="2.0.0", sha256="1" * 64, size=1, manifest={}, schema=SCHEMA)
    assert owner_api.delete(f"/api/v1/models/{model.pk}/").status_code == 204
    assert named_versions([version.pk, version.pk + 1]) == {version.pk: ("digits-cnn", "1.0.0")}


def test_a_deployment_that_waited_for_an_archival_finds_the_version_archived(
    owner_api: Any, model: Any, deployment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever archives holds the model: what is deployed is looked at only after that."""
    monkeypatch.setattr(deploying, "hold", lambda _: Version.objects.update(stage="archived"))
    Deployment.objects.update(state="stopped")
    started = owner_api.post(f"/api/v1/deployments/{deployment.pk}/start/")
    Version.objects.update(stage="development")
    made = owner_api.post("/api/v1/deployments/", {"model": model.pk, "name": "again", "version": "1.0.0"})
    for answer in (started, made):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "archived")
    assert Deployment.objects.get().state == "stopped"


def test_what_somebody_deleted_at_the_same_moment_is_not_found(owner: Any, version: Any) -> None:
    Version.objects.all().delete()
    with pytest.raises(NotFound):
        change_stage(acting_user=owner, version=version, stage=Stage.ARCHIVED)
    with pytest.raises(NotFound):
        delete_version(acting_user=owner, version=version)
    assert not AuditEntry.objects.filter(action__startswith="version.").exists()


def test_after_a_tombstone_alone_another_number_is_proposed(
    owner_api: Any, model: Any, version: Any, make_run: Any, upload: Any
) -> None:
    make_run()
    assert owner_api.delete(one(model, "1.0.0")).status_code == 204
    answer = upload(owner_api, package_of())
    assert (answer.status_code, answer.json()["version"]) == (201, "1.1.0")


def test_an_unfinished_job_keeps_its_version(
    owner_api: Any, model: Any, deployment: Any, make_run: Any
) -> None:
    make_run(state="paused", deployment=deployment)
    owner_api.post(f"/api/v1/deployments/{deployment.pk}/stop/")
    answer = owner_api.delete(one(model, "1.0.0"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "in_use")
    assert Version.objects.exists()


def test_a_version_is_compared_with_another(
    owner_api: Any, stranger_api: Any, model: Any, upload: Any, traces: Traces
) -> None:
    wider = {**SCHEMA, "outputs": {"type": "object", "properties": {
        **SCHEMA["outputs"]["properties"], "score": {"type": "number"}}}}  # fmt: skip
    upload(owner_api, package_of({"old.txt": "12"}, version="1.0.0"))
    upload(owner_api, package_of({"new.txt": "123"}, version="2.0.0", schema=wider))
    told = owner_api.get(one(model, "2.0.0", "changes/"), {"since": "1.0.0"}).json()
    assert (told["version"], told["since"], told["step"], told["same_package"]) == (
        "2.0.0",
        "1.0.0",
        "minor",
        False,
    )
    assert [(each["step"], each["pointer"]) for each in told["changes"]] == [
        ("minor", "/outputs/properties/score")
    ]
    files = {each["name"]: (each["before"], each["after"]) for each in told["files"]}
    assert (files["new.txt"], files["old.txt"]) == ((None, 3), (2, None))
    for since in ({}, {"since": "9.9.9"}):
        answer = owner_api.get(one(model, "2.0.0", "changes/"), since)
        assert (answer.status_code, answer.json()["error"]["details"][0]["pointer"]) == (400, "/since")
    assert stranger_api.get(one(model, "2.0.0", "changes/"), {"since": "1.0.0"}).status_code == 404


def test_a_checked_schema_proposes_a_number(
    owner_api: Any, stranger_api: Any, model: Any, version: Any
) -> None:
    other = {**SCHEMA, "outputs": {"type": "object", "properties": {"kind": {"type": "classification"}}}}

    def proposal(schema: Any) -> Any:
        return owner_api.post("/api/v1/models/check-schema/", {"schema": schema, "model": model.pk}).json()[
            "proposal"
        ]

    assert proposal(SCHEMA) == {"version": "1.0.1", "since": "1.0.0", "step": "patch", "changes": []}
    told = proposal(other)
    assert (told["version"], told["step"]) == ("2.0.0", "major")
    assert [each["pointer"] for each in told["changes"]] == [
        "/outputs/properties/predictions",
        "/outputs/properties/kind",
    ]
    hidden = stranger_api.post("/api/v1/models/check-schema/", {"schema": SCHEMA, "model": model.pk})
    assert (hidden.status_code, hidden.json()["error"]["details"][0]["pointer"]) == (404, "/model")
    Version.objects.all().delete()
    assert proposal(SCHEMA) == {"version": "1.0.0", "since": None, "step": None, "changes": []}
