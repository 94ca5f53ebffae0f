"""kill -9 at seeded moments, SQLite and a folder: every sample of the job ends exactly once."""

from __future__ import annotations

import pytest

from tests.fault_points import SEEDS, die_and_recover
from tests.fault_world import Marker, World

WORLDS = ["sqlite+folder"]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_sample_ends_exactly_once_on_sqlite(world: World, marker: Marker, seed: int) -> None:
    die_and_recover(world, marker, seed)
