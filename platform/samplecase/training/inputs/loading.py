"""The manifest as a torch dataset, and loaders whose result does not depend on how many processes read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from samplecase.training.data.manifest import ManifestRow
from samplecase.training.inputs.images import read_image
from samplecase.training.inputs.order import EpochBatches, Place
from samplecase.training.inputs.randomness import seed_of, seeded

Item = tuple[Any, Any, int]  # image, target, index


@dataclass
class Batch:
    """Samples of one step: `images` is `float32 [n, 3, size, size]`, or a list of images of a detector."""

    images: Any
    targets: Any
    indices: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(_moved(self.images, device), _moved(self.targets, device), self.indices)

    def pin_memory(self) -> Batch:
        return Batch(_pinned(self.images), _pinned(self.targets), self.indices)

    @property
    def size(self) -> int:
        return len(self.indices)


Prepare = Callable[[Any, ManifestRow], tuple[Any, Any]]  # PIL image, row -> input, target


class ManifestDataset(Dataset[Item]):
    """Samples of a split; `dataset[epoch, index]` is the same whenever and wherever it is read."""

    def __init__(self, rows: Sequence[ManifestRow], prepare: Prepare, *, seed: int) -> None:
        self.rows = rows
        self._prepare, self._seed = prepare, seed

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: Place) -> Item:
        epoch, index = place
        row = self.rows[index]
        with seeded(seed_of("augmentation", self._seed, epoch, row.id)):
            image, target = self._prepare(read_image(row.media), row)
        return image, target, index


class TrainingLoader:
    """Batches of an epoch from any batch on. Its workers live as long as it does."""

    def __init__(
        self,
        dataset: ManifestDataset,
        batches: EpochBatches,
        collate: Callable[[list[Item]], Batch],
        *,
        workers: int,
        prefetch_factor: int,
        pin_memory: bool,
    ) -> None:
        self.batches = batches
        self._loader = DataLoader(
            dataset,
            batch_sampler=batches,
            collate_fn=collate,
            num_workers=workers,
            prefetch_factor=prefetch_factor if workers else None,
            persistent_workers=workers > 0,
            pin_memory=pin_memory,
            generator=torch.Generator(),  # without its own it would draw from the global one
        )

    def epoch(self, number: int, *, first: int = 0) -> Iterator[Batch]:
        self.batches.epoch, self.batches.first = number, first
        return iter(self._loader)


class EvaluationLoader:
    """The share of one process of a split, without anything random.

    Its batches are the same for however many processes: the figures come out again whoever computes them.
    """

    def __init__(
        self,
        dataset: ManifestDataset,
        collate: Callable[[list[Item]], Batch],
        *,
        batch_size: int,
        workers: int,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        places = [(0, index) for index in range(len(dataset))]
        chunks = [places[start : start + batch_size] for start in range(0, len(places), batch_size)]
        chunks = chunks[rank::world_size]
        self._loader = DataLoader(
            dataset,
            batch_sampler=chunks,
            collate_fn=collate,
            num_workers=min(workers, len(chunks)),
            generator=torch.Generator(),
        )

    def __iter__(self) -> Iterator[Batch]:
        return iter(self._loader)

    def __len__(self) -> int:
        return len(self._loader)


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, torch.Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, dict):
        return {name: _moved(each, device) for name, each in value.items()}
    return [_moved(each, device) for each in value] if isinstance(value, list) else value


def _pinned(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.pin_memory()
    if isinstance(value, dict):
        return {name: _pinned(each) for name, each in value.items()}
    return [_pinned(each) for each in value] if isinstance(value, list) else value
