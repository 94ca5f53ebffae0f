"""A head per label field: from the label to the target, from outputs to a loss, a label and metrics."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from samplecase.evaluation.confusion import averages, class_scores, micro, ratio, summary
from samplecase.evaluation.precision import average_precision
from samplecase.evaluation.regression import Errors
from samplecase.training.config.criteria import Criterion
from samplecase.training.config.data import LabelField
from samplecase.training.data.manifest import Label
from samplecase.training.tasks.base import FieldResult
from samplecase.training.tasks.criteria import ClassLoss, LabelsLoss, NumberLoss

Loss = ClassLoss | LabelsLoss | NumberLoss


class Head(ABC):
    """One field. `score` is the name of the figure of a batch that the logs show."""

    score: str
    loss: Loss

    def __init__(self, field: LabelField) -> None:
        self.field = field
        self.name, self.weight = field.name, field.weight

    outputs: int

    @abstractmethod
    def target(self, label: Label) -> torch.Tensor:
        """What the network should say; of no label something that has its shape."""

    def sample_weight(self, label: Label) -> float:
        """What a sample of this label weighs in the mean of the losses."""
        return 1.0

    @abstractmethod
    def batch_score(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The score of a batch, without dimensions."""

    @abstractmethod
    def values(self, outputs: torch.Tensor) -> torch.Tensor:
        """Probabilities, or the number: `float32` of the outputs' shape."""

    @abstractmethod
    def label(self, values: np.ndarray[Any, Any]) -> Any:
        """The values of one sample as a label of the platform."""

    @abstractmethod
    def result(self, values: np.ndarray[Any, Any], labels: Sequence[Label]) -> FieldResult:
        """What `values [n, outputs]` are worth, given the true labels."""

    @abstractmethod
    def row(self, values: np.ndarray[Any, Any], label: Label) -> dict[str, Any]:
        """Of one sample: label, prediction, confidence and probabilities."""


def confusion_matrix(
    actual: np.ndarray[Any, Any], predicted: np.ndarray[Any, Any], classes: int
) -> np.ndarray[Any, Any]:
    """`int64 [classes, classes]`, actual by predicted, by one count of pairs."""
    return np.bincount(actual * classes + predicted, minlength=classes**2).reshape(classes, classes)


class ClassHead(Head):
    """One class of several."""

    score = "acc"

    def __init__(
        self, field: LabelField, classes: Sequence[str], criterion: Criterion, counts: Sequence[int]
    ) -> None:
        super().__init__(field)
        self.classes, self.outputs = list(classes), len(classes)
        self._place = {label: number for number, label in enumerate(classes)}
        self.loss: ClassLoss = ClassLoss(criterion, counts)

    def sample_weight(self, label: Label) -> float:
        return self.loss.weight(self._place[str(label)])

    def target(self, label: Label) -> torch.Tensor:
        return torch.tensor(self._place[label] if isinstance(label, str) else 0)

    def batch_score(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return (outputs.argmax(dim=1) == targets).float().mean()

    def values(self, outputs: torch.Tensor) -> torch.Tensor:
        return outputs.float().softmax(dim=1)

    def label(self, values: np.ndarray[Any, Any]) -> dict[str, Any]:
        best = int(values.argmax())
        scores = {label: float(each) for label, each in zip(self.classes, values, strict=True)}
        return {"label": self.classes[best], "confidence": float(values[best]), "scores": scores}

    def result(self, values: np.ndarray[Any, Any], labels: Sequence[Label]) -> FieldResult:
        actual = np.array([self._place[str(label)] for label in labels], dtype=np.int64)
        matrix = confusion_matrix(actual, values.argmax(axis=1), self.outputs)
        scores = class_scores(self.classes, matrix.tolist())
        occurring = [
            each
            for each, line, column in zip(scores, matrix, matrix.T, strict=True)
            if line.any() or column.any()
        ]
        figures = summary(occurring, correct=int(matrix.trace()))
        metrics = {"acc": figures.pop("accuracy", 0.0), **figures}
        return FieldResult(
            self.name,
            metrics,
            "acc",
            ("acc",),
            [vars(each) for each in scores],
            self.classes,
            matrix.tolist(),
        )

    def row(self, values: np.ndarray[Any, Any], label: Label) -> dict[str, Any]:
        found = self.label(values)
        return {
            "label": label,
            "prediction": found["label"],
            "confidence": found["confidence"],
            "scores": found["scores"],
        }


class LabelsHead(Head):
    """Any number of classes."""

    score = "f1"
    threshold = 0.5

    def __init__(
        self, field: LabelField, classes: Sequence[str], criterion: Criterion, counts: Sequence[int]
    ) -> None:
        super().__init__(field)
        self.classes, self.outputs = list(classes), len(classes)
        self.loss = LabelsLoss(criterion, counts)

    def target(self, label: Label) -> torch.Tensor:
        found = set(label) if isinstance(label, list) else set()
        return torch.tensor([float(each in found) for each in self.classes])

    def batch_score(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        found = (outputs > 0).float()
        return 2 * (found * targets).sum() / (found.sum() + targets.sum()).clamp(min=1)

    def values(self, outputs: torch.Tensor) -> torch.Tensor:
        return outputs.float().sigmoid()

    def label(self, values: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
        pairs = zip(self.classes, values, strict=True)
        return [{"label": name, "confidence": float(each)} for name, each in pairs if each > self.threshold]

    def result(self, values: np.ndarray[Any, Any], labels: Sequence[Label]) -> FieldResult:
        actual = np.stack([self.target(label).numpy() > 0 for label in labels])
        found = values > self.threshold
        scores, precisions = [], []
        for place, name in enumerate(self.classes):
            matrix = confusion_matrix(actual[:, place].astype(int), found[:, place].astype(int), 2)
            score = class_scores(["", name], matrix.tolist())[1]
            ap = average_precision(
                values[:, place], actual[:, place], positives=int(actual[:, place].sum()), others=0
            )
            scores.append(score)
            precisions.append(ap)
        metrics = {
            "exact_match": ratio(int((actual == found).all(axis=1).sum()), len(actual)),
            "map": sum(precisions) / len(precisions),
            **micro(hits=int((actual & found).sum()), predicted=int(found.sum()), actual=int(actual.sum())),
            **averages(scores),
        }
        metrics["f1"] = metrics["f1_micro"]
        rows = [{**vars(score), "ap": ap} for score, ap in zip(scores, precisions, strict=True)]
        return FieldResult(self.name, metrics, "f1", ("f1",), rows, self.classes)

    def row(self, values: np.ndarray[Any, Any], label: Label) -> dict[str, Any]:
        found = self.label(values)
        return {
            "label": "|".join(map(str, label)) if isinstance(label, list) else "",
            "prediction": "|".join(each["label"] for each in found),
            "confidence": min((each["confidence"] for each in found), default=None),
            "scores": {name: float(each) for name, each in zip(self.classes, values, strict=True)},
        }


class NumberHead(Head):
    """A number."""

    score = "mae"
    outputs = 1

    def __init__(self, field: LabelField, criterion: Criterion) -> None:
        super().__init__(field)
        self.loss = NumberLoss(criterion)

    def target(self, label: Label) -> torch.Tensor:
        return torch.tensor(float(label) if isinstance(label, int | float) else 0.0)

    def batch_score(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return (outputs[:, 0] - targets).abs().mean()

    def values(self, outputs: torch.Tensor) -> torch.Tensor:
        return outputs.float()

    def label(self, values: np.ndarray[Any, Any]) -> float:
        return float(values[0])

    def result(self, values: np.ndarray[Any, Any], labels: Sequence[Label]) -> FieldResult:
        errors = Errors()
        errors.add((float(label), float(each)) for label, each in zip(labels, values[:, 0], strict=True))  # type: ignore[arg-type]
        return FieldResult(self.name, errors.metrics(), "r2", ("mae",))

    def row(self, values: np.ndarray[Any, Any], label: Label) -> dict[str, Any]:
        return {"label": label, "prediction": float(values[0]), "confidence": None, "scores": {}}
