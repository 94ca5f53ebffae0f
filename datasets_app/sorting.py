"""What samples may be sorted by: each public key, and the column or the comparison behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from datasets_app.columns import SAMPLE_COLUMNS, Kind, field_column
from datasets_app.models import Field
from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels import FieldType

UNSORTABLE = frozenset({Kind.TAGS, Kind.ANY})
COMPARE = "compare:"


@dataclass(frozen=True)
class Sort:
    """A column of samples, of one field's values, or how two fields disagree. Ties are always by rising id."""

    column: str
    descending: bool
    field: Field | None = None
    against: Field | None = None


def sort_from(text: str, fields: Mapping[str, Field]) -> Sort:
    """Reads `name`, `-field.confidence` or `-compare:a,b`. Raises `InvalidInput` at `/sort`."""
    key, descending = text.removeprefix("-"), text.startswith("-")
    if key.startswith(COMPARE):
        first, second = _compared(key.removeprefix(COMPARE), fields)
        return Sort("disagreement", descending, first, second)
    name, dot, attribute = key.partition(".")
    field = None
    if key in SAMPLE_COLUMNS and not (key == "bytes" and key in fields):
        column = SAMPLE_COLUMNS[key]
    else:
        field = fields.get(name)
        found = field_column(field.type, attribute) if field and bool(dot) == bool(attribute) else None
        if found is None:
            raise InvalidInput(f"There is nothing to sort by under “{key[:100]}”.", pointer="/sort")
        column = found
    if column.kind in UNSORTABLE:
        raise InvalidInput(f"“{key}” has no order to sort by.", pointer="/sort")
    return Sort(column.name, descending, field)


def _compared(text: str, fields: Mapping[str, Field]) -> tuple[Field, Field]:
    names = text.split(",")
    found = [fields[name] for name in names if name in fields]
    if len(names) != 2 or len(found) != 2:
        raise InvalidInput("compare: is followed by two fields, as in compare:truth,guess.", pointer="/sort")
    for field in found:
        if field.type != FieldType.CLASSIFICATION:
            raise InvalidInput(
                f"“{field.name}” is of type {field.type}; this sorts by two classifications.", pointer="/sort"
            )
    return found[0], found[1]
