"""What of a value is found, sorted and counted by: its labels and their confidences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from samplecase.contracts.labels.types import LABEL_LIST_TYPES, FieldType

MAX_INDEXED_LABEL = 255  # characters; longer texts are no labels that anyone picks from a list

Label = tuple[str, float | None]
# All labels of a value in its order; then what it is sorted by: its primary label, a confidence and a number.
Index = tuple[list[Label], str | None, float | None, float | None]


def indexer(type: str) -> Callable[[Any], Index]:
    """What reads the index of canonical values of this type. Found once, used often."""
    return _INDEXERS[FieldType(type)]


def index_labels(type: str, value: Any) -> list[Label]:
    """One `(label, confidence)` for each label in a canonical value, in its order."""
    return [] if value is None else indexer(type)(value)[0]


def primary_label(type: str, value: Any) -> tuple[str | None, float | None]:
    """The label a value is sorted by: its only one, or the first of those with the highest confidence."""
    return (None, None) if value is None else indexer(type)(value)[1:3]


def primary_number(type: str, value: Any) -> float | None:
    """The number a value is sorted by: of number, integer and regression fields."""
    return None if value is None else indexer(type)(value)[3]


def _of_label(value: Any) -> Index:
    label, confidence = value["label"], value.get("confidence")
    return [(label, confidence)], label, confidence, None


def _of_labels(value: Any) -> Index:
    labels = [(each["label"], each.get("confidence")) for each in value]
    if not labels:
        return labels, None, None, None
    return labels, *max(labels, key=_rank), None


def _rank(label: Label) -> float:
    return -1.0 if label[1] is None else label[1]


def _of_flag(value: Any) -> Index:
    label = "true" if value else "false"
    return [(label, None)], label, None, None


def _of_text(value: Any) -> Index:
    if not 0 < len(value) <= MAX_INDEXED_LABEL:
        return [], None, None, None
    return [(value, None)], value, None, None


def _of_number(value: Any) -> Index:
    return [], None, None, float(value)


def _of_regression(value: Any) -> Index:
    return [], None, value.get("confidence"), float(value["value"])


def _of_nothing(value: Any) -> Index:
    return [], None, None, None


_INDEXERS: dict[FieldType, Callable[[Any], Index]] = {
    **dict.fromkeys(FieldType, _of_nothing),
    **dict.fromkeys(LABEL_LIST_TYPES, _of_labels),
    FieldType.CLASSIFICATION: _of_label,
    FieldType.BOOLEAN: _of_flag,
    FieldType.STRING: _of_text,
    FieldType.NUMBER: _of_number,
    FieldType.INTEGER: _of_number,
    FieldType.REGRESSION: _of_regression,
}
