"""Asks one replica about samples, and holds its answers against the schema."""

from __future__ import annotations

from collections.abc import Sequence

from samplecase.contracts.jobs import ModelSpec, SampleRef, SampleResult
from samplecase.contracts.schema import parse_schema
from samplecase.contracts.states import Outcome
from samplecase.runtime.checking.examples import numbered
from samplecase.runtime.conversion import Inputs, Outputs, PreparedBatch
from samplecase.runtime.engines.port import Answer, BatchFailed, Replica, ReplicaLost
from samplecase.runtime.masks import MaskStore
from samplecase.runtime.media import MediaSource, take_away


class NotGreen(Exception):
    """The deployment cannot be used; the message says why."""


class Asking:
    """How the samples of `source` come to a replica as one mini-batch, and what becomes of its answer."""

    def __init__(self, spec: ModelSpec, source: MediaSource, masks: MaskStore) -> None:
        schema = parse_schema(spec.manifest["schema"])
        self._source = source
        self._inputs = Inputs(schema)
        self._outputs = Outputs(schema, list(schema.outputs), masks)

    def ask(self, samples: Sequence[SampleRef], replica: Replica) -> tuple[PreparedBatch, Answer]:
        """Raises `BatchFailed` and `ReplicaLost`; `StorageUnavailable`."""
        prepared = self._inputs.prepare(samples, replica, self._source)
        try:
            return prepared, replica.submit(prepared.batch).result() if prepared.samples else Answer()
        finally:
            take_away(prepared.files)

    def results(self, prepared: PreparedBatch, answer: Answer) -> list[SampleResult]:
        """Of those samples that could be prepared, in their order."""
        return self._outputs.results(prepared.samples, answer) if prepared.samples else []


class Trial:
    """A replica's examination."""

    def __init__(self, spec: ModelSpec, replica: Replica, source: MediaSource, masks: MaskStore) -> None:
        self._mini_batch = spec.mini_batch
        self._replica = replica
        self._asking = Asking(spec, source, masks)

    def run(self, samples: Sequence[SampleRef]) -> Sequence[SampleResult]:
        """One result per sample, in their order. Raises `NotGreen` when the batch as a whole fails."""
        try:
            prepared, answer = self._asking.ask(samples, self._replica)
        except (BatchFailed, ReplicaLost) as failure:
            names = ", ".join(sample.name for sample in samples[:3])
            raise NotGreen(f"the model failed on {names}: {failure.message}") from failure
        if prepared.errors:
            error = prepared.errors[0]
            raise NotGreen(f"{error.reason}: {error.message}")
        return self._asking.results(prepared, answer)

    def all_of(self, samples: Sequence[SampleRef]) -> Sequence[SampleRef]:
        """The author's examples: each must be answered. Raises `NotGreen`."""
        for start in range(0, len(samples), self._mini_batch):
            self._demand(samples[start : start + self._mini_batch])
        return samples

    def some_of(self, samples: Sequence[SampleRef]) -> Sequence[SampleRef]:
        """Made-up images: a model may well want others, but must answer one of them. Raises `NotGreen`."""
        good, refusals = [], []
        for sample in samples:
            try:
                self._demand([sample])
            except NotGreen as refusal:
                if not self._replica.is_alive:
                    raise
                refusals.append(refusal)
            else:
                good.append(sample)
        if not good:
            raise refusals[0]
        return good[:1]

    def readable_of(self, samples: Sequence[SampleRef]) -> list[SampleRef]:
        """Those samples of a dataset whose files can be read: each of them must be answered. Raises `NotGreen`.

        Whoever may view the model reads the reason, so it holds nothing that the model made of the samples.
        """
        good = []
        for sample in samples:
            try:
                prepared, answer = self._asking.ask([sample], self._replica)
            except (BatchFailed, ReplicaLost) as failure:
                raise _not_answered(sample, failure.reason) from failure
            for result in [*prepared.errors, *self._asking.results(prepared, answer)]:
                if result.outcome is Outcome.DONE:
                    good.append(sample)
                elif result.reason != "unreadable_media":
                    raise _not_answered(sample, result.reason)
        return good

    def time(self, samples: Sequence[SampleRef], size: int) -> None:
        """One mini-batch of `size`, whatever comes of it. Raises `BatchFailed` and `ReplicaLost`."""
        bundle = [numbered(samples[index % len(samples)], index) for index in range(size)]
        self._asking.results(*self._asking.ask(bundle, self._replica))

    def _demand(self, samples: Sequence[SampleRef]) -> None:
        for sample, result in zip(samples, self.run(samples), strict=True):
            if result.outcome is not Outcome.DONE:
                raise NotGreen(f"{sample.name}: {result.reason}: {result.message}")


def _not_answered(sample: SampleRef, reason: str) -> NotGreen:
    return NotGreen(
        f"the model gives no valid answer for sample {sample.id} of the dataset ({reason}); "
        "a dry run on it shows the message to you alone"
    )
