"""Reading the vectors of an embedding field, in blocks that fit into memory many times over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from datasets_app.expressions import IsAmong
from datasets_app.models import Dataset, Field, Sample, Value
from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels import FieldType
from samplecase.projection.plane import as_vectors

BLOCK_NUMBERS = 2**20  # of one block: some 20 MB while they are read
BLOCK_SAMPLES = 5_000

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]


def embedding_field(dataset: Dataset, name: str) -> Field:
    """Raises `InvalidInput` at `/field` unless it is a field of embeddings."""
    found = Field.objects.filter(dataset=dataset, name=name).first()
    if found is None:
        raise InvalidInput(f"The dataset has no field “{name[:100]}”.", pointer="/field")
    if found.type != FieldType.EMBEDDING or not found.dimension:
        message = f"“{found.name}” is of type {found.type}; this takes a field of type embedding."
        raise InvalidInput(message, pointer="/field")
    return found


def ids_with_vector(field: Field, condition: Q, *, after: int = 0, limit: int | None = None) -> Ids:
    """The samples of the condition that have a vector, ascending: from beyond the id `after`, at most `limit`."""
    rows = Value.objects.filter(field=field, sample__gt=after)
    found: QuerySet[Any, int]
    if condition:
        chosen = Sample.objects.filter(condition, dataset=field.dataset_id, pk__gt=after)
        with_vector = chosen.filter(Exists(rows.filter(sample=OuterRef("pk"))))
        found = with_vector.order_by("pk").values_list("pk", flat=True)
    else:
        found = rows.order_by("sample").values_list("sample", flat=True)
    return np.fromiter(found[:limit].iterator(20_000), dtype=np.int64)


def block_size(field: Field) -> int:
    """How many samples' vectors are read at once."""
    return max(1, min(BLOCK_SAMPLES, BLOCK_NUMBERS // (field.dimension or 1)))


def vectors_of(field: Field, samples: Sequence[int]) -> tuple[Ids, Vectors]:
    """Those of `samples` that have a vector, ascending, and their vectors [n, d]."""
    rows = Value.objects.filter(IsAmong(F("sample_id"), list(samples)), field=field)
    found = sorted(rows.order_by().values_list("sample_id", "data"))
    ids = np.array([sample for sample, _ in found], dtype=np.int64)
    vectors = as_vectors([data for _, data in found]) if found else np.empty((0, field.dimension or 0))
    return ids, vectors.astype(np.float32, copy=False)


def blocks_of(field: Field, samples: Ids) -> Iterator[tuple[Ids, Vectors]]:
    """`vectors_of` all of `samples`, block by block."""
    size = block_size(field)
    for start in range(0, len(samples), size):
        yield vectors_of(field, samples[start : start + size].tolist())


def spread(samples: Ids, count: int) -> Ids:
    """At most `count` of `samples`, evenly spread from the first to the last."""
    if count >= len(samples):
        return samples
    return samples[np.linspace(0, len(samples) - 1, count).astype(np.int64)]
