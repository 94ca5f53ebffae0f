"""A run in small before it is queued: finds wrong shapes, labels and settings in seconds, and says what is to come."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from samplecase.training.config import TrainingConfig
from samplecase.training.data.manifest import Manifest
from samplecase.training.engine.checkpoint import load, weights_sha256
from samplecase.training.engine.evaluating import evaluate_split
from samplecase.training.engine.keeping import disk_need
from samplecase.training.engine.loop import Trainer
from samplecase.training.engine.repeating import unrepeated
from samplecase.training.engine.starting import begun, prepared_processes
from samplecase.training.inputs.loading import Batch
from samplecase.training.inputs.randomness import rng_state
from samplecase.training.runs.folder import RunFolder, fill
from samplecase.training.tasks import task_for

STEPS = 2


def smoke_test(run: RunFolder) -> dict[str, Any]:
    """Two steps, an evaluation of two batches, a checkpoint and its reload, in a folder that goes.

    Returns shapes, seconds of a step, the whole run's estimated seconds, the bytes it will have written, and warnings.
    Raises what the run would raise.
    """
    config, manifest = run.config(), run.manifest()
    few = _few(config, manifest)
    processes = prepared_processes(config)
    task = task_for(config, manifest)  # classes and their counts are the whole run's
    built, _ = begun(config, task)
    with tempfile.TemporaryDirectory(prefix="samplecase-smoke-") as folder:
        scratch = fill(Path(folder), _quick(config), few)
        trainer = Trainer(
            scratch, config=scratch.config(), manifest=few, task=task, built=built, processes=processes
        )
        try:
            return {**_tried(trainer, config, manifest), "free_bytes": shutil.disk_usage(run.path).free}
        finally:
            trainer.close()


def _tried(trainer: Trainer, config: TrainingConfig, manifest: Manifest) -> dict[str, Any]:
    trainer.stepper.open_epoch(0)
    trainer.schedule.set(0)
    seconds, shapes, reason = [], {}, ""
    for number, batch in enumerate(trainer.loader.epoch(0)):
        placed = batch.to(trainer.processes.device)
        if not number:
            shapes = _shapes(placed)
            reason = unrepeated(trainer.stepper, placed)
        begin = time.perf_counter()
        trainer.stepper.step(placed)
        seconds.append(time.perf_counter() - begin)
    result = evaluate_split(
        "validation", config=trainer.config, manifest=trainer.manifest, task=trainer.task, built=trainer.built,
        processes=trainer.processes,
    )  # fmt: skip
    path = trainer.resume_files.write(trainer.snapshot([rng_state()]), trainer.at)
    before = weights_sha256(trainer.built.network.state_dict())
    if weights_sha256(load(path)["model"]) != before:
        raise RuntimeError("A checkpoint gives other weights than were written.")
    weights = sum(each.nbytes for each in trainer.built.network.state_dict().values())
    steps = -(-len(manifest.of("training")) // (config.batch_size * config.processes))
    step = min(seconds)
    evaluated = len(manifest.of("validation")) / config.batch_size / 2.5  # without backward
    return {
        "shapes": shapes,
        "parameters": sum(each.numel() for each in trainer.built.network.parameters()),
        "seconds_per_step": round(step, 4),
        "steps_per_epoch": steps,
        "estimated_seconds": round(config.epochs * step * (steps + evaluated), 1),
        "disk_bytes": disk_need(config, weights=weights, resume=path.stat().st_size),
        "metrics": result.summary() if result else {},
        "warnings": [f"A resume would not be exact: {reason}."] if reason else [],
    }


def _shapes(batch: Batch) -> dict[str, Any]:
    images = batch.images
    shape = [*images.shape] if isinstance(images, torch.Tensor) else [len(images), *images[0].shape]
    return {"images": shape, "samples": batch.size}


def _few(config: TrainingConfig, manifest: Manifest) -> Manifest:
    number = STEPS * config.batch_size
    return Manifest(
        [*manifest.of("training")[:number], *manifest.of("validation")[:number]], manifest.classes
    )


def _quick(config: TrainingConfig) -> TrainingConfig:
    changed = {"epochs": 1, "workers": 0, "processes": 1}
    data = config.data.model_copy(update={"balanced": False})
    return config.model_copy(update={**changed, "data": data})
