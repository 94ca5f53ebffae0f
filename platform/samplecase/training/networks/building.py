"""From a name to a network with a head for these fields, and the stages by which it thaws."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import nn

from samplecase.contracts.errors import InvalidInput
from samplecase.training.networks.catalogue import ArchitectureEntry, Stage, entry, is_own
from samplecase.training.networks.own import ModelWrapper, load_own


@dataclass
class BuiltNetwork:
    """A network and what is known about it."""

    network: nn.Module
    head: str
    stages: tuple[Stage, ...]
    input_size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    wrapper: ModelWrapper | None = None
    entry: ArchitectureEntry | None = None
    weights_sha256: str = ""  # of the file that it begins with; "" from scratch

    def stage_of(self, parameter: str) -> str:
        """The stage that a parameter belongs to; *head* is one of its own."""
        if parameter == self.head or parameter.startswith(f"{self.head}."):
            return "head"
        for stage in self.stages:
            if parameter.startswith(stage.prefixes):
                return stage.name
        return self.stages[0].name if self.stages else "head"


class Heads(nn.Module):
    """One linear layer per field, over the same features."""

    def __init__(self, features: int, outputs: Mapping[str, int]) -> None:
        super().__init__()
        for name, number in outputs.items():
            self.add_module(name, nn.Linear(features, number))

    def forward(self, features: torch.Tensor) -> dict[str, torch.Tensor]:
        return {name: head(features) for name, head in self.named_children()}


def build(
    name: str,
    outputs: Mapping[str, int],
    *,
    input_size: int | None = None,
    dropout: float = 0.0,
    pretrained: bool = False,
) -> BuiltNetwork:
    """A network with random weights and a head of so many outputs per field.

    For a detector, the one number is that of its classes, background included; a Faster R-CNN that begins with weights
    (`pretrained`) keeps the statistics of its batch norms, as torchvision's. Raises `InvalidInput` where the
    architecture does not take the input size, `NotFound` for an unknown name.
    """
    if is_own(name):
        return _own(name, outputs, input_size)
    found = entry(name)
    size = input_size or found.input_size
    if size % found.patch:
        message = f"{name} takes input sizes that are multiples of {found.patch}, not {size}."
        raise InvalidInput(message, pointer="/data/input_size")
    if found.is_detector:
        network = _detector(found, next(iter(outputs.values())), size)
        if pretrained and found.name.startswith("fasterrcnn"):
            _still_norms(network.get_submodule("backbone"))
    else:
        network = _classifier(found, size)
        swap_head(network, found.head, outputs, dropout=dropout)
    return BuiltNetwork(network, found.head, found.stages, size, found.mean, found.std, entry=found)


def swap_head(network: nn.Module, head: str, outputs: Mapping[str, int], *, dropout: float = 0.0) -> None:
    """Put a new linear layer (or one per field) in the place of the head."""
    old = network.get_submodule(head)
    if not isinstance(old, nn.Linear):
        raise InvalidInput(f"The head {head!r} is no linear layer.", code="invalid_network")
    new: nn.Module
    if len(outputs) == 1:
        new = nn.Linear(old.in_features, next(iter(outputs.values())))
    else:
        new = Heads(old.in_features, outputs)
    parent, _, name = head.rpartition(".")
    setattr(network.get_submodule(parent), name, new)
    if dropout:
        new.register_forward_pre_hook(_Dropout(dropout))


class _Dropout:
    """Before the head, so that the names of its weights stay those of the architecture."""

    def __init__(self, share: float) -> None:
        self._share = share

    def __call__(self, module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        return (nn.functional.dropout(inputs[0], self._share, module.training), *inputs[1:])


def _classifier(found: ArchitectureEntry, size: int) -> nn.Module:
    if found.source == "timm":
        import timm

        options: dict[str, Any] = {"img_size": size} if found.head == "head" else {}
        network: nn.Module = timm.create_model(found.name, pretrained=False, num_classes=1000, **options)
        return network
    from torchvision import models

    options = {"aux_logits": False, "init_weights": True} if found.name == "googlenet" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a slow way to draw first weights
        return cast(nn.Module, models.get_model(found.name, weights=None, **options))


def _detector(found: ArchitectureEntry, classes: int, size: int) -> nn.Module:
    from torchvision.models import detection

    options: dict[str, Any] = {}
    if found.name.startswith("fasterrcnn"):
        options = {"min_size": size, "max_size": size}
    network: nn.Module = detection.__dict__[found.name](
        weights=None, weights_backbone=None, num_classes=classes, **options
    )
    return network


def _still_norms(module: nn.Module) -> None:
    """Batch norms become constants: with so few images in a batch their statistics would be spoilt."""
    from torchvision.ops import FrozenBatchNorm2d

    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            still = FrozenBatchNorm2d(child.num_features, eps=child.eps)
            still.load_state_dict(child.state_dict())
            setattr(module, name, still)
        else:
            _still_norms(child)


def _own(name: str, outputs: Mapping[str, int], input_size: int | None) -> BuiltNetwork:
    wrapper = load_own(name)
    try:
        network = wrapper.create_network(dict(outputs))
    except Exception as error:
        message = f"The network cannot be made: {type(error).__name__}: {error}"
        raise InvalidInput(message, pointer="/architecture/name", code="invalid_network") from error
    if len(outputs) > 1 and not wrapper.head_name:
        message = "A network of several fields says which layers are its heads: give its class a head_name."
        raise InvalidInput(message, pointer="/architecture/name", code="invalid_network")
    head = wrapper.head_name or _last_linear(network)
    stages = tuple(
        Stage(child, (f"{child}.",))
        for child, module in network.named_children()
        if child != head and any(True for _ in module.parameters())
    )
    size = input_size or wrapper.input_size
    return BuiltNetwork(network, head, stages, size, wrapper.mean, wrapper.std, wrapper=wrapper)


def _last_linear(network: nn.Module) -> str:
    names = [name for name, module in network.named_modules() if isinstance(module, nn.Linear)]
    return names[-1] if names else ""
