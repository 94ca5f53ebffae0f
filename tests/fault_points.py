"""Seeded moments from the submit to the finish of a job, and what it is to be killed there."""

from __future__ import annotations

import os
import random
import signal
import threading
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.fault_world import Marker, World
from tests.fixtures_server import wait_for
from tests.honesty import assert_honest

# process -> (place, moments, at most which call of it): the places where each stage of a job can be cut in two.
STAGES: dict[str, tuple[str, list[tuple[str, tuple[str, ...], int]]]] = {
    "submit": (
        "web",
        [
            ("jobs_app.submit:_take_fields", ("before", "after"), 1),
            ("jobs_app.doorbell:ring_start", ("before", "after"), 1),
            ("jobs_app.api.views:submit", ("before", "after"), 1),
        ],
    ),
    "start": (
        "worker",
        [
            ("jobs_app.starting:start", ("before", "after"), 1),
            ("jobs_app.lifecycle:begin", ("before", "after"), 1),
        ],
    ),
    "claim": (
        "executor",
        [("jobs_app.chunks:_to_predict", ("before", "after"), 5), ("jobs_app.chunks:claim", ("after",), 5)],
    ),
    "run": (
        "executor",
        [
            ("samplecase.runtime.engines.local:LocalReplica.submit", ("before", "after"), 11),
            ("samplecase.runtime.media:place", ("before", "after"), 90),
            ("jobs_app.chunks:renew", ("before", "after"), 1),
        ],
    ),
    "commit": (
        "executor",
        [
            ("jobs_app.chunks:commit", ("before", "after"), 5),
            ("jobs_app.chunks:_write", ("before", "after"), 5),
            ("jobs_app.chunks:record", ("before", "after"), 5),
        ],
    ),
    "finish": (
        "executor",
        [
            ("jobs_app.lifecycle:finish", ("before", "after"), 1),
            ("samplecase.runtime.executor:Executor._close_runner", ("before", "after"), 1),
        ],
    ),
}


@dataclass(frozen=True)
class Point:
    """A moment to kill at, and how much is killed."""

    victim: str
    plan: dict[str, Any]
    is_everything: bool


def point(seed: int) -> Point:
    choose = random.Random(seed)
    victim, places = STAGES[list(STAGES)[seed % len(STAGES)]]
    where, moments, calls = choose.choice(places)
    plan = {"where": where, "when": choose.choice(moments), "nth": choose.randint(1, calls)}
    return Point(victim, plan, is_everything=choose.random() < 0.25)


class Submitter(threading.Thread):
    """A client that repeats its request, with its key, until it is answered."""

    def __init__(self, world: World) -> None:
        super().__init__(daemon=True)
        self._world = world
        self._order = world.order(pause=0.015)
        self.key = f"point-{world.fields}"
        self.job = 0

    def run(self) -> None:
        with self._world.api() as api:
            while not self.job:
                try:
                    answer = api.post("/jobs/", json=self._order, headers={"Idempotency-Key": self.key})
                except httpx.TransportError:
                    continue
                if answer.status_code == 201:
                    self.job = int(answer.json()["jobs"][0]["id"])


SEEDS = [*range(10), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(10, 110))]


def die_and_recover(world: World, marker: Marker, seed: int) -> None:
    """A job during which something is killed; what was killed is started again, and the job must end honestly."""
    at = point(seed)
    sabotage(world, at, marker)
    submitter = Submitter(world)
    submitter.start()
    pid = marker.wait(seconds=60, what=f"{at}; {world.logs()}")
    if at.is_everything:
        world.kill_everything()
    else:
        os.kill(pid, signal.SIGKILL)
        victim = getattr(world, at.victim)
        if victim.pid == pid:
            victim.wait(timeout=30)
    world.bring_up()
    wait_for(lambda: submitter.job, seconds=60, what=f"an answer to the submit; {world.logs()}")
    submitter.join(timeout=30)
    assert world.end_of(submitter.job) == "finished", world.logs()
    row = assert_honest(world, submitter.job)
    assert row["done"] == row["total"] == len(world.samples)
    jobs = world.query("SELECT count(*) FROM jobs_app_idempotencykey WHERE key = %s", submitter.key)
    assert jobs == [(1,)]


def sabotage(world: World, at: Point, marker: Marker) -> None:
    """Put a process that will stop at the point in the place of the one that runs."""
    running = getattr(world, at.victim)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait(timeout=30)
    if at.victim == "worker":
        world.kill(world.executor)  # it would begin the job itself where the worker comes up too slowly
    command = ["web", "--port", str(world.port)] if at.victim == "web" else [at.victim]
    setattr(world, at.victim, world.sabotaged({**at.plan, "marker": str(marker.path)}, *command))
    if at.victim == "web":
        world.wait_until_up()
