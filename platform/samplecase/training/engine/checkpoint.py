"""Checkpoints that a resume can trust: whole, hashed, and never in the place of the last good one."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import torch

from samplecase.contracts.errors import InvalidInput
from samplecase.storage.files import sha256_of
from samplecase.training.runs.files import write_json, write_whole

SLOTS = ("resume_0.pt", "resume_1.pt")


@dataclass(frozen=True)
class Position:
    """Where a run stands: the open epoch, batches of it that are done, and steps of the whole run."""

    epoch: int = 0
    batch: int = 0
    step: int = 0


class Hashing:
    """A file that is hashed while it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def write(self, data: bytes | memoryview) -> int:
        self._digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def save(path: Path, values: Mapping[str, Any]) -> str:
    """Write values, whole or not at all, and return the file's SHA-256."""
    digests: list[str] = []

    def write(file: BinaryIO) -> None:
        hashing = Hashing(file)
        torch.save(dict(values), hashing)
        digests.append(hashing.hexdigest())

    write_whole(path, write)
    return digests[0]


def load(path: Path, *, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Open a `.pt` file without running code from it. Raises `InvalidInput` for what is no such file."""
    try:
        found: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidInput(f"{path} cannot be read: {reason}", code="bad_checkpoint") from None
    return found


class ResumeFiles:
    """Two slots, written in turn: whatever happens while one is written, the other stands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._good: Path | None = None  # known to be whole; never written into

    def write(self, values: Mapping[str, Any], at: Position) -> Path:
        """Write into the slot that is not the last good one, then say by its side that it is whole."""
        slot = SLOTS[1] if self._good and self._good.name == SLOTS[0] else SLOTS[0]
        path = self._folder / slot
        digest = save(path, values)
        write_json(_beside(path), {"sha256": digest, **vars(at)})
        self._good = path
        return path

    def newest(self) -> Path | None:
        """The newest slot whose bytes are those that were written."""
        for path in sorted(self._slots(), key=lambda each: _facts(each)["step_order"], reverse=True):
            if sha256_of(path) == _facts(path)["sha256"]:
                self._good = path
                return path
        return None

    def _slots(self) -> list[Path]:
        found = [self._folder / slot for slot in SLOTS]
        return [path for path in found if path.exists() and _facts(path)]


def _beside(path: Path) -> Path:
    return path.with_suffix(".json")


def _facts(path: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads(_beside(path).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return {**facts, "step_order": (facts["epoch"], facts["batch"], facts["step"])}


def weights_sha256(weights: Mapping[str, torch.Tensor]) -> str:
    """Of names, types, shapes and bytes: equal exactly where every weight is, to the bit."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name].detach().cpu().contiguous()
        digest.update(f"{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
