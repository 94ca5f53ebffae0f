"""An evaluation's worker is killed at every step of its work: whoever goes on counts each sample once."""

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
from datasets_app import evaluation_slices
from datasets_app.models import Dataset, Field, Sample
from datasets_app.values import NewValue, write_values
from samplecase.contracts.labels import normalise_value
from samplecase.web.accounts.models import User

choose = random.Random(1)
owner = User.objects.get(username="owner")
dataset = Dataset.objects.create(name="boxes", owner=owner, sample_count=30)
facts = {"media_sha256": "0" * 64, "width": 100, "height": 100, "bytes": 1, "mime": "image/png"}
samples = [Sample.objects.create(dataset=dataset, name=f"{n}.png", **facts) for n in range(30)]

def boxes():
    return [{"label": choose.choice("ab"), "confidence": choose.random(),
             "bounding_box": [choose.choice([0, 0.02, 0.5]), 0.1, 0.3, 0.3]} for _ in range(choose.randrange(5))]

for name in ("truth", "found"):
    field = Field.objects.create(dataset=dataset, name=name, type="detections")
    rows = [NewValue(sample.pk, normalise_value("detections", boxes())) for sample in samples]
    write_values(field=field, rows=rows, source="human")
print(dataset.pk)
"""
BEGIN = """
from datasets_app.models import Dataset, Evaluation
from jobs_app import evaluating
from jobs_app.tasks import start_job
from samplecase.web.accounts.models import User

owner, dataset = User.objects.get(username="owner"), Dataset.objects.get()
found = Evaluation.objects.first() if REFRESH else None
job = (evaluating.refresh(evaluation=found, acting_user=owner) if found else
       evaluating.evaluate(dataset=dataset, predictions="found", ground_truth="truth", acting_user=owner))
assert start_job(job.pk)
print(job.pk)
"""
WORK = """
import os, signal
from datasets_app import evaluation, evaluation_slices
from jobs_app import evaluating, stretches
from jobs_app.tasks import evaluate

evaluation_slices.SLICES["detections"] = 7
evaluation.FORGOTTEN_AT_ONCE = 10
stretches.STRETCH = 600  # it hands over to nobody, however slow this machine is
name, nth, calls = WHERE, NTH, []
if name:
    original = getattr(evaluating, name)
    def trapped(*arguments, **named):
        answer = original(*arguments, **named)
        calls.append(name)
        if len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(evaluating, name, trapped)
evaluate(JOB)
"""
LOOK = """
import json
from datasets_app.models import Evaluation, EvaluationMatch
from jobs_app.models import Job

job, found = Job.objects.get(pk=JOB), Evaluation.objects.order_by("-pk").first()
print(json.dumps({"state": job.state, "done": job.done, "samples": found.samples, "missing": found.missing,
                  "metrics": found.metrics, "matrix": found.confusion,
                  "matches": EvaluationMatch.objects.filter(evaluation=found).count()}))
"""


def run(world: World, code: str, **names: Any) -> str:
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    return world.manage("-c", START + given + code)


def killed(world: World, **names: Any) -> None:
    """A worker that dies inside its transaction, with what it has done so far."""
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    command = [sys.executable, "-c", START + given + WORK]
    done = subprocess.run(command, cwd=world.code, env=world.environment, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("kind", WORLDS)
def test_what_was_counted_is_counted_once(make_world: Callable[..., World], kind: str) -> None:
    world = make_world(kind)
    run(world, MAKE)
    job = int(run(world, BEGIN, REFRESH=False))
    run(world, WORK, WHERE="", NTH=0, JOB=job)
    undisturbed = json.loads(run(world, LOOK, JOB=job))
    assert (undisturbed["state"], undisturbed["samples"], undisturbed["missing"]) == ("finished", 30, 0)

    again = int(run(world, BEGIN, REFRESH=True))
    for where, nth in (
        ("forget_some", 2),
        ("compare", 2),
        ("store", 2),
        ("store", 1),
        ("measure", 1),
        ("finish", 1),
    ):
        killed(world, WHERE=where, NTH=nth, JOB=again)
    assert json.loads(run(world, LOOK, JOB=again))["state"] == "running"
    run(world, WORK, WHERE="", NTH=0, JOB=again)
    assert json.loads(run(world, LOOK, JOB=again)) == undisturbed
