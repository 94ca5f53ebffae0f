"""The commands on an image folder, without a server, each in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures_server import wait_for
from tests.training.running import NETWORKS
from tests.training.worlds import image_folder

ROOT = Path(__file__).resolve().parents[2]
TINY = [
    "--arch",
    f"{NETWORKS}:Tiny",
    "--weights",
    "none",
    "--workers",
    "0",
    "--device",
    "cpu",
    "--set",
    "threads=1",
]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image_folder(tmp_path_factory.mktemp("images") / "squares", 10)


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    path = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "SAMPLECASE_WEIGHTS_DIR": str(tmp_path / "shelf")}

    def start(*words: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "samplecase.cli", *map(str, words)], cwd=tmp_path, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    return start


def answered(process: subprocess.Popen[str], *, code: int = 0) -> Any:
    out, errors = process.communicate(timeout=280)
    assert process.returncode == code, out + errors
    return json.loads(out) if code in (0, 3) else errors


def test_train_interrupt_resume_pause_evaluate_predict_and_curves(
    command: Any, images: Path, tmp_path: Path
) -> None:
    """One story, for each process has to load torch."""
    words = [
        "train",
        "--data",
        images,
        *TINY,
        "--epochs",
        "2000",
        "--batch-size",
        "8",
        "--lr",
        "0.01",
        "--json",
    ]
    words += [
        "--optimizer",
        "sgd",
        "--momentum",
        "0.9",
        "--scheduler",
        "step",
        "--step-size",
        "7",
        "--keep",
        "best_k",
    ]
    process = command(*words)
    runs = tmp_path / "trained_models" / "Tiny"
    wait_for(lambda: [*runs.glob("*/*_last.pt")], seconds=240, what="an epoch")
    process.send_signal(signal.SIGINT)
    assert answered(process)["state"] == "paused"
    run = next(runs.iterdir())
    assert run.name.startswith("Tiny_squares_")
    config = json.loads((run / "config.json").read_text())
    assert config["optimizer"] | {"kind": "sgd", "lr": 0.01, "momentum": 0.9} == config["optimizer"]
    assert "nothing runs that could be paused" in answered(command("pause", run), code=1)
    length = (run / "training_log.txt").stat().st_size
    process = command("resume", run, "--json")
    wait_for(lambda: (run / "training_log.txt").stat().st_size > length, seconds=240, what="another epoch")
    assert answered(command("pause", run, "--json"))["state"] == "paused"
    assert answered(process)["state"] == "paused"
    found = answered(command("evaluate", run, "--epoch", "last", "--json"))
    assert found["epochs"]["last"].keys() >= {"loss", "label_acc"}
    rows = answered(command("predict", "--checkpoint", run / "Tiny_best.pt", images / "red", "--json"))
    assert len(rows) == 10
    drawn = answered(command("curves", run, "--json"))
    assert Path(drawn["file"]).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--arch", "resnet18"], "Bring resnet18_a1_0-d63eafa0.pth"),
        (["--arch", "resnet-18"], "near it: resnet18"),
        ([*TINY, "--set", "optimizer.lrr=1"], "did you mean 'lr'"),
        ([*TINY, "--freeze", "some"], "--freeze is one of"),
        (["--arch", f"{NETWORKS}:Tiny"], "An own network has no pretrained weights"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_there_is_a_run(
    command: Any, images: Path, tmp_path: Path, words: list[str], says: str
) -> None:
    assert says in answered(command("train", "--data", images, *words), code=1)
    assert not (tmp_path / "trained_models").exists()


def test_the_smoke_test_leaves_nothing(command: Any, images: Path, tmp_path: Path) -> None:
    found = answered(command("train", "--data", images, *TINY, "--smoke", "--json"))
    assert found["shapes"]["images"] == [30, 3, 32, 32] or found["shapes"]["samples"] <= 32
    assert not [*(tmp_path / "trained_models").glob("*/*")]


def test_a_search_finds_its_best_and_goes_on(command: Any, images: Path, tmp_path: Path) -> None:
    words = [
        "tune", "--data", images, *TINY[:4], "--epochs", "2", "--set", "workers=0", "--set", "device=cpu",
        "--search", "optimizer.lr=log:1e-4:0.1", "--pruning", "median", "--parallel", "2", "--json",
    ]  # fmt: skip
    first = answered(command(*words, "--trials", "1"))
    found = answered(command(*words, "--trials", "2"))
    assert [row["settings"] for row in found["trials"][:1]] == [row["settings"] for row in first["trials"]]
    assert [row["state"] for row in found["trials"]] == ["finished", "finished"]
    assert found["best"] is not None
