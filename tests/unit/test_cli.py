"""The command line: instant help, sentences instead of tracebacks, and credentials kept for their owner only."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from samplecase.cli import credentials
from samplecase.cli.jobs import read_filter, read_on_existing, read_outputs, verdict
from samplecase.cli.main import app
from samplecase.cli.output import Exit
from samplecase.contracts.errors import InvalidInput

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"django", "torch", "torchvision", "sklearn", "gunicorn", "numpy", "PIL"}


@pytest.fixture(autouse=True)
def nobody_is_signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("SAMPLECASE_URL", raising=False)
    monkeypatch.delenv("SAMPLECASE_TOKEN", raising=False)


def test_help_lists_the_commands_and_imports_nothing_heavy() -> None:
    told = "import sys; from samplecase.cli.main import app; print(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", told],
        env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert HEAVY & set(done.stdout.split()) == set()
    shown = CliRunner().invoke(app, ["--help"]).stdout
    for command in (
        "up",
        "web",
        "worker",
        "executor",
        "login",
        "datasets",
        "models",
        "deploy",
        "run",
        "jobs",
        "demo",
    ):
        assert command in shown


@pytest.mark.parametrize("command", ["train", "experiments", "export", "pause", "undo"])
def test_what_does_not_exist_yet_is_absent(command: str) -> None:
    assert CliRunner().invoke(app, [command]).exit_code == Exit.USAGE


def test_every_command_that_answers_can_answer_in_json() -> None:
    silent = {"up", "web", "worker", "executor", "migrate", "demo", "version"}
    for command in commands_of(typer.main.get_command(app)):
        if command.name not in silent:
            assert "--json" in [name for parameter in command.params for name in parameter.opts], command.name


def test_every_command_is_named_in_the_contracts() -> None:
    contracts = (ROOT / "docs" / "contracts.md").read_text()
    for command in commands_of(typer.main.get_command(app)):
        assert command.name in contracts, command.name


def commands_of(group: Any) -> Iterator[Any]:
    for command in group.commands.values():
        yield from commands_of(command) if hasattr(command, "commands") else [command]


def test_who_is_not_signed_in_is_told_how_to() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "samplecase.cli", "whoami"],
        env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "HOME": "/nonexistent", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == Exit.REFUSED
    assert done.stderr.strip() == (
        "samplecase: You are not signed in: samplecase login URL, or set SAMPLECASE_URL and SAMPLECASE_TOKEN."
    )


def test_credentials_are_kept_for_their_owner_only() -> None:
    path = credentials.keep(credentials.Credentials("http://server.test", "secret"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert credentials.load() == credentials.Credentials("http://server.test", "secret")


def test_the_environment_goes_before_what_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials.keep(credentials.Credentials("http://server.test", "secret"))
    monkeypatch.setenv("SAMPLECASE_TOKEN", "other")
    assert credentials.load() == credentials.Credentials("http://server.test", "other")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"url": 3}'])
def test_a_broken_credentials_file_is_as_good_as_none(content: str, tmp_path: Path) -> None:
    path = tmp_path / "samplecase" / "credentials.json"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(InvalidInput, match="not signed in"):
        credentials.load()


def test_outputs_are_pairs() -> None:
    assert read_outputs(["predictions=guess", "boxes=found"]) == {"predictions": "guess", "boxes": "found"}
    with pytest.raises(InvalidInput, match="is not OUTPUT=FIELD"):
        read_outputs(["predictions"])


@pytest.mark.parametrize("text", ["{", "[]", "3"])
def test_a_filter_that_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="--filter"):
        read_filter(text)
    assert read_filter(None) is None
    assert read_filter(json.dumps({"field": "name"})) == {"field": "name"}


def test_on_existing_is_one_of_three() -> None:
    assert read_on_existing("skip") == "skip"
    with pytest.raises(InvalidInput, match="fail, skip or replace, not overwrite"):
        read_on_existing("overwrite")


@pytest.mark.parametrize(
    ("state", "failed", "code"),
    [
        ("finished", 0, Exit.DONE),
        ("finished", 2, Exit.SAMPLES_FAILED),
        ("failed", 0, Exit.NOT_FINISHED),
        ("cancelled", 0, Exit.NOT_FINISHED),
        ("paused", 50, Exit.NOT_FINISHED),
    ],
)
def test_the_exit_code_of_a_followed_job_tells_how_it_ended(state: str, failed: int, code: Exit) -> None:
    assert verdict([{"state": state, "failed": failed}]) == code  # type: ignore[typeddict-item]
