"""The points of a projection as they are stored, and the filter that chooses by what was drawn around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets_app.conditions import bad_filter, number
from datasets_app.models import Projection, ProjectionPart
from samplecase.projection.polygons import Loop, chosen

MOST_LOOPS = 20
MOST_CORNERS = 500  # of one loop; each is a pass over the points that lie around it

Ids = npt.NDArray[np.int64]
Points = npt.NDArray[np.float32]


def add_part(projection: Projection, index: int, ids: Ids, points: Points) -> None:
    """Store the points of some samples."""
    ProjectionPart.objects.create(
        projection=projection,
        index=index,
        ids=ids.astype("<i8").tobytes(),
        points=points.astype("<f4").tobytes(),
    )


def points_of(projection: Projection) -> tuple[Ids, Points]:
    """The samples that have a point, ascending, and their points [n, 2]; some may be deleted by now."""
    parts = ProjectionPart.objects.filter(projection=projection).order_by("index")
    rows = list(parts.values_list("ids", "points"))
    if not rows:
        return np.empty(0, dtype=np.int64), np.empty((0, 2), dtype=np.float32)
    ids = [np.frombuffer(each, dtype="<i8") for each, _ in rows]
    points = [np.frombuffer(each, dtype="<f4").reshape(-1, 2) for _, each in rows]
    return np.concatenate(ids), np.concatenate(points)


def samples_within(projection: Projection, loops: Sequence[Loop]) -> list[int]:
    """The samples whose points the loops leave chosen."""
    ids, points = points_of(projection)
    found: list[int] = ids[chosen(points, loops)].tolist()
    return found


def read_loops(raw: Any, at: str) -> list[Loop]:
    """`[{"add": [[x, y], …]} or {"subtract": …}, …]`. Raises `InvalidInput` (`bad_filter`)."""
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_LOOPS:
        raise bad_filter(at, f"This is a list of 1 to {MOST_LOOPS} loops.")
    return [_loop(each, f"{at}/{place}") for place, each in enumerate(raw)]


def _loop(raw: Any, at: str) -> Loop:
    if not isinstance(raw, dict) or len(raw) != 1 or not raw.keys() <= {"add", "subtract"}:
        raise bad_filter(at, 'A loop is {"add": corners} or {"subtract": corners}.')
    ((verb, corners),) = raw.items()
    if not isinstance(corners, list) or not 3 <= len(corners) <= MOST_CORNERS:
        raise bad_filter(f"{at}/{verb}", f"A loop has 3 to {MOST_CORNERS} corners.")
    return Loop([_corner(each, f"{at}/{verb}/{place}") for place, each in enumerate(corners)], verb == "add")


def _corner(raw: Any, at: str) -> tuple[float, float]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise bad_filter(at, "A corner is [x, y].")
    x, y = (float(number(each, f"{at}/{place}")) for place, each in enumerate(raw))
    return x, y
