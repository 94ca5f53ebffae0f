"""What is counted of one field, or of the samples themselves, over a scope: one or two statements each."""

from __future__ import annotations

import json
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db.models import Case, Count, F, FloatField, Max, Min, QuerySet, TextField, When
from django.db.models.functions import Cast, Floor, Least

from datasets_app.expressions import Seconds
from datasets_app.facet_scope import Scope
from datasets_app.models import Field, LabelClass, LabelIndex, Sample, Value
from samplecase.contracts.labels import LABELLED_TYPES, FieldType

BINS = 20
COUNTED_TYPES = LABELLED_TYPES | {FieldType.STRING, FieldType.BOOLEAN}
MEASURED_TYPES = frozenset({FieldType.NUMBER, FieldType.INTEGER, FieldType.REGRESSION})
SAMPLE_COLUMNS = ("created", "width", "height", "bytes")

Facts = dict[str, Any]


def values_of(field: Field, scope: Scope) -> Facts:
    """`{count, sources, jobs}`, and of numbers `{min, max, histogram}`, of regressions `confidence`."""
    rows = scope.within(Value.objects.filter(field=field))
    grouped = rows.values_list("source", "job").annotate(
        found=Count("pk"), least=Min("number"), greatest=Max("number")
    )
    sources: Counter[str] = Counter()
    jobs: Counter[int] = Counter()
    numbers = 0
    ends: list[float] = []
    for source, job, count, least, greatest in grouped:
        sources[source] += count
        if job is not None:
            jobs[job] += count
        if least is not None:
            numbers += count
            ends += [least, greatest]
    facts: Facts = {
        "count": scope.scaled(sources.total()),
        "sources": counted(sources, scope),
        "jobs": [{"id": job, "count": scope.scaled(count)} for job, count in _frequent_first(jobs)],
    }
    if field.type in MEASURED_TYPES:
        known = rows.filter(number__isnull=False)
        whole = field.type == FieldType.INTEGER
        facts |= _spread(known, F("number"), (min(ends), max(ends)) if ends else None, numbers, whole, scope)
    if field.type == FieldType.REGRESSION:
        facts["confidence"] = _confidence(_confidence_bins(rows), scope)
    return facts


def labels_of(field: Field, scope: Scope) -> Facts:
    """`{labels: {label: count}}`, and of types with a confidence also that. Labels are counted, not samples."""
    rows = scope.within(LabelIndex.objects.filter(field=field))
    if field.type not in LABELLED_TYPES:
        found = rows.values_list("label_class").annotate(found=Count("pk"))
        return {"labels": _named(Counter(dict(found)), scope)}
    labels: Counter[int] = Counter()
    bins: list[tuple[Any, ...]] = []
    for label_class, place, *facts in _confidence_bins(rows, "label_class"):
        labels[label_class] += facts[0]
        bins.append((place, *facts))
    return {"labels": _named(labels, scope), "confidence": _confidence(bins, scope)}


def confidence_of(field: Field, scope: Scope) -> Facts | None:
    """Of all labels of a field."""
    return _confidence(_confidence_bins(scope.within(LabelIndex.objects.filter(field=field))), scope)


def samples_of(scope: Scope) -> Facts:
    """`tags: [{label, count}]` and of each column `{min, max, histogram}`, from one reading of the samples."""
    rows = scope.within(Sample.objects.filter(dataset=scope.dataset), "pk")
    keyed = rows.annotate(seconds=Seconds("created_at"), text=Cast("tags", TextField()))
    tags: Counter[str] = Counter()
    columns = {name: array("d") for name in SAMPLE_COLUMNS}
    adders = [column.append for column in columns.values()]
    found = keyed.values_list("seconds", "width", "height", "bytes", "text")
    for *numbers, text in found.iterator(chunk_size=10_000):
        for add, number in zip(adders, numbers, strict=True):
            add(number)
        if text != "[]":
            tags[text] += 1
    spreads = {name: _column(column, name == "created", scope) for name, column in columns.items()}
    return {"tags": counted(_each_tag(tags), scope), **spreads}


def _each_tag(lists: Mapping[str, int]) -> Counter[str]:
    tags: Counter[str] = Counter()
    for text, count in lists.items():
        for tag in json.loads(text):
            tags[tag] += count
    return tags


def counted(counts: Mapping[str, int], scope: Scope) -> list[Facts]:
    return [{"label": label, "count": scope.scaled(count)} for label, count in _frequent_first(counts)]


def _frequent_first(counts: Mapping[Any, int]) -> list[tuple[Any, int]]:
    return sorted(
        ((each, count) for each, count in counts.items() if count), key=lambda row: (-row[1], row[0])
    )


def _named(counts: Counter[int], scope: Scope) -> dict[str, int]:
    names = LabelClass.objects.in_bulk(list(counts)) if len(counts) < 500 else None
    if names is None:
        names = {
            each.pk: each for each in LabelClass.objects.filter(pk__gte=min(counts), pk__lte=max(counts))
        }
    return {names[pk].name: scope.scaled(count) for pk, count in counts.items() if pk in names}


def _confidence_bins(rows: QuerySet[Any], *also: str) -> list[tuple[Any, ...]]:
    """`(*also, place of the bin or None, count, least, greatest)`. Confidences are between 0 and 1."""
    # Not by LEAST, which PostgreSQL gives of a null and a number as the number.
    last = When(confidence__gte=1 - 1 / BINS, then=float(BINS - 1))
    place = Case(last, default=Floor(F("confidence") * BINS, output_field=FloatField()))
    binned = rows.annotate(bin=place).values_list(*also, "bin")
    return list(
        binned.annotate(found=Count("pk"), least=Min("confidence"), greatest=Max("confidence")).order_by()
    )


def _confidence(bins: Iterable[tuple[Any, ...]], scope: Scope) -> Facts | None:
    known = [each for each in bins if each[0] is not None]
    if not known:
        return None
    counts: Counter[int] = Counter()
    for place, count, _, _ in known:
        counts[int(place)] += count
    return {
        "min": min(each[2] for each in known),
        "max": max(each[3] for each in known),
        "histogram": _bins(counts, 0.0, 1.0, BINS, scope),
    }


def _spread(
    rows: QuerySet[Any], key: Any, ends: tuple[float, float] | None, count: int, whole: bool, scope: Scope
) -> Facts:
    if ends is None:
        return {"min": None, "max": None, "histogram": []}
    return {"min": ends[0], "max": ends[1], "histogram": _histogram(rows, key, ends, count, whole, scope)}


def _column(column: array[float], is_time: bool, scope: Scope) -> Facts:
    """Its spread, as `_spread` makes it of a column of the database."""
    if not column:
        return {"min": None, "max": None, "histogram": []}
    values = np.frombuffer(column)
    least, greatest = float(values.min()), float(values.max())
    number = _bins_between(least, greatest, whole=not is_time)
    if number == 0:
        bins = [{"from": least, "to": greatest, "count": scope.scaled(len(values))}]
    else:
        places = np.minimum((values - least) // ((greatest - least) / number), number - 1).astype(int)
        counts = Counter(dict(enumerate(np.bincount(places, minlength=number).tolist())))
        bins = _bins(counts, least, greatest, number, scope)
    facts = {"min": least, "max": greatest, "histogram": bins}
    return _as_times(facts) if is_time else facts


def _as_times(facts: Facts) -> Facts:
    def shown(seconds: float) -> str:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")

    bins = [{**each, "from": shown(each["from"]), "to": shown(each["to"])} for each in facts["histogram"]]
    return {"min": shown(facts["min"]), "max": shown(facts["max"]), "histogram": bins}


def _histogram(
    rows: QuerySet[Any], key: Any, ends: tuple[float, float], count: int, whole: bool, scope: Scope
) -> list[Facts]:
    """Up to `BINS` bins of equal width, the last with its upper end; whole numbers are not cut into parts."""
    least, greatest = ends
    number = _bins_between(least, greatest, whole=whole)
    if number == 0:
        return [{"from": least, "to": greatest, "count": scope.scaled(count)}]
    width = (greatest - least) / number
    place = Least(Floor((key - least) / width, output_field=FloatField()), float(number - 1))
    found = rows.annotate(bin=place).values_list("bin").annotate(Count("pk")).order_by()
    return _bins(Counter({int(each): count for each, count in found}), least, greatest, number, scope)


def _bins_between(least: float, greatest: float, *, whole: bool) -> int:
    """How many bins; 0 where there is nothing between the two, or too much for a float."""
    size = greatest - least
    if not math.isfinite(size) or not size / BINS:
        return 0
    return int(min(BINS, size + 1)) if whole else BINS


def _bins(counts: Counter[int], least: float, greatest: float, number: int, scope: Scope) -> list[Facts]:
    ends = [least + place * (greatest - least) / number for place in range(number + 1)]
    return [
        {"from": ends[place], "to": ends[place + 1], "count": scope.scaled(counts[place])}
        for place in range(number)
    ]
