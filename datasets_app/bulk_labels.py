"""One label set on, or taken from, many samples by a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasets_app.models import Dataset, Field, Value
from datasets_app.values import Author, NewValue, lock_field, samples_among, write_to_locked
from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels import FieldType, ValueChecker
from samplecase.contracts.states import Source
from samplecase.web.accounts.models import User

SET_TYPES = (FieldType.CLASSIFICATION, FieldType.CLASSIFICATIONS)


@dataclass(frozen=True)
class LabelChange:
    """`label` set in `field`, or taken from it; without a label the whole value is taken away."""

    field: Field
    label: str | None
    sets: bool
    checker: ValueChecker


def label_change(dataset: Dataset, field: str | None, label: str | None, *, sets: bool) -> LabelChange:
    """Raises `InvalidInput` where the dataset has no such field, or the field cannot have such a label."""
    found = Field.objects.filter(dataset=dataset, name=field).first() if field else None
    if found is None:
        message = f"The dataset has no field “{field}”." if field else "Say which field."
        raise InvalidInput(message, pointer="/field")
    if sets and not label:
        raise InvalidInput("Say which label.", pointer="/label")
    if label and found.type not in SET_TYPES:
        raise InvalidInput(
            f"“{found.name}” is of type {found.type}; labels of many samples are set in fields of the types"
            f" {' and '.join(SET_TYPES)}.",
            code="wrong_type",
            pointer="/field",
        )
    checker = ValueChecker(found.type, dimension=found.dimension, classes=found.classes)
    change = LabelChange(found, label or None, sets, checker)
    if sets:
        _added(change, None)
    return change


def write_labels(
    change: LabelChange, group: Sequence[int], user: User, skipped: Counter[str]
) -> list[list[int]]:
    """Write one group in the caller's transaction; returns `[sample, revision before, revision after]` of each."""
    field = lock_field(change.field)
    standing = {
        sample: (revision, source, data)
        for sample, revision, source, data in Value.objects.filter(field=field, sample__in=group).values_list(
            "sample", "revision", "source", "data"
        )
    }
    present = samples_among(field.dataset_id, group)
    skipped["gone"] += len(group) - len(present)
    rows = []
    for sample in present:
        _, source, data = standing.get(sample, (0, None, None))
        after = _after(change, data)
        # What a model said, and a person sets once more, is the person's from then on.
        if _says_the_same(data, after) and not (change.sets and source != Source.HUMAN):
            skipped["unchanged"] += 1
        else:
            rows.append(NewValue(sample, after))
    author = Author(Source.HUMAN, user)
    report = write_to_locked(field=field, rows=rows, author=author, present=present)
    values = Value.objects.filter(field=field, sample__in=report.written)
    revisions = dict(values.values_list("sample", "revision"))
    return [
        [sample, standing[sample][0] if sample in standing else 0, revisions.get(sample, 0)]
        for sample in report.written
    ]


def _after(change: LabelChange, data: Any) -> Any:
    """The canonical value that is to stand instead of `data`."""
    if change.sets:
        return _added(change, data)
    if change.label is None or data is None:
        return None
    if isinstance(data, dict):
        return data if data["label"] != change.label else None
    return [each for each in data if each["label"] != change.label]


def _added(change: LabelChange, data: Any) -> Any:
    """With the label; what a list holds already is not judged again: its classes may have changed since."""
    new = {"label": change.label}
    if change.field.type == FieldType.CLASSIFICATION:
        return change.checker.normalise(new, at="/label")
    present = list(data or [])
    if any(each["label"] == change.label for each in present):
        return present
    return [*present, *change.checker.normalise([new], at="/label")]


def _says_the_same(before: Any, after: Any) -> bool:
    if isinstance(before, dict) and isinstance(after, dict):
        return bool(before["label"] == after["label"])
    return bool(before == after)
