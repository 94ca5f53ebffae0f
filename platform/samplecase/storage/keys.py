"""The one rule for keys of blobs; every store asks it first."""

from __future__ import annotations

import re

_PART = re.compile(r"[a-z0-9_-][a-z0-9._-]*\Z", re.ASCII)
_MAX_KEY = 512


def check_key(key: str) -> str:
    """Return `key` if a blob may lie under it; raises ValueError. A part never begins with a dot."""
    if not isinstance(key, str) or len(key) > _MAX_KEY or not all(map(_PART.match, key.split("/"))):
        raise ValueError(f"not a blob key: {key!r:.100}")
    return key


def check_prefix(prefix: str) -> str:
    """Return `prefix` if keys may begin with it; raises ValueError."""
    if prefix and not all(map(_PART.match, prefix.rstrip("/").split("/"))):
        raise ValueError(f"not the beginning of a blob key: {prefix!r:.100}")
    return prefix


def check_range(offset: int, length: int | None) -> None:
    """Raises ValueError for a range that no blob has."""
    if offset < 0 or (length is not None and length < 0):
        raise ValueError(f"not a range: offset {offset}, length {length}")
