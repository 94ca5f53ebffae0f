"""A blob store that refuses what is asked of it ends the job with its words; one that is away is waited for."""

from __future__ import annotations

import pytest

from samplecase.contracts.states import JobState
from samplecase.runtime import job_runner
from tests.engine.conftest import World

CODE = """
import numpy as np
class Model:
    def predict(self, n):
        return {"mask": [np.zeros((4, 6), np.uint8) for _ in n]}
"""


def test_a_store_that_refuses_for_long_ends_the_job_which_can_be_retried(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "REFUSED_SECONDS", 0.2)
    monkeypatch.setattr(job_runner, "PATIENCE_SECONDS", 0.1)
    spec = world.spec(CODE, {"mask": {"type": "segmentation"}}, {"n": {"type": "integer"}})
    samples = [world.sample(str(n), n=n) for n in range(2)]
    (world.folder / "blobs" / "masks").symlink_to("/sys/kernel")  # where nobody makes folders
    job = world.run(spec, samples, ("mask",))
    code, message = job.error or ("", "")
    assert (job.state, code) == (JobState.FAILED, "storage_refused")
    assert "the blob store refuses" in message
    assert str(world.folder) not in message
    assert job_runner.WAITS in job.log
