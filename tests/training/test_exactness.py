"""What an exact resume rests upon: own state in checkpoints, the run's identity, and a promise only where it holds."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from samplecase.training.engine import starting
from samplecase.training.engine.processes import Processes
from samplecase.training.engine.smoke import smoke_test
from samplecase.training.engine.starting import device_name, held, train_run
from samplecase.training.networks.own import load_own, own_sources
from samplecase.training.runs.files import write_json
from samplecase.training.runs.folder import RunFolder
from samplecase.training.runs.identity import code_hash, libraries
from samplecase.training.runs.steering import read_events
from tests.training.running import NETWORKS, Trap, made, outcome, small, trained
from tests.training.worlds import image_folder

TRAP = Trap("samplecase.training.engine.loop:Trainer._step", 4)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image_folder(tmp_path_factory.mktemp("images"), 10)


def own(name: str) -> str:
    return f"architecture.name={NETWORKS}:{name}"


def starts(run: RunFolder) -> list[dict[str, Any]]:
    return [each for each in read_events(run)[0] if each["event"] == "started"]


def test_a_wrapper_s_own_state_is_in_the_checkpoint(tmp_path: Path, images: Path) -> None:
    straight, killed = (made(tmp_path, images, small(own("Driving"), "epochs=2")) for _ in range(2))
    assert trained(straight) == 0
    assert trained(killed, TRAP) == -signal.SIGKILL
    assert trained(killed) == 0
    assert outcome(killed) == outcome(straight)
    assert starts(killed)[-1]["exact"]


def test_where_steps_do_not_repeat_nothing_exact_is_promised(tmp_path: Path, images: Path) -> None:
    run = made(tmp_path, images, small(own("Forgetting"), "epochs=1"))
    assert "gave other weights the second time" in smoke_test(run)["warnings"][0]
    train_run(run)
    assert not starts(run)[-1]["exact"]
    assert "gave other weights the second time" in starts(run)[-1]["reason"]


def test_without_determinism_nothing_exact_is_promised(tmp_path: Path, images: Path) -> None:
    run = made(tmp_path, images, small("epochs=1", "deterministic=false"))
    train_run(run)
    assert (starts(run)[-1]["exact"], starts(run)[-1]["reason"]) == (False, "deterministic is off")


def test_a_gpu_is_not_promised_what_only_cpus_have_shown() -> None:
    reason = starting._inexact(small(), Processes.alone(torch.device("cuda", 0)), {"continued": []})
    assert "on cuda it was never verified" in reason


def test_the_identity_has_libraries_processor_metrics_and_what_an_own_network_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {each.partition(" ")[0] for each in libraries().split(", ")} == {
        "numpy", "pillow", "timm", "torchvision",
    }  # fmt: skip
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    assert all(line.partition(":")[2].strip() in device_name(torch.device("cpu")) for line in model)
    (tmp_path / "author_blocks.py").write_text("WIDTH = 8\n")
    mine = Path(shutil.copy(NETWORKS, tmp_path / "mine.py"))
    mine.write_text(mine.read_text() + "\nimport author_blocks\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    load_own(f"{mine}:Tiny")
    files = own_sources(f"{mine}:Tiny")
    assert [each.name for each in files] == ["mine.py", "author_blocks.py"]
    before = code_hash(files)
    (tmp_path / "author_blocks.py").write_text("WIDTH = 9\n")
    assert code_hash(files) != before
    assert own_sources("resnet18") == []


def test_another_batch_size_or_measure_goes_on_from_where_the_epochs_are(
    tmp_path: Path, images: Path
) -> None:
    run = made(tmp_path, images, small("epochs=2", "batch_size=4", "scheduler=step", "scheduler.step_size=2"))
    train_run(run)
    changed = small(
        "epochs=4", "batch_size=8", "scheduler=step", "scheduler.step_size=2", "best_metric=loss"
    )  # fmt: skip
    write_json(run.config_file, changed.plain())
    train_run(run, accept_differences=True)
    epochs = [line.split(",") for line in run.training_log.read_text().splitlines()[1:]]
    assert [float(line[-1]) for line in epochs] == pytest.approx([0.01, 0.01, 0.001, 0.001])
    events = [each for each in read_events(run)[0] if each["event"] == "epoch"]
    assert [each["best"] for each in events][2]
    assert all(each["judged"] < 0 for each in events[2:])


def test_room_is_asked_for_what_is_still_to_be_written(
    tmp_path: Path, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(tmp_path, images, small("epochs=1", "ema.decay=0.9"))
    train_run(run)
    names = [path.stat().st_size for path in run.path.rglob("*.pt")]
    assert 0 < held(run.path) < sum(names)  # best and last are one file
    free = shutil.disk_usage(run.path)._replace(free=20_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: free)
    train_run(run)


def test_checksums_are_of_what_the_engine_wrote(tmp_path: Path, images: Path) -> None:
    run = made(tmp_path, images, small("epochs=1"))
    (run.path / "notes.md").write_text("mine")
    train_run(run)
    names = [line.split("  ")[1] for line in (run.path / "CHECKSUMS").read_text().splitlines()]
    assert "notes.md" not in names
    assert {"config.json", "Tiny_best.pt", "evaluation_results/predictions.csv", "README.md"} <= {*names}
    assert not {"media.json", "events.jsonl", "checkpoints/resume_0.pt"} & {*names}
    kept = json.loads(run.identity_file.read_text())
    assert kept["unrepeated"] == ""
