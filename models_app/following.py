"""Deployments that follow an alias: where it goes, they go, and the jobs that run stay with what they began with."""

from __future__ import annotations

from django.db import transaction

from models_app import runnable
from models_app.guards import give_back, hand_over, need_of
from models_app.models import Deployment, Model, Version
from samplecase.contracts.errors import ContractError
from samplecase.contracts.states import DeploymentState, Sandbox
from samplecase.web.accounts.models import User, record

NAME_LENGTH = 100


def take_along(*, acting_user: User, model: Model, alias: str, version: Version) -> None:
    """Turn the deployments that follow `alias` to `version`.

    1. They are locked, so that a submit comes before or after. 2. What unfinished jobs need is left to a copy that
    stays with the version it has. 3. Each is checked anew, or says why it cannot run.
    """
    held = Deployment.objects.select_for_update(of=("self",)).filter(version__model=model, follows=alias)
    for deployment in held.select_related("version").order_by("pk"):
        if deployment.version_id == version.pk:
            continue
        before = deployment.version.version
        copy = _left_behind(deployment)
        sandbox, refusal = _runnable(deployment, version)
        deployment.turn_to(version, sandbox=sandbox, refusal=refusal)
        details = {"alias": alias, "before": before, "after": version.version, "copy": copy}
        record(actor=acting_user, action="deployment.follow", subject=deployment, **details)


def _left_behind(deployment: Deployment) -> int | None:
    """The copy for the unfinished jobs of `deployment`, if it has any. It takes no new ones."""
    if not need_of([deployment.pk]):
        return None
    facts = {
        each.attname: getattr(deployment, each.attname)
        for each in Deployment._meta.concrete_fields
        if not each.primary_key
    }
    ending = f" ({deployment.version.version})"
    copy = Deployment(**facts)
    copy.follows, copy.left_behind, copy.copy_of = "", True, deployment
    copy.name = deployment.name[: NAME_LENGTH - len(ending)] + ending
    copy.lease_until, copy.executor = None, ""
    if copy.state == DeploymentState.BUILDING:  # that check is of the other row
        copy.state = DeploymentState.PENDING.value
    copy.save()
    hand_over(deployment.pk, copy.pk)
    return copy.pk


def _runnable(deployment: Deployment, version: Version) -> tuple[Sandbox, str]:
    """At which level the version will run, or why it cannot: nobody is there to be refused, so the row says it."""
    try:
        runnable.refuse_without_environment(version, custom_environment=deployment.custom_environment)
        return runnable.sandbox_for(version), ""
    except ContractError as error:
        return Sandbox(deployment.sandbox), error.message


@transaction.atomic
def forget_left_behind() -> int:
    """Delete the copies whose jobs have ended; returns how many these were.

    The jobs say from then on that they ran on the deployment that was copied, which runs another version now.
    """
    copies = Deployment.objects.select_for_update().filter(left_behind=True)
    done = [each for each in copies if not need_of([each.pk])]
    for deployment in done:
        if deployment.copy_of_id is not None:
            give_back(deployment.pk, deployment.copy_of_id)
        record(actor=None, action="deployment.delete", subject=deployment)
        deployment.delete()
    return len(done)
