"""Reading a slice of an evaluation's samples, and comparing the two values of each: nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import OuterRef, Subquery

from datasets_app.comparers import COMPARERS, Compared, Place
from datasets_app.evaluation_results import SIDES
from datasets_app.filters import parse_filter
from datasets_app.models import Evaluation, Field, Sample, Value
from samplecase.contracts.errors import NotFound
from samplecase.contracts.labels import FieldType
from samplecase.evaluation.confusion import Pairs, add_pair

# Samples that are compared at once: a second or so of work, and what they hold fits into memory many times over.
SLICES: dict[str, int] = {
    FieldType.CLASSIFICATION: 2_000,
    FieldType.CLASSIFICATIONS: 2_000,
    FieldType.DETECTIONS: 1_000,
    FieldType.SEGMENTATION: 20,
    FieldType.REGRESSION: 5_000,
}


def compare(evaluation: Evaluation, cursor: int, limit: int | None = None) -> Compared:
    """Compare the next samples of the evaluation's filter after the sample id `cursor` (0: the first).

    Raises `NotFound` when one of the fields is gone, `InvalidInput` when the filter no longer fits the dataset.
    """
    limit = limit or SLICES[evaluation.type]
    fields = {side: field_of(evaluation, getattr(evaluation, side)) for side in SIDES}
    found = Compared(versions={side: [each.pk, each.changes] for side, each in fields.items()})
    chosen = Sample.objects.filter(
        parse_filter(evaluation.filter, evaluation.dataset), dataset=evaluation.dataset_id, pk__gt=cursor
    )
    rows: list[Any] = list(
        chosen.annotate(**{side: _value_in(each, evaluation.type) for side, each in fields.items()})
        .order_by("pk")
        .values_list("pk", "width", "height", *reversed(SIDES))[:limit]
    )
    comparer, classes = COMPARERS[FieldType(evaluation.type)], fields["ground_truth"].classes
    for pk, width, height, actual, predicted in rows:
        if actual is not None and predicted is not None:
            found.samples += 1
            comparer(found, Place(pk, width, height, evaluation.options, classes), actual, predicted)
    found.seen = len(rows)
    found.after = rows[-1][0] if len(rows) == limit else None
    return found


def field_of(evaluation: Evaluation, name: str) -> Field:
    """Raises `NotFound` (`field_gone`)."""
    found = Field.objects.filter(dataset=evaluation.dataset_id, name=name).first()
    if found is None:
        raise NotFound(f"The field “{name}” was deleted or renamed.", code="field_gone")
    return found


def _value_in(field: Field, type_: str) -> Subquery:
    column = {FieldType.REGRESSION: "number"}.get(FieldType(type_), "data")
    return Subquery(Value.objects.filter(field=field, sample=OuterRef("pk")).values(column)[:1])


def merged(pairs: Pairs, more: Mapping[str, Mapping[str, int]]) -> Pairs:
    """Pairs of two slices together; the first is changed."""
    for actual, row in more.items():
        for predicted, number in row.items():
            add_pair(pairs, actual, predicted, number)
    return pairs


def added(counts: dict[str, list[int]], more: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    """Counts by area of two slices together; the first is changed."""
    for label, numbers in more.items():
        before = counts.get(label, [0] * len(list(numbers)))
        counts[label] = [one + two for one, two in zip(before, numbers, strict=True)]
    return counts
