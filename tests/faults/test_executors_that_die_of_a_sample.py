"""A sample that takes its executor along, however often a supervisor starts it again: one error, and a finished job."""

from __future__ import annotations

import pytest

from jobs_app.trials import MOST_LOSSES
from tests.fault_world import World
from tests.fixtures_server import wait_for
from tests.honesty import assert_honest
from tests.worlds import FINAL


@pytest.mark.parametrize("place", [0, pytest.param(5, marks=pytest.mark.long)])
def test_a_sample_that_kills_its_executors_is_one_error(world: World, place: int) -> None:
    chosen = list(world.samples.values())[:8]
    world.kill(world.executor)
    deaths = 0

    def has_ended() -> bool:
        nonlocal deaths
        if world.executor is None or world.executor.poll() is not None:
            deaths += 1
            world.executor = world.sabotaged({"dies_with": chosen[place]}, "executor")
        return bool(world.query("SELECT state FROM jobs_app_job WHERE id = %s", job)[0][0] in FINAL)

    with world.api() as api:
        job = world.submit(api, samples=chosen)
        wait_for(has_ended, seconds=120, what=f"job {job} to end; {world.logs()}")
        errors = api.get(f"/jobs/{job}/errors/").json()["results"]
    row = assert_honest(world, job)
    assert (row["state"], row["done"], row["failed"]) == ("finished", 7, 1)
    assert [(each["sample"], each["reason"]) for each in errors] == [(chosen[place], "executor_lost")]
    assert "was lost 5 times in a row" in errors[0]["message"]
    assert deaths > MOST_LOSSES
    world.kill(world.executor)  # its saboteur is not for the next test
