"""The losses, one value per sample so that each sample's stands in the predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional

from samplecase.contracts.errors import InvalidInput
from samplecase.training.config.criteria import L1, BinaryCrossEntropy, Criterion, CrossEntropy, Focal


def balanced_weights(counts: Sequence[int]) -> list[float]:
    """Total / (classes × count), as scikit-learn's `compute_class_weight("balanced")`; 0 for a class without any."""
    total = sum(counts)
    return [total / (len(counts) * count) if count else 0.0 for count in counts]


class ClassLoss:
    """Of one class among several: cross-entropy or focal. `outputs [n, k]`, `targets int64 [n]`."""

    def __init__(self, chosen: Criterion, counts: Sequence[int]) -> None:
        self._chosen = chosen
        weights = chosen.class_weights if isinstance(chosen, CrossEntropy) else None
        numbers = balanced_weights(counts) if weights == "balanced" else weights
        if numbers is not None and len(numbers) != len(counts):
            message = f"There are {len(counts)} classes and {len(numbers)} weights."
            raise InvalidInput(message, pointer="/criterion/class_weights", code="invalid_config")
        self._weights = None if numbers is None else torch.tensor([float(each) for each in numbers])

    def mean(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The loss of a batch; with class weights it is their weighted mean, as torch has it."""
        if isinstance(self._chosen, Focal):
            return self.each(outputs, targets).mean()
        return functional.cross_entropy(outputs, targets, **self._options(outputs))

    def each(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        if isinstance(self._chosen, Focal):
            loss = functional.cross_entropy(outputs, targets, reduction="none")
            return (1 - torch.exp(-loss)) ** self._chosen.gamma * loss
        return functional.cross_entropy(outputs, targets, reduction="none", **self._options(outputs))

    def weight(self, target: int) -> float:
        """What a sample of this class weighs in a mean."""
        return 1.0 if self._weights is None else float(self._weights[target])

    def _options(self, outputs: torch.Tensor) -> dict[str, Any]:
        if not isinstance(self._chosen, CrossEntropy):
            return {}
        weight = None if self._weights is None else self._weights.to(outputs)
        return {"weight": weight, "label_smoothing": self._chosen.label_smoothing}


class LabelsLoss:
    """Of each class by itself: BCE or focal (as torchvision's `sigmoid_focal_loss`). `targets float [n, k]`."""

    def __init__(self, chosen: Criterion, counts: Sequence[int]) -> None:
        self._chosen = chosen
        weights = chosen.positive_weights if isinstance(chosen, BinaryCrossEntropy) else None
        if weights is not None and len(weights) != len(counts):
            message = f"There are {len(counts)} classes and {len(weights)} weights."
            raise InvalidInput(message, pointer="/criterion/positive_weights", code="invalid_config")
        self._weights = None if weights is None else torch.tensor(weights)

    def mean(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return self.each(outputs, targets).mean()

    def each(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        if isinstance(self._chosen, Focal):
            return self._focal(outputs, targets, self._chosen).mean(dim=1)
        smoothing = self._chosen.label_smoothing if isinstance(self._chosen, BinaryCrossEntropy) else 0.0
        aims = targets * (1 - smoothing) + smoothing / 2
        weights = None if self._weights is None else self._weights.to(outputs)
        loss = functional.binary_cross_entropy_with_logits(
            outputs, aims, pos_weight=weights, reduction="none"
        )
        return loss.mean(dim=1)

    @staticmethod
    def _focal(outputs: torch.Tensor, targets: torch.Tensor, chosen: Focal) -> torch.Tensor:
        loss = functional.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
        loss = loss * (1 - torch.exp(-loss)) ** chosen.gamma
        if chosen.alpha is None:
            return loss
        return loss * (chosen.alpha * targets + (1 - chosen.alpha) * (1 - targets))


class NumberLoss:
    """Of a number: absolute or squared error. `outputs [n, 1]`, `targets float [n]`."""

    def __init__(self, chosen: Criterion) -> None:
        self._is_absolute = isinstance(chosen, L1)

    def mean(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return self.each(outputs, targets).mean()

    def each(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        error = outputs[:, 0] - targets
        return error.abs() if self._is_absolute else error.square()
