"""Of what the projections of these tests are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

WIDTH = 6
EVERYTHING = [[-1e6, -1e6], [1e6, -1e6], [1e6, 1e6], [-1e6, 1e6]]

Run = Callable[..., dict[str, Any]]
