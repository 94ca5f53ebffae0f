"""A split put through the network, by all processes together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import torch

from samplecase.training.config import TrainingConfig
from samplecase.training.data.manifest import Manifest
from samplecase.training.engine.processes import Processes
from samplecase.training.inputs.images import InputFormat
from samplecase.training.inputs.loading import EvaluationLoader, ManifestDataset
from samplecase.training.networks.building import BuiltNetwork
from samplecase.training.tasks.base import EvaluationResult, SampleOutput, Task


def input_format(config: TrainingConfig, built: BuiltNetwork) -> InputFormat:
    return InputFormat(built.input_size, built.mean, built.std, config.data.resize)


def evaluate_split(
    split: str,
    *,
    config: TrainingConfig,
    manifest: Manifest,
    task: Task,
    built: BuiltNetwork,
    processes: Processes,
    go_on: Callable[[], bool] = lambda: True,
) -> EvaluationResult | None:
    """The result of a split, the same in every process; None for an empty split, or when `go_on` says no.

    `go_on` is asked before each batch, by all processes equally often.
    """
    rows = manifest.of(split)
    if not rows:
        return None
    wanted = input_format(config, built)
    dataset = ManifestDataset(rows, task.prepare(wanted, training=False), seed=config.seed)
    loader = EvaluationLoader(
        dataset,
        task.collate,
        batch_size=config.batch_size,
        workers=config.workers,
        rank=processes.rank,
        world_size=processes.world_size,
    )
    built.network.eval()
    found: list[SampleOutput] = []
    batches, whole = iter(loader), -(-len(rows) // config.batch_size)
    for _ in range(-(-whole // processes.world_size)):
        if not go_on():
            return None
        if (batch := next(batches, None)) is not None:
            with torch.no_grad(), autocast(config, processes.device):
                found += task.examine(built.network, batch.to(processes.device))
    everything = [each for part in processes.gathered(found) for each in part]
    everything.sort(key=lambda each: each.index)
    result = task.evaluate(everything, rows)
    if built.wrapper:
        everyone = EvaluationLoader(
            dataset, task.collate, batch_size=config.batch_size, workers=config.workers
        )
        result.custom = built.wrapper.custom_evaluation(built.network, everyone)
    return result


def autocast(config: TrainingConfig, device: torch.device) -> torch.autocast | nullcontext[None]:
    """The smaller type of numbers where the configuration asks for it."""
    if config.mixed_precision == "off":
        return nullcontext()
    return torch.autocast(device.type, dtype=getattr(torch, config.mixed_precision))
