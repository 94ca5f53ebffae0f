"""The one way in which values are written: values, labels, counters and history change together or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from django.db import models, transaction
from django.db.models import F, Max
from django.utils import timezone

from datasets_app import bulk
from datasets_app.models import Field, LabelIndex, Sample, Value, ValueHistory
from datasets_app.value_rows import Stored, Written, count_labels, label_counts, put_values, storing
from samplecase.contracts.errors import NotFound
from samplecase.contracts.states import OnExisting, Source
from samplecase.web.accounts.models import User
from samplecase.web.prepared import Prepared

GROUP = 900  # values per round of statements; an older SQLite takes 999 parameters

T = TypeVar("T")


def _some_between(rows: type[Value] | type[ValueHistory]) -> Prepared:
    """Whether there is a row of a field for samples from one id to another: a look into an index."""
    return Prepared(
        lambda field, first, last: (
            rows.objects.filter(field=field, sample__gte=first, sample__lte=last)
            .order_by()
            .values_list("pk")[:1]
        )
    )


_has_values, _has_history = _some_between(Value), _some_between(ValueHistory)


class NewValue(NamedTuple):
    """A value to be written to one sample; `None` takes the sample's value away.

    `data` is canonical: what `contracts.labels.ValueChecker` returned for the field's type. `revision` is the revision
    that the writer saw, 0 if he saw no value, and None if he does not care. `origin` is a digest of all that a model's
    value was made from, so that it need not be made again.
    """

    sample: int
    data: Any
    revision: int | None = None
    origin: str = ""
    stored: Stored | None = None  # of `data`, by those who made it before their transaction


@dataclass(frozen=True)
class WriteConflict:
    """A value that somebody else changed first. `revision` is that of `theirs`, 0 if there is no value any more."""

    sample: int
    yours: Any
    theirs: Any
    revision: int


@dataclass
class WriteReport:
    """What became of each row: every sample is in exactly one of the five."""

    written: list[int] = with_default(default_factory=list)
    conflicts: list[WriteConflict] = with_default(default_factory=list)
    kept_human: set[int] = with_default(default_factory=set)  # a person's value stands there
    kept_existing: set[int] = with_default(default_factory=set)  # on_existing is not `replace`
    gone: set[int] = with_default(default_factory=set)  # not, or no longer, a sample of the dataset


@dataclass(frozen=True)
class Author:
    """Who writes."""

    source: Source
    user: User | None = None
    job: int | None = None
    model_version: int | None = None


class Standing(NamedTuple):
    """A value that is there already. `data` is read only where somebody's revision may differ."""

    revision: int
    source: str
    job: int | None
    data: Any = None


def write_values(
    *,
    field: Field,
    rows: Sequence[NewValue],
    source: Source,
    acting_user: User | None = None,
    job: int | None = None,
    model_version: int | None = None,
    on_existing: OnExisting = OnExisting.REPLACE,
) -> WriteReport:
    """Write `rows` (at most one per sample) to `field`, as part of the caller's transaction.

    1. The field's row is locked: writers of one field follow one another, so nothing is lost between them and their
       counters cannot deadlock. Who writes several fields in one transaction takes them in the order of their ids.
    2. Samples that are gone, values of people (unless a person writes), values that `on_existing` protects and
       revisions that do not fit are set aside in the report. A job may always write over what it wrote itself.
    3. What is replaced goes into the history; values, label rows and counters follow.

    Raises `NotFound` when the field was deleted, and `ValueError` when a sample is named twice.
    """
    author = Author(Source(source), acting_user, job, model_version)
    with transaction.atomic(savepoint=False):
        return write_to_locked(field=lock_field(field), rows=rows, author=author, on_existing=on_existing)


def write_to_locked(
    *,
    field: Field,
    rows: Sequence[NewValue],
    author: Author,
    on_existing: OnExisting = OnExisting.REPLACE,
    present: Collection[int] | None = None,
) -> WriteReport:
    """`write_values` to a field that the caller has locked, as `lock_field` does.

    `present` are those of the samples that are in the dataset, if the caller has asked for them in this transaction.
    """
    if len({row.sample for row in rows}) != len(rows):
        raise ValueError("a sample is named twice")
    report = WriteReport()
    for group in in_groups(rows, GROUP):
        samples = [row.sample for row in group]
        found = samples_among(field.dataset_id, samples) if present is None else present
        _write_group(field, group, author, OnExisting(on_existing), found, report)
    return report


def delete_values(
    *, field: Field, samples: Iterable[int], acting_user: User | None = None, job: int | None = None
) -> WriteReport:
    """Take the values of `samples` away, whoever wrote them; the history keeps them."""
    rows = [NewValue(sample, None) for sample in samples]
    return write_values(field=field, rows=rows, source=Source.HUMAN, acting_user=acting_user, job=job)


def lock_field(field: Field) -> Field:
    """The field as it is now, held until the transaction ends. Raises `NotFound` when it was deleted."""
    locked = Field.objects.select_for_update(no_key=True).filter(pk=field.pk).first()
    if locked is None:
        raise field_gone(field.name)
    return locked


def field_gone(name: str) -> NotFound:
    return NotFound(f"The field “{name}” was deleted.", code="field_gone")


def samples_among(dataset: int, samples: Sequence[int]) -> set[int]:
    """Those of `samples` that are in the dataset."""
    return {pk for (pk,) in bulk.chosen(Sample, samples, ("id",), {"dataset_id": dataset})}


def uncount_samples(*, dataset: int, samples: Collection[int]) -> None:
    """Take the values of samples that are about to be deleted out of all counters of their dataset.

    Deleted fields are counted too: they may be restored.
    """
    fields = list(
        Field.with_deleted.select_for_update(no_key=True)
        .filter(dataset=dataset)
        .order_by("pk")
        .values_list("pk")
    )
    lost = Value.objects.filter(field__in=[pk for (pk,) in fields], sample__in=samples)
    for field, number in lost.values_list("field").annotate(number=models.Count("pk")):
        Field.with_deleted.filter(pk=field).update(
            value_count=F("value_count") - number, changes=F("changes") + 1
        )
    count_labels(label_counts(LabelIndex.objects.filter(sample__in=samples), sign=-1))


def in_groups(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """`rows` in lists of at most `size`."""
    remaining = iter(rows)
    while group := list(islice(remaining, size)):
        yield group


def _write_group(
    field: Field,
    rows: Sequence[NewValue],
    author: Author,
    on_existing: OnExisting,
    present: Collection[int],
    report: WriteReport,
) -> None:
    before, last = _standing(field, rows)
    accepted = [
        row for row in rows if _accepts(row, present, before.get(row.sample), author, on_existing, report)
    ]
    if not accepted:
        return
    written_at = bulk.moment(timezone.now())
    source, editor = author.source.value, author.user.pk if author.user else None
    stored = storing(field.type)
    put_values(
        field=field,
        values=[
            Written(
                *(row.sample, row.stored or stored(row.data), source, author.job, author.model_version),
                *(row.origin, editor, last.get(row.sample, 0) + 1, written_at),
            )
            for row in accepted
            if row.data is not None
        ],
        replaced=[row.sample for row in accepted if row.sample in before],
        by_job=author.job,
        by_user=author.user,
    )


def _standing(field: Field, rows: Sequence[NewValue]) -> tuple[dict[int, Standing], Mapping[int, int]]:
    """The values that stand on the samples of `rows`, and the revision that the value of each had last.

    Revisions go on after a deletion: a number never means two values. Mostly there is nothing, and never was.
    """
    samples = [row.sample for row in rows]
    place = (field.pk, min(samples), max(samples))
    before: dict[int, Standing] = {}
    last: dict[int, int] = {}
    if _has_history(*place):
        past = ValueHistory.objects.filter(field=field, sample__in=samples).values_list("sample")
        last.update(past.annotate(last=Max("revision")).order_by())
    if _has_values(*place):
        asked = ("data",) if any(row.revision is not None for row in rows) else ()
        values = Value.objects.filter(field=field, sample__in=samples)
        found = values.values_list("sample", "revision", "source", "job", *asked)
        before = {sample: Standing(*facts) for sample, *facts in found}
        last.update((sample, value.revision) for sample, value in before.items())
    return before, last


def _accepts(
    row: NewValue,
    present: Collection[int],
    before: Standing | None,
    author: Author,
    on_existing: OnExisting,
    report: WriteReport,
) -> bool:
    """Whether a row changes anything; the report says what became of it in any case."""
    revision, data = (before.revision, before.data) if before else (0, None)
    if row.sample not in present:
        report.gone.add(row.sample)
    elif row.revision is not None and row.revision != revision and row.data != data:
        report.conflicts.append(WriteConflict(row.sample, yours=row.data, theirs=data, revision=revision))
    elif before and author.source != Source.HUMAN and before.source == Source.HUMAN:
        report.kept_human.add(row.sample)
    elif before and _protects(before, author, on_existing):
        report.kept_existing.add(row.sample)
    elif before is None and row.data is None:
        report.written.append(row.sample)  # it has no value already
    elif row.revision is not None and row.revision != revision:
        report.written.append(row.sample)  # the same once more, after an answer that was lost
    else:
        report.written.append(row.sample)
        return True
    return False


def _protects(before: Standing, author: Author, on_existing: OnExisting) -> bool:
    is_own = author.job is not None and before.job == author.job
    return author.source != Source.HUMAN and on_existing != OnExisting.REPLACE and not is_own
