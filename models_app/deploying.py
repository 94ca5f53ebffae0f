"""Making deployments and taking them through the steps that people ask for."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from models_app.aliases import hold, newest_of
from models_app.guards import refuse_while_needed
from models_app.models import Deployment, Model, Version
from models_app.naming import is_alias
from models_app.runnable import refuse_archived, refuse_without_environment, sandbox_for
from samplecase.contracts.errors import InvalidInput, NotFound
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

    Where `version` is an alias, the deployment follows it: it turns to whatever the alias means later.
    `tune` is by default whether there is a dataset to tune a no-code package on. Raises `NotFound` at `/dataset`,
    `InvalidInput` at `/version`, `/custom_environment`, `/tune` or `/allow_bf16`, and `Conflict` (`no_sandbox`) where
    it may not run.
    """
    # Nobody archives or deletes the version, or takes the alias away, before the deployment stands.
    hold(model)
    chosen, follows = chosen_version(model, version)
    refuse_archived(chosen)
    refuse_without_environment(chosen, custom_environment=custom_environment)
    asked = None if dataset is None else viewable_dataset(acting_user, dataset)
    tunes = is_tuned(chosen, tune, has_dataset=asked is not None)
    if allow_bf16 and not tunes:
        raise InvalidInput("bfloat16 is tried by tuning alone.", pointer="/allow_bf16")
    deployment: Deployment = Deployment.objects.create(
        version=chosen,
        follows=follows,
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
        **({"follows": follows} if follows else {}),
    )
    return deployment


def chosen_version(model: Model, wanted: str) -> tuple[Version, str]:
    """The version of that number, that the alias means, or the newest; and the alias, if it was one.

    Called with the model held, so that an alias that moves later finds the deployment and takes it along. Raises
    `InvalidInput` at `/version`.
    """
    if is_alias(wanted):
        alias = model.aliases.select_related("version").filter(name=wanted).first()
        if alias is not None:
            return alias.version, alias.name
        raise InvalidInput(f"“{model}” has no version and no alias {wanted}.", pointer="/version")
    found = model.versions.filter(version=wanted).first() if wanted else newest_of(model)
    if found is not None:
        return found, ""
    if wanted:
        raise InvalidInput(f"“{model}” has no version {wanted}.", pointer="/version")
    raise InvalidInput(f"“{model}” has no version to deploy; upload one first.", pointer="/version")


def viewable_dataset(user: User, pk: int) -> Any:
    """The dataset, if `user` may view it. Raises `NotFound` at `/dataset`."""
    datasets: Any = Deployment.dataset.field.related_model  # this app knows datasets by their rows alone
    try:
        return datasets.objects.require(pk=pk, user=user)
    except NotFound as error:
        raise NotFound(error.message, pointer="/dataset") from None


def is_tuned(version: Version, wanted: bool | None, *, has_dataset: bool) -> bool:
    """Raises `InvalidInput` at `/tune` where it is wanted and cannot be done."""
    if wanted is None:
        return version.has_no_code and has_dataset
    if wanted and not version.has_no_code:
        raise InvalidInput(
            "Only no-code packages are tuned: this one brings its own predict.", pointer="/tune"
        )
    if wanted and not has_dataset:
        raise InvalidInput("Name the dataset to tune on.", pointer="/tune")
    return wanted


@transaction.atomic
def rename_deployment(*, acting_user: User, deployment: Deployment, name: str) -> Deployment:
    Deployment.objects.filter(pk=deployment.pk).update(name=name, updated_at=Now())
    deployment.refresh_from_db()
    record(actor=acting_user, action="deployment.rename", subject=deployment)
    return deployment


@transaction.atomic
def start_deployment(*, acting_user: User, deployment: Deployment) -> Deployment:
    """Check a stopped or failed deployment again; one that is on its way or ready is left as it is.

    Raises `Conflict` where its version was archived meanwhile, or there is no sandbox for it any more, and `NotFound`
    where it was deleted.
    """
    hold(deployment.version.model)
    held = Deployment.objects.select_related("version__model", "created_by")
    found: Deployment | None = held.filter(pk=deployment.pk).first()  # its alias may have moved
    if found is None:
        raise NotFound(f"There is no deployment {deployment.pk} any more.")
    refuse_archived(found.version)
    if found.start(sandbox=sandbox_for(found.version)):
        record(actor=acting_user, action="deployment.start", subject=found)
    return found


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
