"""Statements about many rows at once, for which the ORM's way through objects takes longer than the database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

# Of one INSERT on SQLite. Between two statements its thread may have to wait for the other threads of the process.
ROWS_AT_ONCE = 64


def rows_of(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a SELECT answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def run(statement: str, *parameters: Any) -> int:
    """Carry out another statement; returns how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def among(values: Sequence[int] | Sequence[str]) -> tuple[str, Any]:
    """`(condition, parameter)`: what stands behind a column that is to be one of `values`, however many these are."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(values)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(values)


def chosen(
    model: type[models.Model], ids: Sequence[int], columns: Sequence[str], fitting: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """`columns` of the rows with these ids, as far as other columns are what `fitting` says.

    They are found by their ids alone: SQLite, which cannot see how few these are, would go through every row that is
    `fitting`, if the sign before the column did not keep it from looking there.
    """
    condition, wanted = among(ids)
    others = "".join(f" AND +{column} = %s" for column in fitting)
    rows = f"{model._meta.db_table} WHERE id {condition}{others}"
    return rows_of(f"SELECT {', '.join(columns)} FROM {rows}", wanted, *fitting.values())  # noqa: S608


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert `rows` of plain values, in the order of `columns`; a JSON column takes text, a time what `moment` gives.

    What is there already is to be deleted before: "on conflict do update" costs SQLite twice as much per new row.
    """
    if not rows:
        return
    names = tuple(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            types = [_type(model, column) for column in columns]
            arrays = [_array(*each) for each in zip(types, zip(*rows, strict=True), strict=True)]
            cursor.execute(_insert_arrays(model, names), arrays)
        else:
            whole = len(rows) - len(rows) % ROWS_AT_ONCE
            if groups := [_flat(rows[at : at + ROWS_AT_ONCE]) for at in range(0, whole, ROWS_AT_ONCE)]:
                cursor.executemany(_insert_rows(model, names, ROWS_AT_ONCE), groups)
            if single := rows[whole:]:
                cursor.executemany(_insert_rows(model, names, 1), single)


def add(model: type[models.Model], column: str, steps: Sequence[tuple[int, int]]) -> None:
    """Add to a counter of several rows: `(step, id)` of each."""
    if not steps:
        return
    table = model._meta.db_table
    more = f"UPDATE {table} SET {column} = {column} +"  # noqa: S608
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"{more} steps.step FROM unnest(%s::bigint[], %s::bigint[]) AS steps(step, id)"
                f" WHERE {table}.id = steps.id",
                [list(each) for each in zip(*steps, strict=True)],
            )
        else:
            cursor.executemany(f"{more} %s WHERE id = %s", steps)


def moment(time: Any) -> Any:
    """A point in time as `insert` takes it."""
    return connection.ops.adapt_datetimefield_value(time)


@cache
def _insert_arrays(model: type[models.Model], columns: tuple[str, ...]) -> str:
    arrays = ", ".join(f"%s::{_type(model, column)}[]" for column in columns)
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"  # noqa: S608


@cache
def _insert_rows(model: type[models.Model], columns: tuple[str, ...], count: int) -> str:
    row = f"({', '.join(['%s'] * len(columns))})"
    rows = ", ".join([row] * count)
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES {rows}"  # noqa: S608


def _flat(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [value for row in rows for value in row]


@cache
def _type(model: type[models.Model], column: str) -> str:
    """The PostgreSQL type of a column."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    return str(fields[column].db_type(connection))


def _array(type_: str, values: tuple[Any, ...]) -> list[Any]:
    if type_ == "double precision":  # whole numbers among the others would make it an array of mixed types
        return [None if value is None else float(value) for value in values]
    return list(values)
