"""The command line: instant help, sentences instead of tracebacks, and credentials kept for their owner only."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from samplecase.cli import credentials
from samplecase.cli.jobs import read_filter, read_on_existing, read_outputs, verdict
from samplecase.cli.main import app
from samplecase.cli.output import Exit, complain
from samplecase.client import ApiError, Client
from samplecase.contracts.errors import InvalidInput
from tests.ports import free_port

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
        "train",
        "demo",
    ):
        assert command in shown


@pytest.mark.parametrize("command", ["experiments", "export", "undo"])
def test_what_does_not_exist_yet_is_absent(command: str) -> None:
    assert CliRunner().invoke(app, [command]).exit_code == Exit.USAGE


def test_every_command_that_answers_can_answer_in_json() -> None:
    silent = {"up", "web", "worker", "executor", "migrate", "demo"}
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


def samplecase(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {
        "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
        "HOME": "/nonexistent",
        "PATH": "/usr/bin:/bin",
    }
    command = [sys.executable, "-m", "samplecase.cli", *arguments]
    return subprocess.run(
        command, env=surroundings | environment, capture_output=True, text=True, check=False
    )


def test_a_server_that_does_not_answer_is_named_with_what_to_look_at() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = samplecase("login", url, "--token", "x")
    assert done.returncode == Exit.REFUSED
    first, second = done.stderr.splitlines()
    assert first.startswith(f"samplecase: {url} does not answer")
    assert "samplecase up" in second


def test_a_token_that_is_over_is_told_from_a_wrong_password(capsys: pytest.CaptureFixture[str]) -> None:
    refusal = {"error": {"code": "authentication_failed", "message": "Invalid token.", "details": []}}
    answer = httpx.MockTransport(lambda request: httpx.Response(401, json=refusal))
    for token, hints in (("x", 1), (None, 0)):
        with pytest.raises(ApiError) as caught:
            Client("http://server.test", token=token, http=answer).me()
        complain(caught.value)
        assert capsys.readouterr().err.count("samplecase login URL") == hints


def test_exit_codes_are_those_of_the_help_and_of_the_guide() -> None:
    shown = " ".join(CliRunner().invoke(app, ["--help"], env={"COLUMNS": "300"}).stdout.split())
    guide = (ROOT / "docs" / "guides" / "command-line.md").read_text()
    for code in Exit:
        assert f"{code.value} {code.meaning}" in shown
        assert f"| {code.value} | {code.meaning} |" in guide


BASH = """
eval "$({runner} --show-completion bash)"
complete -p samplecase
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_samplecase_completion {runner}
echo "${{COMPREPLY[@]}}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("samplecase da", "datasets"),
        ("samplecase jobs re", "resume retry"),
        ("samplecase datasets add --j", "--json"),
        ("samplecase nothing-of-the-kind", ""),
    ],
)
def test_bash_completes_commands_and_options(words: str, completed: str, tmp_path: Path) -> None:
    runner = tmp_path / "samplecase"
    runner.write_text(f'#!/bin/sh\nexec {sys.executable} -m samplecase.cli "$@"\n')
    runner.chmod(0o755)
    script = BASH.format(words=words, runner=runner)
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    registered, found = done.stdout.splitlines()
    assert registered.endswith("-F _samplecase_completion samplecase")
    assert found.split() == completed.split()


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
