"""What samples may be sorted by: each public key, and the column or the comparison behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Case, F, When
from django.db.models.functions import Coalesce, Least

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


def sort_from(text: str, fields: Mapping[str, Field], *, pointer: str = "/sort") -> Sort:
    """Reads `name`, `-field.confidence` or `-compare:a,b`. Raises `InvalidInput` at `pointer`."""
    key, descending = text.removeprefix("-"), text.startswith("-")
    if key.startswith(COMPARE):
        first, second = _compared(key.removeprefix(COMPARE), fields, pointer)
        return Sort("disagreement", descending, first, second)
    name, dot, attribute = key.partition(".")
    field = None
    if key in SAMPLE_COLUMNS and not (key == "bytes" and key in fields):
        column = SAMPLE_COLUMNS[key]
    else:
        field = fields.get(name)
        found = field_column(field.type, attribute) if field and bool(dot) == bool(attribute) else None
        if found is None:
            raise InvalidInput(f"There is nothing to sort by under “{key[:100]}”.", pointer=pointer)
        column = found
    if column.kind in UNSORTABLE:
        raise InvalidInput(f"“{key}” has no order to sort by.", pointer=pointer)
    return Sort(column.name, descending, field)


def disagreement(first: str, second: str) -> Case:
    """The key of `compare:`, from the relations to a sample's two values.

    Of two different labels it is the lesser confidence, so that those come last (`-`: first) of which both sides are
    sure; of two equal ones it is less than -1. A label without a confidence is sure.
    """
    sure = Least(Coalesce(f"{first}__confidence", 1.0), Coalesce(f"{second}__confidence", 1.0))
    same = {f"{first}__label": F(f"{second}__label")}
    return Case(When(**same, then=-1.0 - sure), default=sure)


def _compared(text: str, fields: Mapping[str, Field], pointer: str) -> tuple[Field, Field]:
    names = text.split(",")
    found = [fields[name] for name in names if name in fields]
    if len(names) != 2 or len(found) != 2:
        raise InvalidInput("compare: is followed by two fields, as in compare:truth,guess.", pointer=pointer)
    for field in found:
        if field.type != FieldType.CLASSIFICATION:
            raise InvalidInput(
                f"“{field.name}” is of type {field.type}; this sorts by two classifications.", pointer=pointer
            )
    return found[0], found[1]
