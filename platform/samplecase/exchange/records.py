"""What every format is read as and written from: samples with values, and the fields that these belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from samplecase.contracts.labels import FieldType

GROUND_TRUTH = "ground_truth"
PREDICTIONS = "predictions"
SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}
_LABEL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)


class Value(NamedTuple):
    """A value as its file has it: our shape, with coordinates in pixels where the record says so."""

    type: str
    data: Any


@dataclass
class Record:
    """One sample of a file.

    `name` is what the file calls it; with `is_number`, a number by which some formats know images. `media` and
    `masks` name files of the same source. `facts` say of a field who wrote its value, where the format knows.
    """

    name: str
    values: dict[str, Value] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    split: str | None = None
    media: str | None = None
    width: int | None = None  # pixels
    height: int | None = None
    in_pixels: bool = False
    is_number: bool = False
    masks: dict[str, str] = field(default_factory=dict)  # SHA-256 of a mask -> the file with its pixels
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"values": {name: list(value) for name, value in self.values.items()}}

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Record:
        values = {name: Value(*value) for name, value in read["values"].items()}
        return cls(**{**read, "values": values})

    def add(self, name: str, type: FieldType, label: Mapping[str, Any]) -> None:
        """One more label in a list of labels."""
        held = self.values.setdefault(name, Value(type.value, []))
        held.data.append({key: part for key, part in label.items() if part is not None})


@dataclass
class FieldFacts:
    """A field, as far as a format describes fields."""

    name: str
    type: str = ""
    classes: list[str] = field(default_factory=list)
    colors: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    dimension: int | None = None


@dataclass
class Reading:
    """What a source holds. `records` can be walked through once; `fields` and `warnings` are whole after that."""

    format: str
    records: Iterator[Record]
    fields: dict[str, FieldFacts] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass
class Content:
    """What is to be written, beside the records."""

    name: str
    fields: Sequence[FieldFacts]
    has_media: bool = False
    description: str = ""
    tags: Sequence[str] = ()

    def of_type(self, *types: FieldType) -> list[FieldFacts]:
        return [each for each in self.fields if each.type in types]


class Classes:
    """Names by number, in their order; one that was not there before comes last."""

    def __init__(self, *lists: Sequence[str]) -> None:
        self.names: list[str] = list(dict.fromkeys(name for names in lists for name in names))
        self._places = {name: place for place, name in enumerate(self.names)}

    def place(self, name: str) -> int:
        if name not in self._places:
            self._places[name] = len(self.names)
            self.names.append(name)
        return self._places[name]


def confidence(raw: Any) -> float | None:
    """A score between 0 and 1, or None for what is no such score."""
    if isinstance(raw, bool):
        return None
    try:
        number = float(raw)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number <= 1 else None


def label_id(raw: Any) -> str | None:
    """An id that a label may keep."""
    text = str(raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    return text if _LABEL_ID.match(text) else None


def split_of(tags: Sequence[str]) -> str | None:
    return next((SPLITS[tag] for tag in tags if tag in SPLITS), None)
