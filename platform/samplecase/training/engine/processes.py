"""The processes of a run: one, or several that torchrun has started, each with a part of every step."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable
from typing import Any

import torch
import torch.distributed as dist


class Processes:
    """What they say to each other. With one process nothing is sent."""

    def __init__(
        self, device: torch.device, *, rank: int | None = None, world_size: int | None = None
    ) -> None:
        self.rank = int(os.environ.get("RANK", "0")) if rank is None else rank
        self.world_size = int(os.environ.get("WORLD_SIZE", "1")) if world_size is None else world_size
        self.device = device
        if self.is_distributed and not dist.is_initialized():
            dist.init_process_group("nccl" if device.type == "cuda" else "gloo")

    @classmethod
    def alone(cls, device: torch.device) -> Processes:
        """This process by itself, whatever it is part of."""
        return cls(device, rank=0, world_size=1)

    @property
    def is_distributed(self) -> bool:
        return self.world_size > 1

    @property
    def is_first(self) -> bool:
        """The one that writes."""
        return self.rank == 0

    def decided(self, number: int) -> int:
        """The first process's number, for all of them."""
        if not self.is_distributed:
            return number
        sent = torch.tensor([number], device=self.device)
        dist.broadcast(sent, 0)
        return int(sent)

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean over the processes, added in the order of the ranks, whatever the tensor's size."""
        if not self.is_distributed:
            return values
        found = [torch.empty_like(values) for _ in range(self.world_size)]
        dist.all_gather(found, values.contiguous())
        return functools.reduce(torch.add, found) / self.world_size

    def gathered(self, value: Any) -> list[Any]:
        """Everybody's value, in the order of the ranks."""
        if not self.is_distributed:
            return [value]
        found: list[Any] = [None] * self.world_size
        dist.all_gather_object(found, value)
        return found

    def share(self, tensors: Iterable[torch.Tensor]) -> None:
        """All have the first one's, in place."""
        if self.is_distributed:
            for tensor in tensors:
                dist.broadcast(tensor, 0)

    def meet(self) -> None:
        """Nobody goes on before all are here."""
        if self.is_distributed:
            dist.barrier()

    def has_lost_one(self, error: Exception) -> bool:
        """Whether an error says no more than that another process has died."""
        return self.is_distributed and (isinstance(error, dist.DistError) or "gloo" in str(error).lower())
