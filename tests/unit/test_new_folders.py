"""Folders written from templates, what is asked for them, and what is said of a folder that cannot work."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from samplecase.cli.main import app
from samplecase.cli.packing import checked
from samplecase.contracts.errors import InvalidInput
from samplecase.packages import Choice, find_template, pack_folder, templates, write_folder

ROOT = Path(__file__).resolve().parents[2]
WITH_WEIGHTS = ["onnx", "scikit-learn", "timm", "torchvision-classifier", "torchvision-detector"]
SCHEMA = {
    "inputs": {"type": "object", "properties": {"images": {"type": "image"}}},
    "outputs": {"type": "object", "properties": {"predictions": {"type": "classification"}}},
}


def faults_of(folder: Path) -> dict[str, str]:
    """What is wrong with a folder, by its place."""
    packed = pack_folder(folder, folder.parent / "package.zip")
    with pytest.raises(InvalidInput) as refused:
        checked(packed)
    return {fault.pointer: fault.message for fault in refused.value.details}


def in_terminal(*command: str, answers: Sequence[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command with a terminal to read from, in which this is typed."""
    keyboard, terminal = pty.openpty()
    try:
        os.write(keyboard, "".join(f"{answer}\n" for answer in answers).encode())
        return subprocess.run(
            [sys.executable, "-m", "samplecase.cli", *command],
            stdin=terminal,
            capture_output=True,
            text=True,
            cwd=cwd,
            env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "PATH": "/usr/bin:/bin", "HOME": str(cwd)},
            timeout=60,
            check=False,
        )
    finally:
        os.close(keyboard)
        os.close(terminal)


def test_there_is_a_template_for_each_kind_of_model_and_each_says_what_it_is() -> None:
    assert [each.name for each in templates()] == sorted([*WITH_WEIGHTS, "plain-python"])
    assert all(each.description.endswith(".") and each.classes for each in templates())
    assert [each.name for each in templates() if each.weights] == WITH_WEIGHTS


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_a_template_lacks_nothing_but_its_weights(name: str, tmp_path: Path) -> None:
    template = find_template(name)
    files = write_folder(template, tmp_path / "x", Choice("x", ["a", "b"]))
    assert {"README.md", "CHANGELOG.md", "weights/README.md", "examples/landscape.png"} < set(files)
    (message,) = faults_of(tmp_path / "x").values()
    assert "weight" in message


def test_what_is_chosen_stands_in_the_files(tmp_path: Path) -> None:
    choice = Choice('a "good" one', ["ä", 'b"'], size=32, architecture="resnet34")
    write_folder(find_template("torchvision-classifier"), tmp_path / "x", choice)
    manifest = json.loads((tmp_path / "x" / "model.json").read_text("utf-8"))
    assert (manifest["name"], manifest["classes"]) == ('a "good" one', ["ä", 'b"'])
    code = (tmp_path / "x" / "model.py").read_text("utf-8")
    assert '\nARCHITECTURE = "resnet34"  #' in code
    assert "\nSIZE = 32  #" in code
    assert (tmp_path / "x" / "README.md").read_text("utf-8").startswith('# a "good" one\n')


def test_the_size_of_a_package_without_code_stands_in_its_manifest(tmp_path: Path) -> None:
    write_folder(find_template("onnx"), tmp_path, Choice("x", size=64))
    assert json.loads((tmp_path / "model.json").read_text("utf-8"))["preprocess"]["resize"] == [64, 64]


@pytest.mark.parametrize(
    ("template", "choice", "where"),
    [
        ("plain-python", Choice("x", size=8), "--size"),
        ("torchvision-detector", Choice("x", size=8), "--size"),
        ("timm", Choice("x", size=0), "--size"),
        ("scikit-learn", Choice("x", architecture="resnet18"), "--architecture"),
        ("timm", Choice("x", architecture='"; import os'), "--architecture"),
        ("timm", Choice("x", []), "--classes"),
        ("timm", Choice("x", ["a", "a"]), "/classes/1"),
        ("timm", Choice(" "), "/name"),
    ],
)
def test_what_cannot_be_chosen_is_named_and_nothing_is_written(
    template: str, choice: Choice, where: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput) as refused:
        write_folder(find_template(template), tmp_path / "x", choice)
    assert [fault.pointer for fault in refused.value.details] == [where]
    assert not (tmp_path / "x").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="is not empty"):
        write_folder(find_template("plain-python"), tmp_path, Choice("x"))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_terminal_is_asked_for_what_was_not_given_until_it_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("fox\n\nowl\n")
    answers = ["torch", "torchvision-classifier", "", "names.txt", "", "many", "96"]
    done = in_terminal("models", "new", "birds", answers=answers, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "There is no template “torch”" in done.stderr
    assert "'many' is no whole number" in done.stderr
    manifest = json.loads((tmp_path / "birds" / "model.json").read_text())
    assert (manifest["name"], manifest["classes"]) == ("birds", ["fox", "owl"])
    code = (tmp_path / "birds" / "model.py").read_text()
    assert '\nARCHITECTURE = "resnet18"  #' in code
    assert "\nSIZE = 96  #" in code
    assert "samplecase models pack birds" in done.stdout


def test_a_terminal_is_asked_nothing_when_all_is_given(tmp_path: Path) -> None:
    done = in_terminal(
        "models", "new", "x", "--template", "timm", "--classes", "a,b", "--json", answers=[], cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["template"] == "timm"


@pytest.mark.parametrize(
    ("options", "missing"),
    [([], ["--template", "--classes"]), (["--template", "timm"], ["--classes"])],
)
def test_where_nobody_can_be_asked_the_missing_options_are_named(
    options: list[str], missing: list[str], tmp_path: Path
) -> None:
    done = CliRunner().invoke(app, ["models", "new", str(tmp_path / "x"), *options])
    assert isinstance(done.exception, InvalidInput)
    assert [fault.pointer for fault in done.exception.details] == missing
    assert not (tmp_path / "x").exists()


def write(folder: Path, code: str, schema: dict[str, Any] = SCHEMA, **files: str) -> Path:
    manifest = {"format": 1, "name": "x", "version": "1.0.0", "entrypoint": "model:Model", "schema": schema}
    named = {name.replace("_", "."): text for name, text in files.items()}
    for name, text in {"model.json": json.dumps(manifest), "model.py": code, **named}.items():
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("code", "place", "words"),
    [
        ("class Model:\n    def predict(self, images)\n", "model.py:2", "not Python"),
        ("class Modell: ...\n", "model.py", "no class Model"),
        ("class Model:\n    def run(self): ...\n", "model.py:1", "no method predict"),
        ("class Model:\n    def predict(self, paths): ...\n", "model.py:2", "predict needs paths"),
        ("class Model:\n    def predict(self): ...\n", "model.py:2", "takes no images"),
        (
            "W = 'weights/a.pt'\nclass Model:\n    def predict(self, images): ...\n",
            "model.py:1",
            "no file weights/a",
        ),
    ],
)
def test_code_that_cannot_work_is_told_by_its_line(code: str, place: str, words: str, tmp_path: Path) -> None:
    assert words in faults_of(write(tmp_path / "x", code))[place]


@pytest.mark.parametrize(
    "code",
    [
        "from other import *\n",
        "from other import Base as Model\n",
        "class Model(dict): ...\n",
        "class Model:\n    def predict(self, **inputs): ...\n",
        "class Model:\n    def predict(self, images, threshold=0.5): ...\n",
        "class Model:\n    def go(self, images): ...\n    predict = go\n",
        "class Model:\n    @staticmethod\n    def predict(images): ...\n",
    ],
)
def test_code_that_may_well_work_is_let_through(code: str, tmp_path: Path) -> None:
    packed = pack_folder(write(tmp_path / "x", code), tmp_path / "x.zip")
    assert checked(packed).manifest["name"] == "x"


def test_lists_of_packages_are_read_before_the_upload(tmp_path: Path) -> None:
    code = "class Model:\n    def predict(self, images): ...\n"
    folder = write(tmp_path / "x", code, requirements_txt="numpy\n-r more.txt\n")
    assert "another file" in faults_of(folder)["requirements.txt:2"]


def test_a_faulty_folder_is_not_packed_and_the_last_good_package_stays(tmp_path: Path) -> None:
    folder, target = (
        write(tmp_path / "x", "class Model:\n    def predict(self, images): ...\n"),
        tmp_path / "x.zip",
    )
    command = ["models", "pack", str(folder), "-o", str(target)]
    assert CliRunner().invoke(app, command).exit_code == 0
    good = target.read_bytes()
    (folder / "model.json").write_text('{"format": 1,\n "name" "x"}')
    done = CliRunner().invoke(app, command)
    assert isinstance(done.exception, InvalidInput)
    assert "line 2, column 9" in done.exception.message
    assert target.read_bytes() == good
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x", "x.zip"]


def test_a_folder_packed_into_itself_does_not_hold_its_last_package(tmp_path: Path) -> None:
    folder = write(tmp_path / "x", "class Model:\n    def predict(self, images): ...\n")
    command = ["models", "pack", str(folder), "-o", str(folder / "x.zip"), "--json"]
    first, second = (json.loads(CliRunner().invoke(app, command).stdout) for _ in range(2))
    assert first["sha256"] == second["sha256"]


def test_a_folder_with_nothing_to_pack_is_told_how_to_begin(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "notes.txt").write_text("")
    assert "samplecase models new" in faults_of(tmp_path / "x")["model.json"]
