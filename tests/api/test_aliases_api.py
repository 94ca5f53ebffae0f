"""Aliases over REST: who moves them, what they remember, and what the deployments and jobs that follow do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jobs_app.checks import claim as claim_check
from jobs_app.checks import report as report_check
from jobs_app.obstacles import obstacle_to
from jobs_app.specs import Specs
from models_app import aliases, runnable
from models_app.models import Deployment, Version
from models_app.pointing import Alias
from samplecase.contracts.jobs import DeploymentReport
from samplecase.contracts.states import Sandbox
from samplecase.runtime.sandbox import SandboxReport
from samplecase.web.accounts.models import AuditEntry
from tests.fixtures_models import SCHEMA, Traces, package_of

DEPLOYMENTS = "/api/v1/deployments/"


@pytest.fixture(autouse=True)
def host_with_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether this host has bubblewrap is not what these tests are about."""
    monkeypatch.setattr(runnable, "probe_sandbox", lambda: SandboxReport(Sandbox.BWRAP))


@pytest.fixture
def newer(model: Any, version: Any) -> Any:
    """Version 1.1.0, after 1.0.0."""
    return Version.objects.create(
        model=model, version="1.1.0", sha256="1" * 64, size=1, manifest={"name": "m"}, schema=SCHEMA
    )


@pytest.fixture
def champion(owner_api: Any, model: Any, version: Any) -> Callable[[str], Any]:
    """`champion("1.1.0")`: the answer to moving the alias there."""
    return lambda number: owner_api.put(at(model, "champion/"), {"version": number})


@pytest.fixture
def follower(owner_api: Any, model: Any, champion: Any) -> Any:
    """A ready deployment that follows `champion`, now 1.0.0."""
    champion("1.0.0")
    made = owner_api.post(DEPLOYMENTS, {"model": model.pk, "name": "best", "version": "champion"}).json()
    assert (made["version"], made["follows"]) == ("1.0.0", "champion")
    Deployment.objects.update(state="ready", measured={"load_seconds": 1.0}, log="loaded")
    return Deployment.objects.get(pk=made["id"])


def at(model: Any, rest: str = "") -> str:
    return f"/api/v1/models/{model.pk}/aliases/{rest}"


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def means(api: Any, model: Any) -> dict[str, str]:
    return {each["name"]: each["version"] for each in api.get(at(model)).json()["results"]}


def test_an_alias_is_set_moved_and_taken_away_and_remembers_it(
    owner_api: Any,
    collaborator_api: Any,
    collaborator: Any,
    model: Any,
    newer: Any,
    champion: Any,
    grant: Any,
) -> None:
    grant(model, collaborator, "edit")
    assert champion("1.0.0").json()["version"] == "1.0.0"
    moved = collaborator_api.put(at(model, "champion/"), {"version": "1.1.0"}).json()
    assert (moved["name"], moved["version"], moved["moved_by"]) == ("champion", "1.1.0", "collaborator")
    assert champion("1.1.0").json()["moved_by"] == "collaborator"  # it meant that already
    assert owner_api.get(f"/api/v1/models/{model.pk}/").json()["aliases"] == [moved]
    assert owner_api.delete(at(model, "champion/")).status_code == 204
    history = owner_api.get(at(model, "champion/history/")).json()["results"]
    assert [(each["before"], each["after"], each["moved_by"]) for each in history] == [
        ("1.1.0", "", "owner"),
        ("1.0.0", "1.1.0", "collaborator"),
        ("", "1.0.0", "owner"),
    ]
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["alias.move", "alias.move", "alias.delete"]


@pytest.mark.parametrize(
    ("name", "body", "place"),
    [
        ("champion", {"version": "9.9.9"}, "/version"),
        ("champion", {"version": None}, "/version"),
        ("champion", {}, "/version"),
        ("champion", {"version": "1.0.0", "name": "x"}, "/name"),
        ("Champion", {"version": "1.0.0"}, "/name"),
        ("1.0.0", {"version": "1.0.0"}, "/name"),
        ("a" * 41, {"version": "1.0.0"}, "/name"),
    ],
)
def test_what_is_not_valid_is_named_by_its_place(
    owner_api: Any, model: Any, version: Any, name: str, body: Any, place: str
) -> None:
    answer = owner_api.put(at(model, f"{name}/"), body)
    assert (answer.status_code, answer.json()["error"]["details"][0]["pointer"]) == (400, place)
    assert not Alias.objects.exists()


def test_latest_follows_by_itself(owner_api: Any, model: Any, upload: Any, traces: Traces) -> None:
    upload(owner_api, package_of(version="1.0.0"))
    upload(owner_api, package_of(version="1.1.0"))
    assert means(owner_api, model) == {"latest": "1.1.0"}
    assert code(owner_api.put(at(model, "latest/"), {"version": "1.0.0"})) == (409, "follows_by_itself")
    assert code(owner_api.delete(at(model, "latest/"))) == (409, "follows_by_itself")
    newest = f"/api/v1/models/{model.pk}/versions/1.1.0/"
    owner_api.post(f"{newest}stage/", {"stage": "archived"})
    assert means(owner_api, model) == {"latest": "1.0.0"}
    owner_api.post(f"{newest}stage/", {"stage": "development"})
    assert means(owner_api, model) == {"latest": "1.1.0"}
    owner_api.delete(newest)
    assert means(owner_api, model) == {"latest": "1.0.0"}
    owner_api.delete(f"/api/v1/models/{model.pk}/versions/1.0.0/")
    assert means(owner_api, model) == {}
    moves = owner_api.get(at(model, "latest/history/")).json()["results"]
    assert [each["after"] for each in moves] == ["", "1.0.0", "1.1.0", "1.0.0", "1.1.0", "1.0.0"]


def test_an_archived_version_has_no_alias(owner_api: Any, model: Any, newer: Any, champion: Any) -> None:
    Version.objects.filter(pk=newer.pk).update(stage="archived")
    assert code(champion("1.1.0")) == (409, "archived")


def test_a_model_has_not_any_number_of_aliases(
    owner_api: Any, model: Any, newer: Any, champion: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lists models is sent all of them."""
    monkeypatch.setattr(aliases, "MOST_ALIASES", 1)
    assert champion("1.0.0").status_code == 200
    assert code(owner_api.put(at(model, "other/"), {"version": "1.0.0"})) == (409, "too_many_aliases")
    assert champion("1.1.0").status_code == 200


@pytest.mark.parametrize(("right", "status"), [("view", 403), ("run", 403), ("edit", 200)])
def test_moving_needs_edit_and_reading_view(
    collaborator_api: Any, collaborator: Any, stranger_api: Any, model: Any, champion: Any, grant: Any,
    right: str, status: int,
) -> None:  # fmt: skip
    champion("1.0.0")
    grant(model, collaborator, right)
    assert means(collaborator_api, model) == {"champion": "1.0.0"}
    assert collaborator_api.get(at(model, "champion/history/")).json()["count"] == 1
    assert collaborator_api.put(at(model, "champion/"), {"version": "1.0.0"}).status_code == status
    assert collaborator_api.delete(at(model, "champion/")).status_code == (204 if status == 200 else status)
    for method, address in (
        ("get", ""),
        ("put", "champion/"),
        ("delete", "champion/"),
        ("get", "champion/history/"),
    ):
        assert getattr(stranger_api, method)(at(model, address)).status_code == 404


def test_what_follows_an_alias_is_checked_anew_with_its_version(
    owner_api: Any, follower: Any, newer: Any, champion: Any
) -> None:
    champion("1.1.0")
    shown = owner_api.get(f"{DEPLOYMENTS}{follower.pk}/").json()
    assert {key: shown[key] for key in ("version", "follows", "state", "measured", "name")} == {
        "version": "1.1.0",
        "follows": "champion",
        "state": "pending",
        "measured": None,
        "name": "best",
    }
    assert Deployment.objects.count() == 1
    entry = AuditEntry.objects.get(action="deployment.follow")
    assert entry.details == {"alias": "champion", "before": "1.0.0", "after": "1.1.0", "copy": None}


def test_one_that_is_stopped_stays_so_and_one_that_is_pinned_stays_where_it_is(
    owner_api: Any, follower: Any, newer: Any, champion: Any, deployment: Any
) -> None:
    owner_api.post(f"{DEPLOYMENTS}{follower.pk}/stop/")
    champion("1.1.0")
    follower.refresh_from_db()
    deployment.refresh_from_db()
    assert (follower.version.version, follower.state) == ("1.1.0", "stopped")
    assert (deployment.version.version, deployment.state) == ("1.0.0", "ready")


def test_a_check_of_the_version_before_says_nothing_of_the_new_one(
    follower: Any, newer: Any, champion: Any
) -> None:
    Deployment.objects.update(state="pending")
    before = claim_check(executor="a", lease_seconds=60)
    assert before is not None
    champion("1.1.0")
    found = DeploymentReport(ready=True)
    assert not report_check(deployment=follower.pk, fence=before.fence, found=found, log="")
    after = claim_check(executor="a", lease_seconds=60)
    assert after is not None
    assert after.spec.version == newer.pk
    assert report_check(deployment=follower.pk, fence=after.fence, found=found, log="")


def test_what_cannot_run_says_so_and_the_alias_moves_all_the_same(
    owner_api: Any, follower: Any, newer: Any, champion: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runnable, "probe_sandbox", lambda: SandboxReport(Sandbox.NONE, "no bwrap"))
    assert champion("1.1.0").status_code == 200
    shown = owner_api.get(f"{DEPLOYMENTS}{follower.pk}/").json()
    assert (shown["version"], shown["state"]) == ("1.1.0", "failed")
    assert "no bwrap" in shown["reason"]


def test_a_followed_alias_is_not_taken_away(owner_api: Any, model: Any, follower: Any) -> None:
    assert code(owner_api.delete(at(model, "champion/"))) == (409, "followed")
    assert owner_api.delete(f"{DEPLOYMENTS}{follower.pk}/").status_code == 204
    assert owner_api.delete(at(model, "champion/")).status_code == 204


def test_an_alias_that_is_not_there_is_followed_by_nobody(owner_api: Any, model: Any, version: Any) -> None:
    answer = owner_api.post(DEPLOYMENTS, {"model": model.pk, "name": "d", "version": "champion"})
    assert (answer.status_code, answer.json()["error"]["details"][0]["pointer"]) == (400, "/version")


class TestWithAJob:
    @pytest.fixture
    def submitted(
        self, owner_api: Any, follower: Any, dataset: Any, add_samples: Any
    ) -> Callable[[str], Any]:
        from jobs_app.models import Job

        add_samples(dataset, 2)

        def submit(field: str) -> Any:
            entry = {"deployment": follower.pk, "outputs": {"predictions": field}}
            answer = owner_api.post("/api/v1/jobs/", {"dataset": dataset.pk, "entries": [entry]})
            assert answer.status_code == 201, answer.content
            return Job.objects.select_related("deployment", "version").get(pk=answer.json()["jobs"][0]["id"])

        return submit

    def test_a_job_stays_with_the_version_it_began_with(
        self, submitted: Any, follower: Any, newer: Any, champion: Any, owner_api: Any
    ) -> None:
        from jobs_app.starting import start, sweep

        job = submitted("a")
        assert start(job.pk)
        champion("1.1.0")
        job.refresh_from_db()
        copy = job.deployment
        assert (copy.name, copy.follows, copy.state, copy.version_id) == (
            "best (1.0.0)", "", "ready", job.version_id,
        )  # fmt: skip
        assert copy.measured == {"load_seconds": 1.0}
        assert obstacle_to(job) is None
        spec, _ = Specs().of(copy, owner=job.owner_id)
        assert spec.version == job.version_id
        assert owner_api.get(f"/api/v1/jobs/{job.pk}/").json()["version"] == "1.0.0"
        Deployment.objects.filter(pk=follower.pk).update(state="ready")
        assert submitted("b").version_id == newer.pk
        sweep()
        entry = {"deployment": copy.pk, "outputs": {"predictions": "c"}}
        refused = owner_api.post("/api/v1/jobs/", {"dataset": job.dataset_id, "entries": [entry]})
        assert code(refused) == (409, "deployment_not_ready")
        owner_api.post(f"/api/v1/jobs/{job.pk}/cancel/")
        sweep()
        assert owner_api.get(f"{DEPLOYMENTS}{copy.pk}/").status_code == 404
        assert Deployment.objects.get().pk == follower.pk

    def test_a_job_that_is_over_is_not_retried_with_another_version(
        self, submitted: Any, newer: Any, champion: Any, owner_api: Any
    ) -> None:
        from jobs_app.models import Job

        job = submitted("a")
        owner_api.post(f"/api/v1/jobs/{job.pk}/cancel/")
        champion("1.1.0")
        Deployment.objects.update(state="ready")
        assert Deployment.objects.count() == 1
        answer = owner_api.post(f"/api/v1/jobs/{job.pk}/retry/")
        assert code(answer) == (409, "version_moved")
        assert Job.objects.get(pk=job.pk).state == "cancelled"

    def test_a_job_whose_copy_is_gone_says_that_the_version_moved_and_not_that_all_is_deleted(
        self, submitted: Any, follower: Any, newer: Any, champion: Any, owner_api: Any
    ) -> None:
        from jobs_app.starting import start, sweep

        job = submitted("a")
        assert start(job.pk)
        champion("1.1.0")
        owner_api.post(f"/api/v1/jobs/{job.pk}/cancel/")
        sweep()
        Deployment.objects.update(state="ready")
        shown = owner_api.get(f"/api/v1/jobs/{job.pk}/").json()
        assert (shown["deployment"], shown["version"]) == (follower.pk, "1.0.0")
        answer = owner_api.post(f"/api/v1/jobs/{job.pk}/retry/")
        assert code(answer) == (409, "version_moved")


def test_the_history_goes_with_the_model(owner_api: Any, model: Any, champion: Any) -> None:
    champion("1.0.0")
    assert owner_api.delete(f"/api/v1/models/{model.pk}/").status_code == 204
    assert not Alias.objects.exists()
