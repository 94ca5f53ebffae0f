"""What happens when two people do the same thing at the same moment."""

from __future__ import annotations

from typing import Any

import pytest

from jobs_app import steering, submit
from jobs_app.models import Job
from models_app import aliases, deploying, runnable, uploads
from models_app.models import AliasMove, Deployment, Model, Version
from samplecase.contracts.states import Sandbox
from samplecase.runtime.sandbox import SandboxReport
from tests.fixtures_models import SCHEMA, Traces, package_of
from tests.racing import TOGETHER, at_once, in_the_midst_of

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_submit_and_an_archival_do_not_wait_for_each_other(
    client_of: Any, owner: Any, model: Any, deployment: Any, dataset: Any, add_samples: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    add_samples(dataset, 1)
    apis = [client_of(owner) for _ in range(2)]
    entry = {"deployment": deployment.pk, "outputs": {"predictions": "kind"}}
    stage = f"/api/v1/models/{model.pk}/versions/1.0.0/stage/"
    answers = in_the_midst_of(
        monkeypatch,
        (submit, "_frozen"),
        lambda: apis[0].post("/api/v1/jobs/", {"dataset": dataset.pk, "entries": [entry]}).status_code,
        lambda: apis[1].post(stage, {"stage": "archived"}).status_code,
    )
    assert answers == [201, 409]


@pytest.fixture
def moving(client_of: Any, owner: Any, model: Any, version: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`moving(index)`: the answer to moving the alias `best` of 1.0.0 to one of four newer versions."""
    monkeypatch.setattr(runnable, "probe_sandbox", lambda: SandboxReport(Sandbox.BWRAP))
    for number in range(1, TOGETHER + 1):
        facts = {"sha256": f"{number:064}", "size": 1, "manifest": {"name": "m"}, "schema": SCHEMA}
        Version.objects.create(model=model, version=f"1.{number}.0", **facts)
    apis = [client_of(owner) for _ in range(TOGETHER)]
    at = f"/api/v1/models/{model.pk}/aliases/best/"
    assert apis[0].put(at, {"version": "1.0.0"}).status_code == 200
    return lambda index: apis[index].put(at, {"version": f"1.{index + 1}.0"}).status_code


def test_an_alias_that_is_moved_by_several_goes_from_one_to_the_next(model: Any, moving: Any) -> None:
    assert at_once(moving) == [200] * TOGETHER
    moves = list(AliasMove.objects.order_by("pk").values_list("before", "after"))
    assert [before for before, _ in moves] == ["", *(after for _, after in moves[:-1])]
    assert sorted(after for _, after in moves) == ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"]
    assert model.aliases.get().version.version == moves[-1][1]


def test_a_deployment_follows_an_alias_that_moves_while_it_is_made(
    client_of: Any, owner: Any, model: Any, moving: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, order = client_of(owner), {"model": model.pk, "name": "d", "version": "best"}
    answers = in_the_midst_of(
        monkeypatch,
        (deploying, "refuse_archived"),
        lambda: api.post("/api/v1/deployments/", order).status_code,
        lambda: moving(0),
    )
    assert answers == [201, 200]
    assert Deployment.objects.get().version.version == "1.1.0"


def test_a_deployment_that_is_made_while_its_alias_moves_has_the_version_that_it_means_then(
    client_of: Any, owner: Any, model: Any, moving: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, order = client_of(owner), {"model": model.pk, "name": "d", "version": "best"}
    answers = in_the_midst_of(
        monkeypatch,
        (aliases, "take_along"),
        lambda: moving(0),
        lambda: api.post("/api/v1/deployments/", order).status_code,
    )
    assert answers == [200, 201]
    assert Deployment.objects.get().version.version == "1.1.0"


def test_a_job_that_is_retried_while_its_alias_moves_keeps_its_version(
    client_of: Any, owner: Any, model: Any, moving: Any, dataset: Any, add_samples: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    api = client_of(owner)
    add_samples(dataset, 1)
    made = api.post("/api/v1/deployments/", {"model": model.pk, "name": "d", "version": "best"}).json()
    Deployment.objects.update(state="ready")
    entry = {"deployment": made["id"], "outputs": {"predictions": "kind"}}
    order = {"dataset": dataset.pk, "entries": [entry]}
    job = Job.objects.get(pk=api.post("/api/v1/jobs/", order).json()["jobs"][0]["id"])
    api.post(f"/api/v1/jobs/{job.pk}/cancel/")
    answers = in_the_midst_of(
        monkeypatch,
        (steering, "_reopen_chunks"),
        lambda: api.post(f"/api/v1/jobs/{job.pk}/retry/").status_code,
        lambda: moving(0),
    )
    assert answers == [200, 200]
    job.refresh_from_db()
    assert (job.state, job.deployment.version_id) == ("running", job.version_id)
    assert Deployment.objects.get(pk=made["id"]).version.version == "1.1.0"


def test_an_upload_and_the_deletion_of_its_model_do_not_wait_for_each_other(
    client_of: Any, owner: Any, model: Any, upload: Any, traces: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    apis = [client_of(owner) for _ in range(2)]
    answers = in_the_midst_of(
        monkeypatch,
        (uploads, "follow_newest"),
        lambda: upload(apis[0], package_of(version="1.0.0")).status_code,
        lambda: apis[1].delete(f"/api/v1/models/{model.pk}/").status_code,
    )
    assert answers == [201, 204]
    assert traces.stored == []
