"""The optimizer of a configuration over all parameters, in groups named by stage."""

from __future__ import annotations

from typing import Any

import torch

from samplecase.training.config import TrainingConfig
from samplecase.training.config.optimizers import SGD, Adam, AdamW, Optimizer, RMSprop
from samplecase.training.networks.building import BuiltNetwork


def parameter_groups(built: BuiltNetwork, chosen: Optimizer) -> list[dict[str, Any]]:
    """One group per stage, the head last; frozen parameters too, for torch passes over those without a gradient."""
    groups: dict[str, list[torch.nn.Parameter]] = {stage.name: [] for stage in built.stages}
    groups["head"] = []
    for name, parameter in built.network.named_parameters():
        groups[built.stage_of(name)].append(parameter)
    factors = {"head": chosen.head_lr_factor}
    return [
        {"name": name, "params": parameters, "lr": chosen.lr * factors.get(name, 1.0)}
        for name, parameters in groups.items()
        if parameters
    ]


def optimizer_of(config: TrainingConfig, built: BuiltNetwork) -> torch.optim.Optimizer:
    """That of a run, with the groups that an own wrapper makes."""
    groups = parameter_groups(built, config.optimizer)
    if built.wrapper:
        groups = built.wrapper.optimizer_groups(groups)
    return make_optimizer(config.optimizer, groups)


def make_optimizer(chosen: Optimizer, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    """As torch.optim has it, with each field passed on."""
    values = chosen.model_dump(exclude={"kind", "head_lr_factor"})
    if isinstance(chosen, Adam | AdamW):
        values["betas"] = (values.pop("beta1"), values.pop("beta2"))
    kinds: dict[type, Any] = {
        SGD: torch.optim.SGD,
        Adam: torch.optim.Adam,
        AdamW: torch.optim.AdamW,
        RMSprop: torch.optim.RMSprop,
    }
    optimizer: torch.optim.Optimizer = kinds[type(chosen)](groups, **values)
    return optimizer
