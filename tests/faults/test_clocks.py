"""Clocks that jump: neither the database's, by which leases are compared, nor a host's loses or doubles a sample.

With SQLite the database's clock is the host's, so it jumps too; with PostgreSQL the host's alone does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault_world import World
from tests.honesty import assert_honest


class Clock:
    """What all processes of a world take for the time: the real one, and so many hours more."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.jump(0)

    def jump(self, hours: int) -> None:
        half = self.file.with_suffix(".half")
        half.write_text(str(hours * 3600))
        half.replace(self.file)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture
def clocked(world: World, clock: Clock) -> Iterator[World]:
    """The world with every process by this clock, and afterwards none."""
    world.kill_everything()
    world.through = ["tests.clocked", str(clock.file)]
    world.bring_up()
    try:
        yield world
    finally:
        world.kill_everything()
        world.through = ()


@pytest.mark.parametrize(
    "hours", [-1, 1, pytest.param(-30, marks=pytest.mark.long), pytest.param(30, marks=pytest.mark.long)]
)
def test_clocks_that_jump_neither_lose_nor_double_a_sample(clocked: World, clock: Clock, hours: int) -> None:
    with clocked.api() as api:
        job = clocked.submit(api, pause=0.02)
        clocked.half_way(job)
        clock.jump(hours)
        # Its chunk is another's after its lease, by whatever clock, and not hours later.
        clocked.kill(clocked.executor)
        clocked.executor = clocked.start("executor")
        assert clocked.end_of(job) == "finished", clocked.logs()
        following = clocked.submit(api)  # its doorbell is rung and heard by the new time
        assert clocked.end_of(following) == "finished", clocked.logs()
    assert assert_honest(clocked, job)["done"] == len(clocked.samples)
    assert assert_honest(clocked, following)["done"] == len(clocked.samples)


def test_a_jump_under_a_living_executor_costs_nothing(clocked: World, clock: Clock) -> None:
    with clocked.api() as api:
        job = clocked.submit(api, pause=0.04)
        clocked.half_way(job)
        clock.jump(1)
        clocked.half_way(job, at_least=40)
        clock.jump(-1)
        assert clocked.end_of(job) == "finished", clocked.logs()
    assert assert_honest(clocked, job)["done"] == len(clocked.samples)
