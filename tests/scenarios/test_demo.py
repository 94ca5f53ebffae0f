"""`samplecase demo --check`: the main job on real images, and again without doubling anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures_server import Installation, free_port

COUNT_ROWS = """
import json, django; django.setup()
from datasets_app.models import Dataset, Evaluation, Sample, Value
from jobs_app.models import Job, Submission
from models_app.models import Deployment, Model, Version
from samplecase.web.accounts.models import ApiToken, User
print(json.dumps({
    **{each.__name__: each.objects.count()
       for each in (Dataset, Sample, Evaluation, Job, Model, Version, Deployment, User, ApiToken)},
    "inference": Submission.objects.filter(jobs__kind="inference").distinct().count(),
    "values": {name: Value.objects.filter(field__name=name).count()
               for name in ("ground_truth", "digits_cnn_predictions", "digits_mlp_predictions")},
    "accuracy": {each.predictions: each.metrics["accuracy"] for each in Evaluation.objects.all()},
}))
"""


@pytest.fixture
def empty(tmp_path: Path) -> Installation:
    """A data folder with nothing in it, as a newcomer's."""
    return Installation(data=tmp_path, port=free_port())


def demo(at: Installation) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "samplecase.cli", "demo", "--check", "--port", str(at.port)]
    return subprocess.run(command, env=at.environment, capture_output=True, text=True, timeout=400)


@pytest.mark.timeout(900)
def test_the_demo_ends_well_and_a_second_one_doubles_nothing(empty: Installation) -> None:
    first = demo(empty)
    assert first.returncode == 0, first.stderr + empty.logs()
    rows = json.loads(empty.manage("-c", COUNT_ROWS))
    assert rows["values"] == {
        "ground_truth": 1797,
        "digits_cnn_predictions": 1797,
        "digits_mlp_predictions": 1797,
    }
    assert (rows["inference"], rows["Version"], rows["Deployment"], rows["User"]) == (1, 2, 2, 1)
    assert rows["ApiToken"] == 0, "the demo's own token is revoked at its end"
    accuracy = rows["accuracy"]
    assert accuracy["digits_cnn_predictions"] > accuracy["digits_mlp_predictions"] > 0.8

    second = demo(empty)
    assert second.returncode == 0, second.stderr
    assert json.loads(empty.manage("-c", COUNT_ROWS)) == rows
    assert empty.members() == []
