"""The criteria (losses), and which of them fit a field of which type."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from samplecase.training.config.base import Settings


class CrossEntropy(Settings):
    """Negative log-likelihood of the true class."""

    kind: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the target that is spread evenly over all classes."""
    class_weights: tuple[Annotated[float, Field(ge=0)], ...] | Literal["balanced"] | None = None
    """One weight per class in their order; *balanced*: total / (classes × count), as scikit-learn's."""


class BinaryCrossEntropy(Settings):
    """Negative log-likelihood of each class by itself."""

    kind: Literal["bce"] = "bce"
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share by which 0 and 1 are drawn to 0.5."""
    positive_weights: tuple[Annotated[float, Field(ge=0)], ...] | None = None
    """How much a positive weighs, one number per class in their order."""


class Focal(Settings):
    """Cross-entropy in which easy samples count less (Lin et al. 2017)."""

    kind: Literal["focal"] = "focal"
    gamma: Annotated[float, Field(ge=0)] = 2.0
    """How fast the weight of an easy sample falls; 0 is cross-entropy."""
    alpha: Annotated[float, Field(ge=0, le=1)] | None = None
    """Weight of positives where each class is by itself; negatives weigh 1 - alpha."""


class L1(Settings):
    """Mean absolute error."""

    kind: Literal["l1"] = "l1"


class MSE(Settings):
    """Mean squared error."""

    kind: Literal["mse"] = "mse"


Criterion = Annotated[CrossEntropy | BinaryCrossEntropy | Focal | L1 | MSE, Field(discriminator="kind")]

FITTING: dict[str, tuple[str, ...]] = {
    "classification": ("cross_entropy", "focal"),
    "classifications": ("bce", "focal"),
    "regression": ("mse", "l1"),
    "detections": (),  # the network brings its own
}
