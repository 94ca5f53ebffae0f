"""Which samples come in which batch: a function of seed, epoch and place, so that a resume begins anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler

from samplecase.training.inputs.randomness import seed_of

Place = tuple[int, int]  # epoch, index of the sample


def permutation(size: int, *, seed: int, epoch: int, weights: Sequence[float] | None = None) -> list[int]:
    """The order of an epoch: each sample once, or drawn by weight with replacement."""
    generator = torch.Generator().manual_seed(seed_of("order", seed, epoch))
    if weights is not None:
        drawn = torch.multinomial(torch.tensor(weights, dtype=torch.float64), size, True, generator=generator)
        return [int(each) for each in drawn]
    return [int(each) for each in torch.randperm(size, generator=generator)]


class EpochBatches(Sampler[list[Place]]):
    """The batches of one process in one epoch, from any of them on.

    A step takes `batch_size` samples for each process. The last step is filled up from the epoch's first samples
    until each process has equally many; where that would be one sample, of which a batch norm has no variance, the
    step is left out.
    """

    def __init__(
        self,
        size: int,
        batch_size: int,
        *,
        seed: int,
        rank: int = 0,
        world_size: int = 1,
        weights: Sequence[float] | None = None,
    ) -> None:
        self.epoch, self.first = 0, 0
        self._size, self._batch_size, self._seed = size, batch_size, seed
        self._rank, self._world_size, self._weights = rank, world_size, weights

    @property
    def batches(self) -> int:
        """Steps of a whole epoch."""
        step = self._batch_size * self._world_size
        whole, rest = divmod(self._size, step)
        has_last = rest > self._world_size or (rest > 0 and (self._batch_size == 1 or whole == 0))
        return whole + has_last

    def __len__(self) -> int:
        return self.batches - self.first

    def __iter__(self) -> Iterator[list[Place]]:
        order = permutation(self._size, seed=self._seed, epoch=self.epoch, weights=self._weights)
        step = self._batch_size * self._world_size
        for number in range(self.first, self.batches):
            chosen = order[number * step : (number + 1) * step]
            chosen += order[: -len(chosen) % self._world_size]
            yield [(self.epoch, index) for index in chosen[self._rank :: self._world_size]]
