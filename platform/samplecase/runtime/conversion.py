"""Between samples and a model: a mini-batch's inputs on the way in, checked results on the way out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.jobs import SampleRef, SampleResult
from samplecase.contracts.labels.outputs import OutputChecker
from samplecase.contracts.schema import Schema
from samplecase.contracts.states import Outcome
from samplecase.contracts.texts import storable
from samplecase.runtime import media
from samplecase.runtime.engines.port import Answer, Array, Batch, Element, ElementError, Image, Png, Replica
from samplecase.runtime.masks import InvalidMask, MaskStore, store_mask

MAX_MESSAGE = 2000
IMAGE, LOCAL = "image", "local"
MASK_TYPES = ("segmentation", "heatmap")
Decoded = Image | media.UnreadableMedia | None


@dataclass
class PreparedBatch:
    """A batch whose files are in place. `errors` are the samples that could not be prepared."""

    samples: list[SampleRef] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)
    images: dict[str, list[Image]] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    errors: list[SampleResult] = field(default_factory=list)

    @property
    def batch(self) -> Batch:
        return Batch(len(self.samples), self.values, self.images)


class Inputs:
    """What `predict` gets per sample, by the schema's inputs. `decoders` are the threads that decode images."""

    def __init__(self, schema: Schema, decoders: Executor | None = None) -> None:
        self._ports = schema.inputs
        self._decoders = decoders
        self._has_images = any(port.type == IMAGE for port in schema.inputs.values())

    def prepare(
        self, samples: Sequence[SampleRef], replica: Replica, source: media.MediaSource
    ) -> PreparedBatch:
        """Place or decode each sample's file and gather its fields.

        Raises `StorageUnavailable`, and then leaves no file behind.
        """
        prepared = PreparedBatch()
        for name, port in self._ports.items():
            if port.type == IMAGE:
                prepared.images[name] = []
            else:
                prepared.values[name] = []
        try:
            for sample, image in zip(samples, self._decoded(samples, source), strict=True):
                self._prepare_one(sample, image, replica, source, prepared)
        except BaseException:
            media.take_away(prepared.files)
            raise
        return prepared

    def _decoded(self, samples: Sequence[SampleRef], source: media.MediaSource) -> Sequence[Decoded]:
        """Each sample's image, or why it cannot be had; nothing where no input asks for it."""
        if not self._has_images:
            return [None] * len(samples)
        decode = partial(_decoded, source=source)
        return list(self._decoders.map(decode, samples) if self._decoders else map(decode, samples))

    def _prepare_one(
        self,
        sample: SampleRef,
        image: Decoded,
        replica: Replica,
        source: media.MediaSource,
        prepared: PreparedBatch,
    ) -> None:
        try:
            if isinstance(image, media.UnreadableMedia):
                raise image
            row = {name: self._value(name, sample, image, replica, source, prepared) for name in self._ports}
        except media.UnreadableMedia as error:
            prepared.errors.append(failed(sample, "unreadable_media", str(error)))
            return
        except _MissingInput as error:
            prepared.errors.append(failed(sample, "missing_input", str(error)))
            return
        prepared.samples.append(sample)
        for name, value in row.items():
            (prepared.images if name in prepared.images else prepared.values)[name].append(value)

    def _value(
        self,
        name: str,
        sample: SampleRef,
        image: Decoded,
        replica: Replica,
        source: media.MediaSource,
        prepared: PreparedBatch,
    ) -> Any:
        port = self._ports[name]
        if port.type == IMAGE:
            return image
        if port.type == LOCAL:
            placed = media.place(sample, replica.media, source)
            prepared.files.append(placed)
            return f"{replica.media_inside}/{placed.name}"
        value = sample.inputs.get(name)
        value = port.default if value is None else value
        if value is None and port.required:
            raise _MissingInput(f"the input {name!r} has no value on this sample")
        return value


def _decoded(sample: SampleRef, source: media.MediaSource) -> Decoded:
    try:
        return media.decode(sample, source)
    except media.UnreadableMedia as error:
        return error


class _MissingInput(Exception):
    pass


class Outputs:
    """Turns a replica's answer into results: each element checked against the schema, masks stored."""

    def __init__(self, schema: Schema, mapped: Sequence[str], masks: MaskStore) -> None:
        self._checker = OutputChecker(schema)
        self._mask_outputs = {name for name, port in schema.outputs.items() if port.type in MASK_TYPES}
        self._mapped = mapped
        self._masks = masks

    def results(self, samples: Sequence[SampleRef], answer: Answer) -> list[SampleResult]:
        """One result per sample. Raises `StorageUnavailable` when a mask cannot be stored."""
        for name in self._mapped:
            if len(answer.get(name, ())) != len(samples):
                text = f"the answer holds {len(answer.get(name, ()))} values of {name!r} for {len(samples)} samples"
                return [failed(sample, "invalid_output", text) for sample in samples]
        return [self._result(sample, index, answer) for index, sample in enumerate(samples)]

    def _result(self, sample: SampleRef, index: int, answer: Answer) -> SampleResult:
        values = {}
        for name in self._mapped:
            element = answer[name][index]
            if isinstance(element, ElementError):
                return failed(sample, element.reason, element.message)
            try:
                values[name] = self._checked(name, element)
            except InvalidMask as error:
                return failed(sample, "invalid_output", f"/{name}: {error}")
            except InvalidInput as error:
                return failed(sample, "invalid_output", explain(error))
        return SampleResult(sample.id, Outcome.DONE, values)

    def _checked(self, name: str, element: Element) -> Any:
        if element is None:
            return None
        # Pixels or nothing: a model that could name a stored mask could name another dataset's.
        if isinstance(element, Array | Png) != (name in self._mask_outputs):
            raise InvalidMask("expected pixels" if name in self._mask_outputs else "expected no pixels")
        raw = store_mask(element, self._masks) if isinstance(element, Array | Png) else element
        return self._checker.check(name, raw)


def failed(sample: SampleRef, reason: str, message: str) -> SampleResult:
    return SampleResult(sample.id, Outcome.ERROR, reason=reason, message=storable(message)[:MAX_MESSAGE])


def explain(error: InvalidInput) -> str:
    """The error in one line: each place that is wrong, or the sentence where it names none."""
    places = [f"{fault.pointer}: {fault.message}" for fault in error.details]
    return "; ".join(places) or error.message
