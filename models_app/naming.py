"""Slugs of models and semantic numbers of versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count

from samplecase.contracts.labels.names import slugify_output

SLUG_LENGTH = 40  # leaves 23 of a field's 63 characters to the output's name
VERSION_LENGTH = 40
FIRST_VERSION = "1.0.0"

_NUMBER = r"(?:0|[1-9]\d*)"
_PRE_RELEASE = rf"(?:{_NUMBER}|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_SEMANTIC = re.compile(
    rf"(?P<major>{_NUMBER})\.(?P<minor>{_NUMBER})\.{_NUMBER}"
    rf"(?:-{_PRE_RELEASE}(?:\.{_PRE_RELEASE})*)?"
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


def next_version(existing: Iterable[str]) -> str:
    """The number proposed after `existing`: a minor step beyond the highest, which a pre-release comes before."""
    found = [match for match in map(_SEMANTIC.fullmatch, existing) if match]
    if not found:
        return FIRST_VERSION
    major, minor = max((int(match["major"]), int(match["minor"])) for match in found)
    return f"{major}.{minor + 1}.0"
