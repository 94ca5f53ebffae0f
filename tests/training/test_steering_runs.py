"""Runs that are paused, cancelled, continued under other settings, shared by two processes, or that fail."""

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

from samplecase.contracts.errors import Conflict
from samplecase.contracts.states import JobState
from samplecase.training.engine import loop
from samplecase.training.engine.checkpoint import SLOTS, load
from samplecase.training.engine.starting import train_run
from samplecase.training.runs.files import write_json
from samplecase.training.runs.folder import RunFolder
from samplecase.training.runs.steering import Order, alone, give_order, read_events, status
from tests.training.running import Trap, made, outcome, small, trained, trained_by
from tests.training.worlds import image_folder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image_folder(tmp_path_factory.mktemp("images"), 10)


@pytest.fixture
def at_step(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], object]], None]:
    """`at_step(5, does)`: something happens within the 5th step of the run."""

    def lay(number: int, does: Callable[[], object]) -> None:
        original = loop.Trainer._step

        def step(trainer: Any, batch: Any) -> None:
            if trainer.at.step + 1 == number:
                does()
            original(trainer, batch)

        monkeypatch.setattr(loop.Trainer, "_step", step)

    return lay


@pytest.fixture(autouse=True)
def same_signals() -> Any:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_paused_by_the_control_file_it_goes_on_exactly(
    tmp_path: Path, images: Path, at_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small("checkpoint_seconds=1000")
    whole = made(tmp_path, images, config)
    assert trained(whole) == 0
    run = made(tmp_path, images, config)
    at_step(5, lambda: give_order(run, Order.PAUSE))
    assert train_run(run) is JobState.PAUSED
    assert status(run).state is JobState.PAUSED
    assert not run.control.exists()
    assert load(run.checkpoints / SLOTS[0])["at"]["step"] in (4, 5)
    monkeypatch.undo()
    assert trained(run) == 0
    assert outcome(run) == outcome(whole)
    events, _ = read_events(run)
    assert [each["exact"] for each in events if each["event"] == "started"][-1] is True


def test_a_run_is_led_by_one_process(tmp_path: Path, images: Path) -> None:
    run = made(tmp_path, images, small("epochs=1"))
    codes: list[int] = []
    with alone(run):
        codes.append(trained(run))
    codes.append(trained(run))
    assert codes == [1, 0]


def test_sigterm_is_a_pause(tmp_path: Path, images: Path, at_step: Any) -> None:
    run = made(tmp_path, images, small())
    at_step(3, lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert train_run(run) is JobState.PAUSED


def test_a_pause_within_validation_needs_no_epoch_again(
    tmp_path: Path, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(tmp_path, images, small("checkpoint_seconds=1000"))
    original = loop.evaluate_split

    def asked(*arguments: Any, **named: Any) -> Any:
        give_order(run, Order.PAUSE)
        return original(*arguments, **named)

    monkeypatch.setattr(loop, "evaluate_split", asked)
    assert train_run(run) is JobState.PAUSED
    found = load(run.checkpoints / SLOTS[0])
    assert (found["at"]["epoch"], found["at"]["batch"]) == (0, found["at"]["step"])


def test_cancelled_is_not_paused(tmp_path: Path, images: Path, at_step: Any) -> None:
    run = made(tmp_path, images, small())
    at_step(2, lambda: give_order(run, Order.CANCEL))
    assert train_run(run) is JobState.CANCELLED
    assert status(run).state is JobState.CANCELLED


def test_other_settings_are_no_exact_resume_and_are_recorded(tmp_path: Path, images: Path) -> None:
    run = made(tmp_path, images, small("epochs=1"))
    assert train_run(run) is JobState.FINISHED
    write_json(run.config_file, small("epochs=2", "optimizer.weight_decay=0.5").plain())
    with pytest.raises(Conflict, match="epochs: 1 before, 2 now"):
        train_run(run)
    assert train_run(run, accept_differences=True) is JobState.FINISHED
    kept = json.loads(run.identity_file.read_text())
    assert "optimizer.weight_decay: 0.01 before, 0.5 now" in kept["continued"][0]["differences"]
    assert load(run.last)["optimizer"]["param_groups"][0]["weight_decay"] == 0.5
    events, _ = read_events(run)
    assert [each["exact"] for each in events if each["event"] == "started"] == [True, False]
    assert run.training_log.read_text().count("\n") == 3


def test_what_makes_only_the_pace_is_an_exact_resume(tmp_path: Path, images: Path) -> None:
    run = made(tmp_path, images, small("epochs=1"))
    assert train_run(run) is JobState.FINISHED
    write_json(run.config_file, small("epochs=1", "workers=1", "keep=best_k").plain())
    assert train_run(run) is JobState.FINISHED


def test_a_checkpoint_that_is_not_whole_is_passed_over(
    tmp_path: Path, images: Path, at_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(tmp_path, images, small())
    whole = made(tmp_path, images, small())
    assert trained(whole) == 0
    at_step(6, lambda: give_order(run, Order.PAUSE))
    assert train_run(run) is JobState.PAUSED
    monkeypatch.undo()
    beside = [run.checkpoints / slot for slot in SLOTS]
    newest = max(beside, key=lambda path: json.loads(path.with_suffix(".json").read_text())["step"])
    newest.write_bytes(newest.read_bytes()[:-100])
    assert trained(run) == 0
    assert outcome(run) == outcome(whole)


def test_a_loss_that_is_no_number_fails_the_run_and_says_where(tmp_path: Path, images: Path) -> None:
    run = made(tmp_path, images, small("optimizer=sgd", "optimizer.lr=1e30"))
    with pytest.raises(loop.TrainingFailed, match="epoch 1, step"):
        train_run(run)
    found = status(run)
    assert (found.state, "learning rate" in found.message) == (JobState.FAILED, True)


def test_early_stopping_ends_a_run_that_gets_no_better(tmp_path: Path, images: Path) -> None:
    run = made(tmp_path, images, small("optimizer.lr=1e-9", "epochs=30", "early_stopping.patience=2"))
    assert train_run(run) is JobState.FINISHED
    assert 3 <= len(run.training_log.read_text().splitlines()) - 1 < 10


SHARED = ("processes=2", "epochs=2", "freeze=staged", "ema.decay=0.9", "batch_size=4")


def test_two_processes_share_the_steps_and_resume_exactly(tmp_path: Path, images: Path) -> None:
    """With gloo; the second one dies within a step. How they were started makes no difference: torchrun, or a fork."""
    straight, killed = (made(tmp_path, images, small(*SHARED)) for _ in range(2))
    assert torchrun(straight) == 0
    trap = Trap("samplecase.training.engine.stepping:Stepper._descend", 7, "after")
    assert trained_by(2, killed, trap) == [1, -signal.SIGKILL]
    assert status(killed).state is JobState.INTERRUPTED
    assert trained_by(2, killed) == [0, 0]
    assert outcome(killed) == outcome(straight)


@pytest.mark.long  # 30 s: three processes load torch three times
def test_three_processes_add_in_one_order(tmp_path: Path, images: Path) -> None:
    settings = ("processes=3", "epochs=2", "batch_size=3", "optimizer=sgd", "ema.decay=0.9")
    straight, killed = (made(tmp_path, images, small(*settings)) for _ in range(2))
    assert trained_by(3, straight) == [0, 0, 0]
    trap = Trap("samplecase.training.engine.stepping:Stepper._descend", 4, "after")
    assert trained_by(3, killed, trap) == [1, -signal.SIGKILL, 1]
    assert trained_by(3, killed) == [0, 0, 0]
    assert outcome(killed) == outcome(straight)


def torchrun(run: RunFolder) -> int:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    program = ["-m", "samplecase.training", "train", str(run.path)]
    path = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, *program], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        print(done.stdout, done.stderr)
    return done.returncode
