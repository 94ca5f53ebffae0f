"""The checks of deployments: claimed once, reported once, taken over when lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from datasets_app.models import Dataset
from jobs_app.models import Job
from samplecase.contracts.jobs import DeploymentReport
from samplecase.contracts.plans import Plan, Tricks
from samplecase.contracts.states import Sandbox
from samplecase.runtime.ledger import Ledger
from tests.faults.ledger.working import (
    claim,
)

pytestmark = pytest.mark.django_db


def test_a_check_is_claimed_once_and_its_report_stands(ledger: Ledger, ready_deployment: Any) -> None:
    type(ready_deployment).objects.update(state="pending")
    found = ledger.claim_deployment(executor="here", lease_seconds=30)
    assert found is not None
    assert (found.deployment, found.fence, found.spec.package_sha256) == (
        ready_deployment.pk, 1, ready_deployment.version.sha256,
    )  # fmt: skip
    assert ledger.claim_deployment(executor="there", lease_seconds=30) is None
    assert ledger.renew_deployment(deployment=ready_deployment.pk, fence=1, lease_seconds=30)
    report = DeploymentReport(ready=True, measured={"load_seconds": 0.5})
    assert ledger.report_deployment(deployment=ready_deployment.pk, fence=1, report=report, log="fine")
    ready_deployment.refresh_from_db()
    assert (ready_deployment.state, ready_deployment.measured, ready_deployment.log) == (
        "ready",
        {"load_seconds": 0.5},
        "fine",
    )
    assert not ledger.report_deployment(deployment=ready_deployment.pk, fence=1, report=report, log="again")


def test_a_check_gets_samples_from_all_over_the_dataset_and_shows_its_log_as_it_goes(
    ledger: Ledger, ready_deployment: Any, dataset: Dataset, add_samples: Callable[..., list[int]]
) -> None:
    rows, ids = type(ready_deployment).objects, add_samples(dataset, 1000)
    rows.update(state="pending", dataset=dataset.pk, tune=True, allow_bf16=True)
    found = ledger.claim_deployment(executor="here", lease_seconds=30)
    assert found is not None
    asked = [sample.id for sample in found.samples]
    assert len(asked) == len(set(asked)) == 256
    assert asked[0] == ids[0]
    assert asked[-1] > ids[900]
    assert set(found.sizes.values()) == {(8, 8)}
    assert (found.tunes, found.allows_bf16, found.note) == (True, True, "")
    assert ledger.renew_deployment(deployment=ready_deployment.pk, fence=1, lease_seconds=30, log="so far\0")
    assert ledger.renew_deployment(deployment=ready_deployment.pk, fence=1, lease_seconds=30)
    ready_deployment.refresh_from_db()
    assert ready_deployment.log == "so far\N{REPLACEMENT CHARACTER}"

    rows.update(state="pending", tune=False)
    found = ledger.claim_deployment(executor="here", lease_seconds=30)
    assert found is not None
    assert (len(found.samples), found.tunes) == (16, False)


def test_a_check_gets_no_samples_of_a_dataset_that_who_deployed_may_not_view_any_more(
    ledger: Ledger, ready_deployment: Any, dataset: Dataset, stranger: Any, samples: list[int]
) -> None:
    rows = type(ready_deployment).objects
    for change in ({"created_by": stranger}, {"created_by": None}, {"dataset": None}):
        rows.update(**{"state": "pending", "dataset": dataset.pk, "tune": True, **change})
        found = ledger.claim_deployment(executor="here", lease_seconds=30)
        assert found is not None
        assert (found.samples, found.tunes) == ((), False)
        assert "may not view it any more" in found.note


def test_a_job_runs_by_the_plan_of_its_deployment_and_by_what_was_entered_without_one(
    ledger: Ledger, ready_deployment: Any, samples: list[int], make_job: Callable[..., Job]
) -> None:
    plan = Plan(Tricks(graph="frozen"), mini_batch=16, num_replicas=2, threads=1)
    make_job()
    type(ready_deployment).objects.update(measured={"plan": plan.as_json()}, mini_batch=3)
    spec = claim(ledger).spec
    assert (spec.tricks, spec.mini_batch, spec.num_replicas, spec.threads) == (plan.tricks, 16, 2, 1)
    ready_deployment.refresh_from_db()
    ready_deployment.stop()
    ready_deployment.start(sandbox=Sandbox.BWRAP)  # measures and tunes anew, beginning with the plain network
    found = ledger.claim_deployment(executor="here", lease_seconds=30)
    assert found is not None
    assert (found.spec.tricks, found.spec.mini_batch, found.spec.threads) == (None, 3, 0)


def test_a_lost_check_is_taken_over_and_the_late_report_is_refused(
    ledger: Ledger, ready_deployment: Any
) -> None:
    rows = type(ready_deployment).objects
    rows.update(state="pending")
    assert ledger.claim_deployment(executor="here", lease_seconds=30)
    rows.update(lease_until=timezone.now() - timedelta(seconds=1))
    second = ledger.claim_deployment(executor="there", lease_seconds=30)
    assert second is not None
    assert second.fence == 2
    failed = DeploymentReport(ready=False, reason="no \0 torch")
    assert not ledger.renew_deployment(deployment=ready_deployment.pk, fence=1, lease_seconds=30)
    assert not ledger.report_deployment(deployment=ready_deployment.pk, fence=1, report=failed, log="")
    assert ledger.report_deployment(deployment=ready_deployment.pk, fence=2, report=failed, log="")
    ready_deployment.refresh_from_db()
    assert (ready_deployment.state, ready_deployment.reason) == ("failed", "no � torch")


def test_the_report_on_a_stopped_deployment_is_refused(ledger: Ledger, ready_deployment: Any) -> None:
    type(ready_deployment).objects.update(state="pending")
    assert ledger.claim_deployment(executor="here", lease_seconds=30)
    assert ready_deployment.stop()
    report = DeploymentReport(ready=True)
    assert not ledger.renew_deployment(deployment=ready_deployment.pk, fence=1, lease_seconds=30)
    assert not ledger.report_deployment(deployment=ready_deployment.pk, fence=1, report=report, log="")
    ready_deployment.refresh_from_db()
    assert ready_deployment.state == "stopped"


def test_a_deployment_without_a_sandbox_is_checked_again_against_the_rule(
    ledger: Ledger, ready_deployment: Any, stranger: Any
) -> None:
    type(ready_deployment).objects.update(state="pending", sandbox="none")
    assert ledger.claim_deployment(executor="here", lease_seconds=30) is None
    ready_deployment.refresh_from_db()
    assert ready_deployment.state == "failed"
    assert "sandbox" in ready_deployment.reason
