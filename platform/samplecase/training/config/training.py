"""The configuration of one training run."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from samplecase.training.config.base import STATELESS, Settings
from samplecase.training.config.criteria import FITTING, MSE, BinaryCrossEntropy, Criterion, CrossEntropy
from samplecase.training.config.data import Data, LabelField
from samplecase.training.config.freezing import FreezePlan, Whole
from samplecase.training.config.optimizers import SGD, AdamW, Optimizer
from samplecase.training.config.schedulers import Constant, Scheduler


class Architecture(Settings):
    """The network and where its first weights come from."""

    name: Annotated[str, Field(min_length=1)] = "resnet18"
    """A name of the catalogue, or FILE.py:Class of an own network."""
    weights: Annotated[str, Field(min_length=1)] = "pretrained"
    """*pretrained* takes them from the shelf, *none* trains from scratch, anything else is a file."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the inputs of the head that are dropped in training."""


class Averaging(Settings):
    """A second set of weights that follows the trained ones slowly; it is what is evaluated and kept."""

    decay: Annotated[float, Field(gt=0, lt=1)] = 0.999
    """Share of the average that stays at each step."""


class EarlyStopping(Settings):
    """The end of a run that gets no better."""

    patience: Annotated[int, Field(ge=1)] = 10
    """Epochs without a better metric that are borne."""
    min_delta: Annotated[float, Field(ge=0)] = 0.0
    """How much better counts as better."""


class Keep(Settings):
    """Which epochs' weights stay, beside the best and the last."""

    kind: Literal["all", "best_k", "every_n"] = "all"
    """All of them, the best few, or every so many epochs."""
    number: Annotated[int, Field(ge=1)] = 5
    """How many of the best, or how many epochs from one to the next."""

    def keeps(self, epoch: int, *, rank: int) -> bool:
        """Whether the weights of this epoch (from 1) stay; `rank` is its place, 0 the best epoch so far."""
        if self.kind == "all":
            return True
        return rank < self.number if self.kind == "best_k" else epoch % self.number == 0


class TrainingConfig(Settings):
    """Everything that is chosen for one training run."""

    name: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_.-]{0,62})?$"), STATELESS] = ""
    """What its weight files are called; the architecture's name where nothing is given."""
    architecture: Architecture = Architecture()
    """The network."""
    data: Data = Data()
    """What it learns from."""
    optimizer: Optimizer = AdamW()
    """How weights follow their gradients."""
    criterion: Criterion | None = None
    """The loss; without one, what fits the field: cross-entropy, BCE or MSE."""
    scheduler: Scheduler = Constant()
    """How the learning rate goes."""
    freeze: FreezePlan = Whole()
    """Which layers train."""
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 10
    """How often every sample is seen."""
    batch_size: Annotated[int, Field(ge=1, le=65_536)] = 32
    """Samples per step and process."""
    mixed_precision: Literal["off", "bfloat16", "float16"] = "off"
    """The type that the network computes in where that is safe."""
    clip_norm: Annotated[float, Field(gt=0)] | None = None
    """Gradients are scaled down to this norm where theirs is larger."""
    ema: Averaging | None = None
    """Averaged weights."""
    early_stopping: EarlyStopping | None = None
    """When a run that gets no better ends."""
    best_metric: Literal["metric", "loss"] = "metric"
    """What the best epoch is chosen by: the mean of the fields' main metrics, or the validation loss."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    """The start of everything that is random."""
    deterministic: bool = True
    """Only operations that give the same result each time: what exact resume needs."""
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], STATELESS] = "auto"
    """Processing unit; *auto* is a GPU where there is one."""
    processes: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes that each do a step's part, one per GPU; the batch size is that of each of them."""
    workers: Annotated[int, Field(ge=0, le=128), STATELESS] = 2
    """Processes that read images ahead; 0 reads them in the training process."""
    prefetch_factor: Annotated[int, Field(ge=1, le=64), STATELESS] = 2
    """Batches that each of them reads ahead."""
    threads: Annotated[int, Field(ge=1, le=512), STATELESS] | None = None
    """CPU threads of the training process; all cores where nothing is given."""
    checkpoint_seconds: Annotated[float, Field(ge=0), STATELESS] = 300.0
    """Seconds from one checkpoint within an epoch to the next; there is one after each epoch in any case."""
    keep: Annotated[Keep, STATELESS] = Keep()
    """Which epochs' weights stay."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names = [field.name for field in self.data.fields]
        if not names:
            raise ValueError("data.fields: Name at least one.")
        if len(set(names)) < len(names):
            raise ValueError("data.fields: Two of them have one name.")
        if self.data.balanced and self.data.fields[0].type == "regression":
            raise ValueError("data.balanced: A number has no classes that could come equally often.")
        if self.is_detection and len(names) > 1:
            raise ValueError("data.fields: A field of detections is learnt alone.")
        changes = self.data.augmentation
        if self.is_detection and (changes.crop_scale < 1 or changes.rotation or changes.erasing):
            raise ValueError(
                "data.augmentation: Of boxes, images are only mirrored and their colours changed."
            )
        for place, field in enumerate(self.data.fields):
            criterion = field.criterion or self.criterion
            if criterion and criterion.kind not in FITTING[field.type]:
                where = f"data.fields.{place}.criterion" if field.criterion else "criterion"
                fitting = ", ".join(FITTING[field.type]) or "none but the network's own"
                raise ValueError(
                    f"{where}: {criterion.kind} does not fit {field.type}; what does: {fitting}."
                )
        if self.data.split.validation + self.data.split.test >= 1:
            raise ValueError("data.split: Validation and test leave nothing to train on.")
        chosen = self.optimizer
        if isinstance(chosen, SGD) and chosen.nesterov and (not chosen.momentum or chosen.dampening):
            raise ValueError("optimizer.nesterov: Needs momentum, and no dampening.")
        return self

    @property
    def is_detection(self) -> bool:
        return any(field.type == "detections" for field in self.data.fields)

    def criterion_of(self, field: LabelField) -> Criterion:
        """What is minimised for this field."""
        defaults: dict[str, Criterion] = {"classifications": BinaryCrossEntropy(), "regression": MSE()}
        return field.criterion or self.criterion or defaults.get(field.type, CrossEntropy())
