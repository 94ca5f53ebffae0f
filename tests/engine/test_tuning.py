"""Deploy looks for a faster plan on a dataset's samples, in replicas as jobs have them, and keeps one that agrees."""

from __future__ import annotations

import io
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from samplecase.contracts.jobs import ModelSpec, SampleRef
from samplecase.contracts.plans import Plan
from samplecase.contracts.states import DeploymentState, JobState
from samplecase.runtime.memory_ledger import MemoryDeployment
from samplecase.runtime.sandbox import probe_sandbox
from tests.engine.conftest import World, until
from tests.trained import CLASSES, POSTPROCESS, PREPROCESS, photo, trained

SECONDS = 10
PATIENCE_SECONDS = 240  # replicas that import torch are started five times
PATHS = {"image_paths": {"type": "local"}}


def no_code(
    world: World, kind: str, name: str, data: bytes, output: dict[str, Any], **more: Any
) -> ModelSpec:
    facts = {"preprocess": PREPROCESS, "postprocess": POSTPROCESS, "classes": CLASSES}
    spec = more.pop("spec", {})
    manifest = world.manifest(
        {"predictions": output}, entrypoint=f"samplecase.builtin:{kind}", weights=name, **{**facts, **more}
    )
    return world.spec(manifest=manifest, files={name: data}, **spec)


def jpegs(world: World, images: list[bytes]) -> list[SampleRef]:
    return [
        world.sample(f"{index}.jpg", data)._replace(extension=".jpg") for index, data in enumerate(images)
    ]


def tuned(
    world: World, spec: ModelSpec, samples: list[SampleRef], cores: int = 1, **claim: Any
) -> MemoryDeployment:
    sizes = {sample.id: (48, 40) for sample in samples}
    deployment = world.ledger.deploy(
        spec, **{"samples": samples, "sizes": sizes, "tunes": True, "allows_bf16": False, **claim}
    )
    end = time.monotonic() + PATIENCE_SECONDS
    with world.executor(tune_seconds=SECONDS, cores=cores):
        while deployment.report is None:
            assert time.monotonic() < end, deployment.log
            time.sleep(0.05)
    assert deployment.state is DeploymentState.READY, deployment.report.reason + deployment.log
    return deployment


def measured(deployment: MemoryDeployment) -> dict[str, Any]:
    assert deployment.report is not None
    return dict(deployment.report.measured)


def script(module: torch.nn.Module) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(module.eval()), buffer)
    return buffer.getvalue()


def test_a_trained_network_is_faster_under_its_plan_and_as_good(world: World) -> None:
    digits, level = trained(), probe_sandbox().level
    name, data = digits.saved_as("TorchScript")
    spec = no_code(
        world, "TorchScript", name, data, {"type": "classification"}, spec={"sandbox": level.value}
    )
    samples = jpegs(world, digits.images)
    deployment = tuned(world, spec, samples, cores=2)
    found = measured(deployment)
    plan, tuning = Plan.of(found["plan"]), found["tuning"]
    assert plan is not None, deployment.log
    assert tuning["tolerance"] == {"margin": 0.02, "score": 0.01, "pixels": 1.0}
    assert tuning["tried"][0]["what"] == "the plain network as entered"
    assert all(each["plan"]["precision"] == "fp32" for each in tuning["tried"])
    assert found["images_per_second"] > tuning["plain_images_per_second"]
    assert {"proposed", "mini_batches", "load_seconds", "memory_bytes"} <= found.keys()
    assert "Tuning ends after" in deployment.log

    before = world.run(replace(spec, mini_batch=8), samples)
    after = world.run(
        replace(
            spec,
            tricks=plan.tricks,
            mini_batch=plan.mini_batch,
            num_replicas=plan.num_replicas,
            threads=plan.threads,
        ),
        samples,
    )
    assert before.state is after.state is JobState.FINISHED, after.log
    labels = [
        [job.results[sample.id].values["predictions"]["label"] for sample in samples]
        for job in (before, after)
    ]
    accuracy = [digits.accuracy(each) for each in labels]
    assert accuracy[0] > 0.9
    assert accuracy[1] == pytest.approx(accuracy[0], abs=1.01 / len(samples))


class Brittle(torch.nn.Module):
    """Right in single precision; eight bits of mantissa lose in its great sums what it decides by."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = torch.nn.Conv2d(3, 2, 8, bias=False)
        torch.nn.init.constant_(self.convolution.weight[0], 1.0)
        torch.nn.init.constant_(self.convolution.weight[1], 1.002)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        sums = self.convolution(images + 10).mean(dim=(2, 3))
        return (sums - sums.mean(dim=1, keepdim=True)) * 2


def test_a_plan_that_disagrees_is_rejected_with_its_reason(world: World) -> None:
    digits = trained()
    spec = no_code(
        world,
        "TorchScript",
        "model.pt",
        script(Brittle()),
        {"type": "classification"},
        classes=["less", "more"],
    )
    found = measured(tuned(world, spec, jpegs(world, digits.images[:40]), allows_bf16=True))
    tried = [each for each in found["tuning"]["tried"] if each["plan"]["precision"] == "bf16"]
    assert tried
    assert tried[0]["outcome"] == "rejected"
    assert "samples disagree" in tried[0]["reason"]
    assert tried[0]["agreement"]["disagreeing"] > 0
    assert found["plan"] is None or found["plan"]["precision"] == "fp32"


class Detector(torch.nn.Module):
    """A box around whatever is bright, with a score of how bright it is there."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = torch.nn.Conv2d(3, 4, 3, padding=1)
        self.norm = torch.nn.BatchNorm2d(4)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        light = self.norm(self.convolution(images)).mean(dim=1) * 0 + images.mean(dim=1)
        across, down = light.sigmoid().mean(dim=1), light.sigmoid().mean(dim=2)
        places = torch.arange(images.shape[3], device=images.device, dtype=images.dtype)
        x = (across * places).sum(dim=1) / across.sum(dim=1)
        y = (down * places).sum(dim=1) / down.sum(dim=1)
        score = light.sigmoid().mean(dim=(1, 2))
        rows = torch.stack([x - 8, y - 8, x + 8, y + 8, score, torch.zeros_like(score)], dim=1)
        return rows.unsqueeze(1)


def test_a_detector_is_tuned_by_where_its_boxes_lie(world: World) -> None:
    spec = no_code(
        world,
        "TorchScript",
        "model.pt",
        script(Detector()),
        {"type": "detections"},
        classes=["light"],
        postprocess={**POSTPROCESS, "kind": "detections"},
    )
    found = measured(tuned(world, spec, jpegs(world, trained().images[:48])))
    agreement = found["tuning"]["tried"][2]["agreement"]
    assert agreement["compared"] > 0
    assert agreement["disagreeing"] == 0
    assert agreement["largest_box_difference"] <= 1
    assert found["plan"] is not None


def test_samples_of_the_dataset_must_be_answered_and_what_is_made_of_them_is_told_to_nobody(
    world: World,
) -> None:
    code = (
        "import os\nclass Model:\n    def predict(self, image_paths):\n"
        "        if any(path.endswith('.jpg') for path in image_paths):\n"
        "            print('the secret size is', os.path.getsize(image_paths[0]))\n"
        "            raise ValueError(f'secret {open(image_paths[0], \"rb\").read()[:20]}')\n"
        "        print('examples only')\n        return {'predictions': ['a'] * len(image_paths)}\n"
    )
    samples = jpegs(world, trained().images[:3])
    deployment = world.ledger.deploy(world.spec(code, inputs=PATHS), samples=samples)
    with world.executor():
        until(lambda: deployment.report is not None)
    assert deployment.report is not None
    assert deployment.state is DeploymentState.FAILED
    assert f"sample {samples[0].id} of the dataset (exception)" in deployment.report.reason
    assert "secret" not in deployment.report.reason + deployment.log
    assert "examples only" in deployment.log


def test_a_file_that_cannot_be_read_is_not_the_model_s_fault(world: World) -> None:
    digits = trained()
    name, data = digits.saved_as("TorchScript")
    spec = no_code(world, "TorchScript", name, data, {"type": "classification"})
    samples = jpegs(world, [b"no image", *digits.images[:2]])
    deployment = world.ledger.deploy(spec, samples=samples)
    with world.executor():
        until(lambda: deployment.report is not None)
    assert deployment.state is DeploymentState.READY
    assert "plan" not in measured(deployment)


def test_a_tuning_that_is_stopped_ends_and_leaves_no_replica(world: World) -> None:
    digits = trained()
    name, data = digits.saved_as("TorchScript")
    spec = no_code(world, "TorchScript", name, data, {"type": "classification"})
    samples = jpegs(world, digits.images)
    sizes = {sample.id: (48, 40) for sample in samples}
    deployment = world.ledger.deploy(spec, samples=samples, sizes=sizes, tunes=True)
    with world.executor(tune_seconds=600) as executor:
        until(lambda: "the plain network as entered" in deployment.log)  # shown while it goes on
        deployment.state = DeploymentState.STOPPED
        until(lambda: not any(check.is_running for check in executor._checks))
        assert not executor._engine._replicas - {idle.replica for idle in executor._pool._idle}  # type: ignore[attr-defined]
    assert deployment.report is None


def test_a_check_that_takes_long_keeps_no_other_waiting(world: World, tmp_path: Path) -> None:
    slow = world.spec(
        "import time\nclass Model:\n    def setup(self, device):\n        time.sleep(600)\n"
        "    def predict(self, image_paths):\n        return {}\n",
        inputs=PATHS,
        deployment=1,
    )
    quick = world.spec(
        "class Model:\n    def predict(self, image_paths):\n"
        "        return {'predictions': ['a'] * len(image_paths)}\n",
        inputs=PATHS,
        deployment=2,
    )
    first, second = world.ledger.deploy(slow), world.ledger.deploy(quick)
    with world.executor(max_replicas_per_owner=1):
        until(lambda: second.report is not None)
        assert second.state is DeploymentState.READY
        assert first.state is DeploymentState.BUILDING


def test_a_mini_batch_that_does_not_fit_in_memory_is_halved_until_it_does(world: World) -> None:
    code = (
        "class Model:\n    def predict(self, image_paths):\n"
        "        if len(image_paths) > 5:\n            raise MemoryError('no room')\n"
        "        return {'predictions': ['a'] * len(image_paths)}\n"
    )
    for entered, sizes in ((24, [1, 4]), (5, [1, 4, 5])):
        deployment = world.ledger.deploy(world.spec(code, inputs=PATHS, mini_batch=entered))
        with world.executor():
            until(lambda: deployment.report is not None)  # noqa: B023 - called before the next one
        assert deployment.state is DeploymentState.READY, deployment.report
        assert [each["size"] for each in measured(deployment)["mini_batches"]] == sizes
        assert measured(deployment)["proposed"]["mini_batch"] <= 5


def test_photos_are_jpegs() -> None:
    assert photo(torch.zeros(8, 8).numpy())[:2] == b"\xff\xd8"
