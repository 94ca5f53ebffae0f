"""Deployments over REST: who makes, sees, steps and deletes them, and what keeps one from being used."""

from __future__ import annotations

from typing import Any

import pytest

from models_app import guards, runnable
from models_app.models import Deployment, Version
from samplecase.contracts.states import Sandbox
from samplecase.runtime.sandbox import SandboxReport
from samplecase.web.accounts.models import AuditEntry
from tests.fixtures_models import SCHEMA

DEPLOYMENTS = "/api/v1/deployments/"
WHY_NOT = "bwrap not found: install the packages bubblewrap and util-linux"


@pytest.fixture(autouse=True)
def host_with_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether this host has bubblewrap is not what these tests are about."""
    monkeypatch.setattr(runnable, "probe_sandbox", lambda: SandboxReport(Sandbox.BWRAP))


@pytest.fixture
def host_without_sandbox(host_with_sandbox: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runnable, "probe_sandbox", lambda: SandboxReport(Sandbox.NONE, WHY_NOT))


def one(deployment: Any, step: str = "") -> str:
    return f"{DEPLOYMENTS}{deployment.pk}/{step}"


def places(answer: Any) -> list[str]:
    return [fault["pointer"] for fault in answer.json()["error"]["details"]]


def test_a_deployment_has_the_dialog_s_defaults_and_waits_for_its_check(
    owner_api: Any, model: Any, version: Any
) -> None:
    answer = owner_api.post(DEPLOYMENTS, {"model": model.pk, "name": "digits"})
    assert answer.status_code == 201
    made = answer.json()
    assert {
        key: made[key] for key in ("model", "version", "name", "created_by", "sandbox", "state", "reason")
    } == {
        "model": model.pk,
        "version": "1.0.0",
        "name": "digits",
        "created_by": "owner",
        "sandbox": "bwrap",
        "state": "pending",
        "reason": "",
    }
    assert (made["model_type"], made["mini_batch"], made["num_replicas"]) == ("inference", 1, 1)
    assert (made["num_gpus"], made["custom_environment"], made["measured"]) == (0, False, None)
    assert AuditEntry.objects.get(action="deployment.create").details == {
        "model": model.pk,
        "version": "1.0.0",
    }


def test_the_newest_version_is_deployed_unless_one_is_named(owner_api: Any, model: Any, version: Any) -> None:
    Version.objects.create(model=model, version="1.1.0", sha256="1" * 64, size=1, manifest={}, schema=SCHEMA)
    body = {"model": model.pk, "name": "d"}
    assert owner_api.post(DEPLOYMENTS, body).json()["version"] == "1.1.0"
    assert owner_api.post(DEPLOYMENTS, {**body, "version": None}).json()["version"] == "1.1.0"
    assert owner_api.post(DEPLOYMENTS, {**body, "version": "1.0.0"}).json()["version"] == "1.0.0"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": ""}, "/name"),
        ({"name": None}, "/name"),
        ({"version": "9.9.9"}, "/version"),
        ({"model_type": "training"}, "/model_type"),
        ({"mini_batch": 0}, "/mini_batch"),
        ({"mini_batch": "many"}, "/mini_batch"),
        ({"num_replicas": 0}, "/num_replicas"),
        ({"num_gpus": 2}, "/num_gpus"),
        ({"num_gpus": -1}, "/num_gpus"),
        ({"custom_environment": True}, "/custom_environment"),
        ({"custom_environment": []}, "/custom_environment"),
        ({"state": "ready"}, "/state"),
        ({"sandbox": "none"}, "/sandbox"),
        ({"model": None}, "/model"),
    ],
)
def test_what_is_not_valid_is_named_by_its_place(
    owner_api: Any, model: Any, version: Any, change: Any, place: str
) -> None:
    answer = owner_api.post(DEPLOYMENTS, {"model": model.pk, "name": "d", **change})
    assert answer.status_code == 400
    assert place in places(answer)
    assert not Deployment.objects.exists()


@pytest.mark.parametrize("source", ["requirements", "environment_yml"])
def test_a_custom_environment_needs_something_to_be_made_of(
    owner_api: Any, model: Any, version: Any, source: str
) -> None:
    Version.objects.update(**{source: "numpy\n"})
    body = {"model": model.pk, "name": "d", "custom_environment": True}
    assert owner_api.post(DEPLOYMENTS, body).status_code == 201


def test_a_model_without_a_version_cannot_be_deployed(owner_api: Any, model: Any) -> None:
    answer = owner_api.post(DEPLOYMENTS, {"model": model.pk, "name": "d"})
    assert answer.status_code == 400
    assert places(answer) == ["/version"]


@pytest.mark.parametrize(("right", "status"), [("view", 403), ("run", 403), ("edit", 201)])
def test_deploying_needs_edit(
    collaborator_api: Any, collaborator: Any, model: Any, version: Any, grant: Any, right: str, status: int
) -> None:
    grant(model, collaborator, right)
    assert collaborator_api.post(DEPLOYMENTS, {"model": model.pk, "name": "d"}).status_code == status


def test_a_stranger_s_model_cannot_be_deployed_nor_found_out(
    stranger_api: Any, anonymous_api: Any, model: Any, version: Any
) -> None:
    assert stranger_api.post(DEPLOYMENTS, {"model": model.pk, "name": "d"}).status_code == 404
    assert stranger_api.post(DEPLOYMENTS, {"model": 10**6, "name": "d"}).status_code == 404
    assert anonymous_api.post(DEPLOYMENTS, {"model": model.pk, "name": "d"}).status_code == 401


@pytest.mark.parametrize("right", ["view", "run", "edit"])
def test_who_sees_the_model_sees_its_deployments(
    collaborator_api: Any, collaborator: Any, deployment: Any, model: Any, grant: Any, right: str
) -> None:
    grant(model, collaborator, right)
    assert collaborator_api.get(one(deployment)).json()["name"] == "digits"
    assert collaborator_api.get(DEPLOYMENTS).json()["count"] == 1


@pytest.mark.parametrize("right", ["view", "run"])
def test_only_editors_read_its_log_and_take_its_steps(
    collaborator_api: Any, collaborator: Any, deployment: Any, model: Any, grant: Any, right: str
) -> None:
    grant(model, collaborator, right)
    assert collaborator_api.get(one(deployment, "log/")).status_code == 403
    assert collaborator_api.post(one(deployment, "start/")).status_code == 403
    assert collaborator_api.post(one(deployment, "stop/")).status_code == 403
    assert collaborator_api.patch(one(deployment), {"name": "x"}).status_code == 403
    assert collaborator_api.delete(one(deployment)).status_code == 403
    deployment.refresh_from_db()
    assert (deployment.name, deployment.state) == ("digits", "ready")


def test_an_editor_reads_its_log_and_takes_its_steps(
    collaborator_api: Any, collaborator: Any, deployment: Any, model: Any, grant: Any
) -> None:
    grant(model, collaborator, "edit")
    assert collaborator_api.get(one(deployment, "log/")).json() == {"log": "loaded"}
    assert collaborator_api.post(one(deployment, "stop/")).json()["state"] == "stopped"
    assert collaborator_api.post(one(deployment, "start/")).json()["state"] == "pending"
    assert collaborator_api.patch(one(deployment), {"name": "x"}).json()["name"] == "x"
    assert collaborator_api.delete(one(deployment)).status_code == 204
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions == {f"deployment.{step}" for step in ("stop", "start", "rename", "delete")}


def test_strangers_and_nobody_see_none(stranger_api: Any, anonymous_api: Any, deployment: Any) -> None:
    assert stranger_api.get(DEPLOYMENTS).json()["results"] == []
    assert anonymous_api.get(DEPLOYMENTS).status_code == 401
    for method, step in (
        ("get", ""),
        ("patch", ""),
        ("delete", ""),
        ("get", "log/"),
        ("post", "start/"),
        ("post", "stop/"),
    ):
        assert getattr(stranger_api, method)(one(deployment, step)).status_code == 404
        assert getattr(anonymous_api, method)(one(deployment, step)).status_code == 401


def test_the_list_is_narrowed_by_model_and_state(owner_api: Any, deployment: Any, model: Any) -> None:
    def found(**query: Any) -> int:
        return int(owner_api.get(DEPLOYMENTS, query).json()["count"])

    assert found(model=model.pk) == found(state="ready") == found(model=model.pk, state="ready") == 1
    assert found(model=model.pk + 1) == found(state="failed") == 0
    assert places(owner_api.get(DEPLOYMENTS, {"state": "odd"})) == ["/state"]
    assert places(owner_api.get(DEPLOYMENTS, {"model": "odd"})) == ["/model"]


def test_nothing_but_the_name_changes(owner_api: Any, deployment: Any) -> None:
    answer = owner_api.patch(one(deployment), {"mini_batch": 8, "name": "x"})
    assert answer.status_code == 400
    assert "Only the name" in answer.json()["error"]["details"][0]["message"]
    deployment.refresh_from_db()
    assert (deployment.name, deployment.mini_batch) == ("digits", 1)


def test_a_step_that_was_taken_already_is_no_error_and_no_second_row(owner_api: Any, deployment: Any) -> None:
    assert owner_api.post(one(deployment, "start/")).json()["state"] == "ready"
    for _ in range(2):
        assert owner_api.post(one(deployment, "stop/")).json()["state"] == "stopped"
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["deployment.stop"]


def test_starting_again_forgets_what_the_last_check_said(owner_api: Any, deployment: Any) -> None:
    Deployment.objects.update(state="failed", reason="no torch", log="…", measured={"load_seconds": 1.0})
    started = owner_api.post(one(deployment, "start/")).json()
    assert (started["state"], started["reason"], started["measured"]) == ("pending", "", None)
    assert owner_api.get(one(deployment, "log/")).json() == {"log": ""}


def test_of_two_who_stop_it_one_does(deployment: Any) -> None:
    same = Deployment.objects.get(pk=deployment.pk)
    assert deployment.stop() is True
    assert same.stop() is False


def test_what_is_needed_is_not_deleted(owner_api: Any, deployment: Any, model: Any, monkeypatch: Any) -> None:
    asked: list[Any] = []

    def needs(ids: Any) -> str:
        asked.append(list(ids))
        return "1 unfinished job uses it."

    monkeypatch.setattr(guards, "_guards", [needs])
    for address in (one(deployment), f"/api/v1/models/{model.pk}/"):
        answer = owner_api.delete(address)
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "in_use"
    assert asked == [[deployment.pk]] * 2
    assert Deployment.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.usefixtures("host_without_sandbox")
class TestWithoutASandbox:
    def test_what_a_superuser_uploaded_runs_while_he_is_alone(
        self, superuser: Any, superuser_api: Any
    ) -> None:
        deployed = self._deploy(superuser_api, superuser)
        assert deployed.status_code == 201
        assert deployed.json()["sandbox"] == "none"

    def test_it_is_refused_as_soon_as_there_is_a_second_account(
        self, superuser: Any, superuser_api: Any, stranger: Any
    ) -> None:
        answer = self._deploy(superuser_api, superuser)
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "no_sandbox"
        assert WHY_NOT in answer.json()["error"]["message"]
        assert not Deployment.objects.exists()

    def test_an_account_that_is_not_active_does_not_count(
        self, superuser: Any, superuser_api: Any, make_user: Any
    ) -> None:
        make_user("gone", is_active=False)
        assert self._deploy(superuser_api, superuser).status_code == 201

    def test_an_administrator_may_allow_it(
        self, superuser: Any, superuser_api: Any, stranger: Any, settings: Any
    ) -> None:
        settings.ALLOW_UNSANDBOXED = True
        assert self._deploy(superuser_api, superuser).status_code == 201

    def test_what_anyone_else_uploaded_never_runs(self, owner_api: Any, owner: Any, settings: Any) -> None:
        settings.ALLOW_UNSANDBOXED = True
        assert self._deploy(owner_api, owner).status_code == 409

    def test_a_ready_deployment_becomes_unusable_with_the_second_account(
        self, superuser: Any, superuser_api: Any, make_user: Any
    ) -> None:
        self._deploy(superuser_api, superuser)
        Deployment.objects.update(state="ready")
        deployment = Deployment.objects.get()
        assert deployment.usable_reason() == ""
        make_user("second")
        assert "sandbox" in deployment.usable_reason()
        assert superuser_api.post(one(deployment, "stop/")).status_code == 200
        assert superuser_api.post(one(deployment, "start/")).status_code == 409

    def _deploy(self, api: Any, user: Any) -> Any:
        from models_app.models import Model

        model = Model.objects.create(name="m", slug="m", owner=user)
        Version.objects.create(
            model=model,
            version="1.0.0",
            sha256="0" * 64,
            size=1,
            manifest={},
            schema=SCHEMA,
            uploaded_by=user,
            uploaded_by_superuser=user.is_superuser,
        )
        return api.post(DEPLOYMENTS, {"model": model.pk, "name": "d"})


@pytest.mark.parametrize("state", ["pending", "building", "failed", "stopped"])
def test_only_a_ready_deployment_may_be_used(deployment: Any, state: str) -> None:
    assert deployment.usable_reason() == ""
    Deployment.objects.update(state=state)
    deployment.refresh_from_db()
    assert state in deployment.usable_reason()


def test_what_a_check_measured_is_shown(owner_api: Any, deployment: Any) -> None:
    Deployment.objects.update(
        measured={"load_seconds": 1.5, "images_per_second": 200.0, "memory_bytes": 10**9}
    )
    assert owner_api.get(one(deployment)).json()["measured"]["images_per_second"] == 200.0


NO_CODE = {"entrypoint": "samplecase.builtin:TorchScript"}


@pytest.fixture
def no_code(version: Any) -> Any:
    """The version as a no-code package's."""
    Version.objects.update(manifest={**version.manifest, **NO_CODE})
    return version


def deployed(api: Any, model: Any, **more: Any) -> Any:
    return api.post(DEPLOYMENTS, {"model": model.pk, "name": "d", **more})


def test_a_no_code_package_is_tuned_on_the_dataset_that_is_named(
    owner_api: Any, model: Any, no_code: Any, dataset: Any
) -> None:
    without = deployed(owner_api, model).json()
    assert (without["dataset"], without["tune"], without["allow_bf16"]) == (None, False, False)
    made = deployed(owner_api, model, dataset=dataset.pk).json()
    assert (made["dataset"], made["tune"], made["allow_bf16"]) == (dataset.pk, True, False)
    told_not_to = deployed(owner_api, model, dataset=dataset.pk, tune=False).json()
    assert (told_not_to["dataset"], told_not_to["tune"]) == (dataset.pk, False)
    allowed = deployed(owner_api, model, dataset=dataset.pk, tune=True, allow_bf16=True).json()
    assert (allowed["tune"], allowed["allow_bf16"]) == (True, True)


def test_a_package_with_code_is_asked_about_the_dataset_and_not_tuned(
    owner_api: Any, model: Any, version: Any, dataset: Any
) -> None:
    made = deployed(owner_api, model, dataset=dataset.pk).json()
    assert (made["dataset"], made["tune"]) == (dataset.pk, False)
    assert places(deployed(owner_api, model, dataset=dataset.pk, tune=True)) == ["/tune"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"tune": True}, "/tune"),
        ({"allow_bf16": True}, "/allow_bf16"),
        ({"tune": "perhaps"}, "/tune"),
        ({"dataset": 0}, "/dataset"),
        ({"dataset": "pictures"}, "/dataset"),
        ({"dataset": [1]}, "/dataset"),
    ],
)
def test_what_is_wrong_about_tuning_is_named_by_its_place(
    owner_api: Any, model: Any, no_code: Any, change: Any, place: str
) -> None:
    answer = deployed(owner_api, model, **change)
    assert answer.status_code == 400
    assert place in places(answer)
    assert not Deployment.objects.exists()


def test_bfloat16_goes_with_tuning_only(owner_api: Any, model: Any, no_code: Any, dataset: Any) -> None:
    answer = deployed(owner_api, model, dataset=dataset.pk, tune=False, allow_bf16=True)
    assert (answer.status_code, places(answer)) == (400, ["/allow_bf16"])


def test_a_dataset_that_the_deployer_may_not_view_is_not_there(
    collaborator_api: Any, collaborator: Any, model: Any, no_code: Any, dataset: Any, grant: Any
) -> None:
    grant(model, collaborator, "edit")
    for pk in (dataset.pk, 10**6):
        answer = deployed(collaborator_api, model, dataset=pk)
        assert (answer.status_code, places(answer)) == (404, ["/dataset"])
    assert not Deployment.objects.exists()
    grant(dataset, collaborator, "view")
    assert deployed(collaborator_api, model, dataset=dataset.pk).status_code == 201


def test_what_it_was_tuned_on_may_be_deleted(owner_api: Any, model: Any, no_code: Any, dataset: Any) -> None:
    made = deployed(owner_api, model, dataset=dataset.pk).json()
    dataset.delete()
    left = owner_api.get(f"{DEPLOYMENTS}{made['id']}/").json()
    assert (left["dataset"], left["tune"]) == (None, True)
