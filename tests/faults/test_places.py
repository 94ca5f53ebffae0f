"""The places at which processes are stopped are functions of the product still, whatever was renamed."""

from __future__ import annotations

import pytest

from tests.fault_points import STAGES
from tests.faults.test_zombies_and_replicas import RESTS
from tests.saboteur import found

PLACES = [*(place for _, places in STAGES.values() for place, _, _ in places), *(place for place, _ in RESTS)]


@pytest.mark.parametrize("place", sorted(set(PLACES)))
def test_a_place_is_there(place: str) -> None:
    owner, name = found(place)
    assert callable(getattr(owner, name))
