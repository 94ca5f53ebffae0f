"""Own networks and wrappers: a Python file and a class in it."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from samplecase.contracts.errors import InvalidInput
from samplecase.training.networks.catalogue import is_own

_KNOWN = {*sys.stdlib_module_names, "samplecase"}


@dataclass
class StepOutput:
    """What a step gave: the loss to minimise, or None where it has updated the network itself.

    `scores` are figures of the batch, tensors without dimensions; `{field}_acc` and the like are logged.
    """

    loss: torch.Tensor | None
    scores: dict[str, torch.Tensor]


class ModelWrapper:
    """What an author may change about a training; what is not overridden is the task's own."""

    head_name = ""  # the layer that is the head, by its name; empty: the last linear layer
    input_size = 224
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)

    def create_network(self, outputs: dict[str, int]) -> nn.Module:
        """A network with so many outputs per field: a tensor `[n, outputs]`, or a dict of them for several fields."""
        raise NotImplementedError

    def train_step(self, network: nn.Module, batch: Any, default: Any) -> StepOutput:
        """One step's loss; `default(network, batch)` is the task's own step."""
        output: StepOutput = default(network, batch)
        return output

    def optimizer_groups(self, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The groups of parameters, named by stage, with their `lr`."""
        return groups

    def custom_evaluation(self, network: nn.Module, loader: Any) -> dict[str, float]:
        """Further figures of the validation; the loader gives all of it, in every process."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """What steps change beside the network: an own optimizer's memory. It is part of each checkpoint."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave; {} where a checkpoint has nothing of it."""


class _Plain(ModelWrapper):
    """Around a class that is a network itself."""

    def __init__(self, network_class: Any) -> None:
        self._class = network_class
        for name in ("head_name", "input_size", "mean", "std"):
            setattr(self, name, getattr(network_class, name, getattr(ModelWrapper, name)))

    def create_network(self, outputs: dict[str, int]) -> nn.Module:
        number = next(iter(outputs.values())) if len(outputs) == 1 else outputs
        network: nn.Module = self._class(number)
        return network


def load_own(name: str) -> ModelWrapper:
    """The wrapper of `FILE.py:Class`, which is a network (`Class(outputs)`) or a `ModelWrapper`.

    Raises `InvalidInput` naming what is wrong with it. The file's code runs with this process's rights.
    """
    path, _, class_name = name.partition(":")
    file = Path(path).resolve()
    if not file.is_file():
        raise _wrong(f"There is no file {path}.")
    spec = importlib.util.spec_from_file_location(f"own_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise _wrong(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise _wrong(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    found = getattr(module, class_name, None)
    if not inspect.isclass(found) or not issubclass(found, nn.Module | ModelWrapper):
        raise _wrong(f"{path} has no class {class_name!r} that is a torch.nn.Module or a ModelWrapper.")
    return found() if issubclass(found, ModelWrapper) else _Plain(found)


def own_sources(name: str) -> list[Path]:
    """The files whose code is part of a run: that of an own network, and what it imports that is not installed."""
    found: list[Path] = []
    waiting = [Path(name.partition(":")[0]).resolve()] if is_own(name) else []
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.append(file)
            waiting += [each for each in map(_source, _imported(file)) if each]
    return [*found[:1], *sorted(found[1:])]


def _imported(file: Path) -> list[str]:
    """The modules that a file names in its imports."""
    names: list[str] = []
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            names += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
    return names


def _source(module: str) -> Path | None:
    """The file of a module that was loaded, is an author's, and neither installed nor of this package."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or not file.endswith(".py") or module.partition(".")[0] in _KNOWN:
        return None
    is_installed = {"site-packages", "dist-packages"} & {*Path(file).parts}
    return None if is_installed else Path(file).resolve()


def _wrong(message: str) -> InvalidInput:
    return InvalidInput(message, pointer="/architecture/name", code="invalid_network")
