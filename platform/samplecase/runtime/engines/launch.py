"""How a replica's process is started: its command, its box, and what it sees from inside."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from samplecase.contracts.schema import parse_schema
from samplecase.contracts.states import Sandbox
from samplecase.packages import BUILTIN_RUNNER
from samplecase.runtime import sandbox, shim
from samplecase.runtime.engines.port import ReplicaSpec

INSIDE = "/replica"
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Launch:
    """The start of one replica of `spec` with the folder `folder`; `number` chooses its GPU where there are several."""

    def __init__(self, spec: ReplicaSpec, folder: Path, number: int) -> None:
        self._spec = spec
        self._folder = folder
        self._boxed = spec.sandbox is Sandbox.BWRAP
        self._number = number
        self.devices = gpu_devices() if spec.num_gpus else []
        self.media = folder / "media"
        self.media_inside = self._inside("media", self.media)

    def make_folders(self) -> None:
        self.media.mkdir(parents=True)
        if not self._boxed:
            (self._folder / "scratch").mkdir()

    def _inside(self, name: str, outside: Path) -> str:
        return f"{INSIDE}/{name}" if self._boxed else str(outside)

    @property
    def _scratch(self) -> str:
        return self._inside("scratch", self._folder / "scratch")

    def command(self) -> list[str]:
        file = self._inside("shim.py", Path(shim.__file__))
        # -I: neither environment nor working folder decides what is imported; -B: packages are read-only.
        return [str(self._spec.interpreter.python), "-I", "-B", file]

    def box(self) -> sandbox.Box:
        spec = self._spec
        own = {
            "shim.py": Path(shim.__file__),
            "runner": BUILTIN_RUNNER.parent,
            "package": spec.package,
            "media": self.media,
        }
        mounts = [sandbox.Mount(folder, str(folder)) for folder in spec.interpreter.folders]
        mounts += [sandbox.Mount(path, f"{INSIDE}/{name}") for name, path in own.items()]
        return sandbox.Box(
            limits=sandbox.Limits.of(
                memory=spec.memory_limit_bytes, scratch=spec.scratch_limit_bytes, processes=spec.process_limit
            ),
            mounts=mounts,
            scratch=("/tmp", f"{INSIDE}/scratch"),  # noqa: S108 - private to the box
            environment=self._environment(),
            folder=self._inside("package", spec.package),
            devices=self.devices,
        )

    def _environment(self) -> dict[str, str]:
        environment = {
            "PATH": f"{self._spec.interpreter.python.parent}:/usr/bin:/bin",
            "HOME": self._scratch,
            "TMPDIR": self._scratch,
            "USER": "replica",
            "LANG": "C.UTF-8",
            "CUDA_VISIBLE_DEVICES": self._visible_gpu(),
        }
        return environment | dict.fromkeys(THREAD_VARIABLES, str(self._spec.threads))

    def _visible_gpu(self) -> str:
        cards = [path for path in self.devices if path.name[6:].isdigit()]
        return str(self._number % len(cards)) if cards else ""

    def load_message(self) -> dict[str, Any]:
        manifest = self._spec.manifest
        outputs = parse_schema(manifest["schema"]).outputs
        return {
            "type": "load",
            "package": self._inside("package", self._spec.package),
            "runner": f"{self._inside('runner', BUILTIN_RUNNER.parent)}/{BUILTIN_RUNNER.name}",
            "scratch": self._scratch,
            "entrypoint": manifest["entrypoint"],
            "manifest": {**manifest, **self._tuning()},
            "outputs": {name: str(port.type) for name, port in outputs.items()},
            "device": "cuda:0" if self._spec.num_gpus else "cpu",
        }

    def _tuning(self) -> dict[str, Any]:
        """What a tuning adds to the manifest: no author can, for these are no keys of a model.json."""
        tricks = {"tricks": asdict(self._spec.tricks)} if self._spec.tricks else {}
        return tricks | ({"is_tuning": True} if self._spec.is_tuning else {})


def gpu_devices() -> list[Path]:
    """The device files of NVIDIA's driver; none where there is no GPU."""
    files = sorted(Path("/dev").glob("nvidia*"))
    return files if any(file.name[6:].isdigit() for file in files) else []
