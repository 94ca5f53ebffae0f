"""Bulk actions over more samples than a request may take: done by the worker group by group, and taken back so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from datasets_app.bulk_actions import (
    AT_ONCE,
    Action,
    BulkReport,
    Order,
    act_on_group,
    act_on_samples,
    audit,
    begin_undo,
    checked_order,
)
from datasets_app.bulk_undoing import undo_part
from datasets_app.models import BulkAction, BulkPart, Field
from datasets_app.samples import lock_dataset
from datasets_app.values import GROUP, field_gone, in_groups
from jobs_app import doorbell, lifecycle
from jobs_app.limits import refuse_too_many
from jobs_app.models import UNFINISHED, BulkChunk, Job, Submission
from jobs_app.obstacles import obstacle_to, with_parts
from jobs_app.stretches import failing, work_through
from samplecase.contracts.states import JobKind, JobState
from samplecase.web.accounts.models import User

ROWS = 200  # chunks per statement


class OrderRow(TypedDict):
    """What `Job.inputs` of a bulk action says. The field is known by its row: it may be renamed."""

    action: str
    tags: Sequence[str]
    field: int | None
    label: str | None
    undo: int | None  # the `BulkAction`


def act(*, acting_user: User, order: Order, samples: Sequence[int]) -> BulkReport | Job:
    """Carry out an order at once, or begin a job where it is for too many samples.

    Raises `Conflict` (`too_many_jobs`).
    """
    if len(samples) <= AT_ONCE:
        needed = _needed(acting_user)
        return act_on_samples(acting_user=acting_user, order=order, samples=samples, needed=needed)
    with transaction.atomic():
        refuse_too_many(owner=acting_user, more=1)
        undo = begin_undo(acting_user, order, _needed(acting_user))
        row = OrderRow(
            action=order.action.value,
            tags=list(order.tags),
            field=order.field.pk if order.field else None,
            label=order.change.label if order.change else None,
            undo=undo.pk if undo else None,
        )
        job: Job = Job.objects.create(
            submission=Submission.objects.create(owner=acting_user),
            kind=JobKind.BULK,
            dataset=order.dataset,
            owner=acting_user,
            inputs=row,
            total=len(samples),
        )
        chunks = enumerate(in_groups(samples, GROUP))
        BulkChunk.objects.bulk_create(
            (BulkChunk(job=job, index=index, samples=group) for index, group in chunks), batch_size=ROWS
        )
        audit(acting_user, order, samples=len(samples), job=job.pk)
        doorbell.ring_start(job.pk)
        return job


def work_on(job_id: int) -> None:
    """Change samples for a while, and ring for whoever goes on. A job that does not run (any more) is left alone."""
    with failing(job_id):
        work_through(lambda: _slice(job_id), hand_over=lambda: doorbell.ring_worker(JobKind.BULK, job_id))


def _slice(job_id: int) -> bool:
    """Do the next group; False when there is nothing more to do.

    1. The dataset is locked and then the job, as everybody takes them, so that of two tasks each does another group.
    2. What changed, what undoes it, the counters and the group's going away stand together or not at all.
    """
    with transaction.atomic():
        dataset = Job.objects.filter(pk=job_id).values_list("dataset", flat=True).first()
        if dataset is None:
            return False
        lock_dataset(dataset)
        running = Job.objects.running().filter(pk=job_id, kind=JobKind.BULK)
        job = with_parts(running.select_for_update(of=("self",))).first()
        if job is None:
            return False
        if obstacle := obstacle_to(job):
            lifecycle.fail(job_id=job_id, code=obstacle.code, message=obstacle.message)
            return False
        chunk = BulkChunk.objects.filter(job=job).order_by("index").first()
        if chunk is None:
            lifecycle.finish(job_id)
            return False
        report = BulkReport()
        act_on_group(
            acting_user=job.owner,
            order=_order_of(job),
            group=chunk.samples,
            undo=_undo_of(job),
            report=report,
        )
        chunk.delete()
        running.update(
            cursor={"next": chunk.index + 1},
            done=F("done") + report.changed,
            skipped=F("skipped") + len(chunk.samples) - report.changed,
            updated_at=Now(),
        )
        return True


def take_back(job: Job, user: User | None) -> bool:
    """Undo the group that was done last, in the transaction that holds the job; False after the first one.

    `user` is who asked for it; the job's owner where his account is gone.
    """
    undoing = Job.objects.filter(pk=job.pk)
    parts = BulkPart.objects.filter(action=job.inputs["undo"]).select_related("action")
    part = parts.select_for_update(of=("self",)).order_by("-pk").first()
    if part is None:
        BulkAction.objects.filter(pk=job.inputs["undo"]).delete()
        undoing.update(state=JobState.UNDONE, cursor={}, updated_at=Now())
        return False
    restored, kept = undo_part(part, user or job.owner)
    undoing.update(
        undo_restored=F("undo_restored") + restored, undo_kept=F("undo_kept") + kept, updated_at=Now()
    )
    return True


def shown(job: Job) -> dict[str, Any] | None:
    """The action, its tags, field and label, for people; None of other jobs."""
    if job.kind != JobKind.BULK:
        return None
    return {"action": job.inputs["action"], "tags": job.inputs["tags"], "label": job.inputs["label"]}


def _needed(user: User) -> list[int]:
    """What keeps the way back of his jobs that are at work, also of those that are on that way."""
    unfinished = Job.objects.filter(owner=user, kind=JobKind.BULK, state__in=UNFINISHED)
    return [row["undo"] for row in unfinished.values_list("inputs", flat=True) if row["undo"] is not None]


def _order_of(job: Job) -> Order:
    """Raises `NotFound` (`field_gone`)."""
    row, name = job.inputs, None
    if row["field"] is not None:
        field = Field.objects.filter(pk=row["field"]).first()
        if field is None:
            raise field_gone("that it changes")
        name = field.name
    return checked_order(job.dataset, Action(row["action"]), tags=row["tags"], field=name, label=row["label"])


def _undo_of(job: Job) -> BulkAction | None:
    """None where there is no way back, or it was forgotten: the job has gone on for more than a day."""
    return BulkAction.objects.filter(pk=job.inputs["undo"]).first()
