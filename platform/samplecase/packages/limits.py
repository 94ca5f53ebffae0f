"""How large a zip may be, packed and unpacked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes. Unpacked, a zip may have `free_bytes` and `max_ratio` times what it has packed."""

    max_bytes: int = 8 * 2**30
    max_entries: int = 10_000
    max_unpacked_bytes: int = 16 * 2**30
    max_ratio: int = 100
    free_bytes: int = 2**20


DEFAULT_LIMITS = Limits()
