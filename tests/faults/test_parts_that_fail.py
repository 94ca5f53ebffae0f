"""The database, the blob store and the disk fail under a running job, and come back."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fault_world import World
from tests.faults.conftest import WORLDS
from tests.honesty import assert_honest

LONG = pytest.mark.long
OUTAGE_SECONDS = 3  # longer than a lease


def run_through(world: World, fault: Callable[[], None]) -> None:
    """A job during which `fault` happens; it has to end with a result for every sample."""
    with world.api() as api:
        job = world.submit(api, pause=0.03)
        world.half_way(job)
        fault()
        assert world.end_of(job) == "finished", world.logs()
    assert assert_honest(world, job)["done"] == len(world.samples), world.logs()


@pytest.mark.parametrize(
    "calls", [1, 30, *(pytest.param(n, marks=LONG) for n in (2, 3, 4, 5, 8, 13, 50, 90))]
)
def test_a_store_that_fails_at_one_call_costs_no_sample(world: World, calls: int) -> None:
    world.kill(world.executor)
    world.executor = world.sabotaged({"storage": {"fails_at": calls}}, "executor")
    with world.api() as api:
        job = world.submit(api)
        assert world.end_of(job) == "finished", world.logs()
    assert assert_honest(world, job)["done"] == len(world.samples)


def test_a_database_that_is_away_longer_than_a_lease(world: World, request: Any) -> None:
    if "SAMPLECASE_DATABASE_URL" not in world.settings:

        def fault() -> None:
            with contextlib.closing(sqlite3.connect(world.data / "samplecase.sqlite3", timeout=20)) as other:
                other.execute("BEGIN EXCLUSIVE")
                time.sleep(OUTAGE_SECONDS)

        run_through(world, fault)
    else:
        run_through(world, request.getfixturevalue("postgres_server").restart)
        # Worker and web have lost their connections too.
        with world.api() as api:
            job = world.submit(api)
            assert world.end_of(job) == "finished", world.logs()
        assert_honest(world, job)


def test_a_store_that_is_away_longer_than_a_lease(world: World, request: Any) -> None:
    if "SAMPLECASE_BLOB_URL" in world.settings:
        server = request.getfixturevalue("s3_server")

        def fault() -> None:
            server.kill()
            time.sleep(OUTAGE_SECONDS)
            server.start()
    else:
        media, aside = world.data / "blobs", world.data / "unplugged"

        def fault() -> None:
            media.rename(aside)
            media.touch()  # the mount point of a disk that is gone
            time.sleep(OUTAGE_SECONDS)
            media.unlink()
            aside.rename(media)

    run_through(world, fault)


@pytest.mark.parametrize("is_abrupt", [False, True])
def test_everything_is_restarted_under_a_running_job(world: World, is_abrupt: bool) -> None:
    def fault() -> None:
        if is_abrupt:
            world.kill_everything()
        else:
            for process in (world.executor, world.worker, world.web):
                assert process is not None
                process.terminate()
            for process in (world.executor, world.worker, world.web):
                assert process is not None
                assert process.wait(timeout=30) in (0, -15)
        world.bring_up()

    run_through(world, fault)


@pytest.fixture(params=WORLDS)
def small_disk(request: Any, make_world: Callable[..., World], tmp_path: Path) -> Iterator[World]:
    """A world whose data folder is a disk of 24 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    source = f"samplecase-{secrets.token_hex(4)}"
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", source, str(disk)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root alone")
    try:
        world = make_world(request.param, disk)
        world.disk = source
        try:
            world.bring_up()
            world.populate()
            yield world
        finally:
            world.stop()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_that_is_full_for_a_while(small_disk: World) -> None:
    def fault() -> None:
        filler = small_disk.data / "filler"
        end = time.monotonic() + OUTAGE_SECONDS
        with filler.open("wb", buffering=0) as file:
            # Again and again: what is removed meanwhile must not make room.
            while time.monotonic() < end:
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"\0" * 4096)
                time.sleep(0.005)
        filler.unlink()

    run_through(small_disk, fault)
