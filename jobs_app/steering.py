"""What people do with jobs: pause, resume, cancel, retry and undo; who may, and in which state.

Each verb holds the job's row while it looks and steps, so of several callers one comes first, and the others meet the
state that he left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Now, Replace
from django.utils import timezone

from datasets_app.bulk_actions import KEPT_FOR, Action
from jobs_app import doorbell, lifecycle
from jobs_app.limits import refuse_too_many
from jobs_app.models import Chunk, Job, JobField, SampleError
from jobs_app.obstacles import obstacle_to, with_parts
from models_app.models import Deployment
from samplecase.contracts.errors import Conflict, Forbidden, NotFound
from samplecase.contracts.states import ChunkState, JobAction, JobKind, JobState, Outcome
from samplecase.web.accounts.models import User, record

UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)
OVER = (JobState.FINISHED, JobState.FAILED, JobState.CANCELLED)
# In which states a job allows what, and how a refusal says it.
ALLOWED = {
    JobAction.PAUSE: (UNDER_WAY, "paused"),
    JobAction.RESUME: ((JobState.PAUSED,), "resumed"),
    JobAction.CANCEL: ((*UNDER_WAY, JobState.PAUSED), "cancelled"),
    JobAction.RETRY: (OVER, "retried"),
    JobAction.UNDO: (OVER, "undone"),
}


def actions(job: Job, *, is_steered: bool, is_undone: bool) -> list[str]:
    """What a person can do with the job as it stands, who may steer it, undo it, or both."""
    may = {action: is_undone if action is JobAction.UNDO else is_steered for action in JobAction}
    return [action.value for action in JobAction if may[action] and not refusal(job, action)]


def refusal(job: Job, action: JobAction) -> str:
    """Why the job, as it stands, does not allow `action`: a sentence, empty when it does."""
    states, participle = ALLOWED[action]
    if job.state not in states:
        return f"The job is {job.state} and cannot be {participle}."
    is_inference = job.kind == JobKind.INFERENCE
    is_undoable = action is JobAction.UNDO and job.kind == JobKind.BULK
    if action in (JobAction.RETRY, JobAction.UNDO) and not is_inference and not is_undoable:
        return f"A job of kind {job.kind} cannot be {participle}."
    if is_undoable and job.inputs["action"] == Action.DELETE:
        return "Deleting samples is final."
    if is_undoable and job.created_at < timezone.now() - KEPT_FOR:
        return "A bulk action can be undone for a day."
    if action in (JobAction.RESUME, JobAction.RETRY) and is_inference and job.deployment_id is None:
        return f"Its deployment was deleted, so the job cannot be {participle}."
    if action is JobAction.RETRY and not job.failed + job.cancelled:
        return "No sample of the job failed or was cancelled, so there is nothing to try again."
    if action is JobAction.UNDO and job.dry_run is not None:
        return "A dry run wrote nothing that could be undone."
    return ""


def pause(*, job: Job, acting_user: User) -> Job:
    """queued or running → paused. Once this returns, nothing of the job is written until it is resumed.

    Raises `Forbidden`, and `Conflict` in other states; so do all verbs here.
    """
    with _step(job, JobAction.PAUSE, acting_user) as found:
        lifecycle.rest(Job.objects.filter(state__in=UNDER_WAY), found.pk)
    return _now(job)


def resume(*, job: Job, acting_user: User) -> Job:
    """paused → running, if the owner's rights and the deployment still allow it.

    One that paused because every sample failed goes on however many fail, and is finished if none was left.
    """
    with _step(job, JobAction.RESUME, acting_user) as found:
        _refuse_obstacle(found)
        is_lifted = found.is_threshold_lifted or found.reason == lifecycle.ERROR_THRESHOLD
        Job.objects.filter(pk=found.pk).update(
            state=JobState.RUNNING,
            reason="",
            error_code="",
            error_message="",
            refusals=0,
            is_threshold_lifted=is_lifted,
            started_at=Coalesce("started_at", Now()),
            **_fresh_pace(),
        )
        if not doorbell.ring_worker(found.kind, found.pk):
            lifecycle.finish(found.pk)
    return _now(job)


def cancel(*, job: Job, acting_user: User) -> Job:
    """End a job for good. After this nothing more of it is ever written. Cancelling twice is no error."""
    if job.is_steered_by(acting_user) and _now(job).state == JobState.CANCELLED:
        return _now(job)
    with _step(job, JobAction.CANCEL, acting_user) as found:
        lifecycle.end(found.pk, among=(found.state,), state=JobState.CANCELLED, asked_by=acting_user)
    return _now(job)


def retry(*, job: Job, acting_user: User) -> Job:
    """finished, failed or cancelled → running: the same job again, for the samples that failed or were cancelled.

    1. Its deployment is held, as a submit holds it: whoever moves its alias comes before, and the job is refused
       (`version_moved`), or afterwards, and finds a job to leave with the version it has.
    2. Its fields are its own again (`field_busy` if another job has taken one), and rights and deployment are
       looked at: a job that could not run stays as it is.
    3. The samples lose their outcomes and the reasons of their failures; the counters follow.
    """
    _refuse_others(job, JobAction.RETRY, acting_user)
    with transaction.atomic():
        refuse_too_many(owner=job.owner, more=1)  # holds the user's row, and submits do so first too
        _hold_deployment(job)
        with _step(job, JobAction.RETRY, acting_user) as found:
            _take_fields(found)
            _refuse_obstacle(found)
            SampleError.objects.filter(job=found).delete()
            Job.objects.filter(pk=found.pk).update(
                state=JobState.RUNNING,
                reason="",
                error_code="",
                error_message="",
                failed=0,
                cancelled=0,
                open_chunks=_reopen_chunks(found),
                is_threshold_lifted=False,
                started_at=Coalesce("started_at", Now()),
                finished_at=None,
                **_fresh_pace(failed=0),
            )
    return _now(job)


def undo(*, job: Job, acting_user: User) -> Job:
    """finished, failed or cancelled → undoing; the worker then takes the job's values back, see `undoing`."""
    with _step(job, JobAction.UNDO, acting_user) as found:
        _take_fields(found)
        Job.objects.filter(pk=found.pk).update(
            state=JobState.UNDOING,
            cursor={"user": acting_user.pk, "after": -1},
            refusals=0,
            undo_restored=0,
            undo_kept=0,
            updated_at=Now(),
        )
        doorbell.ring_undo(found.pk)
    return _now(job)


@contextmanager
def _step(job: Job, action: JobAction, user: User) -> Iterator[Job]:
    """A transaction that holds the job's row, has checked that `user` may do this now, and leaves an audit row.

    A cancel's own end leaves that, with what had become of the samples.
    """
    _refuse_others(job, action, user)
    with transaction.atomic():
        rows = Job.objects.select_for_update(of=("self",)).filter(pk=job.pk)
        found = with_parts(rows).first()
        if found is None:
            raise NotFound(f"There is no job {job.pk} any more.")
        if sentence := refusal(found, action):
            raise Conflict(sentence)
        yield found
        if action is not JobAction.CANCEL:
            record(actor=user, action=f"job.{action}", subject=found)


def _refuse_others(job: Job, action: JobAction, user: User) -> None:
    if action is JobAction.UNDO and not job.is_undone_by(user):
        raise Forbidden(
            "Only people who may edit the dataset, and the job's owner while he may label there, can undo it."
        )
    if action is not JobAction.UNDO and not job.is_steered_by(user):
        raise Forbidden(f"Only the job's owner and people who may edit the dataset can {action} it.")


def _refuse_obstacle(job: Job) -> None:
    if obstacle := obstacle_to(job):
        raise Conflict(obstacle.message, code=obstacle.code)


def _hold_deployment(job: Job) -> None:
    """Until the transaction ends it is not turned to another version. Before the job, as everybody takes them."""
    used = Job.objects.filter(pk=job.pk).values("deployment")
    Deployment.objects.select_for_update(no_key=True).filter(pk__in=used).values_list("pk").first()


def _take_fields(job: Job) -> None:
    """Make the job's fields busy again, in the order of their ids, as submits do."""
    for each in JobField.objects.filter(job=job).order_by("field").select_related("field"):
        try:
            with transaction.atomic():
                JobField.objects.filter(pk=each.pk).update(is_open=True)
        except IntegrityError:
            message = f"An unfinished job writes the field “{each.field.name}”."
            raise Conflict(message, code="field_busy") from None


def _reopen_chunks(job: Job) -> int:
    """Let the samples that failed or were cancelled wait again; return how many chunks have some."""
    pending = Value(Outcome.PENDING.value)
    without_errors = Replace(F("outcomes"), Value(Outcome.ERROR.value), pending)
    unfinished = Q(outcomes__contains=Outcome.ERROR.value) | Q(outcomes__contains=Outcome.CANCELLED.value)
    reopened: int = Chunk.objects.filter(unfinished, job=job).update(
        state=ChunkState.PENDING,
        lease_until=None,
        executor="",
        losses=0,
        outcomes=Replace(without_errors, Value(Outcome.CANCELLED.value), pending),
    )
    return reopened


def _fresh_pace(**counters: int) -> dict[str, object]:
    """What starts the measuring of the job's rate anew."""
    worked = F("done") + counters.get("failed", F("failed"))
    return {"resumed_at": Now(), "worked_before": worked, "updated_at": Now()}


def _now(job: Job) -> Job:
    found: Job | None = Job.objects.filter(pk=job.pk).first()
    if found is None:
        raise NotFound(f"There is no job {job.pk} any more.")
    return found
