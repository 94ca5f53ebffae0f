"""The freeze plan on a network: which parameters get gradients, and whose statistics stand still."""

from __future__ import annotations

from collections.abc import Collection

from torch import nn

from samplecase.training.networks.building import BuiltNetwork


def freeze(built: BuiltNetwork, trained: Collection[str]) -> None:
    """The head and the stages of these names train; the others get no gradient, and none that is left over."""
    for name, parameter in built.network.named_parameters():
        stage = built.stage_of(name)
        parameter.requires_grad_(stage == "head" or stage in trained)
        if not parameter.requires_grad:
            parameter.grad = None


def train_mode(built: BuiltNetwork, trained: Collection[str]) -> None:
    """Training mode, but for frozen layers: their batch norms neither use nor change the batch's statistics."""
    built.network.train()
    for module in _wholly_frozen(built, trained):
        module.eval()


def _wholly_frozen(built: BuiltNetwork, trained: Collection[str]) -> list[nn.Module]:
    """Modules all of whose parameters are frozen: their dropouts and the like stand still too."""
    found = []
    for name, module in built.network.named_modules():
        stages = {built.stage_of(f"{name}.{each}" if name else each) for each, _ in module.named_parameters()}
        if name and stages and not stages & {"head", *trained}:
            found.append(module)
    return found
