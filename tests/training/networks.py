"""Tiny networks that an author might bring."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from samplecase.training.networks.own import ModelWrapper, StepOutput


def block(before: int, after: int) -> nn.Sequential:
    convolution = nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU(), nn.Dropout(0.1))


class Tiny(nn.Module):
    """Batch norm, dropout, and one head or several: what a resume can go wrong by."""

    head_name = "head"
    input_size = 32

    def __init__(self, outputs: int | dict[str, int]) -> None:
        super().__init__()
        self.first, self.second = block(3, 8), block(8, 16)
        if isinstance(outputs, int):
            self.head: nn.Module = nn.Linear(16, outputs)
        else:
            self.head = nn.ModuleDict({name: nn.Linear(16, number) for name, number in outputs.items()})

    def forward(self, images: torch.Tensor) -> Any:
        features = self.second(self.first(images)).mean(dim=(2, 3))
        if isinstance(self.head, nn.ModuleDict):
            return {name: head(features) for name, head in self.head.items()}
        return self.head(features)


class Wrong(nn.Module):
    """Forgets how many classes there are."""

    input_size = 32

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.head = nn.Linear(3, 7)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.head(images.mean(dim=(2, 3)))
        return found


class Mixing(ModelWrapper):
    """A step of its own: the loss of every second batch counts twice, and there is a figure of its own."""

    head_name, input_size = "head", 32

    def create_network(self, outputs: dict[str, int]) -> nn.Module:
        return Tiny(next(iter(outputs.values())))

    def train_step(self, network: nn.Module, batch: Any, default: Any) -> StepOutput:
        output: StepOutput = default(network, batch)
        factor = 1 + int(batch.indices[0]) % 2
        loss = None if output.loss is None else factor * output.loss
        return StepOutput(loss, output.scores)

    def custom_evaluation(self, network: nn.Module, loader: Any) -> dict[str, float]:
        return {"batches": float(len(loader))}


class Driving(Mixing):
    """Updates the network by an optimizer of its own, with momentum."""

    def __init__(self) -> None:
        self._optimizer: torch.optim.Optimizer | None = None
        self._kept: dict[str, Any] = {}

    def train_step(self, network: nn.Module, batch: Any, default: Any) -> StepOutput:
        if self._optimizer is None:
            self._optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
            if self._kept:
                self._optimizer.load_state_dict(self._kept)
        output: StepOutput = default(network, batch)
        if output.loss is not None:
            self._optimizer.zero_grad()
            output.loss.backward()
            self._optimizer.step()
        return StepOutput(None, output.scores)

    def state_dict(self) -> dict[str, Any]:
        return {} if self._optimizer is None else {"optimizer": self._optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._optimizer, self._kept = None, state.get("optimizer", {})


class Forgetting(Driving):
    """The same, but its optimizer's memory is in no checkpoint."""

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class Headless(nn.Module):
    """Of several fields, with no name for their heads."""

    def __init__(self, outputs: dict[str, int]) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({name: nn.Linear(3, number) for name, number in outputs.items()})
