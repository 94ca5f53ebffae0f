"""Killed and resumed, a run ends with the weights and logs of one that was never disturbed, to the byte."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from samplecase.contracts.states import JobState
from samplecase.training.runs.files import write_json
from samplecase.training.runs.folder import RunFolder
from samplecase.training.runs.steering import status
from tests.training.running import Outcome, Trap, made, outcome, small, trained
from tests.training.worlds import boxes_manifest, image_folder

KILLED = -signal.SIGKILL
ENGINE = "samplecase.training.engine"

CASES = {
    "plain": (),
    "workers": ("workers=2",),
    "averaged, clipped, in bfloat16": ("ema.decay=0.9", "clip_norm=0.5", "mixed_precision=bfloat16"),
    "staged": ("freeze=staged", "optimizer=sgd", "scheduler=step", "scheduler.step_size=1"),
    "fixed extractor": ("freeze=fixed_extractor", "optimizer=rmsprop", "scheduler=one_cycle"),
    "plateau and balance": ("data.balanced=true", "scheduler=plateau", "scheduler.patience=0", "keep=best_k"),
}  # fmt: skip
# Every stage of a run, cut in two: steps, validation, writing of checkpoints and of weights, the end.
PLACES = [
    Trap(f"{ENGINE}.loop:Trainer._step", 1),
    Trap(f"{ENGINE}.stepping:Stepper._descend", 2, "after"),
    Trap("samplecase.training.tasks.labels:LabelsTask.examine", 1),
    Trap("samplecase.training.tasks.labels:LabelsTask.evaluate", 1, "after"),
    Trap(f"{ENGINE}.checkpoint:Hashing.write", 3, "halfway"),
    Trap(f"{ENGINE}.checkpoint:save", 2, "after"),
    Trap(f"{ENGINE}.checkpoint:write_json", 2),
    Trap(f"{ENGINE}.keeping:_link", 1),
    Trap(f"{ENGINE}.logs:BatchLog.settle", 4, "after"),
    Trap(f"{ENGINE}.finishing:write_checksums", 1),
]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image_folder(tmp_path_factory.mktemp("images"), 10)


def killed_until_done(run: RunFolder, traps: list[Trap]) -> int:
    """How often it was killed; each trap is laid once."""
    kills = 0
    for trap in traps:
        code = trained(run, trap)
        assert code in (0, KILLED)
        if code == 0:
            break
        kills += 1
        assert status(run).state in (JobState.INTERRUPTED, JobState.QUEUED)
    assert trained(run) == 0
    assert status(run).state is JobState.FINISHED
    return kills


def straight(tmp_path: Path, source: Path, *settings: str, **values: object) -> Outcome:
    run = made(tmp_path / "straight", source, small(*settings, **values))
    assert trained(run) == 0
    return outcome(run)


LONG = ("fixed extractor", "plateau and balance")


@pytest.mark.parametrize(
    "case", [pytest.param(each, marks=[pytest.mark.long] * (each in LONG)) for each in CASES]
)
def test_killed_at_seeded_places_it_ends_the_same(tmp_path: Path, images: Path, case: str) -> None:
    wanted = straight(tmp_path, images, *CASES[case])
    choose = random.Random(case)
    traps = [
        Trap(place.where, choose.randint(1, 3 * place.nth), place.when) for place in choose.sample(PLACES, 4)
    ]
    run = made(tmp_path / "killed", images, small(*CASES[case]))
    assert killed_until_done(run, traps) >= 2
    assert outcome(run) == wanted


@pytest.mark.parametrize("trap", PLACES, ids=lambda trap: f"{trap.where.rpartition(':')[2]}-{trap.when}")
def test_killed_at_a_named_place_it_ends_the_same(
    tmp_path: Path, images: Path, wanted: Outcome, trap: Trap
) -> None:
    run = made(tmp_path, images, small())
    assert trained(run, trap) == KILLED
    assert trained(run) == 0
    assert outcome(run) == wanted


@pytest.fixture(scope="module")
def wanted(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return straight(tmp_path_factory.mktemp("wanted"), images)


@pytest.mark.parametrize(
    "settings", [("workers=2", "prefetch_factor=1"), ("checkpoint_seconds=1000",), ("keep=best_k",)]
)
def test_workers_and_checkpoints_change_nothing(
    tmp_path: Path, images: Path, wanted: Outcome, settings: tuple[str, ...]
) -> None:
    found = straight(tmp_path, images, *settings)
    assert (found.last, found.training_log, found.batch_log) == (
        wanted.last,
        wanted.training_log,
        wanted.batch_log,
    )


def test_another_number_of_workers_and_fewer_checkpoints_change_nothing_at_a_resume(
    tmp_path: Path, images: Path, wanted: Outcome
) -> None:
    run = made(tmp_path, images, small("workers=2", "checkpoint_seconds=1000"))
    assert trained(run, Trap(f"{ENGINE}.loop:Trainer._step", 6)) == KILLED
    write_json(run.config_file, small("workers=0", "checkpoint_seconds=1000").plain())
    assert trained(run) == 0
    assert outcome(run) == wanted


def test_killed_in_its_patience_it_stops_at_the_same_epoch(tmp_path: Path, images: Path) -> None:
    settings = ("optimizer.lr=1e-9", "epochs=9", "early_stopping.patience=3")
    wanted = straight(tmp_path, images, *settings)
    run = made(tmp_path / "killed", images, small(*settings))
    assert trained(run, Trap(f"{ENGINE}.keeping:Keeper.keep", 3)) == KILLED
    assert trained(run) == 0
    assert outcome(run) == wanted
    assert len(wanted.training_log.splitlines()) < 9


def test_a_detector_resumes_exactly(tmp_path: Path) -> None:
    source = boxes_manifest(tmp_path / "boxes", 6)
    settings = (
        "architecture.name=ssdlite320_mobilenet_v3_large", "data.fields.0.name=boxes", "data.fields.0.type=detections",
        "data.input_size=64", "epochs=1", "batch_size=2", "data.min_per_class=1",
    )  # fmt: skip
    wanted = straight(tmp_path, source, *settings)
    run = made(tmp_path / "killed", source, small(*settings))
    assert trained(run, Trap(f"{ENGINE}.loop:Trainer._step", 2)) == KILLED
    assert trained(run) == 0
    assert outcome(run) == wanted
