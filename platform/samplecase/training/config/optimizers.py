"""The optimizers and their fields, named as in torch.optim."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from samplecase.training.config.base import Settings

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Beta = Annotated[float, Field(ge=0, lt=1)]


class _Optimizer(Settings):
    head_lr_factor: Positive = 1.0
    """Learning rate of the head, as a multiple of that of the other layers."""


class SGD(_Optimizer):
    """Stochastic gradient descent with momentum."""

    kind: Literal["sgd"] = "sgd"
    lr: Positive = 0.01
    """Learning rate."""
    momentum: Beta = 0.9
    """Share of the last step that goes on."""
    dampening: Annotated[float, Field(ge=0, le=1)] = 0.0
    """How much the new gradient is damped where there is momentum."""
    nesterov: bool = False
    """Look ahead along the momentum; needs momentum, and no dampening."""
    weight_decay: NotNegative = 0.0
    """L2 penalty on the weights."""


class Adam(_Optimizer):
    """Adam: a learning rate of its own for each weight."""

    kind: Literal["adam"] = "adam"
    lr: Positive = 0.001
    """Learning rate."""
    beta1: Beta = 0.9
    """Decay of the running mean of gradients."""
    beta2: Beta = 0.999
    """Decay of the running mean of squared gradients."""
    eps: Positive = 1e-8
    """Added to the denominator, for numerical stability."""
    weight_decay: NotNegative = 0.0
    """L2 penalty on the weights."""
    amsgrad: bool = False
    """Use the largest of all past squared gradients."""


class AdamW(_Optimizer):
    """Adam with weight decay apart from the gradient."""

    kind: Literal["adamw"] = "adamw"
    lr: Positive = 0.001
    """Learning rate."""
    beta1: Beta = 0.9
    """Decay of the running mean of gradients."""
    beta2: Beta = 0.999
    """Decay of the running mean of squared gradients."""
    eps: Positive = 1e-8
    """Added to the denominator, for numerical stability."""
    weight_decay: NotNegative = 0.01
    """Share of each weight that is taken off per step, times the learning rate."""
    amsgrad: bool = False
    """Use the largest of all past squared gradients."""


class RMSprop(_Optimizer):
    """Gradients divided by a running mean of their size."""

    kind: Literal["rmsprop"] = "rmsprop"
    lr: Positive = 0.001
    """Learning rate."""
    alpha: Beta = 0.99
    """Decay of the running mean of squared gradients."""
    eps: Positive = 1e-8
    """Added to the denominator, for numerical stability."""
    momentum: Beta = 0.0
    """Share of the last step that goes on."""
    centered: bool = False
    """Divide by the variance of the gradient instead."""
    weight_decay: NotNegative = 0.0
    """L2 penalty on the weights."""


Optimizer = Annotated[SGD | Adam | AdamW | RMSprop, Field(discriminator="kind")]
