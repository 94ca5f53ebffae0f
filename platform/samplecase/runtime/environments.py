"""The Python environment of a model: the host's own, or one built for it once and kept under the hash of its spec."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from samplecase.contracts.errors import InvalidInput
from samplecase.runtime.building import Builder, BuildFailed
from samplecase.runtime.conda import MISSING, create_command
from samplecase.runtime.interpreter import Interpreter, folders_of_new, host_interpreter
from samplecase.runtime.package_cache import exclusive, make_read_only
from samplecase.runtime.requirements import CondaEnvironment, read_conda_environment, read_requirements
from samplecase.runtime.settings import ExecutorSettings

READY = "ready"  # holds what of the host its interpreter needs; out of reach of what was built
LAYOUT = 2  # of an environment's folder: one of another layout is built anew
ROOM = "room"
NO_SURPRISES = ("--no-config", "--no-cache")
SPEC_FILES = ("environment.yml", "requirements.txt")


class EnvironmentFailed(Exception):
    """The model's environment cannot be had; `log` is what the installer said."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.log = log


@dataclass(frozen=True)
class EnvironmentSpec:
    """What is to be installed; equal specs share one environment."""

    kind: str  # pip or conda
    requirements: Sequence[str]
    conda: CondaEnvironment | None = None
    python: str | None = None

    def digest(self, settings: ExecutorSettings) -> str:
        conda = self.conda
        facts = {
            "kind": self.kind,
            "requirements": list(self.requirements),
            "conda": [list(conda.channels), list(conda.conda)] if conda else None,
            "python": self.python or [str(settings.python), platform.python_version()],
            "platform": [platform.system(), platform.machine(), platform.libc_ver()[0]],
            "index": [settings.index_url, settings.conda_mirror],
            "layout": LAYOUT,
            "sources": settings.source_builds_allowed,
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Built:
    """What came of a build: the installers' words, and the folders of the host to mount for its interpreter."""

    log: str
    folders: Sequence[Path]


class Environments:
    """Environments under one folder, which several executors of a host may share."""

    def __init__(self, settings: ExecutorSettings) -> None:
        self._settings = settings
        self._folder = settings.environments_dir or settings.work_dir / "environments"
        self._builder = Builder(settings)
        self._lock = threading.Lock()
        self._satisfied: set[Path] = set()

    def close(self) -> None:
        """Stop what is being built."""
        self._builder.close()

    def interpreter_for(self, package: Path, *, is_custom: bool) -> Interpreter:
        """The interpreter for an unpacked package. Raises `EnvironmentFailed`."""
        try:
            if is_custom:
                return self._built(_custom_spec(package))
            self._check_host(package)
            return host_interpreter(self._settings.python)
        except InvalidInput as error:
            places = "".join(f"\n{fault.pointer}: {fault.message}" for fault in error.details)
            raise EnvironmentFailed(error.message + places) from error

    # -- the host -----------------------------------------------------------------------

    def _check_host(self, package: Path) -> None:
        with self._lock:
            if package in self._satisfied:
                return
        missing = [line for line in _host_requirements(package) if not self._host_has(line)]
        if missing:
            raise EnvironmentFailed(
                f"this host lacks {', '.join(missing)}: deploy with a custom environment, "
                "or ask for these to be installed"
            )
        with self._lock:
            self._satisfied.add(package)

    def _host_has(self, requirement: str) -> bool:
        """Asked of uv, which knows versions and markers: would it have to install anything?"""
        return self._builder.succeeds(
            [
                *(find_uv_bin(), "pip", "install", "--dry-run", "--offline", "--no-index", "--no-deps"),
                *("--no-cache", "--no-config", "--break-system-packages"),
                *("--python", str(self._settings.python), "--", requirement),
            ]
        )

    # -- one of its own -----------------------------------------------------------------

    def _built(self, spec: EnvironmentSpec) -> Interpreter:
        home = self._folder / spec.digest(self._settings)
        log = ""
        try:
            with exclusive(home.with_suffix(".lock"), self._builder.check):
                if not (home / READY).exists():
                    log = self._build(spec, home)
        except BuildFailed as error:
            raise EnvironmentFailed(error.message, error.log) from error
        folders = [Path(folder) for folder in json.loads((home / READY).read_text("utf-8"))]
        return Interpreter(_environment(home / ROOM) / "bin" / "python", tuple(folders), log)

    def _build(self, spec: EnvironmentSpec, home: Path) -> str:
        """In place, for scripts of environments hold their path; whole only once the mark is there.

        Installers and what they install write to a room within `home`. What the executor writes itself lies beside it:
        a link in the room leads nobody astray.
        """
        shutil.rmtree(home, ignore_errors=True)
        room = home / ROOM
        room.mkdir(parents=True)
        build: Callable[[EnvironmentSpec, Path], Built] = self._with_conda if spec.conda else self._with_uv
        try:
            built = build(spec, room)
            environment = _environment(room)
            if environment.is_symlink() or not environment.is_dir():
                raise BuildFailed("what was built is not an environment", built.log)
        except BuildFailed:
            shutil.rmtree(home, ignore_errors=True)
            raise
        shutil.rmtree(room / "tmp", ignore_errors=True)
        make_read_only(environment)
        (home / "log.txt").write_text(built.log, "utf-8")
        (home / READY).write_text(json.dumps([str(folder) for folder in built.folders]), "utf-8")
        return built.log

    def _with_uv(self, spec: EnvironmentSpec, room: Path) -> Built:
        make = [find_uv_bin(), "venv", *NO_SURPRISES, "--no-python-downloads", "--relocatable"]
        python = spec.python or str(self._settings.python)
        log = self._builder.run([*make, "--python", python, str(_environment(room))], room)
        folders = folders_of_new(_environment(room))  # before any package may say otherwise
        return Built(log + self._with_pip_packages(spec, room), folders)

    def _with_conda(self, spec: EnvironmentSpec, room: Path) -> Built:
        wanted = spec.conda
        mirror = self._settings.conda_mirror
        create = create_command(wanted, _environment(room), mirror) if wanted else None
        if create is None:
            raise BuildFailed(MISSING, "")
        log = self._builder.run(create, room)
        if not (_environment(room) / "bin" / "python").exists():
            raise BuildFailed("the environment has no Python: name `python` among its dependencies", log)
        log += self._with_pip_packages(spec, room)
        # Its interpreter is a package itself, which may build on the host's own Python, but on nothing else here.
        return Built(log, (_environment(room), *host_interpreter(self._settings.python).folders))

    def _with_pip_packages(self, spec: EnvironmentSpec, room: Path) -> str:
        if not spec.requirements:
            return ""
        settings = self._settings
        index = ["--default-index", settings.index_url] if settings.index_url else []
        wheels = [] if settings.source_builds_allowed else ["--only-binary", ":all:"]
        install = [find_uv_bin(), "pip", "install", *NO_SURPRISES, *index, "--link-mode", "copy", *wheels]
        python = str(_environment(room) / "bin" / "python")
        return self._builder.run([*install, "--python", python, "--", *spec.requirements], room)


def _environment(room: Path) -> Path:
    return room / "environment"


def _custom_spec(package: Path) -> EnvironmentSpec:
    conda_file, pip_file = (package / name for name in SPEC_FILES)
    if conda_file.is_file():
        conda = read_conda_environment(conda_file.read_text("utf-8", "replace"))
        if conda.is_pip_only:
            return EnvironmentSpec("pip", conda.pip, python=conda.python)
        return EnvironmentSpec("conda", conda.pip, conda)
    if pip_file.is_file():
        return EnvironmentSpec("pip", read_requirements(pip_file.read_text("utf-8", "replace")))
    raise EnvironmentFailed("the package has neither environment.yml nor requirements.txt")


def _host_requirements(package: Path) -> Sequence[str]:
    conda_file, pip_file = (package / name for name in SPEC_FILES)
    if pip_file.is_file():
        return read_requirements(pip_file.read_text("utf-8", "replace"))
    if conda_file.is_file():
        return read_conda_environment(conda_file.read_text("utf-8", "replace")).pip
    return []
