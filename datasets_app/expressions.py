"""Conditions that Django's ORM has no words for, in the SQL of both databases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, FloatField, Func, Value
from django.db.models.sql.compiler import SQLCompiler

from datasets_app.bulk import among

_TESTS = {
    "in": "tag.value IN ({})",
    "ne": "tag.value <> {}",
    "contains": "LOWER(tag.value) LIKE LOWER({}) ESCAPE '!'",
    "startswith": "LOWER(tag.value) LIKE LOWER({}) ESCAPE '!'",
}
_PATTERNS = {"contains": "%{}%", "startswith": "{}%"}
_ELEMENTS = {"sqlite": "json_each({}) AS tag", "postgresql": "jsonb_array_elements_text({}) AS tag(value)"}


class HasTag(Func):
    """Whether any of a JSON list of texts passes a test."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, tags: Any, *texts: Any, test: str) -> None:
        super().__init__(tags, *texts)
        self.test = test

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any
    ) -> tuple[str, tuple[Any, ...]]:
        tags, *texts = (compiler.compile(each) for each in self.get_source_expressions())
        elements = _ELEMENTS[connection.vendor].format(tags[0])
        test = _TESTS[self.test].format(", ".join(text for text, _ in texts))
        # Only constants of this module and what the compiler made of the arguments; the texts are parameters.
        sql = f"EXISTS(SELECT 1 FROM {elements} WHERE {test})"  # noqa: S608
        return sql, (*tags[1], *(parameter for _, parameters in texts for parameter in parameters))


def has_tag_of(texts: Iterable[str]) -> HasTag:
    """A sample has one of these tags. One test for all of them: SQLite takes no thousand conditions in a row."""
    return HasTag(F("tags"), *map(Value, texts), test="in")


def has_tag(test: str, text: str) -> HasTag:
    """A sample has a tag that is not (`ne`) `text`, contains it or starts with it."""
    if test in _PATTERNS:
        for special in "!%_":
            text = text.replace(special, f"!{special}")
        text = _PATTERNS[test].format(text)
    return HasTag(F("tags"), Value(text), test=test)


class IsAmong(Func):
    """Whether a column of ids is one of many, however many these are: they are one parameter."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, column: Any, ids: Sequence[int]) -> None:
        super().__init__(column)
        self.ids = ids

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any
    ) -> tuple[str, tuple[Any, ...]]:
        column, parameters = compiler.compile(self.get_source_expressions()[0])
        condition, wanted = among(self.ids)
        return f"{column} {condition}", (*parameters, wanted)


class Seconds(Func):
    """A point in time as seconds since 1970."""

    output_field = FloatField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="((julianday(%(expressions)s) - 2440587.5) * 86400.0)"
        )

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="EXTRACT(EPOCH FROM %(expressions)s)::double precision"
        )
