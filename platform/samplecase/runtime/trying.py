"""A package tried on local images just as a job would run it: by an executor, in its box, over a ledger in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from samplecase.contracts.jobs import ModelSpec, SampleRef, SampleResult
from samplecase.contracts.schema import parse_schema
from samplecase.runtime.conversion import MASK_TYPES
from samplecase.runtime.executor import Executor
from samplecase.runtime.memory_ledger import MemoryJob, MemoryLedger
from samplecase.runtime.settings import ExecutorSettings
from samplecase.storage.files import sha256_of
from samplecase.storage.filesystem import FilesystemStore
from samplecase.storage.port import mask_key, media_key, package_key
from samplecase.storage.streams import bounded

_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Attempt:
    """What came of it. `error` is the code and sentence of a model that could not be started."""

    results: Sequence[SampleResult | None]  # of the images, in their order; None: it came to none
    error: tuple[str, str] | None
    log: str
    seconds: float
    masks: Mapping[str, Path]  # by the digest that stands in a value


def attempt(
    package: Path,
    images: Sequence[Path],
    *,
    spec: ModelSpec,
    inputs: Mapping[str, Any],
    settings: ExecutorSettings,
    say: Callable[[str], object] = lambda text: None,
) -> Attempt:
    """Run the model of `spec`, whose zip is `package`, over the images; `inputs` are what is not the image.

    `say` gets the log while it grows. Everything is written below `settings.work_dir`, which the caller removes.
    """
    store = _LocalStore(settings.work_dir / "blobs", {package_key(spec.package_sha256): package})
    samples = [_sample(store, number, path, inputs) for number, path in enumerate(images, 1)]
    ledger = MemoryLedger()
    outputs = parse_schema(spec.manifest["schema"]).outputs
    job = ledger.submit(spec=spec, samples=samples, outputs={name: name for name in outputs})
    began = time.monotonic()
    _work_until_final(job, Executor(ledger, store, settings), say)
    seconds = time.monotonic() - began
    masked = [name for name, port in outputs.items() if port.type in MASK_TYPES]
    masks = _masks(job.results.values(), masked, store)
    return Attempt([job.results.get(each.id) for each in samples], job.error, job.log, seconds, masks)


def _sample(store: _LocalStore, number: int, path: Path, inputs: Mapping[str, Any]) -> SampleRef:
    sha256 = sha256_of(path)
    store.lend(media_key(sha256), path)
    return SampleRef(number, path.name, sha256, path.suffix.lower(), inputs)


def _work_until_final(job: MemoryJob, executor: Executor, say: Callable[[str], object]) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=executor.run, args=(stop,), name="executor")
    said = 0
    worker.start()
    try:
        while worker.is_alive() and not job.state.is_final:
            time.sleep(_LOOK_SECONDS)
            said += _say_more(job.log[said:], say)
    finally:
        stop.set()
        worker.join()
    _say_more(job.log[said:], say)


def _say_more(text: str, say: Callable[[str], object]) -> int:
    if text:
        say(text)
    return len(text)


def _masks(results: Iterable[SampleResult], outputs: Sequence[str], store: _LocalStore) -> dict[str, Path]:
    values = [result.values[name] for result in results for name in outputs if result.values.get(name)]
    paths = {value["mask"]: store.local_path(mask_key(value["mask"])) for value in values}
    return {sha256: path for sha256, path in paths.items() if path is not None}


class _LocalStore(FilesystemStore):
    """A folder for masks, beside files that are lent to it: these are read, and never linked to or written."""

    def __init__(self, root: Path, lent: Mapping[str, Path]) -> None:
        super().__init__(root)
        self._lent = dict(lent)

    def lend(self, key: str, path: Path) -> None:
        self._lent[key] = path

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        if key not in self._lent:
            return super().open(key, offset=offset, length=length)
        file = self._lent[key].open("rb")
        file.seek(offset)
        return file if length is None else bounded(file, length, file.close)
