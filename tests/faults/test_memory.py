"""Replicas that need more memory than they have: by the limit of their box, and by the system that kills them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault_world import World
from tests.fixtures_server import wait_for
from tests.honesty import assert_honest

LIMIT = 256 * 2**20  # for a replica: five greedy images fit beside the interpreter, eight do not
GROUP_LIMIT = 400 * 2**20  # for an executor and its replicas together


@pytest.fixture
def bounded(world: World) -> Iterator[World]:
    world.kill(world.executor)
    world.executor = world.sabotaged({"memory": LIMIT}, "executor")
    yield world
    world.kill(world.executor)


def test_a_batch_over_the_limit_is_tried_in_smaller_ones(bounded: World) -> None:
    with bounded.api() as api:
        job = bounded.submit(api, behaviour="greedy", samples=list(bounded.samples.values())[:20])
        assert bounded.end_of(job) == "finished"
        log = api.get(f"/jobs/{job}/log/").text
    assert assert_honest(bounded, job)["done"] == 20, log


def test_an_image_over_the_limit_is_one_error(bounded: World) -> None:
    assert errors_of(bounded, behaviour="glutton") == [("poison.png", "out_of_memory")]


def test_a_replica_that_the_system_kills_for_memory_is_one_error(world: World, tmp_path: Path) -> None:
    with group_of(world):
        assert errors_of(world, behaviour="glutton") == [("poison.png", "killed")]
        assert world.executor is not None
        assert world.executor.poll() is None, "the system chose the executor itself"


def errors_of(world: World, *, behaviour: str) -> list[tuple[str, str]]:
    """Names and reasons of what failed in a job over some honest images and the poison."""
    poison = world.samples["poison.png"]
    chosen = [*[each for each in world.samples.values() if each != poison][:11], poison]
    with world.api() as api:
        job = world.submit(api, behaviour=behaviour, samples=chosen)
        assert world.end_of(job) == "finished", world.logs()
        errors = api.get(f"/jobs/{job}/errors/").json()["results"]
    assert assert_honest(world, job)["done"] == 11
    assert all("memory" in each["message"] for each in errors), errors
    return [(each["name"], each["reason"]) for each in errors]


@contextlib.contextmanager
def group_of(world: World) -> Iterator[None]:
    """The executor, and all that it starts, in a control group with little memory."""
    version_1 = Path("/sys/fs/cgroup/memory")
    group = (version_1 if version_1.is_dir() else Path("/sys/fs/cgroup")) / f"samplecase-{os.getpid()}"
    limit = "memory.limit_in_bytes" if version_1.is_dir() else "memory.max"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"control groups cannot be made here: {error.strerror}")
    try:
        if not (group / limit).exists():
            pytest.skip("this host bounds no memory by control groups")
        (group / limit).write_text(str(GROUP_LIMIT))
        world.kill(world.executor)
        world.executor = world.start("executor")
        (group / "cgroup.procs").write_text(str(world.executor.pid))
        yield
    finally:
        world.kill(world.executor)
        wait_for(lambda: _is_removed(group), seconds=20, what="the control group to be empty")


def _is_removed(group: Path) -> bool:
    with contextlib.suppress(OSError):
        group.rmdir()
    return not group.exists()
