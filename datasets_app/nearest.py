"""The samples whose vectors are nearest to one sample's: exact, over all vectors.

Those of a field that is not too large are kept in memory until one of them changes; of others only a block is there
at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from datasets_app import vector_cache
from datasets_app.filters import parse_filter
from datasets_app.models import Field, Sample
from datasets_app.vectors import Ids, Vectors, block_size, blocks_of, ids_with_vector, vectors_of
from samplecase.contracts.errors import InvalidInput, NotFound

MOST_NUMBERS = 2**26  # that are gone through for one answer: 131,072 vectors of 512 numbers, some seconds
MOST_NEIGHBOURS = 100

Distances = npt.NDArray[np.float64]


class Metric(StrEnum):
    """How far two vectors are from each other."""

    COSINE = "cosine"  # one less the cosine of the angle, 0 to 2; 1 where one of them is zero
    EUCLIDEAN = "euclidean"


def nearest(
    *, sample: Sample, field: Field, count: int, metric: Metric, filter: object = None
) -> list[tuple[int, float]]:
    """The `count` samples nearest to `sample` and their distances, the nearest first, ties by id; not itself.

    Raises `NotFound` (`no_vector`) where the sample has none, and `InvalidInput` (`too_many_vectors`).
    """
    own, vector = vectors_of(field, [sample.pk])
    if not len(own):
        message = f"The sample has no vector in “{field.name}”; run the model that makes them on it first."
        raise NotFound(message, code="no_vector")
    ids = ids_with_vector(field, parse_filter(filter, sample.dataset))
    if len(ids) * (field.dimension or 1) > MOST_NUMBERS:
        most = MOST_NUMBERS // (field.dimension or 1)
        message = f"This compares at most {most:,} vectors of “{field.name}”; narrow it down by a filter."
        raise InvalidInput(message, code="too_many_vectors", pointer="/filter")
    best_ids: Ids = np.empty(0, dtype=np.int64)
    best: Distances = np.empty(0)
    for some, vectors in _blocks(field, ids[ids != sample.pk]):
        best_ids = np.concatenate([best_ids, some])
        best = np.concatenate([best, _distances(vector[0], vectors, metric)])
        best_ids, best = _least(best_ids, best, count)
    return [(int(pk), float(distance)) for pk, distance in zip(best_ids, best, strict=True)]


def _blocks(field: Field, samples: Ids) -> Iterator[tuple[Ids, Vectors]]:
    """The vectors of `samples`, block by block, as each is made double for a while."""
    matrix = vector_cache.cache.of(field)
    if matrix is None:
        yield from blocks_of(field, samples)
        return
    size = block_size(field)
    for start in range(0, len(samples), size):
        yield matrix.rows(samples[start : start + size])


def _distances(vector: Vectors, others: Vectors, metric: Metric) -> Distances:
    """Of one vector [d] to others [n, d], in double precision."""
    one, rest = vector.astype(np.float64), others.astype(np.float64)
    if metric is Metric.EUCLIDEAN:
        return np.asarray(np.sqrt(((rest - one) ** 2).sum(axis=1)))
    lengths = np.linalg.norm(rest, axis=1) * np.linalg.norm(one)
    cosines = np.divide(rest @ one, lengths, out=np.zeros(len(rest)), where=lengths > 0)
    return np.asarray(np.maximum(0.0, 1.0 - cosines))


def _least(ids: Ids, distances: Distances, count: int) -> tuple[Ids, Distances]:
    # Equal vectors in different places of a product may differ in their last digits.
    order = np.lexsort((ids, np.round(distances, 12)))[:count]
    return ids[order], distances[order]
