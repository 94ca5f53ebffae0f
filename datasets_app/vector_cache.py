"""The vectors of a few fields as one web process last read them, so that each question does not decode them anew."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Q

from datasets_app.models import Field
from datasets_app.vectors import Ids, Vectors, blocks_of, ids_with_vector

MOST_BYTES = 128 * 2**20  # of all fields together, in one process: 65,536 vectors of 512 numbers


@dataclass(frozen=True)
class Matrix:
    """All vectors of a field: `ids` [n], ascending, and `vectors` [n, d]."""

    ids: Ids
    vectors: Vectors

    def rows(self, samples: Ids) -> tuple[Ids, Vectors]:
        """Those of `samples` that are in it, and their vectors."""
        if not len(self.ids):
            return self.ids, self.vectors
        places = np.minimum(np.searchsorted(self.ids, samples), len(self.ids) - 1)
        places = places[self.ids[places] == samples]
        return self.ids[places], self.vectors[places]

    @property
    def size(self) -> int:
        """Bytes."""
        return self.ids.nbytes + self.vectors.nbytes


Edition = tuple[
    datetime, int
]  # when the field was made (a restored database gives its number again), its changes


class VectorCache:
    """Matrices by field, each under the number of changes that the field had before it was read.

    That number grows with every change of values, in the transaction of the change. What was read afterwards is so
    never older than what it stands under. What was not used for longest goes first.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._reading = threading.Lock()  # one field at a time: twice as many would be twice the memory
        self._kept: OrderedDict[int, tuple[Edition, Matrix]] = OrderedDict()

    def of(self, field: Field) -> Matrix | None:
        """The field's vectors; None where they are too large to be kept. `field` has just been read."""
        if self._expected(field) > self._most_bytes:
            return None
        if found := self._found(field):
            return found
        with self._reading:
            if found := self._found(field):  # somebody else has read it meanwhile
                return found
            made = _read(field)
            self._keep(field, made)
            return made

    @property
    def size(self) -> int:
        """Bytes of all that is kept."""
        with self._lock:
            return sum(matrix.size for _, matrix in self._kept.values())

    def _expected(self, field: Field) -> int:
        numbers = np.dtype(np.float32).itemsize * (field.dimension or 1)
        return field.value_count * (numbers + np.dtype(np.int64).itemsize)

    def _found(self, field: Field) -> Matrix | None:
        with self._lock:
            edition, matrix = self._kept.get(field.pk, (None, None))
            if edition != _edition(field):
                return None
            self._kept.move_to_end(field.pk)
            return matrix

    def _keep(self, field: Field, matrix: Matrix) -> None:
        with self._lock:
            before, _ = self._kept.get(field.pk, (None, None))
            if matrix.size > self._most_bytes or (before is not None and before > _edition(field)):
                return
            self._kept[field.pk] = _edition(field), matrix
            self._kept.move_to_end(field.pk)
            size = sum(each.size for _, each in self._kept.values())
            while size > self._most_bytes:
                _, (_, oldest) = self._kept.popitem(last=False)
                size -= oldest.size


def _edition(field: Field) -> Edition:
    return field.created_at, field.changes


def _read(field: Field) -> Matrix:
    ids = ids_with_vector(field, Q())
    vectors = np.empty((len(ids), field.dimension or 0), dtype=np.float32)
    found = np.empty(len(ids), dtype=np.int64)
    count = 0
    for some, block in blocks_of(field, ids):
        found[count : count + len(some)], vectors[count : count + len(some)] = some, block
        count += len(some)
    return Matrix(found[:count], vectors[:count])


cache = VectorCache()
