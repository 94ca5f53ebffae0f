"""What may be filtered and sorted by: each public key, and the column behind it. Nothing else ever reaches the ORM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from samplecase.contracts.labels import LABELLED_TYPES


class Kind(StrEnum):
    """What a column holds, and so which operators and values fit it."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    TIME = "time"
    BOOLEAN = "boolean"  # kept as the labels "true" and "false"
    SOURCE = "source"
    TAGS = "tags"
    ANY = "value"  # of which only the presence can be asked


@dataclass(frozen=True)
class Column:
    """A column of `Sample` or `Value`; `of_label` is the one of `LabelIndex`, where a value may hold several labels."""

    name: str
    kind: Kind
    of_label: str | None = None


SAMPLE_COLUMNS: Mapping[str, Column] = {
    "id": Column("id", Kind.INTEGER),
    "name": Column("name", Kind.TEXT),
    "tags": Column("tags", Kind.TAGS),
    "width": Column("width", Kind.INTEGER),
    "height": Column("height", Kind.INTEGER),
    "bytes": Column("bytes", Kind.INTEGER),  # a field of this name goes before it: it is not reserved
    "created": Column("created_at", Kind.TIME),
}

_LABEL = Column("label", Kind.TEXT, "label_class__name")
_CONFIDENCE = Column("confidence", Kind.NUMBER, "confidence")
_OF_ANY_FIELD = {"source": Column("source", Kind.SOURCE), "job": Column("job", Kind.INTEGER)}
_OF_TYPE: Mapping[str, Mapping[str, Column]] = {
    **{each: {"": _LABEL, "label": _LABEL, "confidence": _CONFIDENCE} for each in LABELLED_TYPES},
    "regression": {"": Column("number", Kind.NUMBER), "confidence": Column("confidence", Kind.NUMBER)},
    "number": {"": Column("number", Kind.NUMBER)},
    "integer": {"": Column("number", Kind.NUMBER)},
    "string": {"": Column("label", Kind.TEXT)},
    "boolean": {"": Column("label", Kind.BOOLEAN)},
}


def field_column(field_type: str, attribute: str) -> Column | None:
    """The column behind `field` ("") or `field.attribute`, or None where the type has no such part."""
    if attribute in _OF_ANY_FIELD:
        return _OF_ANY_FIELD[attribute]
    return _OF_TYPE.get(field_type, {}).get(attribute, Column("data", Kind.ANY) if not attribute else None)
