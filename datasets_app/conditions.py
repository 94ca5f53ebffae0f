"""The leaves of a filter: an operator and a value, checked against the column they are for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime

from datasets_app.columns import Column, Kind
from datasets_app.expressions import has_tag, has_tag_of
from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.states import Source

MAX_CHOICES = 1_000  # values of one `in`
MAX_TEXT = 1_000
MAX_INTEGER = 2**63 - 1

LOOKUPS = {
    "eq": "exact",
    "in": "in",
    "lt": "lt",
    "le": "lte",
    "gt": "gt",
    "ge": "gte",
    "contains": "icontains",  # SQLite knows no other; so it is the same on PostgreSQL
    "startswith": "istartswith",
}
_TEXT_OPS = ("eq", "ne", "in", "contains", "startswith", "exists")
_ORDER_OPS = ("eq", "ne", "in", "lt", "le", "gt", "ge", "exists")
OPS_OF: Mapping[Kind, tuple[str, ...]] = {
    Kind.TEXT: _TEXT_OPS,
    Kind.TAGS: _TEXT_OPS,
    Kind.NUMBER: _ORDER_OPS,
    Kind.INTEGER: _ORDER_OPS,
    Kind.TIME: _ORDER_OPS,
    Kind.BOOLEAN: ("eq", "ne", "exists"),
    Kind.SOURCE: ("eq", "ne", "in", "exists"),
    Kind.ANY: ("exists",),
}


def bad_filter(pointer: str, message: str) -> InvalidInput:
    return InvalidInput(
        f"The filter is not valid: {message}", code="bad_filter", details=[Fault(pointer, message)]
    )


def condition_on(column: Column, leaf: Mapping[str, Any], at: str) -> Q:
    """The condition that `leaf` (`{op, value}`) states on a column; that of `exists` is "it is not null"."""
    op = _op(column.kind, leaf, at)
    if op == "exists":
        return Q(**{f"{column.name}__isnull": False})
    value = _value(column.kind, op, leaf, at)
    if op == "ne":
        return Q(**{f"{column.name}__isnull": False}) & ~Q(**{column.name: value})
    return Q(**{f"{column.name}__{LOOKUPS[op]}": value})


def tag_condition(leaf: Mapping[str, Any], at: str) -> Q:
    """The condition on a sample's tags; it holds if it holds for any of them."""
    op = _op(Kind.TAGS, leaf, at)
    if op == "exists":
        return Q(has_tag("startswith", ""))
    value = _value(Kind.TAGS, op, leaf, at)
    if op in {"eq", "in"}:
        return Q(has_tag_of(value if op == "in" else [value]))
    return Q(has_tag(op, value))


def as_asked(condition: Q, leaf: Mapping[str, Any], at: str) -> Q:
    """`condition`; turned round where `exists` asks for what is absent (`"value": false`)."""
    asked = leaf.get("value", True)
    if leaf.get("op") != "exists":
        return condition
    if not isinstance(asked, bool):
        raise bad_filter(f"{at}/value", "With exists, this is true or false.")
    return condition if asked else ~condition


def text(value: Any, at: str) -> str:
    if not isinstance(value, str):
        raise bad_filter(at, "This is a text.")
    if len(value) > MAX_TEXT or "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise bad_filter(at, f"This is a text of at most {MAX_TEXT} characters, without control characters.")
    return value


def number(value: Any, at: str, *, whole: bool = False) -> Any:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise bad_filter(at, "This is a whole number." if whole else "This is a number.")
    if abs(value) > MAX_INTEGER or not math.isfinite(value):
        raise bad_filter(at, "This number is too large.")
    return value


def _time(value: Any, at: str) -> datetime:
    """A moment in ISO 8601; without a zone it is UTC, without a time midnight."""
    given = text(value, at)
    try:
        moment = parse_datetime(given)
        day = parse_date(given) if moment is None else None
    except ValueError:
        moment = day = None
    if day is not None:
        moment = datetime.combine(day, time.min)
    if moment is None:
        raise bad_filter(at, "This is a date or time, such as 2026-01-31 or 2026-01-31T12:00:00Z.")
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise bad_filter(at, "This date is out of range.") from None


def _op(kind: Kind, leaf: Mapping[str, Any], at: str) -> str:
    op = leaf.get("op")
    if op not in OPS_OF[kind]:
        raise bad_filter(f"{at}/op", f"For a {kind} column, this is one of {', '.join(OPS_OF[kind])}.")
    return str(op)


def _value(kind: Kind, op: str, leaf: Mapping[str, Any], at: str) -> Any:
    if "value" not in leaf:
        raise bad_filter(at, f"“{op}” needs a value.")
    at, value = f"{at}/value", leaf["value"]
    if op != "in":
        return _one(kind, value, at)
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_CHOICES:
        raise bad_filter(at, f"With in, this is a list of 1 to {MAX_CHOICES} values.")
    return [_one(kind, each, f"{at}/{place}") for place, each in enumerate(value)]


def _one(kind: Kind, value: Any, at: str) -> Any:
    match kind:
        case Kind.NUMBER | Kind.INTEGER:
            return number(value, at, whole=kind == Kind.INTEGER)
        case Kind.TIME:
            return _time(value, at)
        case Kind.BOOLEAN:
            if not isinstance(value, bool):
                raise bad_filter(at, "This is true or false.")
            return "true" if value else "false"
        case Kind.SOURCE:
            if value not in set(Source):
                raise bad_filter(at, f"A source is one of {', '.join(Source)}.")
    return text(value, at)
