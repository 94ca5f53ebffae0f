"""Pages of samples by key: filtered, sorted by any column, at the same cost at the end as at the beginning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q

from datasets_app.expressions import IsAmong
from datasets_app.filters import parse_filter
from datasets_app.models import Dataset, Field, Sample, Value
from datasets_app.sorting import Sort, disagreement, sort_from
from samplecase.contracts.errors import InvalidInput
from samplecase.web.rest.pagination import SignedCursor, limit_from
from samplecase.web.rest.parsers import parse_strictly

# Columns that an index has in order, and how many samples are looked at along it before a filter is asked for all.
WALKED = frozenset({"id", "name", "created_at", "label", "confidence", "number"})
WINDOWS = (500, 5_000)


@dataclass(frozen=True)
class Page:
    """Samples in their order; `next` is the cursor of the page after it, None on the last."""

    samples: list[Sample]
    next: str | None
    is_filtered: bool


def filter_from(params: Mapping[str, str], dataset: Dataset) -> tuple[Any, Q]:
    """The `filter` of a query string, as it was sent and as a condition. Raises `InvalidInput` at its place."""
    text = params.get("filter")
    if not text:
        return None, Q()
    try:
        document = parse_strictly(text.encode("utf-8", "surrogatepass"))
    except InvalidInput as error:
        raise InvalidInput(f"filter: {error.message}", code="bad_filter", pointer="/filter") from None
    return document, parse_filter(document, dataset)


def sample_page(*, dataset: Dataset, params: Mapping[str, str]) -> Page:
    """The page that `limit`, `cursor`, `filter` and `sort` ask for. Raises `InvalidInput` at each of them."""
    limit = limit_from(params)
    document, condition = filter_from(params, dataset)
    sort = sort_from(params.get("sort") or "id", _fields_of(dataset))
    bound_to = ["samples", dataset.pk, document, params.get("sort") or "id"]
    position = SignedCursor.decode(params["cursor"], bound_to=bound_to) if params.get("cursor") else None
    rows = None
    if document is not None and sort.column in WALKED:
        likely = parse_filter(document, dataset, one_by_one=True)
        rows = _among_the_next(dataset, likely, sort, position, limit + 1)
    if rows is None:
        rows = _rows(dataset, condition, sort, position, limit + 1)
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = SignedCursor.encode(rows[-1], bound_to=bound_to)
    found = Sample.objects.in_bulk([pk for _, pk in rows])
    return Page([found[pk] for _, pk in rows if pk in found], following, document is not None)


def _fields_of(dataset: Dataset) -> dict[str, Field]:
    return {field.name: field for field in Field.objects.filter(dataset=dataset)}


# Each row is (sort key, sample id): just what the cursor of the next page needs.
Row = tuple[Any, int]


def _rows(dataset: Dataset, condition: Q, sort: Sort, position: list[Any] | None, limit: int) -> list[Row]:
    if sort.field is None:
        return _by_sample(dataset, condition, sort, position, limit)
    if sort.against is not None:
        return _by_disagreement(dataset, condition, sort, position, limit)
    return _by_value(dataset, condition, sort, position, limit)


def _among_the_next(
    dataset: Dataset, likely: Q, sort: Sort, position: list[Any] | None, limit: int
) -> list[Row] | None:
    """The page, if enough of the next samples fit, whatever the filter finds among all others; None otherwise.

    A filter that fits many is answered so without finding them all; one that fits few finds these by its indices.
    """
    for size in WINDOWS:
        window = _rows(dataset, Q(), sort, position, size)
        seen = Sample.objects.filter(IsAmong(F("pk"), [pk for _, pk in window]), likely, dataset=dataset)
        fitting = set(seen.order_by().values_list("pk", flat=True))
        found = [row for row in window if row[1] in fitting]
        if len(found) >= limit or len(window) < size:
            return found[:limit]
    return None


def _by_sample(
    dataset: Dataset, condition: Q, sort: Sort, position: list[Any] | None, limit: int
) -> list[Row]:
    rows = Sample.objects.filter(condition, _after(sort, "id", position), dataset=dataset)
    order = [f"-{sort.column}" if sort.descending else sort.column]
    return list(
        rows.order_by(*order, *(["id"] if sort.column != "id" else [])).values_list(sort.column, "id")[:limit]
    )


def _by_value(
    dataset: Dataset, condition: Q, sort: Sort, position: list[Any] | None, limit: int
) -> list[Row]:
    """First the values in the order of their index, then, by id, the samples without one."""
    present = Q(**{f"{sort.column}__isnull": False})
    rows: list[Row] = []
    if position is None or position[0] is not None:
        values = Value.objects.filter(present, _after(sort, "sample_id", position), field=sort.field)
        if condition:
            values = values.filter(Exists(Sample.objects.filter(condition, pk=OuterRef("sample_id"))))
        order = (f"-{sort.column}" if sort.descending else sort.column, "sample_id")
        rows = list(values.order_by(*order).values_list(sort.column, "sample_id")[:limit])
        position = None
    if len(rows) < limit:
        its_value = Value.objects.filter(present, field=sort.field, sample=OuterRef("pk"))
        without = Sample.objects.filter(condition, ~Exists(its_value), dataset=dataset)
        if position is not None:
            without = without.filter(pk__gt=position[1])
        rest = without.order_by("pk").values_list("pk", flat=True)[: limit - len(rows)]
        rows += [(None, pk) for pk in rest]
    return rows


def _by_disagreement(
    dataset: Dataset, condition: Q, sort: Sort, position: list[Any] | None, limit: int
) -> list[Row]:
    """First the samples with both values, then, by id, all others."""
    samples = Sample.objects.filter(condition, dataset=dataset)
    first, second = (Q(values__field=field) for field in (sort.field, sort.against))
    compared = samples.annotate(
        first=FilteredRelation("values", condition=first), second=FilteredRelation("values", condition=second)
    )
    both = Q(first__isnull=False, second__isnull=False)
    rows: list[Row] = []
    if position is None or position[0] is not None:
        keyed = compared.filter(both).annotate(**{sort.column: disagreement("first", "second")})
        keyed = keyed.filter(_after(sort, "id", position))
        order = (f"-{sort.column}" if sort.descending else sort.column, "id")
        rows = list(keyed.order_by(*order).values_list(sort.column, "id")[:limit])
        position = None
    if len(rows) < limit:
        rest = (
            compared.exclude(both) if position is None else compared.exclude(both).filter(pk__gt=position[1])
        )
        rows += [(None, pk) for pk in rest.order_by("pk").values_list("pk", flat=True)[: limit - len(rows)]]
    return rows


def _after(sort: Sort, tie: str, position: list[Any] | None) -> Q:
    """Behind a position. The first condition alone says where the index is entered; the others would not."""
    if position is None:
        return Q()
    key, pk = position
    beyond = "lt" if sort.descending else "gt"
    if sort.column == tie:
        return Q(**{f"{tie}__{beyond}": pk})
    return Q(**{f"{sort.column}__{beyond}e": key}) & (
        Q(**{f"{sort.column}__{beyond}": key}) | Q(**{f"{tie}__gt": pk})
    )
