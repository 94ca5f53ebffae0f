"""A run that is refused or fails says so, however early, in whichever process, and whatever it was before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer

from samplecase.cli.training import resume
from samplecase.cli.training_view import follow
from samplecase.contracts.errors import Conflict, InvalidInput
from samplecase.contracts.states import JobState
from samplecase.training.engine import loop
from samplecase.training.engine.starting import train_run
from samplecase.training.runs.files import write_json
from samplecase.training.runs.folder import RunFolder
from samplecase.training.runs.launching import refusal
from samplecase.training.runs.steering import note_failure, status
from tests.training.running import NETWORKS, made, small, trained, trained_by
from tests.training.worlds import image_folder


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image_folder(tmp_path_factory.mktemp("images"), 10)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return Path(shutil.copy(NETWORKS, tmp_path / "mine.py"))


@pytest.fixture
def paused(tmp_path: Path, images: Path, own: Path) -> RunFolder:
    run = made(tmp_path, images, small(f"architecture.name={own}:Tiny", "epochs=1"))
    assert trained(run) == 0
    with run.events.open("a") as events:
        events.write(json.dumps({"event": "paused"}) + "\n")
    assert status(run).state is JobState.PAUSED
    return run


def test_a_crash_before_the_start_is_never_told_as_the_pause_before_it(paused: RunFolder, own: Path) -> None:
    own.write_text("import os\nos._exit(3)\n")
    with pytest.raises(typer.Exit):
        follow(paused, as_json=True)
    assert status(paused, attempt="another").state is JobState.FAILED


def test_a_network_that_cannot_be_made_again_fails_the_run(paused: RunFolder, own: Path) -> None:
    own.write_text("nothing here\n")
    with pytest.raises(InvalidInput, match="cannot be loaded"):
        train_run(paused)
    found = status(paused)
    assert (found.state, "cannot be loaded" in found.message) == (JobState.FAILED, True)


def test_a_refusal_is_found_wherever_it_stands_in_the_output(paused: RunFolder) -> None:
    error = {"code": "not_exact", "message": "No.", "details": [{"pointer": "/a", "message": "b"}]}
    paused.output.write_text(f"torch: note\n{json.dumps({'error': error})}\nE1127 ChildFailedError:\n====\n")
    found = refusal(paused)
    assert found is not None
    assert (found.code, found.message) == ("not_exact", "No.")


def test_the_failure_of_another_process_is_the_run_s(paused: RunFolder) -> None:
    with paused.events.open("a") as events:
        events.write(json.dumps({"event": "started", "attempt": ""}) + "\n")
    assert status(paused).state is JobState.INTERRUPTED
    note_failure(paused, ValueError("no room"))
    found = status(paused)
    assert (found.state, found.message) == (JobState.FAILED, "ValueError: no room")


class Broken:
    """A step raises."""

    def lay(self) -> None:
        def broken(trainer: object, batch: object) -> None:
            raise ValueError("a broken step")

        loop.Trainer._step = broken  # type: ignore[method-assign, assignment]


def test_an_error_in_another_process_than_the_first_fails_the_run(tmp_path: Path, images: Path) -> None:
    run = made(tmp_path, images, small("processes=2", "epochs=1", "batch_size=4"))
    assert trained_by(2, run, Broken()) == [1, 1]
    found = status(run)
    assert (found.state, found.message) == (JobState.FAILED, "ValueError: a broken step")


def test_settings_that_are_refused_are_not_written(paused: RunFolder) -> None:
    before = paused.config_file.read_bytes()
    with pytest.raises(Conflict, match="epochs: 1 before, 2 now"):
        resume(paused.path, ["epochs=2"])
    assert paused.config_file.read_bytes() == before
    with pytest.raises(InvalidInput, match="name"):
        resume(paused.path, ["name=other"], continue_=True)
    write_json(paused.config_file, {**json.loads(before), "name": "other"})
    with pytest.raises(InvalidInput, match="name"):
        train_run(paused, accept_differences=True)
