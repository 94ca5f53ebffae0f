"""Seeds made of what they are for, and the states of every generator that there is."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

State = dict[str, Any]


def seed_of(*parts: int | str) -> int:
    """A 63-bit seed for these parts; other parts, another seed."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def seed_all(seed: int) -> None:
    """Python's, numpy's and all of torch's generators."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


@contextmanager
def seeded(seed: int, device: torch.device | None = None) -> Iterator[None]:
    """The generators of the CPU begin at a seed within the block, and are afterwards as they were before it.

    Those of a GPU too, where one is named.
    """
    gpu = torch.cuda.get_rng_state(device) if device and device.type == "cuda" else None
    before = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.default_generator.manual_seed(seed)
    if gpu is not None:
        torch.cuda.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        torch.set_rng_state(before[2])
        if gpu is not None:
            torch.cuda.set_rng_state(gpu, device or "cuda")


def rng_state() -> State:
    """Of python, numpy, torch and every GPU, in types that load with `weights_only=True`."""
    kind, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)
    return {
        "python": random.getstate(),
        "numpy": [str(kind), torch.from_numpy(np.asarray(keys).astype(np.int64)), position, has_gauss, gauss],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore_rng(state: State) -> None:
    """Go on where `rng_state` was, wherever the checkpoint was opened: states are tensors of the CPU."""
    version, keys, gauss_next = state["python"]
    random.setstate((version, tuple(keys), gauss_next))
    kind, numbers, position, has_gauss, gauss = state["numpy"]
    np.random.set_state((kind, numbers.cpu().numpy().astype(np.uint32), position, has_gauss, gauss))
    torch.set_rng_state(state["torch"].cpu())
    if state["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all([each.cpu() for each in state["cuda"]])
