"""What the apps above keep for people: how much of it, and which of its bytes somebody may have again."""

from __future__ import annotations

from collections.abc import Callable

from samplecase.web.accounts.models import User

_sizes: list[Callable[[User], int]] = []
_waiting: list[Callable[[User], int]] = []
_keys: list[Callable[[User, str], str | None]] = []


def count_as_stored(size: Callable[[User], int]) -> None:
    """Let `size(owner)`, in bytes, count as stored by him."""
    if size not in _sizes:
        _sizes.append(size)


def count_as_waiting(size: Callable[[User], int]) -> None:
    """Let `size(owner)`, in bytes, count beside his uploads under way."""
    if size not in _waiting:
        _waiting.append(size)


def offer_known(key: Callable[[User, str], str | None]) -> None:
    """Let `key(user, sha256)` name a blob of these bytes that `user` may read anyway, or None."""
    if key not in _keys:
        _keys.append(key)


def stored_bytes(owner: User) -> int:
    return sum(size(owner) for size in _sizes)


def waiting_bytes(owner: User) -> int:
    """What was made of uploads, and is kept only until something else is made of it."""
    return sum(size(owner) for size in _waiting)


def known_key(user: User, sha256: str) -> str | None:
    """A blob of this digest that `user` may read anyway. That it exists somewhere is told to nobody else."""
    return next((key for each in _keys if (key := each(user, sha256))), None)
