"""Projections: what one may be of, whether it is still true, and its points as they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from django.db.models import F

from datasets_app.expressions import IsAmong
from datasets_app.filters import parse_filter
from datasets_app.models import Dataset, Field, Projection, Sample, Value
from datasets_app.points import Points, points_of
from datasets_app.vectors import ids_with_vector, spread
from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels import LABELLED_TYPES, FieldType
from samplecase.projection.methods import NEEDS, Method, missing

MOST_POINTS = 100_000  # of one answer; of more, evenly drawn ones
# Fields whose labels can colour points.
COLOURING_TYPES = LABELLED_TYPES | {FieldType.STRING, FieldType.BOOLEAN}


def check_projection(*, dataset: Dataset, field: Field, method: Method, filter: Any) -> int:
    """How many vectors there are to be laid out.

    Raises `InvalidInput`: at `/method` where that is not installed (`not_installed`), at `/filter` for a faulty one,
    and where too few samples have a vector (`too_few_vectors`).
    """
    if sentence := missing(method):
        raise InvalidInput(sentence, code="not_installed", pointer="/method")
    found = len(ids_with_vector(field, parse_filter(filter, dataset)))
    refuse_too_few(method, field, found, "/field" if filter is None else "/filter")
    return found


def refuse_too_few(method: Method, field: Field, vectors: int, pointer: str | None = None) -> None:
    """Raises `InvalidInput` (`too_few_vectors`)."""
    needs = NEEDS[method]
    if vectors < needs.least:
        count = f"{vectors} of these samples have" if vectors != 1 else "one of these samples has"
        message = (
            f"{needs.title} needs at least {needs.least} vectors, and {count} one in “{field.name}”; "
            "run the model that makes them first."
        )
        raise InvalidInput(message, code="too_few_vectors", pointer=pointer)


def is_stale(projection: Projection) -> bool:
    """Whether vectors of the field have changed since they were read, or the field is gone."""
    if projection.changes is None:
        return False
    field = projection.field
    return field.deleted_at is not None or field.changes != projection.changes


# Points ----------------------------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """Points to be drawn. `total`: of how many; `labels` are positions in `classes`, None for none.

    `extent` is [least x, least y, greatest x, greatest y] of the whole projection, whatever the filter.
    """

    total: int
    extent: list[float]
    ids: list[int]
    x: list[float]
    y: list[float]
    classes: list[str]
    labels: list[int | None]


def shown_points(projection: Projection, *, filter: Any, colour: Field | None, most: int) -> Shown:
    """The points of the samples of a filter, at most `most` of them, evenly drawn."""
    ids, points = points_of(projection)
    rows = Sample.objects.filter(parse_filter(filter, projection.dataset), dataset=projection.dataset_id)
    there = np.fromiter(rows.order_by().values_list("pk", flat=True).iterator(20_000), dtype=np.int64)
    places = np.flatnonzero(np.isin(ids, there))
    total = len(places)
    places = spread(places, most)
    drawn = ids[places].tolist()
    classes, labels = _labels(colour, drawn) if colour else ([], [])
    # Four digits more than the largest has before its point: a thousandth of a pixel on any screen.
    decimals = _decimals(points)
    x, y = (np.round(points[places, axis].astype(np.float64), decimals).tolist() for axis in (0, 1))
    return Shown(total, _extent(points), drawn, x, y, classes, labels)


def _extent(points: Points) -> list[float]:
    if not len(points):
        return [0.0, 0.0, 0.0, 0.0]
    return [float(each) for each in (*points.min(axis=0), *points.max(axis=0))]


def _decimals(points: Points) -> int:
    largest = float(np.abs(points).max(initial=0.0))
    return 6 if largest == 0 else max(0, 6 - int(np.floor(np.log10(largest))))


def colouring_field(dataset: Dataset, name: str) -> Field:
    """Raises `InvalidInput` at `/colour` unless it is a field with labels."""
    found = Field.objects.filter(dataset=dataset, name=name).first()
    if found is None:
        raise InvalidInput(f"The dataset has no field “{name[:100]}”.", pointer="/colour")
    if found.type not in COLOURING_TYPES:
        raise InvalidInput(f"“{name}” is of type {found.type}, which has no labels.", pointer="/colour")
    return found


def _labels(field: Field, samples: Sequence[int]) -> tuple[list[str], list[int | None]]:
    """The most frequent labels first, and each sample's; of several it is the most confident."""
    rows = Value.objects.filter(IsAmong(F("sample_id"), samples), field=field, label__isnull=False)
    label_of = dict(rows.order_by().values_list("sample_id", "label").iterator(20_000))
    found = [label_of.get(pk) for pk in samples]
    times: dict[str, int] = {}
    for label in found:
        if label is not None:
            times[label] = times.get(label, 0) + 1
    classes = sorted(times, key=lambda label: (-times[label], label))
    places = {label: place for place, label in enumerate(classes)}
    return classes, [None if label is None else places[label] for label in found]
