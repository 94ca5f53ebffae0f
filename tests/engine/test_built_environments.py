"""Environments that are really built, in the sandbox, and used: from a folder, an index and a channel."""

from __future__ import annotations

import importlib.metadata
import io
import os
import socket
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from uv import find_uv_bin

from samplecase.cli.executor import WAYS_OUT
from samplecase.contracts.states import DeploymentState, JobState, Sandbox
from samplecase.runtime import conda
from samplecase.runtime.building import Builder
from samplecase.runtime.environments import EnvironmentFailed, Environments
from samplecase.runtime.memory_ledger import MemoryDeployment
from samplecase.runtime.sandbox import probe_sandbox
from tests.conda_channel import SITE, make_channel
from tests.engine.conftest import World, until
from tests.engine.test_environments import package, processes_naming, wheel

INPUTS = {"n": {"type": "integer"}}
IMPORTS = """
import {module}
class Model:
    def predict(self, n): return {{"predictions": [str({value}) for _ in n]}}
"""
needs_bwrap = pytest.mark.skipif(
    probe_sandbox().level is not Sandbox.BWRAP, reason=probe_sandbox().why_not or "-"
)


def add_to_index(world: World, name: str, data: bytes) -> str:
    """Put a file into an index that is a folder (PEP 503); returns its address."""
    index = world.folder / "index"
    folder = index / name.split("-")[0]
    folder.mkdir(parents=True, exist_ok=True)
    for each in (index, folder):
        each.chmod(0o755)
    (folder / name).write_bytes(data)
    (folder / "index.html").write_text("".join(f'<a href="{each.name}"></a>' for each in folder.iterdir()))
    (index / "index.html").write_text("".join(f'<a href="{each.name}/"></a>' for each in index.iterdir()))
    return index.as_uri()


def deployed(
    world: World, code: str, files: dict[str, bytes], **settings: Any
) -> tuple[MemoryDeployment, Any]:
    """A deployment of this code with an environment of its own, checked, and what it then says in a job."""
    level = probe_sandbox().level
    spec = world.spec(code, inputs=INPUTS, files=files, custom_environment=True, sandbox=level.value)
    deployment = world.ledger.deploy(spec)
    with world.executor(**settings):
        until(lambda: deployment.report is not None)
        if deployment.state is not DeploymentState.READY:
            return deployment, None
        sample = world.sample("one", n=1)
        job = world.ledger.submit(spec=spec, samples=[sample], outputs={"predictions": "p"})
        until(lambda: job.state.is_final)
    assert job.state is JobState.FINISHED
    return deployment, job.results[sample.id].values["predictions"]["label"]


def test_another_version_of_a_package_of_the_host(world: World) -> None:
    """The host's own is not seen: neither instead of it nor beside it."""
    installed = importlib.metadata.version("idna")
    index = add_to_index(world, *wheel("idna", "0.1", "WORD = 'another idna'"))
    code = IMPORTS.format(
        module="idna, importlib.util", value="(idna.WORD, importlib.util.find_spec('numpy'))"
    )
    deployment, said = deployed(world, code, {"requirements.txt": b"idna==0.1"}, index_url=index)
    assert deployment.state is DeploymentState.READY, deployment
    assert installed != "0.1"
    assert said == "('another idna', None)"
    assert "idna==0.1" in deployment.log


@pytest.fixture(scope="module")
def way_out() -> dict[str, str]:
    """What a build needs to reach the package index from here."""
    names = [*WAYS_OUT, *(name.lower() for name in WAYS_OUT)]
    ask = [find_uv_bin(), "pip", "compile", "--no-config", "--no-cache", "--quiet", "-"]
    asked = subprocess.run(ask, input="toolz==1.0.0", capture_output=True, text=True, timeout=60)
    if asked.returncode:
        pytest.skip(f"the package index is not reached from here: {asked.stderr[-300:]}")
    return {name: os.environ[name] for name in names if name in os.environ}


def test_packages_of_the_index_that_the_host_lacks_or_has_in_another_version(
    world: World, way_out: dict[str, str]
) -> None:
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("toolz")
    code = IMPORTS.format(
        module="idna, importlib.metadata, toolz",
        value="toolz.first([importlib.metadata.version('idna')])",
    )
    files = {"requirements.txt": b"toolz==1.0.0\nidna==3.4\n"}
    deployment, said = deployed(world, code, files, proxy_environment=way_out)
    assert deployment.state is DeploymentState.READY, deployment
    assert said == "3.4" != importlib.metadata.version("idna")


def test_the_pip_part_of_a_conda_file_runs_as_a_deployment_without_conda(world: World) -> None:
    index = add_to_index(world, *wheel("tinylib", "1.2", "WORD = 'by uv'"))
    text = b"name: x\ndependencies:\n  - python\n  - pip\n  - pip:\n      - tinylib==1.2\n"
    code = IMPORTS.format(module="tinylib", value="tinylib.WORD")
    _, said = deployed(world, code, {"environment.yml": text}, index_url=index)
    assert said == "by uv"


def test_a_source_distribution_is_not_built(world: World) -> None:
    """Its code would run while it is installed."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in {
            "PKG-INFO": "Name: evil\nVersion: 1.0\n",
            "setup.py": "raise SystemExit('ran')",
        }.items():
            entry = tarfile.TarInfo(f"evil-1.0/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    index = add_to_index(world, "evil-1.0.tar.gz", buffer.getvalue())
    deployment, _ = deployed(world, IMPORTS, {"requirements.txt": b"evil"}, index_url=index)
    assert deployment.state is DeploymentState.FAILED
    assert "cannot be built" in deployment.report.reason  # type: ignore[union-attr]
    assert "ran" not in deployment.log.split()


def test_hostile_lines_fail_the_deployment_by_their_numbers(world: World) -> None:
    lines = b"numpy\n--index-url http://evil\n\n-e .\n"
    deployment, _ = deployed(world, IMPORTS, {"requirements.txt": lines})
    assert deployment.state is DeploymentState.FAILED
    assert deployment.report is not None
    for place in ("requirements.txt:2: ", "requirements.txt:4: "):
        assert place in deployment.report.reason
    assert not (world.work_dir / "environments").exists()


def test_two_deployments_at_once_build_their_environment_once(world: World) -> None:
    index = add_to_index(world, *wheel("tinylib", "1.2", "WORD = 'shared'"))
    code = IMPORTS.format(module="tinylib", value="tinylib.WORD")
    level = probe_sandbox().level.value
    specs = [
        world.spec(
            code + f"# {number}\n",
            inputs=INPUTS,
            files={"requirements.txt": b"tinylib" + b"\n" * number},
            custom_environment=True,
            sandbox=level,
            deployment=number,
        )
        for number in (1, 2)
    ]
    deployments = [world.ledger.deploy(spec) for spec in specs]
    with world.executor(index_url=index), world.executor(index_url=index):
        until(lambda: all(each.report is not None for each in deployments))
    assert [each.state for each in deployments] == [DeploymentState.READY] * 2
    assert sum("tinylib==1.2" in each.log for each in deployments) == 1
    assert len(list((world.work_dir / "environments").glob("*/ready"))) == 1


@pytest.fixture
def silent_index() -> Iterator[str]:
    """An index that takes every question and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []

        def take() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/simple"
        server.shutdown(socket.SHUT_RDWR)
    for each in kept:
        each.close()


def test_stopping_a_deployment_ends_its_build_and_leaves_nothing(world: World, silent_index: str) -> None:
    def spec(number: int) -> Any:
        return world.spec(
            IMPORTS,
            inputs=INPUTS,
            files={"requirements.txt": b"tinylib" + b"\n" * number},
            custom_environment=True,
            sandbox=probe_sandbox().level.value,
            deployment=number,
        )

    environments = world.work_dir / "environments"
    stopped, waiting = world.ledger.deploy(spec(1)), world.ledger.deploy(spec(2))
    with world.executor(index_url=silent_index), world.executor(index_url=silent_index):
        until(lambda: len(processes_naming(environments)) > 0)
        until(lambda: waiting.state is DeploymentState.BUILDING)
        waiting.state = DeploymentState.STOPPED  # this one only waits for the other's build
        stopped.state = DeploymentState.STOPPED
        until(lambda: not processes_naming(environments))
        until(lambda: [each for each in environments.iterdir() if each.is_dir()] == [])
    assert stopped.report is None
    assert waiting.report is None


@needs_bwrap
def test_a_model_does_not_change_the_environment_that_others_share(world: World) -> None:
    index = add_to_index(world, *wheel("tinylib", "1.2", "WORD = 'clean'"))
    code = """
import os, tinylib
def tried(action):
    try:
        action()
    except OSError as error:
        return error.strerror
    return "worked"
class Model:
    def predict(self, n):
        folder = os.path.dirname(tinylib.__file__)
        said = [tried(lambda: open(tinylib.__file__, "a")), tried(lambda: open(folder + "/evil.pth", "w")),
                tried(lambda: os.unlink(tinylib.__file__)), tried(lambda: os.chmod(folder, 0o777))]
        return {"predictions": ["; ".join(said) for _ in n]}
"""
    _, said = deployed(world, code, {"requirements.txt": b"tinylib"}, index_url=index)
    assert "worked" not in said
    assert said.count(";") == 3


def test_packages_have_no_say_in_what_of_the_host_a_model_sees(world: World) -> None:
    """A wheel may bring the file by which an environment names the Python that it was made of."""
    secret = world.folder / "secret"
    (secret / "bin").mkdir(parents=True)
    told = f"home = {secret / 'bin'}\n"
    files = {"hostile-1.0.data/data/pyvenv.cfg": told}
    index = add_to_index(world, *wheel("hostile", "1.0", "", files))
    environments = Environments(world.settings(index_url=index))
    interpreter = environments.interpreter_for(package(world, requirements_txt="hostile"), is_custom=True)
    assert (
        interpreter.python.parent.parent / "pyvenv.cfg"
    ).read_text() == told  # it is believed by Python alone
    assert not [folder for folder in interpreter.folders if secret.is_relative_to(folder)]


def test_what_a_build_leaves_is_not_followed_to_other_places(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scripts of conda packages run while an environment is built, and may write to its room."""
    victim = world.folder / "victim"
    victim.mkdir()
    (victim / "file").write_text("as it was")
    (victim / "file").chmod(0o640)

    def build(self: Builder, command: Any, room: Path) -> str:
        (room / "environment").symlink_to(victim)
        return "built"

    monkeypatch.setattr(Builder, "run", build)
    environments = Environments(world.settings())
    with pytest.raises(EnvironmentFailed, match="not an environment"):
        environments.interpreter_for(package(world, requirements_txt=""), is_custom=True)
    assert (victim / "file").stat().st_mode & 0o777 == 0o640
    assert (victim / "file").read_text() == "as it was"


@pytest.mark.skipif(conda.maker() is None, reason="neither conda, mamba, micromamba nor py-rattler is here")
def test_a_conda_environment_with_a_pip_part_runs_as_a_deployment(world: World) -> None:
    mirror = world.folder / "channels"
    make_channel(mirror, "tiny", "WORD = 'from conda'")
    index = add_to_index(world, *wheel("smalllib", "1.0", "WORD = 'from pip'"))
    text = b"channels: [tiny]\ndependencies: [python, tinylib=1.2, {pip: [smalllib]}]"
    code = IMPORTS.format(
        module="sys, smalllib, tinylib",
        value="(tinylib.WORD, smalllib.WORD, tinylib.__file__.startswith(sys.prefix))",
    )
    deployment, said = deployed(
        world, code, {"environment.yml": text}, index_url=index, conda_mirror=mirror.as_uri()
    )
    assert deployment.state is DeploymentState.READY, (deployment.report, deployment.log)
    assert said == "('from conda', 'from pip', True)"
    assert "tinylib-1.2" in deployment.log
    home = next((world.work_dir / "environments").glob("*/room/environment"))
    assert (home / SITE / "tinylib.py").is_file()


@pytest.mark.skipif(conda.maker() is None, reason="neither conda, mamba, micromamba nor py-rattler is here")
def test_a_conda_environment_that_cannot_be_solved_fails_with_the_reason(world: World) -> None:
    mirror = world.folder / "channels"
    make_channel(mirror, "tiny", "")
    text = b"channels: [tiny]\ndependencies: [python, nowhere]"
    deployment, _ = deployed(world, IMPORTS, {"environment.yml": text}, conda_mirror=mirror.as_uri())
    assert deployment.state is DeploymentState.FAILED
    assert "nowhere" in deployment.log


def test_files_of_the_index_are_read_where_they_are(world: World) -> None:
    """A folder with a space in its name is one too."""
    folder = world.folder / "an index"
    moved = World(world.folder)
    index = Path(add_to_index(moved, *wheel("tinylib", "1.2", "WORD = 'spaced'")).removeprefix("file://"))
    index.rename(folder)
    code = IMPORTS.format(module="tinylib", value="tinylib.WORD")
    _, said = deployed(world, code, {"requirements.txt": b"tinylib"}, index_url=folder.as_uri())
    assert said == "spaced"
