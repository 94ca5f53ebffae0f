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
from collections import Counter
from django.db.models import Count
from datasets_app.models import Dataset, Evaluation, Sample, Value
from datasets_app.review_models import Review, ReviewItem
from jobs_app.models import Job, Submission
from models_app.models import Deployment, Model, Version
from samplecase.web.accounts.models import ApiToken, User
print(json.dumps({
    **{each.__name__: each.objects.count()
       for each in (Dataset, Sample, Evaluation, Review, ReviewItem, Job, Model, Version, Deployment, User, ApiToken)},
    "inference": Submission.objects.filter(jobs__kind="inference").distinct().count(),
    "values": {dataset.name: {field.name: Value.objects.filter(field=field).count()
                              for field in dataset.fields.all()}
               for dataset in Dataset.objects.all()},
    "sources": {f"{field}/{source}": count for field, source, count in
                Value.objects.values_list("field__name", "source").annotate(count=Count("id"))
                .filter(field__name__in=("reviewed", "digit_detector_predictions"))},
    "split": sorted(Counter(tag for tags in Sample.objects.filter(dataset__name="digit-scenes")
                            .values_list("tags", flat=True) for tag in tags).items()),
    "metrics": {each.predictions: each.metrics for each in Evaluation.objects.all()},
}))
"""


@pytest.fixture
def empty(tmp_path: Path) -> Installation:
    """A data folder with nothing in it, as a newcomer's."""
    return Installation(data=tmp_path, port=free_port())


def demo(at: Installation) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "samplecase.cli", "demo", "--check", "--port", str(at.port)]
    return subprocess.run(command, env=at.environment, capture_output=True, text=True, timeout=600)


@pytest.mark.timeout(1300)
def test_the_demo_ends_well_and_a_second_one_doubles_nothing(empty: Installation) -> None:
    first = demo(empty)
    assert first.returncode == 0, first.stderr + empty.logs()
    rows = json.loads(empty.manage("-c", COUNT_ROWS))
    assert rows["values"] == {
        "digits": {
            "ground_truth": 1797,
            "split": 1797,
            "digits_cnn_predictions": 1797,
            "digits_mlp_predictions": 1797,
            "reviewed": 899,
        },
        "digit-scenes": {"ground_truth": 600, "digit_detector_predictions": 600},
    }
    assert rows["sources"] == {"reviewed/human": 899, "digit_detector_predictions/model": 600}
    assert rows["split"] == [["test", 200], ["train", 400]]
    assert (rows["inference"], rows["Version"], rows["Deployment"], rows["User"]) == (2, 3, 3, 1)
    assert (rows["Review"], rows["ReviewItem"]) == (1, 898)
    assert rows["ApiToken"] == 0, "the demo's own token is revoked at its end"
    metrics = rows["metrics"]
    cnn, mlp = (metrics[f"digits_{name}_predictions"]["accuracy"] for name in ("cnn", "mlp"))
    assert cnn > mlp > 0.8
    assert metrics["digit_detector_predictions"]["map_50"] >= 0.8

    second = demo(empty)
    assert second.returncode == 0, second.stderr
    assert json.loads(empty.manage("-c", COUNT_ROWS)) == rows
    assert empty.members() == []
