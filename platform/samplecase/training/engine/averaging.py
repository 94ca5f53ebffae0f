"""Averaged weights (EMA): parameters follow slowly, statistics are those of the trained network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


class AveragedWeights:
    """θ' ← decay · θ' + (1 - decay) · θ after each step; at first the decay is smaller, (1 + n) / (10 + n)."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._network, self._decay, self._steps = network, decay, 0
        self._average = {name: each.detach().clone() for name, each in network.named_parameters()}

    def update(self) -> None:
        """After a step."""
        self._steps += 1
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        for name, parameter in self._network.named_parameters():
            if parameter.requires_grad:
                self._average[name].lerp_(parameter.detach(), 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The network has the averaged weights within the block."""
        trained = {name: each.detach().clone() for name, each in self._network.named_parameters()}
        self._put(self._average)
        try:
            yield
        finally:
            self._put(trained)

    def _put(self, weights: dict[str, torch.Tensor]) -> None:
        for name, parameter in self._network.named_parameters():
            parameter.detach().copy_(weights[name])

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self._steps, "average": self._average}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._steps = int(state["steps"])
        for name, each in self._average.items():
            each.copy_(state["average"][name])
