"""Reads values of the shape that models mostly give, in one go; everything else goes the long way of `shapes`.

A quick reader returns exactly what the long way would, or None: then the value is wrong, or merely unusual.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from math import inf, isfinite
from typing import Any

from samplecase.contracts.labels.reading import MAX_INTEGER, SLACK
from samplecase.contracts.labels.types import LABELLED_TYPES, FieldType

QuickReader = Callable[[Any], Any]

MAX_LABEL = 255
MOST = 1_000  # labels of one value, or scores: more than that is counted on the long way
_ID_BYTES = 8


def quick_reader(
    type_: FieldType, *, classes: Collection[str], dimension: int | None, rules: Mapping[str, Any]
) -> QuickReader | None:
    """The reader for a type, its `classes` (empty: any) and the `rules` of its spec; None where there is none."""
    if type_ in LABELLED_TYPES and set(rules) <= {"enum"}:
        return _of_labels(type_, _label_of(classes, rules.get("enum")))
    if type_ in _NUMBERS and set(rules) <= {"minimum", "maximum"}:
        return _NUMBERS[type_](rules.get("minimum", -inf), rules.get("maximum", inf))
    if rules:
        return None
    return _embedding(dimension) if type_ is FieldType.EMBEDDING else _PLAIN.get(type_)


IsLabel = Callable[[Any], bool]


def _is_label(text: Any) -> bool:
    """Whether a text may be a label. Spaces of odd kinds and other rare characters are left to the long way."""
    return type(text) is str and text.isprintable() and 0 < len(text) <= MAX_LABEL and not text.isspace()


def _label_of(classes: Collection[str], enum: Collection[Any] | None) -> IsLabel:
    """`_is_label`, for labels that are among the classes, if there are any, and in the enumeration, if there is one."""
    if not classes and enum is None:
        return _is_label
    known = [*classes] if classes else [*(enum or ())]
    admitted = frozenset(
        each for each in known if _is_label(each) and (not classes or enum is None or each in enum)
    )
    return lambda text: type(text) is str and text in admitted


def _of_labels(type_: FieldType, is_label: IsLabel) -> QuickReader | None:
    match type_:
        case FieldType.CLASSIFICATION:
            return lambda raw: _classification(raw, is_label)
        case FieldType.CLASSIFICATIONS:
            return lambda raw: _listed(raw, is_label, _without_scores)
        case FieldType.DETECTIONS:
            return lambda raw: _listed(raw, is_label, _detection)
    return None


def _classification(raw: Any, is_label: IsLabel) -> dict[str, Any] | None:
    if type(raw) is str:
        return {"label": raw} if is_label(raw) else None
    if type(raw) is not dict or "scores" not in raw:
        return _without_scores(raw, is_label)
    rest, scores = dict(raw), raw["scores"]
    del rest["scores"]
    found = _without_scores(rest, is_label)
    if found is None or type(scores) is not dict or not _are_scores(scores):
        return None
    found["scores"] = dict(scores)
    return found


def _are_scores(scores: dict[Any, Any]) -> bool:
    return len(scores) <= MOST and all(
        type(label) is str and label.isprintable() and type(score) is float and 0.0 <= score <= 1.0
        for label, score in scores.items()
    )


def _without_scores(raw: Any, is_label: IsLabel) -> dict[str, Any] | None:
    """A label with or without confidence, and nothing else."""
    if type(raw) is not dict or not is_label(raw.get("label")):
        return None
    if len(raw) == 1:
        return {"label": raw["label"]}
    confidence = raw.get("confidence")
    if len(raw) == 2 and type(confidence) is float and 0.0 <= confidence <= 1.0:
        return {"label": raw["label"], "confidence": confidence}
    return None


def _detection(raw: Any, is_label: IsLabel) -> dict[str, Any] | None:
    """A label with a box, with or without confidence, and nothing else."""
    if type(raw) is not dict or not is_label(raw.get("label")):
        return None
    box = _box(raw.get("bounding_box"))
    if box is None:
        return None
    if len(raw) == 2:
        return {"label": raw["label"], "bounding_box": box}
    confidence = raw.get("confidence")
    if len(raw) == 3 and type(confidence) is float and 0.0 <= confidence <= 1.0:
        return {"label": raw["label"], "confidence": confidence, "bounding_box": box}
    return None


def _box(raw: Any) -> list[float] | None:
    if type(raw) is not list or len(raw) != 4:
        return None
    x, y, width, height = raw
    if not type(x) is type(y) is type(width) is type(height) is float:
        return None
    if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 and 0.0 <= width <= 1.0 and 0.0 <= height <= 1.0):
        return None
    if x + width > 1 + SLACK or y + height > 1 + SLACK:
        return None
    return [x, y, min(width, 1 - x), min(height, 1 - y)]


def _listed(
    raw: Any, is_label: IsLabel, read: Callable[[Any, IsLabel], dict[str, Any] | None]
) -> list[dict[str, Any]] | None:
    """A list of labels without ids, each of which gets one."""
    if type(raw) is not list or len(raw) > MOST:
        return None
    labels = []
    ids = os.urandom(_ID_BYTES * len(raw)).hex()
    for start, each in enumerate(raw):
        label = read(each, is_label)
        if label is None:
            return None
        label["id"] = ids[start * 2 * _ID_BYTES : (start + 1) * 2 * _ID_BYTES]
        labels.append(label)
    return labels


def _number(least: float, greatest: float) -> QuickReader:
    def read(raw: Any) -> Any:
        is_number = (type(raw) is float and isfinite(raw)) or (
            type(raw) is int and -MAX_INTEGER <= raw <= MAX_INTEGER
        )
        return raw if is_number and least <= raw <= greatest else None

    return read


def _integer(least: float, greatest: float) -> QuickReader:
    def read(raw: Any) -> Any:
        is_fit = type(raw) is int and -MAX_INTEGER <= raw <= MAX_INTEGER
        return raw if is_fit and least <= raw <= greatest else None

    return read


def _regression(least: float, greatest: float) -> QuickReader:
    number = _number(least, greatest)

    def read(raw: Any) -> Any:
        value = number(raw)
        return None if value is None else {"value": value}

    return read


def _embedding(dimension: int | None) -> QuickReader:
    def read(raw: Any) -> Any:
        # Nothing that is not finite can be added up to a finite sum.
        is_vector = type(raw) is list and 0 < len(raw) == (dimension or min(len(raw), MOST))
        return list(raw) if is_vector and set(map(type, raw)) == {float} and isfinite(sum(raw)) else None

    return read


def _string(raw: Any) -> Any:
    return raw if type(raw) is str and len(raw) <= MOST and raw.isprintable() else None


def _boolean(raw: Any) -> Any:
    return raw if type(raw) is bool else None


_NUMBERS: dict[FieldType, Callable[[float, float], QuickReader]] = {
    FieldType.NUMBER: _number,
    FieldType.INTEGER: _integer,
    FieldType.REGRESSION: _regression,
}
_PLAIN: dict[FieldType, QuickReader] = {FieldType.STRING: _string, FieldType.BOOLEAN: _boolean}
