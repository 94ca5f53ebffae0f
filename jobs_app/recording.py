"""What became of samples: the outcomes in their chunk, the reasons of errors, and the counters of the job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from datasets_app.models import Sample
from jobs_app import lifecycle, statements
from jobs_app.models import SampleError
from jobs_app.statements import HeldChunk, HeldJob
from samplecase.contracts.jobs import SampleResult
from samplecase.contracts.states import Outcome
from samplecase.contracts.texts import storable


def record(
    job: HeldJob, chunk: HeldChunk, outcomes: Mapping[int, Outcome], errors: Sequence[SampleResult]
) -> None:
    """Write the outcomes of samples that had none, and count them; close the chunk and the job with the last.

    Before the job is finished by a failure, it is paused if nothing but failures came of it.
    """
    marks = "".join(
        [
            outcomes.get(sample, mark) if mark == Outcome.PENDING else mark
            for sample, mark in zip(chunk.samples, chunk.outcomes, strict=True)
        ]
    )
    is_done = Outcome.PENDING not in marks
    _record_errors(job, errors)
    note = statements.note_whole if is_done else statements.note_part
    note(marks, chunk.pk, chunk.fence)
    counted = Counter(outcomes.values())
    skipped = sum(number for outcome, number in counted.items() if outcome.is_skipped)
    statements.count(counted[Outcome.DONE], counted[Outcome.ERROR], skipped, int(is_done), job.pk)
    if counted[Outcome.ERROR] and lifecycle.rest_at_threshold(job.pk):
        return
    if is_done and job.open_chunks <= 1:
        lifecycle.finish(job.pk)


def _record_errors(job: HeldJob, errors: Sequence[SampleResult]) -> None:
    if not errors:
        return
    by_sample = {each.sample: each for each in errors}
    names = dict(Sample.objects.filter(pk__in=by_sample).values_list("pk", "name"))
    SampleError.objects.bulk_create(
        (
            SampleError(
                job_id=job.pk,
                sample=sample,
                name=names.get(sample, f"sample {sample}"),
                reason=storable(each.reason)[:40],
                message=storable(each.message),
            )
            for sample, each in by_sample.items()
        ),
        ignore_conflicts=True,
    )
