"""One optimizer step: forward, backward, clipped, in a smaller type where wanted, over all processes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from samplecase.training.config import TrainingConfig
from samplecase.training.engine.averaging import AveragedWeights
from samplecase.training.engine.evaluating import autocast
from samplecase.training.engine.freezing import freeze, train_mode
from samplecase.training.engine.processes import Processes
from samplecase.training.inputs.loading import Batch
from samplecase.training.networks.building import BuiltNetwork
from samplecase.training.networks.own import StepOutput
from samplecase.training.tasks.base import Task


class _Forward(nn.Module):
    """The task's step as a module, so that its losses are computed within DDP's forward."""

    def __init__(self, built: BuiltNetwork, task: Task) -> None:
        super().__init__()
        self.network = built.network
        self._wrapper, self._task = built.wrapper, task

    def forward(self, batch: Batch) -> StepOutput:
        if self._wrapper:
            return self._wrapper.train_step(self.network, batch, self._task.step)
        return self._task.step(self.network, batch)


class Stepper:
    """Makes steps. Whoever thaws a stage calls `open_epoch`, which wraps the network for all processes anew."""

    def __init__(
        self,
        *,
        config: TrainingConfig,
        built: BuiltNetwork,
        task: Task,
        optimizer: torch.optim.Optimizer,
        processes: Processes,
    ) -> None:
        self._config, self._built, self._optimizer = config, built, optimizer
        self._processes = processes
        self._plain = _Forward(built, task)
        self._forward: nn.Module = self._plain
        self._trained: tuple[str, ...] | None = None
        self.scaler = torch.amp.GradScaler(
            processes.device.type,
            enabled=config.mixed_precision == "float16" and processes.device.type == "cuda",
        )
        self.average = AveragedWeights(built.network, config.ema.decay) if config.ema else None

    def open_epoch(self, epoch: int) -> None:
        """Freeze what the plan freezes in this epoch (from 0) and go into training mode."""
        trained = self._config.freeze.trained_stages(epoch, [stage.name for stage in self._built.stages])
        if trained != self._trained:
            freeze(self._built, trained)
            if self._processes.is_distributed:
                self._forward = self._wrapped()
            self._trained = trained
        train_mode(self._built, trained)

    def evaluated_weights(self) -> AbstractContextManager[None]:
        """Within the block the network has the weights that are evaluated and kept: averaged ones, if there are any."""
        return self.average.applied() if self.average else nullcontext()

    def step(self, batch: Batch) -> StepOutput:
        """Change the weights once; figures stay on the device."""
        self._optimizer.zero_grad(set_to_none=True)
        with autocast(self._config, self._processes.device):
            output: StepOutput = self._forward(batch)
        if output.loss is not None:
            self._descend(output.loss)
        if self.average:
            self.average.update()
        return output

    def state_dict(self) -> dict[str, Any]:
        """What a step changes, but for the generators."""
        wrapper = self._built.wrapper
        return {
            "model": self._built.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "average": self.average.state_dict() if self.average else None,
            "wrapper": wrapper.state_dict() if wrapper else None,
        }

    def load_state_dict(self, values: Mapping[str, Any], *, with_optimizer: bool = True) -> None:
        """Go back to it."""
        self._built.network.load_state_dict(values["model"])
        if with_optimizer:
            self._optimizer.load_state_dict(values["optimizer"])
        self.scaler.load_state_dict(values["scaler"])
        if self.average and values["average"]:
            self.average.load_state_dict(values["average"])
        if self._built.wrapper:
            self._built.wrapper.load_state_dict(values.get("wrapper") or {})

    def _descend(self, loss: torch.Tensor) -> None:
        self.scaler.scale(loss).backward()
        if self._config.clip_norm is not None:
            self.scaler.unscale_(self._optimizer)
            trained = [each for each in self._built.network.parameters() if each.grad is not None]
            nn.utils.clip_grad_norm_(trained, self._config.clip_norm)
        self.scaler.step(self._optimizer)
        self.scaler.update()

    def _wrapped(self) -> nn.Module:
        """With `find_unused_parameters` the buckets stay: else the first step, also of a resume, lays them anew."""
        devices = [self._processes.device.index or 0] if self._processes.device.type == "cuda" else None
        warnings.filterwarnings("ignore", message="find_unused_parameters=True was specified")
        return DistributedDataParallel(self._plain, device_ids=devices, find_unused_parameters=True)
