"""Whether steps repeat: what exact resume rests upon, and what an own network can break."""

from __future__ import annotations

import copy

from samplecase.training.config import TrainingConfig
from samplecase.training.data.manifest import Manifest
from samplecase.training.engine.checkpoint import weights_sha256
from samplecase.training.engine.evaluating import input_format
from samplecase.training.engine.optimizers import optimizer_of
from samplecase.training.engine.processes import Processes
from samplecase.training.engine.stepping import Stepper
from samplecase.training.inputs.loading import Batch, ManifestDataset
from samplecase.training.inputs.randomness import restore_rng, rng_state
from samplecase.training.networks.building import BuiltNetwork
from samplecase.training.tasks import Task

UNREPEATED = (
    "the same two steps gave other weights the second time: an own network or train_step draws from elsewhere,"
    " or keeps what its state_dict does not tell"
)


def unrepeated(stepper: Stepper, batch: Batch) -> str:
    """Make two steps twice from one state, and go back to it: why they are not equal, "" where they are."""
    before, generators = copy.deepcopy(stepper.state_dict()), rng_state()

    def go_back() -> None:
        stepper.load_state_dict(copy.deepcopy(before))
        restore_rng(generators)

    found = set()
    for _ in range(2):
        go_back()
        for _ in range(2):
            stepper.step(batch)
        found.add(weights_sha256(stepper.state_dict()["model"]))
    go_back()
    return "" if len(found) == 1 else UNREPEATED


def unrepeated_own(config: TrainingConfig, manifest: Manifest, task: Task, built: BuiltNetwork) -> str:
    """The same for a network that was built for this alone, on the first samples."""
    processes = Processes.alone(next(built.network.parameters()).device)
    optimizer = optimizer_of(config, built)
    stepper = Stepper(config=config, built=built, task=task, optimizer=optimizer, processes=processes)
    rows = manifest.of("training")[: config.batch_size]
    dataset = ManifestDataset(
        rows, task.prepare(input_format(config, built), training=True), seed=config.seed
    )
    batch = task.collate([dataset[0, index] for index in range(len(rows))])
    stepper.open_epoch(0)
    return unrepeated(stepper, batch.to(processes.device))
