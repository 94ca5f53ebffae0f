"""The plug-in that a task is: targets, collate, head, step and evaluator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from PIL import Image
from torch import nn

from samplecase.training.data.manifest import ManifestRow
from samplecase.training.inputs.images import InputFormat
from samplecase.training.inputs.loading import Batch, Item, Prepare
from samplecase.training.networks.own import StepOutput


@dataclass
class FieldResult:
    """What the predictions of one field are worth.

    `metrics` are the figures of the whole, `main` the name of the one that a run is judged by, `logged` those of the
    training log. `per_class` has a row per class, `confusion` counts `[actual][predicted]`.
    """

    name: str
    metrics: dict[str, float]
    main: str
    logged: tuple[str, ...]
    per_class: list[dict[str, Any]] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    confusion: list[list[int]] = field(default_factory=list)


@dataclass
class EvaluationResult:
    """All of a split, in the order of its samples."""

    loss: float
    fields: list[FieldResult]
    predictions: list[dict[str, Any]]  # a row per sample and field
    custom: dict[str, float] = field(default_factory=dict)

    @property
    def metric(self) -> float:
        """The mean of the fields' main metrics; the more the better."""
        return sum(each.metrics.get(each.main, 0.0) for each in self.fields) / len(self.fields)

    def logged(self) -> dict[str, float]:
        """The figures of the training log: `{field}_acc` …"""
        return {
            f"{each.name}_{name}": each.metrics.get(name, 0.0) for each in self.fields for name in each.logged
        }

    def summary(self) -> dict[str, float]:
        """Every figure by its name, as `summary_metrics.csv` has them."""
        found = {"loss": self.loss}
        for each in self.fields:
            found |= {f"{each.name}_{name}": value for name, value in each.metrics.items()}
        return found | self.custom


@dataclass
class SampleOutput:
    """What the network said of one sample: its place in the split, its loss, and its outputs per field."""

    index: int
    loss: float
    outputs: dict[str, Any]
    losses: dict[str, float] = field(default_factory=dict)  # of each field, without its weight


class Task(ABC):
    """One kind of learning. `log_columns` are the names of a batch's scores, in the order of the logs."""

    log_columns: tuple[str, ...]

    @abstractmethod
    def outputs(self) -> dict[str, int]:
        """How many outputs the head of each field has."""

    @abstractmethod
    def prepare(self, wanted: InputFormat, *, training: bool) -> Prepare:
        """From an image and its row to the network's input and its target."""

    @abstractmethod
    def collate(self, items: list[Item]) -> Batch:
        """Samples of one step."""

    @abstractmethod
    def step(self, network: nn.Module, batch: Batch) -> StepOutput:
        """The loss of a batch and its scores, in training."""

    @abstractmethod
    def examine(self, network: nn.Module, batch: Batch) -> list[SampleOutput]:
        """What the network, in eval mode, says of each sample, on the CPU."""

    @abstractmethod
    def evaluate(self, outputs: Sequence[SampleOutput], rows: Sequence[ManifestRow]) -> EvaluationResult:
        """What the outputs of all of `rows` are worth; both are in the same order."""

    @abstractmethod
    def readable(self, outputs: dict[str, Any]) -> dict[str, Any]:
        """The prediction of each field as a label of the platform: for images without a truth."""

    def predict(self, network: nn.Module, image: Image.Image, wanted: InputFormat) -> dict[str, Any]:
        """The labels of one image."""
        row = ManifestRow("", "", "", {}, "")
        pixels, target = self.prepare(wanted, training=False)(image, row)
        batch = self.collate([(pixels, target, 0)])
        device = next(network.parameters()).device
        return self.readable(self.examine(network, batch.to(device))[0].outputs)


def scalar(value: torch.Tensor) -> torch.Tensor:
    """Without its gradient: a figure that is only logged."""
    return value.detach().float()
