"""Which samples facets are counted over: all, those of a filter, or, where that takes too long, a spread of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max, Min, QuerySet

from datasets_app.expressions import IsAmong
from datasets_app.filters import parse_filter
from datasets_app.models import Dataset, Field, Sample

MOST_EXACT = 100_000  # samples that are counted one by one even if nobody asks for it
BLOCKS, IN_BLOCK = 48, 128  # of the spread


@dataclass(frozen=True)
class Scope:
    """The samples that are counted. Counts are to be multiplied by `scale`; 1 unless they are a spread."""

    dataset: Dataset
    total: int
    ids: Sequence[int] | None = None  # None: all
    scale: float = 1.0

    @property
    def is_everything(self) -> bool:
        return self.ids is None

    @property
    def is_exact(self) -> bool:
        return self.scale == 1.0

    def within(self, rows: QuerySet[Any], column: str = "sample_id") -> QuerySet[Any]:
        """Those of `rows` whose sample, named by `column`, is counted."""
        if self.ids is not None:
            return rows.filter(IsAmong(F(column), self.ids)).order_by()
        return rows.order_by()

    def scaled(self, count: int) -> int:
        return round(count * self.scale)


def scope_of(*, dataset: Dataset, document: Any, fields: dict[str, Field], exact: bool) -> Scope:
    """The samples of a filter. Many of very many are only estimated, unless it has to be exact."""
    if document is None:
        return Scope(dataset, dataset.sample_count)
    condition = parse_filter(document, dataset, fields=fields)
    if dataset.sample_count > MOST_EXACT and not exact:
        spread = spread_of(dataset, document, fields)
        if spread.total > MOST_EXACT:
            return spread
    chosen = Sample.objects.filter(condition, dataset=dataset).order_by()
    ids = sorted(chosen.values_list("pk", flat=True))
    return Scope(dataset, len(ids), ids=ids)


def spread_of(dataset: Dataset, document: Any, fields: dict[str, Field]) -> Scope:
    """Some thousand samples from all parts of the dataset, as far as they fit, standing for all that do."""
    seen = _some_of(dataset)
    if not seen:
        return Scope(dataset, 0, ids=[])
    fitting = Sample.objects.filter(IsAmong(F("pk"), seen))
    if document is not None:
        fitting = fitting.filter(parse_filter(document, dataset, fields=fields, one_by_one=True))
    ids = sorted(fitting.order_by().values_list("pk", flat=True))
    scale = max(1.0, dataset.sample_count / len(seen))
    return Scope(dataset, round(len(ids) * scale), ids=ids, scale=scale)


def _some_of(dataset: Dataset) -> list[int]:
    """Blocks of ids that follow one another, the blocks spread evenly."""
    rows = Sample.objects.filter(dataset=dataset).order_by()
    ends = rows.aggregate(least=Min("pk"), greatest=Max("pk"))
    if ends["least"] is None:
        return []
    step = max(1, (ends["greatest"] + 1 - ends["least"]) // BLOCKS)
    seen: dict[int, None] = {}
    for start in range(ends["least"], ends["greatest"] + 1, step):
        block = rows.filter(pk__gte=start, pk__lt=start + step).order_by("pk")
        seen.update(dict.fromkeys(block.values_list("pk", flat=True)[:IN_BLOCK]))
    return list(seen)
