"""The undo of a job: its values are taken back chunk by chunk by the worker, each chunk a transaction of its own."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from datasets_app.fields import delete_field
from datasets_app.models import Field
from datasets_app.undoing import undo_values
from jobs_app import bulk, doorbell, lifecycle
from jobs_app.models import Chunk, Job, JobField
from jobs_app.stretches import work_through
from samplecase.contracts.states import JobKind, JobState, Outcome
from samplecase.web.accounts.models import User


def work_on(job_id: int) -> None:
    """Take back for a while, and ring for whoever goes on. A job that is not being undone is left alone."""
    work_through(lambda: _slice(job_id), hand_over=lambda: doorbell.ring_undo(job_id))


def _slice(job_id: int) -> bool:
    """Take back the next chunk; False when there is nothing more to do.

    1. The job's row is locked, so that of two tasks one takes this chunk and one the next.
    2. Values, counters and cursor change together: a chunk that is lost was never taken back.
    3. After the last one the fields that the job made are gone, if nothing else is in them.
    """
    with transaction.atomic():
        undoing = Job.objects.filter(pk=job_id, state=JobState.UNDOING)
        job = undoing.select_for_update(of=("self",)).first()
        if job is None:
            return False
        user = User.objects.filter(pk=job.cursor["user"]).first()
        if job.kind == JobKind.BULK:
            return bulk.take_back(job, user)
        chunks = Chunk.objects.filter(job=job, index__gt=job.cursor["after"])
        chunk = chunks.filter(outcomes__contains=Outcome.DONE.value).order_by("index").first()
        if chunk is None:
            _remove_fields(job, user)
            undoing.update(state=JobState.UNDONE, cursor={}, updated_at=Now())
            lifecycle.free_fields(job_id)
            return False
        pairs = zip(chunk.sample_ids, chunk.outcomes, strict=True)
        samples = [sample for sample, outcome in pairs if outcome == Outcome.DONE]
        reports = [
            undo_values(field=field, samples=samples, job=job.pk, acting_user=user) for field in _fields(job)
        ]
        undoing.update(
            cursor={**job.cursor, "after": chunk.index},
            undo_restored=F("undo_restored") + sum(each.restored for each in reports),
            undo_kept=F("undo_kept") + sum(each.kept for each in reports),
            updated_at=Now(),
        )
        return True


def _fields(job: Job) -> list[Field]:
    """The fields that the job wrote, deleted ones too, in the order in which they are locked."""
    rows = JobField.objects.filter(job=job).order_by("field").values_list("field", flat=True)
    found = Field.with_deleted.in_bulk(list(rows))
    return [found[pk] for pk in sorted(found)]


def _remove_fields(job: Job, user: User | None) -> None:
    for field in _fields(job):
        rows = Field.objects.select_for_update(no_key=True).filter(pk=field.pk, created_by_job=job.pk)
        empty = rows.filter(value_count=0).first()
        if empty is not None:
            delete_field(acting_user=user, field=empty)
