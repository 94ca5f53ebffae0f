"""The port to an engine: it starts replicas, and a replica answers mini-batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from samplecase.contracts.plans import Tricks
from samplecase.contracts.states import Sandbox
from samplecase.runtime.interpreter import Interpreter


@dataclass(frozen=True)
class ReplicaSpec:
    """All that an engine needs to start one replica."""

    package: Path  # the unpacked package, read-only
    manifest: Mapping[str, Any]
    interpreter: Interpreter
    sandbox: Sandbox
    threads: int
    num_gpus: int = 0
    batch_timeout_seconds: float = 300
    load_timeout_seconds: float = 600
    memory_limit_bytes: int | None = None
    scratch_limit_bytes: int = 2 * 1024**3
    process_limit: int = 512
    tricks: Tricks | None = None
    is_tuning: bool = False


@dataclass(frozen=True)
class Image:
    """A decoded RGB image: `height * width * 3` bytes, row by row."""

    data: bytes
    height: int
    width: int


@dataclass(frozen=True)
class Batch:
    """One mini-batch: for each input of the schema a list of `size` values, or of images."""

    size: int
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    images: Mapping[str, Sequence[Image]] = field(default_factory=dict)


@dataclass(frozen=True)
class Array:
    """A mask or heat map as the model returned it: row by row, little-endian."""

    data: bytes
    dtype: str  # uint8, uint16, float32
    height: int
    width: int


@dataclass(frozen=True)
class Png:
    """The bytes of a file that the model says is a PNG."""

    data: bytes


@dataclass(frozen=True)
class ElementError:
    """The error that the model returned for one sample."""

    reason: str
    message: str


Element = Any  # plain JSON, an Array, a Png, or an ElementError


class Answer(dict[str, Sequence[Element]]):
    """Per output of the schema one element per sample; and the seconds it took, as the replica says.

    `decode_seconds` is the part of `predict` that read and decoded files, known of no-code models only.
    """

    decode_seconds = 0.0
    model_seconds = 0.0


class BatchFailed(Exception):
    """predict() did not answer this batch. `reason`: exception, invalid_output or out_of_memory."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class ReplicaLost(Exception):
    """The replica's process is gone. `guilty` is True for the batch that it was working on.

    `reason`: killed, timeout or out_of_memory.
    """

    def __init__(self, reason: str, message: str, *, guilty: bool) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.guilty = guilty


class ReplicaNotStarted(Exception):
    """The model cannot be loaded; the message says why and `log` is what it printed."""

    def __init__(self, message: str, log: str) -> None:
        super().__init__(message)
        self.message = message
        self.log = log


@dataclass(frozen=True)
class ReplicaStats:
    """What is known of a replica: seconds it took to load, its highest memory in bytes, batches answered."""

    load_seconds: float
    memory_bytes: int
    batches: int


class Replica(Protocol):
    """One running copy of a model."""

    media: Path
    """Where the executor places files for it; the same folder is `media_inside` to the model."""
    media_inside: str

    load_log: str
    """What the model printed while it was loaded."""

    @property
    def is_alive(self) -> bool: ...

    def submit(self, batch: Batch) -> Future[Answer]:
        """Queue a batch. The future raises `BatchFailed` or `ReplicaLost`."""

    def new_log(self) -> str:
        """What the model printed since it was loaded or this was last asked, shortened where it was too much."""

    def stats(self) -> ReplicaStats: ...

    def close(self) -> None:
        """Let it finish what it has, run its teardown and leave; killed when that takes over two seconds."""

    def kill(self) -> None:
        """End its processes now and remove its folder."""


class Engine(Protocol):
    """What starts replicas."""

    def start_replica(self, spec: ReplicaSpec) -> Replica:
        """Start one and wait until its model is loaded. Raises `ReplicaNotStarted`."""

    def close(self) -> None:
        """Kill what still runs."""
