"""Which points lie inside what was drawn around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]


class Loop(NamedTuple):
    """A closed line; what is inside is added to what was chosen before, or taken out of it."""

    corners: Sequence[tuple[float, float]]
    adds: bool = True


def chosen(points: Points, loops: Sequence[Loop]) -> npt.NDArray[np.bool_]:
    """Which of `points` [n, 2] the loops leave chosen, one after the other."""
    found = np.zeros(len(points), dtype=bool)
    for loop in loops:
        found = found | inside(points, loop.corners) if loop.adds else found & ~inside(points, loop.corners)
    return found


def inside(points: Points, corners: Sequence[tuple[float, float]]) -> npt.NDArray[np.bool_]:
    """Which points lie inside a polygon, by the even-odd rule: each edge to the right of a point turns it over.

    W. R. Franklin, PNPOLY; the page's `geometry.ts` says the same.
    """
    bounds = np.asarray(corners, dtype=np.float64)
    near = ((points >= bounds.min(axis=0)) & (points <= bounds.max(axis=0))).all(axis=1)
    result = np.zeros(len(points), dtype=bool)
    x, y = points[near].astype(np.float64).T
    found = np.zeros(len(x), dtype=bool)
    before = corners[-1]
    for corner in corners:
        (x1, y1), (x2, y2) = before, corner
        if y1 != y2:
            spans = (y1 > y) != (y2 > y)
            found ^= spans & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
        before = corner
    result[near] = found
    return result
