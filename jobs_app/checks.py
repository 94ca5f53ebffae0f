"""The checks of deployments: claimed, prolonged and reported by conditional updates, as chunks are."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.db.models import F, Max, Min, Q, QuerySet
from django.db.models.functions import Now

from datasets_app.images import EXTENSION_OF
from datasets_app.models import Dataset, Sample
from jobs_app.clock import from_now, lapsed
from jobs_app.specs import spec_of
from models_app import unsandboxed
from models_app.models import Deployment
from samplecase.contracts.jobs import DeploymentClaim, DeploymentReport, SampleRef
from samplecase.contracts.plans import MAX_CHECKED_SAMPLES, MAX_TUNING_SAMPLES
from samplecase.contracts.states import DatasetRight, DeploymentState, Sandbox
from samplecase.contracts.texts import storable

STRETCHES = 16  # places of a large dataset from which samples are taken


def claim(*, executor: str, lease_seconds: float) -> DeploymentClaim | None:
    """Claim a deployment that waits for its check, or whose check was lost; None if there is none.

    A deployment that somebody else claims at the same moment is left to him; the caller asks again anyway.
    """
    waiting = Q(state=DeploymentState.PENDING)
    lost = Q(state=DeploymentState.BUILDING) & (lapsed() | Q(lease_until=None))
    free = Deployment.objects.filter(waiting | lost).order_by("pk")
    if not free.exists():
        return None  # asked four times a second: on SQLite a transaction would keep every writer out
    with transaction.atomic():
        found = free.select_related("version__model", "created_by", "dataset").first()
        if found is None:
            return None
        claimed = free.filter(pk=found.pk, attempt=found.attempt).update(
            state=DeploymentState.BUILDING,
            attempt=F("attempt") + 1,
            lease_until=from_now(lease_seconds),
            executor=executor,
            updated_at=Now(),
        )
        if not claimed:
            return None
        if found.sandbox == Sandbox.NONE and (refusal := _refusal(found)):
            _held(found.pk, found.attempt + 1).update(
                state=DeploymentState.FAILED, reason=refusal, lease_until=None, updated_at=Now()
            )
            return None
        # The examples and samples of the check are those of the person who deploys.
        owner = found.created_by_id or found.version.model.owner_id
        spec = spec_of(found, owner=owner)
        claim = DeploymentClaim(found.pk, found.attempt + 1, spec)
        return claim if found.dataset_id is None and not found.tune else _with_samples(claim, found)


def _with_samples(claim: DeploymentClaim, deployment: Deployment) -> DeploymentClaim:
    """With samples of the dataset that was named, unless it is gone or who deployed may not view it any more."""
    viewer, dataset = deployment.created_by, deployment.dataset
    if dataset is None or viewer is None or not dataset.allows(viewer, DatasetRight.VIEW):
        note = "The dataset is gone, or who deployed may not view it any more: nothing is asked of it or tuned on it.\n"
        return replace(claim, note=note)
    samples = spread_over(dataset, MAX_TUNING_SAMPLES if deployment.tune else MAX_CHECKED_SAMPLES)
    if not samples:
        return replace(claim, note="The dataset has no samples yet: nothing is asked of it or tuned on it.\n")
    return replace(
        claim,
        samples=[_ref(sample) for sample in samples],
        sizes={sample.pk: (sample.width, sample.height) for sample in samples},
        tunes=deployment.tune,
        allows_bf16=deployment.allow_bf16,
    )


def _ref(sample: Sample) -> SampleRef:
    return SampleRef(sample.pk, sample.name, sample.media_sha256, EXTENSION_OF.get(sample.mime, ""))


def spread_over(dataset: Dataset, most: int) -> list[Sample]:
    """Up to `most` samples from all over the dataset: those uploaded one after another are often alike."""
    samples = Sample.objects.filter(dataset=dataset).order_by("pk")
    if samples[: most + 1].count() <= most:
        return list(samples)
    ends = samples.aggregate(first=Min("pk"), last=Max("pk"))
    step = (ends["last"] - ends["first"] + 1) / STRETCHES
    found: dict[int, Sample] = {}
    for stretch in range(STRETCHES):
        start = ends["first"] + int(stretch * step)
        found |= {each.pk: each for each in samples.filter(pk__gte=start)[: most // STRETCHES]}
    return [found[pk] for pk in sorted(found)]


def _refusal(deployment: Deployment) -> str:
    """Why it may not run after all: since it was asked for, others may have got accounts."""
    return unsandboxed.refusal(uploaded_by_superuser=deployment.version.uploaded_by_superuser)


def renew(*, deployment: int, fence: int, lease_seconds: float, log: str | None = None) -> bool:
    """Prolong the check's lease, and show its log so far; False when it was stopped, deleted or taken over."""
    told = {} if log is None else {"log": storable(log), "updated_at": Now()}
    return bool(_held(deployment, fence).update(lease_until=from_now(lease_seconds), **told))


def report(*, deployment: int, fence: int, found: DeploymentReport, log: str) -> bool:
    """building → ready or failed; False when the fence is no longer this one."""
    state = DeploymentState.READY if found.ready else DeploymentState.FAILED
    return bool(
        _held(deployment, fence).update(
            state=state,
            reason=storable(found.reason),
            measured=dict(found.measured),
            log=storable(log),
            lease_until=None,
            updated_at=Now(),
        )
    )


def _held(deployment: int, fence: int) -> QuerySet[Deployment]:
    return Deployment.objects.filter(pk=deployment, attempt=fence, state=DeploymentState.BUILDING)
