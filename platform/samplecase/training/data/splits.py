"""Who trains, who validates, who tests: a function of each sample alone, so that others' coming moves nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from samplecase.training.config.data import Split
from samplecase.training.data.manifest import ManifestRow


def place(key: str, seed: int) -> float:
    """Where a key falls in [0, 1), evenly and the same for ever: 53 bits of a SHA-256."""
    digest = hashlib.sha256(f"{seed}\0{key}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / (1 << 53)


def split_of(key: str, split: Split) -> str:
    """The split of a sample by its group or id. Places are even within each class, so each class has its share."""
    at = place(key, split.seed)
    if at < split.test:
        return "test"
    return "validation" if at < split.test + split.validation else "training"


def deal(rows: Iterable[ManifestRow], split: Split) -> list[ManifestRow]:
    """Samples that have a split keep it, the others are dealt."""
    return [row if row.split else replace(row, split=split_of(row.key, split)) for row in rows]
