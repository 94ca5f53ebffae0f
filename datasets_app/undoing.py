"""Taking back what a job wrote: each value as it was before, unless somebody else has changed it since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from datasets_app import bulk
from datasets_app.models import Field, Value, ValueHistory
from datasets_app.value_rows import Written, put_values, storing
from samplecase.web.accounts.models import User


@dataclass(frozen=True)
class UndoReport:
    """How many values are as before the job, and how many stay because people or other jobs changed them since."""

    restored: int
    kept: int


def undo_values(*, field: Field, samples: Sequence[int], job: int, acting_user: User | None) -> UndoReport:
    """Take back what `job` wrote to `field` on `samples`, as part of the caller's transaction.

    1. The field's row is locked, also that of a deleted field: it may be restored, and is then without the job's work.
    2. A value that the job wrote gives way to the one before it, or to none. One that the job took away comes back.
    3. What changed after the job stays. The history keeps all of it.

    Doing it twice changes nothing.
    """
    locked = Field.with_deleted.select_for_update(no_key=True).filter(pk=field.pk).first()
    if locked is None:
        return UndoReport(0, 0)
    standing = {each.sample_id: each for each in Value.objects.filter(field=locked, sample__in=samples)}
    past: dict[int, list[ValueHistory]] = {}
    for row in ValueHistory.objects.filter(field=locked, sample__in=samples).order_by("pk"):
        past.setdefault(row.sample_id, []).append(row)
    values, replaced, undone, kept = [], [], 0, 0
    for sample in samples:
        value, rows = standing.get(sample), past.get(sample, [])
        if _is_last_of(job, value, rows):
            undone += 1
            before = _before(job, rows)
            if value is not None:
                replaced.append(sample)
            if before is not None:
                values.append(written_again(locked, before, (value or rows[-1]).revision + 1))
        elif any(job in (row.job, row.replaced_by_job) for row in rows):
            kept += 1
    put_values(field=locked, values=values, replaced=replaced, by_user=acting_user)
    return UndoReport(undone, kept)


def _is_last_of(job: int, value: Value | None, rows: Sequence[ValueHistory]) -> bool:
    """Whether the job was the last to change this value: it stands, or the job took it away."""
    if value is not None:
        return value.job == job
    return bool(rows) and rows[-1].replaced_by_job == job


def _before(job: int, rows: Sequence[ValueHistory]) -> ValueHistory | None:
    """What stood there before the job, if anything did."""
    foreign = (row for row in reversed(rows) if row.replaced_by_job == job and row.job != job)
    return next(foreign, None)


def written_again(field: Field, row: ValueHistory, revision: int) -> Written:
    """The value of `row` once more. Its revision is new: a number never means two values."""
    return Written(
        sample=row.sample_id,
        stored=storing(field.type)(row.data),
        source=row.source,
        job=row.job,
        model_version=row.model_version,
        origin=row.origin,
        editor=row.editor_id,
        revision=revision,
        written_at=bulk.moment(row.written_at),
    )
