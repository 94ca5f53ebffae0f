"""The names of the model versions that wrote values: models are beside this app, so one above it says how to ask."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

Versions = Mapping[int, tuple[str, str]]  # a version's id -> the model's name, the version

_lookups: list[Callable[[Collection[int]], Versions]] = []


def ask_versions_of(lookup: Callable[[Collection[int]], Versions]) -> None:
    """Register who knows the names. Registering one twice is registering it once."""
    if lookup not in _lookups:
        _lookups.append(lookup)


def names_of_versions(ids: Iterable[int | None]) -> Versions:
    """The names of those of the versions that are still there."""
    wanted = {pk for pk in ids if pk is not None}
    found: dict[int, tuple[str, str]] = {}
    if wanted:
        for lookup in _lookups:
            found.update(lookup(wanted))
    return found


def shown_model(version: int | None, names: Versions) -> dict[str, str] | None:
    """`{name, version}`, or None where no model wrote, or it was deleted."""
    found = None if version is None else names.get(version)
    return None if found is None else {"name": found[0], "version": found[1]}
