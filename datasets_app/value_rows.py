"""The rows that a written value consists of: itself, its labels, the counters, and in the history what it replaced."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import models
from django.utils import timezone

from datasets_app import bulk
from datasets_app.models import Field, LabelClass, LabelIndex, Value, ValueHistory
from samplecase.contracts.labels import indexer
from samplecase.contracts.labels.index import Label
from samplecase.web.accounts.models import User

VALUE_COLUMNS = (
    *("field_id", "sample_id", "data", "label", "confidence", "number"),
    *("source", "job", "model_version", "origin", "editor_id", "revision", "written_at"),
)
LABEL_COLUMNS = ("field_id", "label_class_id", "sample_id", "confidence", "idx")
_KEPT_COLUMNS = (
    *("field_id", "sample_id", "data", "source", "job", "model_version"),
    *("origin", "editor_id", "revision", "written_at"),
)

_encode = json.JSONEncoder(check_circular=False).encode  # canonical values are of bounded depth


class Stored(NamedTuple):
    """What the database gets of a value's data: the text, its labels, and what it is sorted by."""

    text: str
    labels: list[Label]
    label: str | None
    confidence: float | None
    number: float | None


class Written(NamedTuple):
    """A value as it is to stand in its field. `written_at` is what `bulk.moment` gives."""

    sample: int
    stored: Stored
    source: str
    job: int | None
    model_version: int | None
    origin: str
    editor: int | None
    revision: int
    written_at: Any


FoundLabel = tuple[int, int, str, float | None]  # sample, place in its value, label, confidence


def put_values(
    *,
    field: Field,
    values: Iterable[Written],
    replaced: Sequence[int],
    by_job: int | None = None,
    by_user: User | None = None,
) -> None:
    """Let `values` stand in `field`, which is locked.

    `replaced` are all samples that have a value now and will have another one, or none. What they had goes into the
    history, as replaced by this job or person.
    """
    rows, labels = _rows(field, values)
    changes: Counter[int] = Counter()
    if replaced:
        _keep_history(field, replaced, by_job, by_user)
        changes = _remove_labels(field, replaced)
        Value.objects.filter(field=field, sample__in=replaced).delete()
    bulk.insert(Value, VALUE_COLUMNS, rows)
    changes.update(_add_labels(field, labels))
    count_labels(changes)
    if rows or replaced:
        counters = "value_count = value_count + %s, changes = changes + 1 WHERE id = %s"
        bulk.run(f"UPDATE {Field._meta.db_table} SET {counters}", len(rows) - len(replaced), field.pk)  # noqa: S608


def storing(type: str) -> Callable[[Any], Stored]:
    """What makes canonical data of this type ready for the database. Found once, used often."""
    index = indexer(type)

    def stored(data: Any) -> Stored:
        return Stored(repr(data) if data.__class__ is float else _encode(data), *index(data))

    return stored


def label_counts(rows: models.QuerySet[LabelIndex], *, sign: int) -> Counter[int]:
    """How often each label class occurs in `rows`, times `sign`."""
    counted = rows.values_list("label_class").annotate(number=models.Count("pk")).order_by()
    return Counter({label_class: sign * number for label_class, number in counted})


def count_labels(changes: Mapping[int, int]) -> None:
    """Add to the counters of label classes."""
    bulk.add(LabelClass, "count", sorted((step, pk) for pk, step in changes.items() if step))


def _rows(field: Field, values: Iterable[Written]) -> tuple[list[tuple[Any, ...]], list[FoundLabel]]:
    """The rows of `values`, and every label in them."""
    pk = field.pk
    rows: list[tuple[Any, ...]] = []
    found: list[FoundLabel] = []
    for sample, (text, labels, label, confidence, number), *facts in values:
        rows.append((pk, sample, text, label, confidence, number, *facts))
        for place, each in enumerate(labels):
            found.append((sample, place, *each))
    return rows, found


def _keep_history(field: Field, samples: Sequence[int], by_job: int | None, by_user: User | None) -> None:
    kept = ", ".join(_KEPT_COLUMNS)
    condition, wanted = bulk.among(samples)
    rows = f"{Value._meta.db_table} WHERE field_id = %s AND sample_id {condition}"
    bulk.run(
        f"INSERT INTO {ValueHistory._meta.db_table} ({kept}, replaced_by_job, replaced_by_id, replaced_at)"  # noqa: S608
        f" SELECT {kept}, %s, %s, %s FROM {rows}",
        by_job,
        by_user.pk if by_user else None,
        bulk.moment(timezone.now()),
        field.pk,
        wanted,
    )


def _remove_labels(field: Field, samples: Sequence[int]) -> Counter[int]:
    """Take the label rows of these samples away; returns what is to be counted."""
    old = LabelIndex.objects.filter(field=field, sample__in=samples)
    changes = label_counts(old, sign=-1)
    if changes:
        old.delete()
    return changes


def _add_labels(field: Field, labels: Sequence[FoundLabel]) -> Counter[int]:
    counted = Counter([label for _, _, label, _ in labels])
    classes, pk = _label_classes(field, counted), field.pk
    bulk.insert(
        LabelIndex,
        LABEL_COLUMNS,
        [(pk, classes[label], sample, confidence, place) for sample, place, label, confidence in labels],
    )
    return Counter({classes[label]: number for label, number in counted.items()})


def _label_classes(field: Field, names: Collection[str]) -> dict[str, int]:
    """The row of each label of the field; the field's lock makes sure that no other writer adds the same."""
    if not names:
        return {}
    condition, wanted = bulk.among(list(names))
    rows = f"{LabelClass._meta.db_table} WHERE field_id = %s AND name {condition}"
    known: dict[str, int] = dict(bulk.rows_of(f"SELECT name, id FROM {rows}", field.pk, wanted))  # noqa: S608
    missing = sorted(set(names) - set(known))
    made = LabelClass.objects.bulk_create(LabelClass(field=field, name=name) for name in missing)
    return known | {each.name: each.pk for each in made}
