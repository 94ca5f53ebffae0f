"""When two values of a sample agree: conditions on the JSON of both, in the SQL of both databases."""

from __future__ import annotations

import re
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, OuterRef, Q
from django.db.models.sql.compiler import SQLCompiler

from datasets_app.models import Field
from samplecase.contracts.labels import LABEL_LIST_TYPES, FieldType

NUMBERS = frozenset({FieldType.NUMBER, FieldType.INTEGER, FieldType.REGRESSION})
COMPARED_TYPES = NUMBERS | LABEL_LIST_TYPES | {FieldType.CLASSIFICATION, FieldType.STRING, FieldType.BOOLEAN}

_ELEMENTS = {
    "sqlite": ("json_each({})", "json_extract({}.value, '$.label')", "json_array_length({})"),
    "postgresql": ("jsonb_array_elements({})", "({}.value->>'label')", "jsonb_array_length({})"),
}
_COORDINATE = {
    "sqlite": "json_extract({}.value, '$.bounding_box[{}]')",
    "postgresql": "({}.value->'bounding_box'->>{})::float8",
}
_EXTREMES = {"sqlite": ("MIN", "MAX"), "postgresql": ("LEAST", "GREATEST")}


def comparable(first: Field, second: Field) -> bool:
    """Whether there is an answer to whether values of these two agree."""
    both = {FieldType(first.type), FieldType(second.type)}
    return both <= NUMBERS or (len(both) == 1 and both <= COMPARED_TYPES)


def agrees_with_outer(type: str) -> Q:
    """A value agrees with the one of an outer query; `docs/contracts.md` says when, for each type."""
    match FieldType(type):
        case FieldType.CLASSIFICATION | FieldType.BOOLEAN:
            return Q(label=OuterRef("label"))
        case FieldType.STRING:
            return Q(Agree("text", F("data"), OuterRef("data")))
        case FieldType.DETECTIONS:
            return Q(Agree("boxes", F("data"), OuterRef("data")))
        case each if each in LABEL_LIST_TYPES:
            return Q(Agree("labels", F("data"), OuterRef("data")))
    return Q(number=OuterRef("number"))


class Agree(Func):
    """Whether two JSON values agree as `text`, as lists of `labels`, or as `boxes`."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, kind: str, first: Any, second: Any) -> None:
        super().__init__(first, second)
        self.kind = kind

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any
    ) -> tuple[str, tuple[Any, ...]]:
        sides = [compiler.compile(each) for each in self.get_source_expressions()]
        text = _TEMPLATES[self.kind](connection.vendor)
        parameters: list[Any] = []

        def side(found: re.Match[str]) -> str:
            sql, given = sides[int(found[1])]
            parameters.extend(given)
            return sql

        return re.sub(r"@([01])", side, text), tuple(parameters)


def _same_text(vendor: str) -> str:
    return "@0 = @1"


def _same_labels(vendor: str) -> str:
    """As many labels on both sides, and each label of the first as often on both: the same multiset."""
    rows, label, length = _ELEMENTS[vendor]

    def often(side: str) -> str:
        counted = f"{rows.format(side)} AS one WHERE {label.format('one')} = {label.format('each')}"
        return f"(SELECT COUNT(*) FROM {counted})"  # noqa: S608 - constants of this module

    other = f"{rows.format('@0')} AS each WHERE {often('@0')} <> {often('@1')}"
    lengths = f"{length.format('@0')} = {length.format('@1')}"
    return f"{lengths} AND NOT EXISTS(SELECT 1 FROM {other})"  # noqa: S608


def _same_boxes(vendor: str) -> str:
    """The same multiset of labels, and each box has one of its label on the other side with an IoU of at least 0.5."""
    rows, label, _ = _ELEMENTS[vendor]
    least, greatest = _EXTREMES[vendor]

    def at(box: str, place: int) -> str:
        return _COORDINATE[vendor].format(box, place)

    def overlap(axis: int) -> str:
        ends = [f"{at(box, axis)} + {at(box, axis + 2)}" for box in ("one", "two")]
        begins = f"{greatest}({at('one', axis)}, {at('two', axis)})"
        return f"{greatest}(0.0, {least}({ends[0]}, {ends[1]}) - {begins})"

    areas = " + ".join(f"{at(box, 2)} * {at(box, 3)}" for box in ("one", "two"))
    # IoU >= 1/2 without a division; the last digits of the coordinates do not count.
    near = f"3.0 * {overlap(0)} * {overlap(1)} >= ({areas}) * (1 - 1e-9)"

    def all_found(side: str, other: str) -> str:
        pair = f"{rows.format(other)} AS two WHERE {label.format('one')} = {label.format('two')} AND {near}"
        alone = f"{rows.format(side)} AS one WHERE NOT EXISTS(SELECT 1 FROM {pair})"  # noqa: S608
        return f"NOT EXISTS(SELECT 1 FROM {alone})"  # noqa: S608

    return f"({_same_labels(vendor)} AND {all_found('@0', '@1')} AND {all_found('@1', '@0')})"


_TEMPLATES = {
    "text": _same_text,
    "labels": lambda vendor: f"({_same_labels(vendor)})",
    "boxes": _same_boxes,
}
