"""kill -9 at seeded moments, PostgreSQL and S3: every sample of the job ends exactly once."""

from __future__ import annotations

import pytest

from tests.fault_points import SEEDS, die_and_recover
from tests.fault_world import Marker, World

pytestmark = [pytest.mark.postgres, pytest.mark.s3]
WORLDS = ["postgres+s3"]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_sample_ends_exactly_once_on_postgres(world: World, marker: Marker, seed: int) -> None:
    die_and_recover(world, marker, seed)
