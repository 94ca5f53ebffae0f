"""Projections as jobs: a plane is fitted by a child process, then samples are placed on it slice by slice."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now

from datasets_app.filters import parse_filter
from datasets_app.models import Dataset, Field, Projection
from datasets_app.points import add_part
from datasets_app.projections import check_projection, refuse_too_few
from datasets_app.vectors import (
    BLOCK_SAMPLES,
    Ids,
    block_size,
    blocks_of,
    embedding_field,
    ids_with_vector,
    spread,
    vectors_of,
)
from jobs_app import doorbell, lifecycle
from jobs_app.idempotency import RequestKey
from jobs_app.limits import refuse_too_many
from jobs_app.models import Job, Submission
from jobs_app.stretches import failing, work_through
from samplecase.contracts.errors import Conflict, Forbidden, NotFound
from samplecase.contracts.states import DatasetRight, JobKind
from samplecase.projection.fitting import SECONDS, fit, too_long
from samplecase.projection.methods import NEEDS, Method, fitted_on, missing
from samplecase.projection.plane import Plane
from samplecase.web.accounts.models import User, record

PREFIX = "projection-"  # of the folders in which vectors wait to be fitted
ABANDONED_SECONDS = 60 * 60
Found = Mapping[str, Any]  # what the child process found


def project(
    *,
    dataset: Dataset,
    field: str,
    method: Method,
    acting_user: User,
    filter: Mapping[str, Any] | None = None,
    key: RequestKey | None = None,
) -> Job:
    """Make a projection of a field over the samples of `filter`, and the job that computes it.

    The same `key` and body again returns the job that they made before. Raises `InvalidInput` for a field that holds
    no embeddings, a method that is not installed, a faulty filter, and too few vectors.
    """
    if earlier := _made_before(key):
        return earlier
    found = embedding_field(dataset, field)
    vectors = check_projection(dataset=dataset, field=found, method=method, filter=filter)
    with transaction.atomic():
        refuse_too_many(owner=acting_user, more=1)
        submission = Submission.objects.create(owner=acting_user)
        if key and not key.take(submission):
            raise Conflict("The same request was made at the same moment; repeat it.")
        projection = Projection.objects.create(
            dataset=dataset, field=found, method=method, filter=filter, created_by=acting_user
        )
        record(
            actor=acting_user,
            action="projection.create",
            subject=projection,
            dataset=dataset.name,
            field=found.name,
        )
        job: Job = Job.objects.create(
            submission=submission,
            kind=JobKind.PROJECTION,
            dataset=dataset,
            projection=projection,
            owner=acting_user,
            total=vectors,
        )
        Projection.objects.filter(pk=projection.pk).update(job=job.pk)
        doorbell.ring_start(job.pk)
        return job


def delete(*, projection: Projection, acting_user: User) -> None:
    """Delete a projection with its points and its job; for who made it, and for who may edit the dataset."""
    is_own = projection.created_by_id == acting_user.pk
    if not is_own and not projection.dataset.allows(acting_user, DatasetRight.EDIT):
        raise Forbidden("Only who made a projection and people who may edit the dataset can delete it.")
    with transaction.atomic():
        # The job first, as the worker takes them.
        list(Job.objects.select_for_update().filter(projection=projection).values_list("pk"))
        if not _projection(projection.pk).exists():
            raise NotFound(f"There is no projection {projection.pk} any more.")
        record(
            actor=acting_user,
            action="projection.delete",
            subject=projection,
            dataset=projection.dataset.name,
        )
        _projection(projection.pk).delete()


def _made_before(key: RequestKey | None) -> Job | None:
    submission = key.earlier() if key else None
    if submission is None:
        return None
    job: Job | None = Job.objects.filter(submission=submission, projection__isnull=False).first()
    if job is None:
        raise Conflict(
            "What this Idempotency-Key made was deleted; use a new one.", pointer="Idempotency-Key"
        )
    return job


# The worker's part -----------------------------------------------------------------------------------------------


def work_on(job_id: int) -> None:
    """Compute for a while, and ring for whoever goes on. A job that does not run (any more) is left alone."""
    with failing(job_id):
        work_through(
            lambda: _slice(job_id), hand_over=lambda: doorbell.ring_worker(JobKind.PROJECTION, job_id)
        )


def _slice(job_id: int) -> bool:
    """The next step; False when there is nothing more to do.

    1. The plane is fitted on all vectors, or on evenly drawn ones, outside of any transaction. What is lost of it, as
       when its worker is killed, is done again from the start.
    2. Samples are placed, a slice at a time: points, cursor and counters are written together, unless another task
       was faster. A method that places no others has all its points after the first step.
    """
    job = _running(job_id).select_related("projection__field", "projection__dataset").first()
    if job is None or job.projection is None:
        return False
    if job.projection.field.deleted_at is not None:
        raise NotFound(f"The field “{job.projection.field.name}” was deleted.", code="field_gone")
    if "after" not in job.cursor:
        return _fit(job, job.projection)
    return _place(job, job.projection)


def _fit(job: Job, projection: Projection) -> bool:
    """Fit the plane; True when samples are still to be placed on it."""
    method, field = Method(projection.method), projection.field
    end = time.monotonic() + SECONDS

    def goes_on() -> bool:
        """Reading the vectors and fitting have one time together, for a worker's task has two minutes."""
        if time.monotonic() > end:
            raise too_long(method)
        return _beat(job.pk)

    if sentence := missing(method):
        raise Conflict(sentence, code="not_installed")
    ids = ids_with_vector(field, parse_filter(projection.filter, projection.dataset))
    refuse_too_few(method, field, len(ids))
    wanted = spread(ids, fitted_on(method, vectors=len(ids), dimension=field.dimension or 1))
    _remove_abandoned()
    # On the disk, so that the worker itself holds no more than a block of it.
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix=PREFIX) as folder:
        drawn = _gather(Path(folder), field, wanted, goes_on=goes_on)
        found = None if drawn is None else fit(method, Path(folder), goes_on=goes_on)
    if drawn is None or found is None:
        return False
    with transaction.atomic():
        now = _running(job.pk).select_for_update(of=("self",)).first()
        if now is None or "after" in now.cursor:
            return now is not None  # another task was faster
        facts = {"changes": field.changes, "fitted": len(drawn), "vectors": len(ids)}
        keep = _keep_plane if NEEDS[method].places_others else _keep_points
        return keep(job, projection, drawn, found, facts | {"total": len(ids)})


def _remove_abandoned() -> None:
    """Remove the vectors that killed workers left behind: no task lasts as long as these have lain there."""
    before = time.time() - ABANDONED_SECONDS
    for folder in Path(settings.FILE_UPLOAD_TEMP_DIR).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)


def _keep_plane(job: Job, projection: Projection, drawn: Ids, found: Found, facts: dict[str, Any]) -> bool:
    """The samples are placed on it afterwards."""
    _running(job.pk).update(
        cursor={"after": 0, "parts": 0}, total=facts.pop("total"), done=0, updated_at=Now()
    )
    _projection(projection.pk).update(
        basis=Plane(found["mean"], found["axes"]).packed(),
        explained=[round(float(share), 6) for share in found["explained"]],
        **facts,
    )
    return True


def _keep_points(job: Job, projection: Projection, drawn: Ids, found: Found, facts: dict[str, Any]) -> bool:
    """All there will be: the job is done."""
    del facts["total"]
    for index, start in enumerate(range(0, len(drawn), BLOCK_SAMPLES)):
        end = start + BLOCK_SAMPLES
        add_part(projection, index, drawn[start:end], found["points"][start:end])
    _projection(projection.pk).update(samples=len(drawn), **facts)
    _running(job.pk).update(cursor={"after": None}, total=len(drawn), done=len(drawn), updated_at=Now())
    lifecycle.finish(job.pk)
    return False


def _gather(folder: Path, field: Field, samples: Ids, *, goes_on: Callable[[], bool]) -> Ids | None:
    """Write the vectors of `samples` to `vectors.npy`; those that are still there, or None if nobody wants them."""
    shape = (len(samples), field.dimension or 1)
    kept = np.lib.format.open_memmap(folder / "vectors.npy", mode="w+", dtype=np.float32, shape=shape)
    found: list[Ids] = []
    at = 0
    for ids, vectors in blocks_of(field, samples):
        if not goes_on():
            return None
        kept[at : at + len(ids)] = vectors
        found.append(ids)
        at += len(ids)
    kept.flush()
    if at < len(samples):  # some were deleted meanwhile
        np.save(folder / "vectors.npy", np.array(kept[:at]))
    return np.concatenate(found)


def _place(job: Job, projection: Projection) -> bool:
    """Place the next samples on the plane; False after the last."""
    after, index, field = job.cursor["after"], job.cursor["parts"], projection.field
    condition, limit = parse_filter(projection.filter, projection.dataset), block_size(field)
    ids = ids_with_vector(field, condition, after=after, limit=limit)
    there, vectors = vectors_of(field, ids.tolist())
    points = Plane.unpacked(bytes(projection.basis or b"")).place(vectors)
    is_last = len(ids) < limit
    with transaction.atomic():
        now = _running(job.pk).select_for_update(of=("self",)).first()
        if now is None or now.cursor.get("parts") != index:
            return now is not None  # another task was faster
        if len(there):
            add_part(projection, index, there, points)
        _projection(projection.pk).update(samples=F("samples") + len(there))
        _running(job.pk).update(
            cursor={"after": None if is_last else int(ids[-1]), "parts": index + 1},
            done=F("done") + len(there),
            total=Greatest(F("total"), F("done") + len(there)),
            updated_at=Now(),
        )
        if is_last:
            _projection(projection.pk).update(basis=None)
            _running(job.pk).update(total=F("done"))  # samples may have come or gone since the start
            lifecycle.finish(job.pk)
    return not is_last


def _running(job_id: int) -> Any:
    return Job.objects.running().filter(pk=job_id, kind=JobKind.PROJECTION)


def _projection(pk: int) -> Any:
    return Projection.objects.filter(pk=pk)


def _beat(job_id: int) -> bool:
    """Say that somebody works on the job; False when nobody should any more."""
    return bool(_running(job_id).update(updated_at=Now()))
