"""A projection's worker is killed at every step of its work: whoever goes on gives each sample one point."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.fault_world import World

WORLDS = [
    "sqlite+folder",
    pytest.param("postgres+s3", marks=[pytest.mark.postgres, pytest.mark.s3, pytest.mark.long]),
]

START = "import django; django.setup()\n"
MAKE = """
import random
from datasets_app.models import Dataset, Field, Sample
from datasets_app.values import NewValue, write_values
from samplecase.web.accounts.models import User

choose = random.Random(1)
owner = User.objects.get(username="owner")
dataset = Dataset.objects.create(name="vectors", owner=owner, sample_count=30)
facts = {"media_sha256": "0" * 64, "width": 100, "height": 100, "bytes": 1, "mime": "image/png"}
samples = [Sample.objects.create(dataset=dataset, name=f"{n}.png", **facts) for n in range(30)]
field = Field.objects.create(dataset=dataset, name="vector", type="embedding", dimension=4)
rows = [NewValue(sample.pk, [choose.gauss(0, 1 + axis) for axis in range(4)]) for sample in samples]
write_values(field=field, rows=rows, source="human")
"""
BEGIN = """
from datasets_app.models import Dataset
from jobs_app import projecting
from jobs_app.tasks import start_job
from samplecase.projection.methods import Method
from samplecase.web.accounts.models import User

owner, dataset = User.objects.get(username="owner"), Dataset.objects.get()
job = projecting.project(dataset=dataset, field="vector", method=Method.PCA, acting_user=owner)
assert start_job(job.pk)
print(job.pk)
"""
WORK = """
import os, signal
from datasets_app import vectors
from jobs_app import projecting, stretches
from jobs_app.tasks import project

vectors.BLOCK_SAMPLES = 7
stretches.STRETCH = 600  # it hands over to nobody, however slow this machine is
name, nth, calls = WHERE, NTH, []
if name:
    original = getattr(projecting, name)
    def trapped(*arguments, **named):
        answer = original(*arguments, **named)
        calls.append(name)
        if len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(projecting, name, trapped)
project(JOB)
"""
LOOK = """
import json
from datasets_app.models import Projection
from datasets_app.points import points_of
from jobs_app.models import Job

job = Job.objects.get(pk=JOB)
ids, points = points_of(job.projection)
print(json.dumps({"state": job.state, "done": job.done, "samples": job.projection.samples,
                  "ids": ids.tolist(), "points": points.tolist()}))
"""


def run(world: World, code: str, **names: Any) -> str:
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    return world.manage("-c", START + given + code)


def killed(world: World, **names: Any) -> None:
    """A worker that dies inside its transaction, or while its child is at work."""
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    command = [sys.executable, "-c", START + given + WORK]
    done = subprocess.run(command, cwd=world.code, env=world.environment, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("kind", WORLDS)
def test_what_was_placed_is_placed_once(make_world: Callable[..., World], kind: str) -> None:
    world = make_world(kind)
    run(world, MAKE)
    job = int(run(world, BEGIN))
    run(world, WORK, WHERE="", NTH=0, JOB=job)
    undisturbed = json.loads(run(world, LOOK, JOB=job))
    assert (undisturbed["state"], undisturbed["done"], undisturbed["samples"]) == ("finished", 30, 30)

    again = int(run(world, BEGIN))
    steps = [("_gather", 1), ("_beat", 2), ("fit", 1), ("_keep_plane", 1), ("vectors_of", 2), ("add_part", 2)]
    for where, nth in steps:
        killed(world, WHERE=where, NTH=nth, JOB=again)
    assert json.loads(run(world, LOOK, JOB=again))["state"] == "running"
    run(world, WORK, WHERE="", NTH=0, JOB=again)
    assert json.loads(run(world, LOOK, JOB=again)) == undisturbed
