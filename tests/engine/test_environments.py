"""A model gets the host's interpreter, or an environment of its own that was built for it once."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.states import DeploymentState, JobState, Sandbox
from samplecase.runtime import conda
from samplecase.runtime.environments import EnvironmentFailed, Environments
from samplecase.runtime.requirements import read_conda_environment, read_requirements
from tests.engine.conftest import World, until

MODEL = """
import tinylib
class Model:
    def predict(self, n): return {"predictions": [{"label": tinylib.WORD} for _ in n]}
"""


def wheel(name: str, version: str, code: str, more: Mapping[str, str] = {}) -> tuple[str, bytes]:
    """A whole wheel, by hand: its file name and its bytes (https://packaging.python.org/specifications/)."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **more,
    }
    record = ""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{path},sha256={digest},{len(text)}\n"
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return f"{name}-{version}-py3-none-any.whl", buffer.getvalue()


@pytest.fixture
def index(world: World) -> str:
    """A package index that is a folder (PEP 503), with one package in it."""
    folder = world.folder / "index"
    (folder / "tinylib").mkdir(parents=True)
    name, data = wheel("tinylib", "1.2", "WORD = 'from its own environment'")
    (folder / "tinylib" / name).write_bytes(data)
    (folder / "tinylib" / "index.html").write_text(f'<a href="{name}">{name}</a>')
    (folder / "index.html").write_text('<a href="tinylib/">tinylib</a>')
    return folder.as_uri()


def processes_naming(folder: Path) -> list[Path]:
    """The processes whose command line holds this path."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(folder).encode() in (entry / "cmdline").read_bytes():
                found.append(entry)
    return found


def package(world: World, **files: str) -> Path:
    folder = world.folder / "unpacked"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_txt", ".txt").replace("_yml", ".yml")).write_text(text)
    return folder


def test_a_job_runs_in_an_environment_of_its_own(world: World, index: str, level: Sandbox) -> None:
    spec = world.spec(
        MODEL,
        inputs={"n": {"type": "integer"}},
        files={"requirements.txt": b"tinylib>=1"},
        custom_environment=True,
        sandbox=level.value,
    )
    deployment = world.ledger.deploy(spec)
    with world.executor(index_url=index):
        until(lambda: deployment.report is not None)
        assert deployment.state is DeploymentState.READY, deployment
        sample = world.sample("one", n=1)
        job = world.ledger.submit(spec=spec, samples=[sample], outputs={"predictions": "p"})
        until(lambda: job.state.is_final)
    assert job.state is JobState.FINISHED
    assert job.results[sample.id].values["predictions"]["label"] == "from its own environment"


def test_equal_requirements_share_one_environment(world: World, index: str) -> None:
    environments = Environments(world.settings(index_url=index))
    folder = package(world, requirements_txt="tinylib  # a comment\n")
    first = environments.interpreter_for(folder, is_custom=True)
    stamp = first.python.lstat().st_mtime_ns
    second = Environments(world.settings(index_url=index)).interpreter_for(folder, is_custom=True)
    assert second == first
    assert second.python.lstat().st_mtime_ns == stamp
    assert all(not path.stat().st_mode & 0o022 for path in first.python.parent.parent.rglob("*.py"))


def test_the_pip_part_of_a_conda_file_alone_needs_no_conda(world: World, index: str) -> None:
    text = "name: x\ndependencies:\n  - pip\n  - pip:\n    - tinylib==1.2\n"
    environments = Environments(world.settings(index_url=index))
    interpreter = environments.interpreter_for(package(world, environment_yml=text), is_custom=True)
    assert list(interpreter.python.parent.parent.rglob("tinylib.py"))


def test_a_conda_file_without_conda_says_what_to_install(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conda, "maker", lambda: None)
    environments = Environments(world.settings())
    folder = package(world, environment_yml="dependencies: [python=3.11, gdal]")
    with pytest.raises(EnvironmentFailed, match="install micromamba"):
        environments.interpreter_for(folder, is_custom=True)


def test_what_cannot_be_installed_fails_with_the_installer_s_words(world: World, index: str) -> None:
    environments = Environments(world.settings(index_url=index))
    with pytest.raises(EnvironmentFailed) as failure:
        environments.interpreter_for(package(world, requirements_txt="not-in-the-index"), is_custom=True)
    assert "not-in-the-index" in failure.value.log
    assert not list((world.work_dir / "environments").glob("*/ready"))


def test_a_build_that_takes_too_long_is_given_up(world: World, index: str) -> None:
    environments = Environments(world.settings(index_url=index, build_timeout_seconds=0.001))
    with pytest.raises(EnvironmentFailed, match="was not built within"):
        environments.interpreter_for(package(world, requirements_txt="tinylib"), is_custom=True)
    # Also of a box that was killed before it was whole, nothing stays behind.
    until(lambda: not processes_naming(world.folder))


def test_a_closed_builder_builds_nothing_more(world: World, index: str) -> None:
    environments = Environments(world.settings(index_url=index))
    environments.close()
    with pytest.raises(EnvironmentFailed, match="stopping"):
        environments.interpreter_for(package(world, requirements_txt="tinylib"), is_custom=True)


def test_a_custom_environment_needs_a_list_of_packages(world: World) -> None:
    with pytest.raises(EnvironmentFailed, match=r"neither environment\.yml nor requirements\.txt"):
        Environments(world.settings()).interpreter_for(package(world), is_custom=True)


HOSTILE = [
    "--index-url https://evil.example/simple",
    "-r /etc/passwd",
    "-e .",
    "-c constraints.txt",
    "git+https://evil.example/x.git",
    "x @ https://evil.example/x.whl",
    "https://evil.example/x.whl",
    "./local",
    "/etc/passwd",
    "../up",
    "x.whl",
    "x --hash=sha256:00",
    "x --config-settings=a=b",
    "x; python_version < '3' --index-url http://evil",
    "${HOME}",
    "x\\",
    "x y",
    "\u0445",
    "x" * 400,
]


@pytest.mark.parametrize("line", HOSTILE)
def test_a_hostile_line_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_requirements(f"numpy\n# a comment\n{line}\n")
    assert [fault.pointer for fault in refusal.value.details] == ["requirements.txt:3"]


@pytest.mark.parametrize("line", HOSTILE)
def test_a_hostile_line_is_refused_in_a_conda_file_too(line: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_conda_environment(json.dumps({"dependencies": ["python", {"pip": ["numpy", line]}]}))
    assert [fault.pointer for fault in refusal.value.details] == ["environment.yml:/dependencies/1/pip/1"]


@pytest.mark.parametrize(
    "line",
    [
        "numpy",
        "numpy>=1.20,<3",
        "torch==2.1.0+cpu",
        "ruamel.yaml ~= 0.17",
        "uvicorn[standard]>=0.2",
        "tomli; python_version < '3.11'",
        "pywin32 ; sys_platform == 'win32' and python_version >= \"3.8\"",
        "x==1.*",
        "x (>=1)",
    ],
)
def test_an_honest_line_is_accepted(line: str) -> None:
    assert read_requirements(f"  {line}  # why\n") == [line]


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("a: [", "environment.yml"),
        ("[]", "environment.yml:/dependencies"),
        ("dependencies: [x]\nprefix: /etc", "environment.yml:/prefix"),
        ("dependencies: [x]\nchannels: ['https://evil.example']", "environment.yml:/channels/0"),
        ("dependencies: ['x::y z/../']", "environment.yml:/dependencies/0"),
        ("dependencies: ['--file']", "environment.yml:/dependencies/0"),
        ("dependencies: [{npm: [x]}]", "environment.yml:/dependencies/0"),
        ("dependencies: !!python/object/apply:os.system [x]", "environment.yml:1"),
    ],
)
def test_a_wrong_conda_file_is_refused_by_its_place(text: str, pointer: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_conda_environment(text)
    assert refusal.value.details[0].pointer == pointer


def test_the_code_of_an_installed_package_never_runs_outside_of_the_box(world: World) -> None:
    """A wheel may bring a .pth file, whose lines every start of the interpreter runs."""
    if os.geteuid() != 0:
        pytest.skip("told apart by the user that runs it, which needs root")
    folder = world.folder / "index" / "hostile"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    mark = world.folder / "marks"
    mark.mkdir()
    mark.chmod(0o777)
    name, data = wheel("hostile", "1.0", "")
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("hostile.pth", f"import os; open({str(mark / 'ran')!r}, 'w').write('x')\n")
    (folder / name).write_bytes(buffer.getvalue())
    (folder / "index.html").write_text(f'<a href="{name}">{name}</a>')
    spec: dict[str, Any] = {"files": {"requirements.txt": b"hostile"}, "custom_environment": True}
    code = "class Model:\n    def predict(self, n): return {'predictions': ['a' for _ in n]}"
    deployment = world.ledger.deploy(
        world.spec(code, inputs={"n": {"type": "integer"}}, sandbox="bwrap", **spec)
    )
    with world.executor(index_url=folder.parent.as_uri()):
        until(lambda: deployment.report is not None)
    assert not (mark / "ran").exists()
