"""Evaluations as jobs: made at once, counted in slices by the worker, each slice a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now

from datasets_app.evaluation import check_fields, check_options, finish, forget_all, forget_some, store
from datasets_app.evaluation_slices import compare
from datasets_app.filters import parse_filter
from datasets_app.measuring import measure
from datasets_app.models import Dataset, Evaluation, Field, Sample
from jobs_app import doorbell, lifecycle
from jobs_app.limits import refuse_too_many
from jobs_app.models import Job, Submission
from jobs_app.stretches import failing, work_through
from samplecase.contracts.errors import Conflict, Forbidden, InvalidInput, NotFound
from samplecase.contracts.states import DatasetRight, JobKind, JobState
from samplecase.web.accounts.models import User, record


def evaluate(
    *,
    dataset: Dataset,
    predictions: str,
    ground_truth: str,
    acting_user: User,
    filter: Mapping[str, Any] | None = None,
    iou_threshold: float | None = None,
    crowd_attribute: str | None = None,
) -> Job:
    """Make an evaluation of two fields over the samples of `filter`, and the job that counts it.

    Raises `InvalidInput` for fields that do not exist or cannot be compared, for options that their type has no use
    for, and for a faulty filter.
    """
    type_ = _type_of(dataset, predictions, ground_truth)
    options = check_options(type_, iou_threshold=iou_threshold, crowd_attribute=crowd_attribute)
    parse_filter(filter, dataset)
    with transaction.atomic():
        refuse_too_many(owner=acting_user, more=1)
        evaluation = Evaluation.objects.create(
            dataset=dataset,
            type=type_,
            predictions=predictions,
            ground_truth=ground_truth,
            filter=filter,
            options=options,
            created_by=acting_user,
        )
        record(actor=acting_user, action="evaluation.create", subject=evaluation, dataset=dataset.name)
        return _start(evaluation, acting_user)


def refresh(*, evaluation: Evaluation, acting_user: User) -> Job:
    """Count an evaluation again, over the values as they are now; its results stay until the new ones are there.

    Raises `InvalidInput` when its fields or its filter do not fit the dataset any more, and `Conflict`
    (`evaluation_busy`) while it is being counted.
    """
    _type_of(evaluation.dataset, evaluation.predictions, evaluation.ground_truth)
    parse_filter(evaluation.filter, evaluation.dataset)
    with transaction.atomic():
        refuse_too_many(owner=acting_user, more=1)
        found = _locked(evaluation)
        if _unfinished(found):
            raise Conflict("It is being counted; wait for that, or cancel its job.", code="evaluation_busy")
        found.tally, found.versions = {}, {}
        found.save(update_fields=["tally", "versions"])
        record(actor=acting_user, action="evaluation.refresh", subject=found, dataset=found.dataset.name)
        return _start(found, acting_user)


def delete(*, evaluation: Evaluation, acting_user: User) -> None:
    """Delete an evaluation with its results and its jobs; for who made it, and for people who may edit the dataset."""
    is_own = evaluation.created_by_id == acting_user.pk
    if not is_own and not evaluation.dataset.allows(acting_user, DatasetRight.EDIT):
        raise Forbidden("Only who made an evaluation and people who may edit the dataset can delete it.")
    with transaction.atomic():
        # The jobs first, as the worker takes them.
        list(Job.objects.select_for_update().filter(evaluation=evaluation).order_by("pk").values_list("pk"))
        found = _locked(evaluation)
        record(actor=acting_user, action="evaluation.delete", subject=found, dataset=found.dataset.name)
        forget_all(found)
        found.delete()


def _start(evaluation: Evaluation, owner: User) -> Job:
    """The job that counts the evaluation, in the caller's transaction."""
    dataset = evaluation.dataset
    job: Job = Job.objects.create(
        submission=Submission.objects.create(owner=owner),
        kind=JobKind.EVALUATION,
        dataset=dataset,
        evaluation=evaluation,
        owner=owner,
        total=dataset.sample_count
        if evaluation.filter is None
        else Sample.objects.filter(parse_filter(evaluation.filter, dataset), dataset=dataset).count(),
    )
    Evaluation.objects.filter(pk=evaluation.pk).update(job=job.pk)
    doorbell.ring_start(job.pk)
    return job


def work_on(job_id: int) -> None:
    """Count for a while, and ring for whoever goes on. A job that does not run (any more) is left alone."""
    with failing(job_id):
        work_through(lambda: _slice(job_id), hand_over=lambda: doorbell.ring_evaluation(job_id))


def _slice(job_id: int) -> bool:
    """Count the next samples; False when there is nothing more to count.

    1. What an earlier count left behind goes first.
    2. The samples are read and compared without any lock; then the job's row is locked, and unless another task was
       faster, the matches, the tally, the cursor and the counters are written together: what is lost was never
       counted, and what comes twice counts once.
    3. After the last one the metrics are computed, again without a lock, and written together with the job's end.
    """
    job = _running(job_id).select_related("evaluation__dataset").first()
    if job is None or job.evaluation is None:
        return False
    if not job.cursor and _forget(job_id):
        return True
    if job.cursor.get("after", 0) is not None and not _count(job, job.evaluation):
        return True
    return _measure(job_id)


def _forget(job_id: int) -> bool:
    """Delete some of an earlier count, if this one has not begun; False when there is nothing of it."""
    with transaction.atomic():
        job = _running(job_id).select_for_update(of=("self",)).select_related("evaluation").first()
        if job is None or job.evaluation is None or job.cursor or not forget_some(job.evaluation):
            return False
        _running(job_id).update(updated_at=Now())
        return True


def _count(job: Job, evaluation: Evaluation) -> bool:
    """Count a slice; True after the last one."""
    after = job.cursor.get("after", 0)
    found = compare(evaluation, after)
    try:
        with transaction.atomic():
            now = _running(job.pk).select_for_update(of=("self",)).select_related("evaluation").first()
            if now is None or now.evaluation is None or now.cursor.get("after", 0) != after:
                return False
            store(now.evaluation, found)
            _running(job.pk).update(
                cursor={"after": found.after},
                done=F("done") + found.seen,
                total=Greatest(F("total"), F("done") + found.seen),
                updated_at=Now(),
            )
    except IntegrityError:  # a sample was deleted since it was read: the slice is read again
        return False
    return found.after is None


def _measure(job_id: int) -> bool:
    """The end of a job whose samples are all counted; always False."""
    job = _running(job_id).select_related("evaluation").first()
    if job is None or job.evaluation is None:
        return False
    measured = measure(job.evaluation)
    with transaction.atomic():
        now = _running(job_id).select_for_update(of=("self",)).select_related("evaluation").first()
        if now is not None and now.evaluation is not None:
            finish(now.evaluation, measured)
            _running(job_id).update(total=F("done"))  # samples may have been deleted since the start
            lifecycle.finish(job_id)
    return False


def _running(job_id: int) -> Any:
    return Job.objects.running().filter(pk=job_id, kind=JobKind.EVALUATION)


def _unfinished(evaluation: Evaluation) -> bool:
    states = Job.objects.filter(evaluation=evaluation).values_list("state", flat=True)
    return any(not JobState(state).is_final for state in states)


def _locked(evaluation: Evaluation) -> Evaluation:
    found = (
        Evaluation.objects.select_for_update(of=("self",)).select_related("dataset").filter(pk=evaluation.pk)
    )
    if (locked := found.first()) is None:
        raise NotFound(f"There is no evaluation {evaluation.pk} any more.")
    return locked


def _type_of(dataset: Dataset, predictions: str, ground_truth: str) -> Any:
    return check_fields(
        predictions=_field(dataset, predictions, "/predictions"),
        ground_truth=_field(dataset, ground_truth, "/ground_truth"),
    )


def _field(dataset: Dataset, name: str, pointer: str) -> Field:
    found = Field.objects.filter(dataset=dataset, name=name).first()
    if found is None:
        raise InvalidInput(f"The dataset has no field “{name[:100]}”.", pointer=pointer)
    return found
