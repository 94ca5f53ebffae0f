"""The learning rate at each step, as the schedulers of torch.optim.lr_scheduler have it."""

from __future__ import annotations

import math
from typing import Any

import torch

from samplecase.training.config.schedulers import Cosine, MultiStep, OneCycle, Plateau, Scheduler, Step


def factor(chosen: Scheduler, step: int, *, steps_per_epoch: int, epochs: int) -> float:
    """What the learning rates are multiplied by at a step (from 0), warm-up and plateaus aside."""
    epoch, total = step // steps_per_epoch, steps_per_epoch * epochs
    if isinstance(chosen, Step):
        return chosen.gamma ** (epoch // chosen.step_size)
    if isinstance(chosen, MultiStep):
        return chosen.gamma ** sum(epoch >= milestone for milestone in chosen.milestones)
    if isinstance(chosen, Cosine):
        return _cosine(1.0, chosen.min_factor, step / total)
    if isinstance(chosen, OneCycle):
        low = 1 / chosen.div_factor
        top, end = chosen.rise * total - 1, float(total - 1)
        if step <= top:
            return _cosine(low, 1.0, step / top if top > 0 else 1.0)
        return _cosine(1.0, low / chosen.final_div_factor, (step - top) / (end - top) if end > top else 1.0)
    return 1.0


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


class Schedule:
    """Sets the learning rates of an optimizer; a function of the step, but for plateaus, which have a memory."""

    def __init__(
        self, chosen: Scheduler, optimizer: torch.optim.Optimizer, *, steps_per_epoch: int, epochs: int
    ) -> None:
        self._chosen, self._optimizer = chosen, optimizer
        self._steps, self._epochs = steps_per_epoch, epochs
        self._base = [float(group["lr"]) for group in optimizer.param_groups]
        self._plateau, self._best, self._bad, self._cooling = 1.0, math.inf, 0, 0

    def set(self, step: int) -> None:
        """Before the step is made."""
        share = factor(self._chosen, step, steps_per_epoch=self._steps, epochs=self._epochs) * self._plateau
        rise = self._chosen.warmup_epochs * self._steps
        if step < rise:
            share *= (step + 1) / math.ceil(rise)
        least = self._chosen.min_lr if isinstance(self._chosen, Plateau) else 0.0
        for group, base in zip(self._optimizer.param_groups, self._base, strict=True):
            group["lr"] = max(base * share, min(least, base))

    def epoch_ended(self, loss: float) -> None:
        """Plateaus look at the validation loss, as `ReduceLROnPlateau(mode="min", threshold_mode="rel")`."""
        if not isinstance(self._chosen, Plateau):
            return
        if loss < self._best * (1 - self._chosen.threshold):
            self._best, self._bad = loss, 0
        else:
            self._bad += 1
        if self._cooling:
            self._cooling, self._bad = self._cooling - 1, 0
        if self._bad > self._chosen.patience:
            self._plateau *= self._chosen.factor
            self._cooling, self._bad = self._chosen.cooldown, 0

    def state_dict(self) -> dict[str, Any]:
        return {"factor": self._plateau, "best": self._best, "bad": self._bad, "cooling": self._cooling}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._plateau, self._best = state["factor"], state["best"]
        self._bad, self._cooling = state["bad"], state["cooling"]
