"""Pages by key, never by offset: opaque signed cursors that are bound to what was asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from samplecase.contracts.errors import InvalidInput

if TYPE_CHECKING:
    from rest_framework.views import APIView

DEFAULT_LIMIT = 50
MAX_LIMIT = 500


class SignedCursor:
    """Writes and reads the text in `next`.

    A position is a list of plain JSON values: the sort keys of the last row that was given out. `bound_to` is
    whatever the position makes sense for (filter, sort, address); a cursor of anything else is refused.
    """

    _SALT = "samplecase.cursor"

    @classmethod
    def encode(cls, position: Sequence[Any], *, bound_to: Any) -> str:
        return signing.dumps(
            [cls._fingerprint(bound_to), [_plain(each) for each in position]], salt=cls._SALT
        )

    @classmethod
    def decode(cls, text: str, *, bound_to: Any) -> list[Any]:
        """Raises `InvalidInput` with code `bad_cursor`."""
        try:
            fingerprint, position = signing.loads(text, salt=cls._SALT)
        except (signing.BadSignature, ValueError):
            raise _bad_cursor("This is not a cursor that was given out here.") from None
        if fingerprint != cls._fingerprint(bound_to):
            raise _bad_cursor("This cursor belongs to another filter or sort; start again without it.")
        return list(position)

    @staticmethod
    def _fingerprint(bound_to: Any) -> str:
        text = json.dumps(bound_to, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _bad_cursor(message: str) -> InvalidInput:
    return InvalidInput(message, code="bad_cursor", pointer="/cursor")


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def limit_from(params: Mapping[str, str], *, default: int = DEFAULT_LIMIT, most: int = MAX_LIMIT) -> int:
    """The `limit` of a query string, 1 … `most`. Raises `InvalidInput` at `/limit`."""
    text = params.get("limit")
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most):
        raise InvalidInput(f"limit is a whole number from 1 to {most}.", pointer="/limit")
    return int(text)


class KeysetPagination(BasePagination):
    """`{results, next, count}` for lists without a contract of their own.

    The view's `page_order` names the sort keys, the last of them unique, none of them nullable:
    `("name", "id")` or `("-id",)`. Its `most_counted` bounds the `count` of a list that only ever grows.
    """

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        assert isinstance(queryset, QuerySet)  # noqa: S101 - a list has no order to page by
        order: tuple[str, ...] = getattr(view, "page_order", ("id",))
        params = request.query_params
        bound_to = [
            request.path,
            order,
            sorted((k, v) for k, v in params.lists() if k not in {"cursor", "limit"}),
        ]
        limit = limit_from(params)
        rows = queryset.order_by(*order)
        if "cursor" in params:
            rows = rows.filter(after(order, SignedCursor.decode(params["cursor"], bound_to=bound_to)))
        found = list(rows[: limit + 1])
        self.count = _counted(queryset, getattr(view, "most_counted", None))
        self.next = None
        if len(found) > limit:
            found = found[:limit]
            self.next = SignedCursor.encode(_position(found[-1], order), bound_to=bound_to)
        return found

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.next, "count": self.count})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next", "count"],
            "properties": {
                "results": schema,
                "next": {
                    "type": ["string", "null"],
                    "description": "The cursor of the next page, null on the last.",
                },
                "count": {
                    "type": ["integer", "null"],
                    "description": "All rows, whatever the page; null: not known.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "description": "Rows on a page.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            },
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "`next` of the page before; only with the same other parameters.",
                "schema": {"type": "string"},
            },
        ]


def _counted(queryset: QuerySet[Any], most: int | None) -> int | None:
    """How many rows there are, or None where they are more than `most`: nobody waits for all of them to be read."""
    if most is None:
        return queryset.count()
    found = queryset.order_by()[: most + 1].count()
    return found if found <= most else None


def after(order: Sequence[str], position: Sequence[Any]) -> Q:
    """The rows that come after `position` in `order`, whose keys must not be null."""
    if len(position) != len(order):
        raise _bad_cursor("This cursor belongs to another sort; start again without it.")
    condition = Q()
    for key, value in reversed(list(zip(order, position, strict=True))):
        name = key.removeprefix("-")
        beyond = Q(**{f"{name}__{'lt' if key.startswith('-') else 'gt'}": value})
        condition = beyond | (Q(**{name: value}) & condition) if condition else beyond
    if len(order) == 1:
        return condition
    # SQLite compares times as texts, where `12.5` comes before the same time as `12.500000`; no row comes after itself.
    return condition & ~Q(**{order[-1].removeprefix("-"): position[-1]})


def _position(row: Model, order: Sequence[str]) -> list[Any]:
    return [getattr(row, key.removeprefix("-")) for key in order]
