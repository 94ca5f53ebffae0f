"""A plane through a cloud of vectors, and the places of vectors on it."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LARGEST = 1e15  # numbers beyond it count as it, so that no sum of squares is beyond single precision


def as_vectors(rows: list[list[float]]) -> npt.NDArray[np.float32]:
    """Vectors of values, float32 [n, d]."""
    return np.clip(np.asarray(rows, dtype=np.float64), -LARGEST, LARGEST).astype(np.float32)


@dataclass(frozen=True)
class Plane:
    """`mean` [d] is its origin, `axes` [2, d] are its directions."""

    mean: npt.NDArray[np.float64]
    axes: npt.NDArray[np.float64]

    def place(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The points [n, 2] of vectors [n, d]."""
        return ((vectors - self.mean) @ self.axes.T).astype(np.float32)

    def packed(self) -> bytes:
        made = io.BytesIO()
        np.savez(made, mean=self.mean, axes=self.axes)
        return made.getvalue()

    @classmethod
    def unpacked(cls, content: bytes) -> Plane:
        with np.load(io.BytesIO(content)) as found:
            return cls(found["mean"].astype(np.float64), found["axes"].astype(np.float64))
