"""The places of samples in an order, numbered by the database."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber

from datasets_app.models import Field
from datasets_app.sorting import Sort, disagreement


def ranked(samples: QuerySet[Any], sort: Sort, *, having: Field) -> QuerySet[Any]:
    """`(id, rank)` of the samples with a value in `having`: from 1 on, in the order in which `sort` pages them.

    Samples without a key come last, ties are by rising id.
    """
    relations = {"had": having}
    if sort.field is not None:
        relations["first"] = sort.field
    if sort.against is not None:
        relations["second"] = sort.against
    filtered: dict[str, Any] = {
        alias: FilteredRelation("values", condition=Q(values__field=field))
        for alias, field in relations.items()
    }
    joined = samples.annotate(**filtered).filter(had__isnull=False)
    key: Case | F = F(f"first__{sort.column}" if sort.field is not None else sort.column)
    if sort.against is not None:
        both = Q(first__isnull=False, second__isnull=False)
        key = Case(When(both, then=disagreement("first", "second")), default=None)
    by_key = key.desc(nulls_last=True) if sort.descending else key.asc(nulls_last=True)
    places = Window(RowNumber(), order_by=[by_key, F("id").asc()])
    found: QuerySet[Any] = joined.annotate(rank=places).order_by("rank").values_list("id", "rank")
    return found
