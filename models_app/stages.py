"""The life of a version: development → production → archived, and from the archive back to development."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from models_app.aliases import follow_newest, hold, refuse_aliased
from models_app.guards import have_finished
from models_app.models import Deployment, Version
from samplecase.contracts.errors import Conflict, NotFound
from samplecase.contracts.states import DeploymentState, Stage
from samplecase.web.accounts.models import User, record

STEPS: Mapping[Stage, tuple[Stage, ...]] = {
    Stage.DEVELOPMENT: (Stage.PRODUCTION, Stage.ARCHIVED),
    Stage.PRODUCTION: (Stage.ARCHIVED,),
    Stage.ARCHIVED: (Stage.DEVELOPMENT,),
}
# A deployment in one of these runs or is about to.
IN_USE = (DeploymentState.PENDING, DeploymentState.BUILDING, DeploymentState.READY)


@transaction.atomic
def change_stage(*, acting_user: User, version: Version, stage: Stage) -> Version:
    """Take a version one step on; the stage that it has already is no error and no step.

    Raises `NotFound` if it was deleted, and `Conflict`: `bad_step`; to production `unproven`; to archived `deployed`
    and `aliased`.
    """
    found = held(version)
    before = Stage(found.stage)
    if stage is before:
        return found
    if stage not in STEPS[before]:
        allowed = " or ".join(STEPS[before])
        raise Conflict(
            f"A version in {before} goes to {allowed}, not to {stage}.", code="bad_step", pointer="/stage"
        )
    if stage is Stage.PRODUCTION:
        refuse_unproven(found)
    if stage is Stage.ARCHIVED:
        refuse_used(found, "archived")
    found.stage = stage.value
    found.save(update_fields=["stage"])
    record(actor=acting_user, action="version.stage", subject=found, before=before.value, after=stage.value)
    follow_newest(acting_user=acting_user, model=found.model)
    return found


def held(version: Version) -> Version:
    """The version as it stands, with its model held: every step of its life is taken so. Raises `NotFound`.

    Its own row is not locked: a submit that has the deployment asks for the row too, and each would wait for the other.
    """
    hold(version.model)
    found = Version.objects.select_related("model", "uploaded_by").filter(pk=version.pk).first()
    if found is None:
        raise NotFound(f"“{version.model}” no longer has the version {version.version}.")
    return found


def refuse_unproven(version: Version) -> None:
    """Raise `Conflict` (`unproven`) unless somebody has seen it work: production is a promise."""
    is_ready = version.deployments.filter(state=DeploymentState.READY).exists()
    if not is_ready and not have_finished([version.pk]):
        shown = f"Nothing shows yet that version {version.version} works"
        message = f"{shown}: deploy it, or finish a job or a try with it."
        raise Conflict(message, code="unproven", pointer="/stage")


def refuse_used(version: Version, participle: str) -> None:
    """Raise `Conflict` while it is deployed (`deployed`), or an alias set by hand means it (`aliased`)."""
    rows = Deployment.objects.select_for_update().filter(version=version, state__in=IN_USE)
    if names := [deployment.name for deployment in rows]:
        message = f"Version {version.version} is deployed as {', '.join(names)}; stop that before it is {participle}."
        raise Conflict(message, code="deployed")
    refuse_aliased(version, participle)
