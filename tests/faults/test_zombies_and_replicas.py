"""Executors that wake up too late, and replicas that end in every way a process can."""

from __future__ import annotations

import os
import random
import signal
from typing import Any

import pytest

from tests.fault_world import POISON_WIDTH, Marker, World, inhabitants
from tests.fixtures_server import wait_for
from tests.honesty import assert_honest

# Places outside of a transaction, where an executor can be stopped without keeping the database from others.
RESTS = [
    ("jobs_app.chunks:commit", 4),
    ("jobs_app.chunks:renew", 1),
    ("samplecase.runtime.media:place", 60),
    ("samplecase.runtime.engines.local:LocalReplica.submit", 8),
]
SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 40))]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_zombie_is_fenced_off_and_of_use_again(world: World, marker: Marker, seed: int) -> None:
    choose = random.Random(seed)
    where, calls = choose.choice(RESTS)
    plan = {"where": where, "when": "before", "nth": choose.randint(1, calls), "marker": str(marker.path)}
    world.kill(world.executor)
    zombie = world.sabotaged(plan, "executor")
    with world.api() as api:
        job = world.submit(api, pause=0.015)
        assert marker.wait(what=f"{plan}; {world.logs()}") == zombie.pid
        world.executor = world.start("executor")
        assert world.end_of(job) == "finished"
        before = world.query("SELECT id, revision, written_at FROM datasets_app_value ORDER BY id")
        world.kill(world.executor)
        zombie.send_signal(signal.SIGCONT)
        world.executor = zombie
        # The zombie was woken in the middle of its batch: what it had is void, and it takes the next job.
        following = world.submit(api)
        assert world.end_of(following) == "finished", world.logs()
    values = "SELECT id, revision, written_at FROM datasets_app_value WHERE job <= %s ORDER BY id"
    assert world.query(values, job) == before
    assert assert_honest(world, job)["done"] == len(world.samples)
    assert assert_honest(world, following)["done"] == len(world.samples)


REASONS = {
    "exit": ("killed", "exited with code 0"),
    "crash": ("killed", "signal 11"),
    "killed": ("killed", "memory"),
    "hang": ("timeout", "did not return within"),
    "garbage": ("killed", "not an answer"),
    "raise": ("exception", "IndexError"),
}


@pytest.mark.parametrize("behaviour", list(REASONS))
def test_a_poison_sample_is_one_error_and_the_others_get_results(world: World, behaviour: str) -> None:
    poison = world.samples["poison.png"]
    others = [each for each in world.samples.values() if each != poison]
    chosen = [*others[: 1 if behaviour == "hang" else 11], poison]
    with world.api() as api:
        job = world.submit(api, behaviour=behaviour, samples=chosen)
        assert world.end_of(job) == "finished"
        errors = api.get(f"/jobs/{job}/errors/").json()["results"]
    row = assert_honest(world, job)
    assert (row["done"], row["failed"]) == (len(chosen) - 1, 1)
    reason, words = REASONS[behaviour]
    assert [(each["sample"], each["reason"]) for each in errors] == [(poison, reason)]
    assert words in errors[0]["message"]


def test_memory_that_does_not_suffice_costs_no_sample(world: World) -> None:
    with world.api() as api:
        job = world.submit(api, behaviour="memory", samples=list(world.samples.values())[:20])
        assert world.end_of(job) == "finished"
    assert assert_honest(world, job)["done"] == 20


def test_replicas_that_are_killed_from_outside_cost_no_sample(world: World) -> None:
    with world.api() as api:
        job = world.submit(api, pause=0.03)
        for share in (16, 48):
            world.half_way(job, at_least=share)
            _kill_replicas(world)
        assert world.end_of(job) == "finished"
    assert assert_honest(world, job)["done"] == len(world.samples)


def _kill_replicas(world: World) -> None:
    """With SIGKILL, as the system does when its memory is used up."""
    assert world.executor is not None
    ours = set(world.members())

    def replicas() -> list[Any]:
        return [pid for pid in inhabitants(world) if pid not in ours]

    # Also shows that a sandboxed replica is seen where a test looks for orphans.
    for pid in wait_for(replicas, seconds=30, what="a replica"):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def test_the_poison_is_really_in_the_dataset(world: World) -> None:
    with world.api() as api:
        one = api.get(f"/datasets/{world.dataset}/samples/{world.samples['poison.png']}/").json()
    assert one["width"] == POISON_WIDTH
