"""What the ledger and the executor say to each other about a job: plain data, no database and no process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from samplecase.contracts.plans import Tricks
from samplecase.contracts.states import Outcome

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class ModelSpec:
    """All that is needed to start a replica of a deployed version."""

    deployment: int
    model: int
    version: int  # the version's row
    package_sha256: str
    manifest: Mapping[str, Any]  # the checked model.json, its schema included
    mini_batch: int
    num_replicas: int
    num_gpus: int
    custom_environment: bool
    sandbox: str  # states.Sandbox
    owner: int  # the user whose data the replicas will see; never shared with another's
    threads: int = 0  # of each replica; 0: the cores, divided among the replicas
    tricks: Tricks | None = None  # of the deployment's plan; None: the network as it comes
    is_tuning: bool = False  # its replicas take other tricks while they run, and serve no job


class SampleRef(NamedTuple):  # made for every sample of every job, in a third of a dataclass's time
    """One sample as a replica gets it."""

    id: int
    name: str
    media_sha256: str
    extension: str  # with its dot, by the sample's real format: ".png"
    inputs: Mapping[str, Any] = NOTHING  # values for the schema's inputs that are not media


@dataclass(frozen=True)
class ChunkClaim:
    """A claimed chunk; `fence` is the attempt that holds it, and every write is conditional on it."""

    job: int
    chunk: int
    fence: int
    spec: ModelSpec
    outputs: Mapping[str, str]  # output of the schema -> field of the dataset; others are discarded
    samples: Sequence[SampleRef]  # those without an outcome, in order


class SampleResult(NamedTuple):
    """What became of one sample.

    With `Outcome.DONE`, `values` holds one checked value per mapped *output* (None: nothing found). With
    `Outcome.ERROR`, `reason` is a short code (`exception`, `invalid_output`, `missing_input`, `unreadable_media`,
    `killed`, `timeout`, `out_of_memory`) and `message` a sentence for the person who reads it.
    """

    sample: int
    outcome: Outcome
    values: Mapping[str, Any] = NOTHING
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class ReplicaReport:
    """What one replica of a job does now, and how many samples it answered."""

    state: str  # states.ReplicaState
    done: int


@dataclass(frozen=True)
class WorkReport:
    """What one executor does for a job: seconds worked so far, by what they went to, and its replicas."""

    decode: float  # fetching, placing and decoding files
    model: float  # the rest of `predict`
    write: float  # checking outputs and committing values
    replicas: Sequence[ReplicaReport] = ()


@dataclass(frozen=True)
class DeploymentClaim:
    """A pending deployment that this executor is to check; `fence` as in `ChunkClaim`."""

    deployment: int
    fence: int
    spec: ModelSpec
    samples: Sequence[SampleRef] = ()  # of the dataset that the deployer named, if he may still view it
    sizes: Mapping[int, tuple[int, int]] = field(
        default_factory=dict
    )  # by sample: width and height as displayed
    note: str = ""  # what the log is to say of that dataset
    tunes: bool = False
    allows_bf16: bool = False


@dataclass(frozen=True)
class DeploymentReport:
    """What a deploy check found. `reason` is empty when it is ready, and `measured` as in docs/contracts.md."""

    ready: bool
    reason: str = ""
    measured: Mapping[str, Any] = field(default_factory=dict)
