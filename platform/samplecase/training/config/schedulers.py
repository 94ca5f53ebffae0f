"""How the learning rate goes over a run, named as in torch.optim.lr_scheduler."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from samplecase.training.config.base import Settings
from samplecase.training.config.optimizers import NotNegative

Ratio = Annotated[float, Field(gt=0, lt=1)]


class _Scheduler(Settings):
    warmup_epochs: NotNegative = 0.0
    """Epochs over which the learning rate rises from nearly 0; the schedule goes on underneath."""


class Constant(_Scheduler):
    """The learning rate stays as it is."""

    kind: Literal["constant"] = "constant"


class Step(_Scheduler):
    """Multiplied by gamma every few epochs."""

    kind: Literal["step"] = "step"
    step_size: Annotated[int, Field(ge=1)] = 7
    """Epochs between two steps."""
    gamma: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Factor of a step."""


class MultiStep(_Scheduler):
    """Multiplied by gamma at given epochs."""

    kind: Literal["multi_step"] = "multi_step"
    milestones: tuple[Annotated[int, Field(ge=1)], ...] = (30, 60, 90)
    """Epochs, counted from 0, at whose begin a step is made."""
    gamma: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Factor of a step."""


class Cosine(_Scheduler):
    """Down along half a cosine, step by step, to the last epoch."""

    kind: Literal["cosine"] = "cosine"
    min_factor: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the learning rate that is left at the end."""


class OneCycle(_Scheduler):
    """Up to the learning rate and far below it again, step by step (Smith 2017)."""

    kind: Literal["one_cycle"] = "one_cycle"
    rise: Ratio = 0.3
    """Share of all steps in which the learning rate rises."""
    div_factor: Annotated[float, Field(gt=1)] = 25.0
    """The learning rate begins at this part of its most."""
    final_div_factor: Annotated[float, Field(gt=1)] = 1e4
    """It ends at this part of its begin."""


class Plateau(_Scheduler):
    """Multiplied by a factor when the validation loss falls no more."""

    kind: Literal["plateau"] = "plateau"
    factor: Ratio = 0.1
    """Factor of a step."""
    patience: Annotated[int, Field(ge=0)] = 10
    """Epochs without a better loss that are borne."""
    threshold: NotNegative = 1e-4
    """How much better, relatively, counts as better."""
    min_lr: NotNegative = 0.0
    """The learning rate does not fall below this."""
    cooldown: Annotated[int, Field(ge=0)] = 0
    """Epochs after a step that are not counted."""


Scheduler = Annotated[Constant | Step | MultiStep | Cosine | OneCycle | Plateau, Field(discriminator="kind")]
