"""A deployment's plan: how Deploy found that its network runs fastest while it answers the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

MAX_TUNING_SAMPLES = 256
MAX_CHECKED_SAMPLES = 16  # of a dataset, that must pass the schema


@dataclass(frozen=True)
class Tricks:
    """What is done to a no-code package's network and to reading its images. The defaults are to do nothing.

    What each value means is said in `samplecase.packages.runner`, in `networks` and `reading`.
    """

    graph: str = "plain"  # plain, folded, frozen, compiled
    precision: str = "fp32"  # fp32, bf16
    channels_last: bool = False
    decode: str = "plain"  # plain, box, torch, draft


@dataclass(frozen=True)
class Plan:
    """Tricks, and the layout in which they were measured: jobs use both."""

    tricks: Tricks
    mini_batch: int
    num_replicas: int
    threads: int  # of each replica

    def as_json(self) -> dict[str, Any]:
        layout = {"mini_batch": self.mini_batch, "num_replicas": self.num_replicas, "threads": self.threads}
        return {**asdict(self.tricks), **layout}

    @classmethod
    def of(cls, stored: Any) -> Plan | None:
        """The plan as `as_json` wrote it, or None for anything else."""
        if not isinstance(stored, Mapping):
            return None
        names = {each.name for each in fields(Tricks)}
        if names - stored.keys():
            return None
        tricks = Tricks(**{name: stored[name] for name in names})
        return cls(tricks, int(stored["mini_batch"]), int(stored["num_replicas"]), int(stored["threads"]))


@dataclass(frozen=True)
class Tolerance:
    """How far a plan's outputs may be from those of the plain network in single precision."""

    margin: float = 0.02  # the best label may be another where the two best scores are closer than this
    score: float = 0.01  # of a label, of a box; of an embedding or number relative to its size
    pixels: float = 1.0  # by which a box's side may move, in the displayed image

    def as_json(self) -> dict[str, float]:
        return asdict(self)


TOLERANCE = Tolerance()
