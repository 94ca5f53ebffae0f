"""Making deployments and taking them through the steps that people ask for."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from models_app import unsandboxed
from models_app.guards import refuse_while_needed
from models_app.models import Deployment, Model, Version
from samplecase.contracts.errors import Conflict, InvalidInput, NotFound
from samplecase.contracts.states import Sandbox
from samplecase.packages.builtin_blocks import ENTRYPOINT_PREFIX
from samplecase.runtime.sandbox import probe_sandbox
from samplecase.web.accounts.models import User, record


@transaction.atomic
def deploy(
    *,
    acting_user: User,
    model: Model,
    name: str,
    version: str = "",
    model_type: str = "inference",
    mini_batch: int = 1,
    num_replicas: int = 1,
    num_gpus: int = 0,
    custom_environment: bool = False,
    dataset: int | None = None,
    tune: bool | None = None,
    allow_bf16: bool = False,
) -> Deployment:
    """A pending deployment of a version, by default the newest; an executor checks it before it is ready.

    `tune` is by default whether there is a dataset to tune a no-code package on. Raises `NotFound` at `/dataset`,
    `InvalidInput` at `/version`, `/custom_environment`, `/tune` or `/allow_bf16`, and `Conflict` (`no_sandbox`) where
    it may not run.
    """
    chosen = chosen_version(model, version)
    if custom_environment and not (chosen.environment_yml or chosen.requirements):
        raise InvalidInput(
            "The package has neither an environment.yml nor a requirements.txt to build an environment from.",
            pointer="/custom_environment",
        )
    asked = None if dataset is None else viewable_dataset(acting_user, dataset)
    tunes = is_tuned(chosen, tune, has_dataset=asked is not None)
    if allow_bf16 and not tunes:
        raise InvalidInput("bfloat16 is tried by tuning alone.", pointer="/allow_bf16")
    deployment: Deployment = Deployment.objects.create(
        version=chosen,
        name=name,
        model_type=model_type,
        mini_batch=mini_batch,
        num_replicas=num_replicas,
        num_gpus=num_gpus,
        custom_environment=custom_environment,
        dataset=asked,
        tune=tunes,
        allow_bf16=allow_bf16,
        sandbox=sandbox_for(chosen),
        created_by=acting_user,
    )
    record(
        actor=acting_user,
        action="deployment.create",
        subject=deployment,
        model=model.pk,
        version=chosen.version,
    )
    return deployment


def chosen_version(model: Model, number: str) -> Version:
    """The version called so, or the newest. Raises `InvalidInput` at `/version`."""
    found = model.versions.filter(version=number).first() if number else model.versions.first()
    if found is not None:
        return found
    if number:
        raise InvalidInput(f"“{model}” has no version {number}.", pointer="/version")
    raise InvalidInput(f"“{model}” has no version yet; upload one first.", pointer="/version")


def viewable_dataset(user: User, pk: int) -> Any:
    """The dataset, if `user` may view it. Raises `NotFound` at `/dataset`."""
    datasets: Any = Deployment.dataset.field.related_model  # this app knows datasets by their rows alone
    try:
        return datasets.objects.require(pk=pk, user=user)
    except NotFound as error:
        raise NotFound(error.message, pointer="/dataset") from None


def is_tuned(version: Version, wanted: bool | None, *, has_dataset: bool) -> bool:
    """Raises `InvalidInput` at `/tune` where it is wanted and cannot be done."""
    has_no_code = str(version.manifest.get("entrypoint", "")).startswith(ENTRYPOINT_PREFIX)
    if wanted is None:
        return has_no_code and has_dataset
    if wanted and not has_no_code:
        raise InvalidInput(
            "Only no-code packages are tuned: this one brings its own predict.", pointer="/tune"
        )
    if wanted and not has_dataset:
        raise InvalidInput("Name the dataset to tune on.", pointer="/tune")
    return wanted


def sandbox_for(version: Version) -> Sandbox:
    """The level at which the version will run. Raises `Conflict` (`no_sandbox`) with what to install."""
    found = probe_sandbox()
    if found.level is Sandbox.NONE:
        refusal = unsandboxed.refusal(uploaded_by_superuser=version.uploaded_by_superuser)
        if refusal:
            raise Conflict(f"There is no sandbox here: {found.why_not}. {refusal}", code="no_sandbox")
    return found.level


@transaction.atomic
def rename_deployment(*, acting_user: User, deployment: Deployment, name: str) -> Deployment:
    Deployment.objects.filter(pk=deployment.pk).update(name=name, updated_at=Now())
    deployment.refresh_from_db()
    record(actor=acting_user, action="deployment.rename", subject=deployment)
    return deployment


@transaction.atomic
def start_deployment(*, acting_user: User, deployment: Deployment) -> Deployment:
    """Check a stopped or failed deployment again; one that is on its way or ready is left as it is."""
    if deployment.start(sandbox=sandbox_for(deployment.version)):
        record(actor=acting_user, action="deployment.start", subject=deployment)
    return deployment


@transaction.atomic
def stop_deployment(*, acting_user: User, deployment: Deployment) -> Deployment:
    """Take a deployment out of use; one that is stopped stays so."""
    if deployment.stop():
        record(actor=acting_user, action="deployment.stop", subject=deployment)
    return deployment


@transaction.atomic
def delete_deployment(*, acting_user: User, deployment: Deployment) -> None:
    """Raises `Conflict` while a job needs it."""
    refuse_while_needed(Deployment.objects.select_for_update().filter(pk=deployment.pk))
    record(actor=acting_user, action="deployment.delete", subject=deployment)
    deployment.delete()
