"""What keeps a job from running: looked at when it starts and again at every claim."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import QuerySet

from datasets_app.bulk_actions import Action
from datasets_app.models import Dataset, Field
from jobs_app.models import Job, JobField
from models_app.models import Deployment, Model, Version
from samplecase.contracts.states import DatasetRight, DeploymentState, JobKind, ModelRight
from samplecase.web.accounts.models import User
from samplecase.web.prepared import Prepared

# A deployment in one of these is on its way (back) to ready: its jobs wait.
ON_ITS_WAY = (DeploymentState.PENDING.value, DeploymentState.BUILDING.value)


def _ordered(model: type[models.Model], names: set[str]) -> tuple[type[models.Model], list[str]]:
    """`names` in the order in which the model takes them from the database."""
    return model, [each.attname for each in model._meta.concrete_fields if each.attname in names]


# Of a job and of each of its parts what is looked at here, under the way to it; each after what it is a part of.
_LOOKED_AT = {
    "": _ordered(Job, {"id", "kind", "dataset_id", "version_id", "deployment_id", "owner_id", "dry_run"}),
    "owner": _ordered(User, {"id", "username", "is_active", "is_superuser"}),
    "dataset": _ordered(Dataset, {"id", "name", "owner_id", "everyone"}),
    "deployment": _ordered(
        Deployment, {"id", "name", "version_id", "sandbox", "state", "reason", "updated_at"}
    ),
    "deployment__version": _ordered(Version, {"id", "model_id", "uploaded_by_superuser"}),
    "deployment__version__model": _ordered(Model, {"id", "name", "owner_id", "everyone"}),
}


@dataclass(frozen=True)
class Obstacle:
    """Why a job cannot go on: a code, and a sentence for its owner."""

    code: str
    message: str


def obstacle_to(job: Job) -> Obstacle | None:
    """What ends `job`, or None. Its deployment may still be on its way; see `waits`."""
    if not job.owner.is_active:
        return Obstacle(
            "rights", f"The account of {job.owner.username}, who submitted the job, is not active."
        )
    needed = DatasetRight.VIEW if job.kind == JobKind.EXPORT else DatasetRight.LABEL
    if job.kind == JobKind.BULK and job.inputs["action"] == Action.DELETE:
        needed = DatasetRight.EDIT
    if not job.dataset.allows(job.owner, needed):
        return _missing(job, needed.value, f"the dataset “{job.dataset}”")
    return _obstacle_to_inference(job) if job.kind == JobKind.INFERENCE else None


def _obstacle_to_inference(job: Job) -> Obstacle | None:
    deployment = job.deployment
    if deployment is None:
        return Obstacle("deployment_gone", "The deployment was deleted.")
    if job.version_id != deployment.version_id:
        number = deployment.version.version
        message = f"The deployment “{deployment}” runs version {number} now, and the job began with another."
        return Obstacle("version_moved", f"{message} Submit it again.")
    model = deployment.version.model
    if not model.allows(job.owner, ModelRight.RUN):
        return _missing(job, "run", f"the model “{model}”")
    if deployment.state == DeploymentState.STOPPED:
        return Obstacle("deployment_stopped", f"The deployment “{deployment}” was stopped.")
    if deployment.state == DeploymentState.FAILED:
        return Obstacle("deployment_failed", f"The deployment “{deployment}” failed: {deployment.reason}")
    if not waits(job) and (reason := deployment.usable_reason()):
        return Obstacle("sandbox", reason)
    if gone := _missing_inputs(job):
        message = f"The model reads the field “{gone[0]}”, which was deleted or renamed."
        return Obstacle("field_gone", message)
    if job.dry_run is not None:
        return None
    if len(_open_fields(job.pk)) != len(job.outputs):
        return Obstacle("field_gone", "A field that the job writes was deleted.")
    return None


def _missing_inputs(job: Job) -> list[str]:
    """The fields that inputs are mapped to and that are not there: they are known by their names."""
    wanted = {source for source in job.inputs.values() if isinstance(source, str)}
    if not wanted:
        return []
    found = Field.objects.filter(dataset=job.dataset_id, name__in=wanted).values_list("name", flat=True)
    return sorted(wanted - set(found))


def waits(job: Job) -> bool:
    """Whether the job's deployment is being checked again, so that nothing can be claimed yet."""
    return job.deployment is not None and job.deployment.state in ON_ITS_WAY


def with_parts(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """`jobs` with what is looked at here, in one query."""
    return jobs.select_related("owner", "dataset", "deployment__version__model")


def looked_at(job_id: int) -> Job | None:
    """The job as `with_parts` gives it, but read for a claim: what is not looked at here is left in the database."""
    for row in _job(job_id):
        values = iter(row)
        parts: dict[str, Any] = {}
        for path, (model, columns) in _LOOKED_AT.items():
            found = list(islice(values, len(columns)))
            is_there = found[columns.index("id")] is not None
            parts[path] = model.from_db(DEFAULT_DB_ALIAS, columns, found) if is_there else None
            whole, _, name = path.rpartition("__")
            if path and parts[whole] is not None:
                setattr(parts[whole], name, parts[path])
        job: Job = parts[""]
        job.inputs, job.outputs = (json.loads(each) for each in values)
        return job
    return None


_job = Prepared(
    lambda job: Job.objects.filter(pk=job).values_list(
        *(f"{path}__{name}".lstrip("_") for path, (_, names) in _LOOKED_AT.items() for name in names),
        *("inputs", "outputs"),
    )
)
_open_fields = Prepared(
    lambda job: JobField.objects.filter(job=job, is_open=True, field__deleted_at=None).values_list("pk")
)


def _missing(job: Job, right: str, on: str) -> Obstacle:
    return Obstacle("rights", f"{job.owner.username} no longer has the right “{right}” on {on}.")
