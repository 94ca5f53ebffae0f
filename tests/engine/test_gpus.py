"""A deployment with a GPU: which device the model is told, what its box has, and what is said where there is none."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from samplecase.contracts.states import DeploymentState, Sandbox
from samplecase.runtime.engines import launch
from samplecase.runtime.engines.launch import Launch
from samplecase.runtime.engines.local import LocalEngine
from samplecase.runtime.engines.port import Batch, ReplicaSpec
from tests.engine.conftest import World, until

CARDS = [Path("/dev/nvidia-uvm"), Path("/dev/nvidia0"), Path("/dev/nvidia1"), Path("/dev/nvidiactl")]
MODEL = """
import os
class Model:
    def setup(self, device):
        self.device = device
    def predict(self, x):
        try:
            os.close(os.memfd_create("x"))
            memory_files = True
        except OSError:
            memory_files = False
        return {"out": [{"device": self.device, "cards": os.environ["CUDA_VISIBLE_DEVICES"],
                         "memory_files": memory_files} for _ in x]}
"""
PLAIN = (
    "class Model:\n    def predict(self, image_paths): return {'predictions': ['a' for _ in image_paths]}\n"
)


@pytest.fixture
def two_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their names; a box leaves out those that do not exist."""
    monkeypatch.setattr(launch, "gpu_devices", lambda: CARDS)


@pytest.fixture
def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "gpu_devices", list)


def answers(engine: LocalEngine, spec: ReplicaSpec, replicas: int) -> list[dict[str, object]]:
    started = [engine.start_replica(spec) for _ in range(replicas)]
    found = [replica.submit(Batch(1, {"x": [1]})).result(60)["out"][0] for replica in started]
    for replica in started:
        replica.close()
    return found


def test_replicas_with_a_gpu_take_the_cards_in_turn(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec], level: Sandbox, two_cards: None
) -> None:
    said = answers(engine, replica_spec(MODEL, level, num_gpus=1), 3)
    assert {each["device"] for each in said} == {"cuda:0"}  # of the one card that it sees
    assert [each["cards"] for each in said] == ["1", "0", "1"]
    assert all(each["memory_files"] for each in said)


def test_replicas_without_a_gpu_see_no_card(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec], level: Sandbox, two_cards: None
) -> None:
    spec = replica_spec(MODEL, level)
    (said,) = answers(engine, spec, 1)
    assert (said["device"], said["cards"]) == ("cpu", "")
    assert said["memory_files"] is (level is Sandbox.NONE)
    assert Launch(spec, Path("/nowhere"), 1).box().devices == []


def test_the_box_of_a_replica_with_a_gpu_has_the_driver_s_devices_and_no_others(
    replica_spec: Callable[..., ReplicaSpec], two_cards: None
) -> None:
    box = Launch(replica_spec(MODEL, Sandbox.BWRAP, num_gpus=1), Path("/nowhere"), 1).box()
    assert box.devices == CARDS
    assert not box.network


def test_a_deployment_that_asks_for_a_gpu_fails_with_the_reason_where_there_is_none(
    world: World, level: Sandbox, no_card: None
) -> None:
    deployment = world.ledger.deploy(world.spec(PLAIN, num_gpus=1, sandbox=level.value))
    with world.executor():
        until(lambda: deployment.report is not None)
    assert deployment.state is DeploymentState.FAILED
    assert deployment.report is not None
    assert deployment.report.reason == "the deployment asks for a GPU, and this host has none"


def test_a_gpu_is_one_where_the_driver_has_a_numbered_device(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if platform.system() != "Linux":
        pytest.skip("device files are Linux's")
    real = Path.glob
    monkeypatch.setattr(Path, "glob", lambda self, pattern: real(tmp_path, pattern))
    (tmp_path / "nvidiactl").touch()
    assert launch.gpu_devices() == []
    (tmp_path / "nvidia0").touch()
    assert [each.name for each in launch.gpu_devices()] == ["nvidia0", "nvidiactl"]
