"""What a source holds, counted; and its values made to fit the fields they go to: names mapped, types matched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from samplecase.contracts.labels import LABEL_LIST_TYPES, FieldType
from samplecase.exchange.records import GROUND_TRUTH, PREDICTIONS, FieldFacts, Reading, Record, Value


@dataclass
class Counted:
    """One field of a source."""

    name: str
    type: str
    labels: Counter[str] = field(default_factory=Counter)
    values: int = 0
    longest: int = 0  # most labels in one value
    dimension: int | None = None


@dataclass
class Summary:
    """All fields of a source, and how many samples it has."""

    samples: int = 0
    fields: dict[str, Counted] = field(default_factory=dict)
    warnings: Counter[str] = field(default_factory=Counter)

    def add(self, record: Record) -> None:
        """Count one record. A value of another type than its field had before is taken out of the record."""
        self.samples += 1
        for warning in record.warnings:
            self.warnings[warning] += 1
        for name, value in list(record.values.items()):
            counted = self.fields.setdefault(name, Counted(name, value.type))
            if {counted.type, value.type} == {FieldType.INTEGER.value, FieldType.NUMBER.value}:
                counted.type = FieldType.NUMBER.value
            elif counted.type != value.type:
                del record.values[name]
                self.warnings[f"{name} is of type {counted.type} and of {value.type}"] += 1
                continue
            try:
                labels = labels_of(value)
            except (AttributeError, TypeError):
                del record.values[name]
                self.warnings[f"{name} has a value that is none of its type"] += 1
                continue
            counted.values += 1
            counted.labels.update(labels)
            if isinstance(value.data, list):
                counted.longest = max(counted.longest, len(value.data))
            if value.type == FieldType.EMBEDDING and counted.dimension is None and value.data:
                counted.dimension = len(value.data)


def labels_of(value: Value) -> list[str]:
    if value.type == FieldType.CLASSIFICATION:
        return [_name(value.data)]
    return [_name(each) for each in value.data] if value.type in LABEL_LIST_TYPES else []


def _name(label: Any) -> str:
    return label if isinstance(label, str) else str(label.get("label"))


def new_type(counted: Counted) -> str:
    """The type of a new field for it: a list that never holds more than one class is a classification."""
    if counted.type == FieldType.CLASSIFICATIONS and counted.longest <= 1:
        return FieldType.CLASSIFICATION.value
    return counted.type


def fits(counted: Counted, type_: str) -> bool:
    """Whether its values can go to a field of this type."""
    return type_ in {counted.type, new_type(counted)} or (counted.type, type_) in _WIDER


_WIDER = {
    (FieldType.CLASSIFICATION.value, FieldType.CLASSIFICATIONS.value),
    (FieldType.INTEGER.value, FieldType.NUMBER.value),
    (FieldType.ARRAY.value, FieldType.EMBEDDING.value),
    (FieldType.NUMBER.value, FieldType.REGRESSION.value),
    (FieldType.STRING.value, FieldType.CLASSIFICATION.value),
}


def fitted(value: Value, type_: str, classes: Mapping[str, str | None]) -> Any:
    """The data for a field of `type_`, with labels called as `classes` say; None where nothing is left.

    A label that is mapped to None is left out; one that is not mapped stays what it is.
    """
    data = value.data
    if value.type in LABEL_LIST_TYPES:
        data = [mapped for each in data if (mapped := _mapped(each, classes)) is not None]
        if not data and value.data:
            return None
        if type_ == FieldType.CLASSIFICATION:
            return data[0] if data else None
    elif value.type == FieldType.CLASSIFICATION:
        data = _mapped(data, classes)
        if data is not None and type_ == FieldType.CLASSIFICATIONS:
            return [data]
    return data


def _mapped(label: Any, classes: Mapping[str, str | None]) -> Any:
    whole = {"label": label} if isinstance(label, str) else label
    name = classes.get(whole["label"], whole["label"])
    if name is None:
        return None
    scores = whole.get("scores")
    if not isinstance(scores, dict):
        return {**whole, "label": name}
    renamed = {classes.get(key, key): score for key, score in scores.items()}
    return {
        **whole,
        "label": name,
        "scores": {key: score for key, score in renamed.items() if key is not None},
    }


def targets(
    reading: Reading,
    summary: Summary,
    *,
    field: str | None = None,
    fields: Mapping[str, str | None] | None = None,
    as_predictions: bool = False,
) -> dict[str, str]:
    """Field of the source → field of the dataset. One that is mapped to None is left out.

    `field` renames the main field of the source, and with it those that are called after it.
    """
    chosen = dict(fields or {})
    main = main_field(reading, summary)
    wanted = field or (PREDICTIONS if as_predictions and main == GROUND_TRUTH else main)
    found: dict[str, str] = {}
    for name in summary.fields:
        if name in chosen:
            if chosen[name] is not None:
                found[name] = str(chosen[name])
        elif main is not None and wanted is not None and (name == main or name.startswith(f"{main}_")):
            found[name] = wanted + name[len(main) :]
        else:
            found[name] = name
    return found


def main_field(reading: Reading, summary: Summary) -> str | None:
    there = [name for name in reading.fields if name in summary.fields] or list(summary.fields)
    # What only has e.g. polygons is still called after the field that all of it belongs to.
    stems = [
        name for name in (GROUND_TRUTH, PREDICTIONS) if any(each.startswith(name) for each in summary.fields)
    ]
    named = [name for name in (GROUND_TRUTH, PREDICTIONS) if name in summary.fields]
    return next(iter([*named, *stems, *there]), None)


def classes_of(reading: Reading, counted: Counted, mapping: Mapping[str, str | None]) -> list[str]:
    """The classes of a field in the order of the source, called as they are mapped; then those met by the way."""
    facts = reading.fields.get(counted.name) or _called_after(reading, counted.name)
    names = [*(facts.classes if facts else ()), *sorted(counted.labels)]
    mapped = (mapping.get(name, name) for name in names)
    return list(dict.fromkeys(name for name in mapped if name is not None))


def _called_after(reading: Reading, name: str) -> FieldFacts | None:
    return next((facts for key, facts in reading.fields.items() if name.startswith(f"{key}_")), None)
