"""The search for a plan: one change after another, of which those stay that are faster and answer the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from samplecase.contracts.plans import TOLERANCE, Plan, Tricks
from samplecase.runtime.checking.agreement import Agreement, Comparer, Size
from samplecase.runtime.checking.team import Burst, Team, Unfit
from samplecase.runtime.engines.port import Element

MIN_GAIN = 1.02  # what measuring the same thing twice may differ by
CLOSE = (0.95, 1.10)  # between these, both are measured once more
COMPILE_GAIN = 1.10  # compiling is done again whenever a replica starts
COMPILE_SHARE = 0.5  # of the time that must be left for it
REFERENCE_SHARE = 0.2  # of the time, for the answers of the plain network
FEWEST = 32  # samples by which plans are compared, where there are so many
FIRST_MINI_BATCH = 8
MINI_BATCHES = (16, 8, 32, 4)

UNSUITED_PREFIX = "NotApplicable: "  # as the runner says it

KEPT, SLOWER, REJECTED, FAILED, UNSUITED, LEFT_OUT = (
    "kept", "slower", "rejected", "failed", "unsuited", "left_out"
)  # fmt: skip


@dataclass
class Tried:
    """A plan that was tried, and what came of it."""

    what: str
    plan: Plan
    outcome: str = KEPT
    reason: str = ""
    images_per_second: float | None = None
    agreement: Agreement | None = None

    def as_json(self) -> dict[str, Any]:
        speed = self.images_per_second
        return {
            "what": self.what,
            "plan": self.plan.as_json(),
            "outcome": self.outcome,
            "reason": self.reason,
            "images_per_second": None if speed is None else round(speed, 1),
            "agreement": None if self.agreement is None else self.agreement.as_json(),
        }


@dataclass(frozen=True)
class Change:
    """One step from a plan to another."""

    what: str
    to: Callable[[Plan], Plan]

    @classmethod
    def of_tricks(cls, what: str, **tricks: Any) -> Change:
        return cls(what, lambda plan: replace(plan, tricks=replace(plan.tricks, **tricks)))

    @classmethod
    def of_layout(cls, what: str, **layout: Any) -> Change:
        return cls(what, lambda plan: replace(plan, **layout))


def changes(*, is_bf16_allowed: bool, layouts: Sequence[tuple[int, int]]) -> Iterator[Change]:
    """In this order: what usually gains most comes first, what takes long to try comes last."""
    yield Change.of_tricks("batch norms folded and the graph frozen for this CPU", graph="frozen")
    yield Change.of_tricks("channels last", channels_last=True)
    if is_bf16_allowed:
        yield Change.of_tricks("bfloat16", precision="bf16")
    yield Change.of_tricks("decoded by torchvision, resized by torch", decode="torch")
    yield Change.of_tricks("JPEGs decoded at a smaller scale", decode="draft")
    for size in MINI_BATCHES:
        yield Change.of_layout(f"mini-batches of {size}", mini_batch=size)
    yield Change.of_tricks("cut and resized in one step", decode="box")
    yield Change("batch norms folded into convolutions", _folded)
    for replicas, threads in layouts:
        yield Change.of_layout(layout_name(replicas, threads), num_replicas=replicas, threads=threads)
    yield Change.of_tricks("compiled by torch.compile", graph="compiled")


def _folded(plan: Plan) -> Plan:
    """A frozen graph is folded already."""
    is_frozen = plan.tricks.graph == "frozen"
    return plan if is_frozen else replace(plan, tricks=replace(plan.tricks, graph="folded"))


def layout_name(replicas: int, threads: int) -> str:
    return f"{replicas} replica{'s' * (replicas > 1)} of {threads} thread{'s' * (threads > 1)}"


def layouts(available: int, cores: int) -> list[tuple[int, int]]:
    """`(replicas, threads)` that use all cores, most replicas first."""
    counts = {available} | {available // part for part in (2, 4) if available // part > 1} | {1}
    return [(count, max(1, cores // count)) for count in sorted(counts, reverse=True)]


def _spread(indices: Sequence[int]) -> list[int]:
    """In an order in which the first ones are from everywhere."""
    stride = max(1, round(len(indices) ** 0.5))
    return [index for start in range(stride) for index in indices[start::stride]]


class Search:
    """One greedy search on a team of replicas. `sizes` are the samples' widths and heights."""

    def __init__(
        self,
        team: Team,
        *,
        manifest: Mapping[str, Any],
        samples: int,
        sizes: Sequence[Size],
        seconds: float,
        say: Callable[[str], None],
    ) -> None:
        self._team = team
        self._comparer = Comparer(manifest, TOLERANCE)
        self.indices = list(range(samples))  # of those that the plans are compared by
        self._sizes = sizes
        self._seconds = seconds
        self._burst_seconds = min(max(seconds / 30, 0.3), 4.0)
        self._ends = time.monotonic() + seconds
        self._say = say
        self._plain: dict[int, Element] = {}
        self._kept: list[Tried] = []
        self._turn = 0
        self.tried: list[Tried] = []

    @property
    def compared(self) -> int:
        """How many samples have an answer of the plain network."""
        return len(self._plain)

    @property
    def best(self) -> Tried:
        return self._kept[-1]

    def begin(self, entered: Plan, layout: tuple[int, int]) -> None:
        """Time the plain network as it was entered, and have it answer the samples in the layout to begin with.

        Raises `Unfit`: without these there is nothing to compare with.
        """
        self._team.set(entered)
        speed = self._team.burst(entered, self.indices, seconds=self._burst_seconds).images_per_second
        self._note(Tried("the plain network as entered", entered, images_per_second=speed))
        replicas, threads = layout
        plan = replace(
            entered,
            num_replicas=replicas,
            threads=threads,
            mini_batch=max(entered.mini_batch, FIRST_MINI_BATCH),
        )
        self._team.set(plan)
        seconds = self._seconds * REFERENCE_SHARE
        burst = self._team.once(plan, _spread(self.indices), seconds=seconds, least=FEWEST)
        self._plain = burst.answers
        self.indices = sorted(burst.answers)
        tried = Tried(f"{layout_name(replicas, threads)}, mini-batches of {plan.mini_batch}", plan)
        tried.images_per_second = burst.images_per_second
        self._judge(tried, MIN_GAIN)

    def try_all(self, proposed: Iterator[Change]) -> None:
        """Each change in turn on the best plan so far, as long as there is time."""
        for change in proposed:
            plan = change.to(self.best.plan)
            if any(plan == each.plan for each in self.tried):
                continue
            tried = Tried(change.what, plan)
            is_compiled = plan.tricks.graph == "compiled"
            needed = self._seconds * COMPILE_SHARE if is_compiled else 2 * self._burst_seconds
            left = self._ends - time.monotonic() - self._reserve()
            if left < needed:
                tried.outcome = LEFT_OUT
                tried.reason = f"{max(left, 0):.0f} s were left for it, {needed:.0f} s are wanted"
                self._note(tried)
            else:
                self._try(tried, COMPILE_GAIN if is_compiled else MIN_GAIN)

    def _reserve(self) -> float:
        """What the last comparison, over all samples, will take."""
        return len(self._plain) / max(self.best.images_per_second or 1, 1)

    def _try(self, tried: Tried, gain: float) -> None:
        try:
            self._team.set(tried.plan)
            burst = self._timed(tried.plan)
            tried.agreement = self.compare(burst)
            tried.images_per_second = burst.images_per_second
            if not tried.agreement.fault and self._is_close(tried):
                self._repeat(tried)
        except Unfit as reason:
            is_unsuited = str(reason).startswith(UNSUITED_PREFIX)
            tried.outcome = UNSUITED if is_unsuited else FAILED
            tried.reason = str(reason).removeprefix(UNSUITED_PREFIX)
            self._note(tried)
            return
        self._judge(tried, gain)

    def _timed(self, plan: Plan) -> Burst:
        """A burst that begins with other samples than the last one."""
        self._turn += len(self.indices) // 3 + 1
        at = self._turn % len(self.indices)
        return self._team.burst(plan, self.indices[at:] + self.indices[:at], seconds=self._burst_seconds)

    def _is_close(self, tried: Tried) -> bool:
        ratio = (tried.images_per_second or 0) / max(self.best.images_per_second or 0, 1e-6)
        return CLOSE[0] < ratio < CLOSE[1]

    def _repeat(self, tried: Tried) -> None:
        """Both once more, one after the other: what else ran on this host may have changed meanwhile."""
        speeds = []
        for each in (self.best, tried):
            self._team.set(each.plan)
            burst = self._timed(each.plan)
            speeds.append(max(burst.images_per_second, each.images_per_second or 0))
        self.best.images_per_second, tried.images_per_second = speeds

    def _judge(self, tried: Tried, gain: float) -> None:
        fault = tried.agreement.fault if tried.agreement else ""
        best = self.best.images_per_second or 0
        if fault:
            tried.outcome, tried.reason = REJECTED, fault
        elif (tried.images_per_second or 0) < gain * best:
            tried.outcome = SLOWER
            tried.reason = f"not {gain - 1:.0%} faster than {best:.1f} images/s"
        self._note(tried)

    def _note(self, tried: Tried) -> None:
        self.tried.append(tried)
        if tried.outcome == KEPT:
            self._kept.append(tried)
        speed = "" if tried.images_per_second is None else f"{tried.images_per_second:.1f} images/s, "
        reason = f": {tried.reason}" if tried.reason else ""
        self._say(f"  {tried.what}: {speed}{tried.outcome.replace('_', ' ')}{reason}")

    def compare(self, burst: Burst) -> Agreement:
        agreement = Agreement()
        for index, element in burst.answers.items():
            self._comparer.add(agreement, self._plain[index], element, self._sizes[index])
        return agreement

    def settle(self) -> None:
        """Hold the best plan against the plain network on all samples; what disagrees gives way to what was before."""
        while self.best.plan.tricks != Tricks():
            try:
                self._team.set(self.best.plan)
                agreement = self.compare(self._all_of(self.best.plan))
            except Unfit as reason:
                self._withdraw(FAILED, str(reason))
                continue
            self.best.agreement = agreement
            if not agreement.fault:
                return
            self._withdraw(REJECTED, agreement.fault)

    def _all_of(self, plan: Plan) -> Burst:
        return self._team.once(plan, self.indices, seconds=self._seconds, least=len(self.indices))

    def time_entered_again(self) -> None:
        """Next to the best plan, so that what else ran on this host in the beginning does not flatter the plan."""
        entered = self._kept[0]
        if self.best is entered:
            return
        self._team.set(entered.plan)
        speed = self._timed(entered.plan).images_per_second
        entered.images_per_second = max(speed, entered.images_per_second or 0)
        if entered.images_per_second > (self.best.images_per_second or 0):
            self._kept = [entered]

    def _withdraw(self, outcome: str, reason: str) -> None:
        tried = self._kept.pop()
        tried.outcome, tried.reason = outcome, reason
        self._say(f"  {tried.what}: {outcome} in the end: {reason}")
