"""Backups that are made while a job writes: what is restored is an installation that goes on with it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fault_world import SAMPLES, World, pictures
from tests.honesty import assert_honest


def samplecase(world: World, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "samplecase.cli", *arguments]
    done = subprocess.run(command, env=world.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def backed_up(world: World, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(samplecase(world, "backup", str(folder), "--json").stdout)
    return found


@pytest.fixture
def empty(make_world: Callable[..., World], _kind: str) -> Iterator[World]:
    made = make_world(_kind, is_empty=True)
    yield made
    made.stop()


def test_what_was_backed_up_under_load_goes_on_where_it_was(
    world: World, empty: World, tmp_path: Path
) -> None:
    if "SAMPLECASE_DATABASE_URL" in world.settings and not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not on the PATH")
    folder = tmp_path / "backup"
    first = backed_up(world, folder)
    assert (first["copied"], first["damaged"]) == (first["blobs"], [])
    assert first["blobs"] > SAMPLES  # and the package
    with world.api() as api:
        job = world.submit(api, pause=0.1)
    world.half_way(job)
    second = backed_up(world, folder)
    assert (second["copied"], second["blobs"]) == (0, first["blobs"])
    assert world.end_of(job) == "finished"
    assert_honest(world, job)

    refuse_what_is_damaged(empty, folder)
    assert "samplecase up" in samplecase(empty, "restore", str(folder)).stdout
    assert "not empty" in samplecase(empty, "restore", str(folder), code=1).stderr
    state, done, total = empty.query("SELECT state, done, total FROM jobs_app_job WHERE id = %s", job)[0]
    assert state == "running"
    assert 0 < done < total == SAMPLES
    assert empty.query("SELECT count(*) FROM datasets_app_value WHERE job = %s", job) == [(done,)]

    empty.token = world.token
    empty.bring_up()
    assert empty.end_of(job) == "finished"
    assert_honest(empty, job)
    name, content = next(iter(pictures().items()))
    with empty.api() as api:
        media = api.get(f"/datasets/{world.dataset}/samples/{world.samples[name]}/media/")
    assert media.content == content


def refuse_what_is_damaged(empty: World, folder: Path) -> None:
    """A byte that turned on the backup's disk: its blob is named, and nothing is left of the attempt."""
    blob = max((folder / "blobs" / "packages").rglob("*.zip"))
    content = blob.read_bytes()
    blob.chmod(0o600)
    blob.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    refusal = samplecase(empty, "restore", str(folder), code=1).stderr
    assert blob.name in refusal
    assert "is damaged" in refusal
    blob.write_bytes(content)
