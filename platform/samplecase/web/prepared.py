"""Queries that the ORM builds once: for those asked so often that building them costs more than the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery

# What stands for the arguments while a query is built. It fits into any whole number's column, and no query that is
# written down has such a constant in it.
STAND_IN = 2_000_000_011


class Prepared:
    """A SELECT. `build` makes it from stand-ins for its arguments, as a queryset of tuples (`values_list`).

    The columns come as the database has them: JSON as text, without the ORM's conversions.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._statement: tuple[str, Sequence[Any], Sequence[tuple[int, int]]] | None = None

    def __call__(self, *arguments: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(*self._bound(arguments))
            return list(cursor.fetchall())

    def _bound(self, arguments: Sequence[Any]) -> tuple[str, list[Any]]:
        """The statement and its parameters, with the arguments where their stand-ins were."""
        if self._statement is None:
            stand_ins = [STAND_IN + place for place in range(len(arguments))]
            text, parameters = self._compiled(stand_ins)
            self._statement = text, parameters, _places(stand_ins, parameters)
        text, parameters, places = self._statement
        bound = list(parameters)
        for place, argument in places:
            bound[place] = arguments[argument]
        return text, bound

    def _compiled(self, stand_ins: Sequence[int]) -> tuple[str, Sequence[Any]]:
        return self._build(*stand_ins).query.sql_with_params()


class PreparedUpdate(Prepared):
    """An UPDATE of a queryset: `build` makes the rows and what they are to be. Called, it says how many there were."""

    def __init__(self, build: Callable[..., tuple[QuerySet[Any, Any], dict[str, Any]]]) -> None:
        super().__init__(build)  # type: ignore[arg-type]

    def __call__(self, *arguments: Any) -> int:  # type: ignore[override]
        with connection.cursor() as cursor:
            cursor.execute(*self._bound(arguments))
            return int(cursor.rowcount)

    def _compiled(self, stand_ins: Sequence[int]) -> tuple[str, Sequence[Any]]:
        rows, values = self._build(*stand_ins)
        query = rows.query.chain(UpdateQuery)
        query.add_update_values(values)
        text, parameters = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        return str(text), parameters


def _places(stand_ins: Sequence[int], parameters: Sequence[Any]) -> list[tuple[int, int]]:
    """`(parameter, argument)` for each parameter that a stand-in has become, as a number or as text."""
    texts = [str(each) for each in stand_ins]
    found = [
        (place, texts.index(str(parameter)))
        for place, parameter in enumerate(parameters)
        if str(parameter) in texts
    ]
    if {argument for _, argument in found} != set(range(len(stand_ins))):
        raise ValueError("an argument of a prepared query has no place in it")
    return found
