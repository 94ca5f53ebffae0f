"""Slugs of models, semantic numbers of versions, and names of aliases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count

from samplecase.contracts.labels.names import slugify_output
from samplecase.contracts.schema_change import Step

SLUG_LENGTH = 40  # leaves 23 of a field's 63 characters to the output's name
VERSION_LENGTH = 40
FIRST_VERSION = "1.0.0"
ALIAS_LENGTH = 40
_ALIAS = re.compile(rf"[a-z][a-z0-9_-]{{0,{ALIAS_LENGTH - 1}}}", re.ASCII)

_LARGEST = 999_999_999  # so that what is proposed after it fits into a version too
_NUMBER = r"(?:0|[1-9]\d{0,8})"
_PRE_RELEASE = r"(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_SEMANTIC = re.compile(
    rf"(?P<major>{_NUMBER})\.(?P<minor>{_NUMBER})\.(?P<patch>{_NUMBER})"
    rf"(?P<pre>-{_PRE_RELEASE}(?:\.{_PRE_RELEASE})*)?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?",
    re.ASCII,
)


def slug_candidates(name: str) -> Iterator[str]:
    """The slug of `name`, `[a-z][a-z0-9_]*`, then the same with 2, 3, … for where it is taken."""
    base = slugify_output(name)[:SLUG_LENGTH].rstrip("_")
    yield base
    for number in count(2):
        ending = f"_{number}"
        yield base[: SLUG_LENGTH - len(ending)].rstrip("_") + ending


def semantic(text: str) -> str | None:
    """`text` as a semantic version (semver.org, 2.0.0) without a leading v, or None if it is none."""
    plain = text.removeprefix("v")
    return plain if len(plain) <= VERSION_LENGTH and _SEMANTIC.fullmatch(plain) else None


def is_alias(text: str) -> bool:
    """Whether an alias may be called so; no version can be, for these have dots."""
    return _ALIAS.fullmatch(text) is not None


def next_version(existing: Sequence[str], step: Step = Step.MINOR) -> str:
    """The number proposed after `existing`, the newest first: that one a `step` further, and on until it is free.

    Where a part cannot grow, another one does.
    """
    newest = next(filter(None, map(_SEMANTIC.fullmatch, existing)), None)
    if newest is None:
        return FIRST_VERSION
    for each in (step, Step.MAJOR, Step.MINOR, Step.PATCH):
        number = _raised(_parts(newest), each, is_pre_release=newest["pre"] is not None)
        while _joined(number) in existing:
            number = _raised(number, each)
        if max(number) <= _LARGEST:
            break
    return _joined(number)


_Parts = tuple[int, int, int]


def _parts(match: re.Match[str]) -> _Parts:
    return int(match["major"]), int(match["minor"]), int(match["patch"])


def _joined(number: _Parts) -> str:
    return ".".join(map(str, number))


def _raised(number: _Parts, step: Step, *, is_pre_release: bool = False) -> _Parts:
    """One `step` further. A pre-release (2.0.0-rc.1) comes before its own number, and goes on to that."""
    major, minor, patch = number
    below = {Step.MAJOR: (minor, patch), Step.MINOR: (patch,), Step.PATCH: ()}[step]
    if is_pre_release and not any(below):
        return number
    return {
        Step.MAJOR: (major + 1, 0, 0),
        Step.MINOR: (major, minor + 1, 0),
        Step.PATCH: (major, minor, patch + 1),
    }[step]
