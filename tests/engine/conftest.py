"""A small world for the engine: a blob store, packages of a few lines, and an executor on a ledger in memory."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from samplecase.contracts.jobs import ModelSpec, SampleRef
from samplecase.contracts.states import Sandbox
from samplecase.runtime.engines.local import LocalEngine
from samplecase.runtime.engines.port import ReplicaSpec
from samplecase.runtime.executor import Executor
from samplecase.runtime.interpreter import host_interpreter
from samplecase.runtime.memory_ledger import MemoryJob, MemoryLedger, model_spec
from samplecase.runtime.sandbox import probe_sandbox
from samplecase.runtime.settings import ExecutorSettings
from samplecase.storage.filesystem import FilesystemStore
from samplecase.storage.port import media_key, package_key
from tests.worlds import zipped

PATIENCE_SECONDS = 60


def png(color: tuple[int, int, int] = (10, 20, 30), size: tuple[int, int] = (8, 6)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "PNG")
    return buffer.getvalue()


def until(condition: Callable[[], bool]) -> None:
    """Wait for what will happen; a test that waits for ever is a failure with a message."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "waited for too long"
        time.sleep(0.02)


class World:
    """Blobs, packages, samples and a ledger below one folder."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        self.folder = folder
        self.blobs = FilesystemStore(folder / "blobs")
        self.ledger = MemoryLedger()
        self.work_dir = folder / "work"
        self._samples = 0

    def manifest(
        self,
        outputs: Mapping[str, Any],
        inputs: Mapping[str, Any] | None = None,
        entrypoint: str = "model:Model",
        **more: Any,
    ) -> dict[str, Any]:
        inputs = {"image_paths": {"type": "local"}} if inputs is None else inputs
        schema = {
            "inputs": {"type": "object", "properties": inputs},
            "outputs": {"type": "object", "properties": outputs},
        }
        return {
            "format": 1,
            "name": "tiny",
            "version": "1",
            "entrypoint": entrypoint,
            "schema": schema,
            **more,
        }

    def spec(
        self,
        code: str = "",
        outputs: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        files: Mapping[str, bytes] | None = None,
        manifest: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> ModelSpec:
        """A stored package of this code, and the deployment of it."""
        manifest = manifest or self.manifest(outputs or {"predictions": {"type": "classification"}}, inputs)
        module = {"model.py": code} if code else {}
        data = zipped({"model.json": json.dumps(manifest), **module, **(files or {})})
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.blobs.exists(package_key(sha256)):
            self.blobs.put(package_key(sha256), io.BytesIO(data))
        return model_spec(package_sha256=sha256, manifest=manifest, **changes)

    def sample(self, name: str, data: bytes | None = None, **inputs: Any) -> SampleRef:
        data = png((len(name), self._samples % 256, 0)) if data is None else data
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.blobs.exists(media_key(sha256)):
            self.blobs.put(media_key(sha256), io.BytesIO(data))
        self._samples += 1
        return SampleRef(self._samples, name, sha256, ".png", inputs)

    def samples(self, count: int) -> list[SampleRef]:
        return [self.sample(f"{number}.png") for number in range(count)]

    def settings(self, **changes: Any) -> ExecutorSettings:
        quick = {"poll_seconds": 0.02, "renew_seconds": 0.1, "commit_seconds": 0.05, "idle_seconds": 5}
        return ExecutorSettings(self.work_dir, **{**quick, **changes})

    @contextmanager
    def executor(self, ledger: Any = None, **settings: Any) -> Iterator[Executor]:
        executor = Executor(ledger or self.ledger, self.blobs, self.settings(**settings))
        stop = threading.Event()
        thread = threading.Thread(target=executor.run, args=(stop,))
        thread.start()
        try:
            yield executor
        finally:
            stop.set()
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()

    def run(
        self,
        spec: ModelSpec,
        samples: Sequence[SampleRef],
        outputs: Sequence[str] = ("predictions",),
        **settings: Any,
    ) -> MemoryJob:
        """Submit a job, work until it has ended, and return its row."""
        chunk_size = settings.pop("chunk_size", 128)
        mapping = {output: f"tiny_{output}" for output in outputs}
        job = self.ledger.submit(spec=spec, samples=samples, outputs=mapping, chunk_size=chunk_size)
        with self.executor(**settings):
            until(lambda: job.state.is_final)
        return job


@pytest.fixture
def world(tmp_path: Path) -> World:
    for folder in (
        tmp_path,
        *tmp_path.parents,
    ):  # replicas are other users, and the temporary folder is private
        if folder.stat().st_uid == 0 and folder.is_relative_to("/tmp/pytest-of-root"):
            folder.chmod(folder.stat().st_mode | 0o011)
    return World(tmp_path)


@pytest.fixture(params=list(Sandbox))
def level(request: pytest.FixtureRequest) -> Sandbox:
    """Each level that this host can give."""
    needed: Sandbox = request.param
    if needed is Sandbox.BWRAP and probe_sandbox().level is not Sandbox.BWRAP:
        pytest.skip(probe_sandbox().why_not)
    return needed


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LocalEngine]:
    folder = tmp_path / "replicas"
    folder.mkdir()
    engine = LocalEngine(folder)
    yield engine
    engine.close()


@pytest.fixture
def replica_spec(tmp_path: Path, world: World) -> Callable[..., ReplicaSpec]:
    """A replica of the given code, at the given level."""

    def make(code: str, sandbox: Sandbox = Sandbox.NONE, **more: Any) -> ReplicaSpec:
        manifest = more.pop("manifest", None) or world.manifest(
            more.pop("outputs", {"out": {"type": "object"}}), more.pop("inputs", {"x": {"type": "integer"}})
        )
        package = tmp_path / f"package-{hashlib.sha256(code.encode()).hexdigest()[:8]}"
        package.mkdir(exist_ok=True)
        (package / "model.py").write_text(code)
        interpreter = host_interpreter(Path(sys.executable))
        return ReplicaSpec(package, manifest, interpreter, sandbox, threads=1, **more)

    return make
