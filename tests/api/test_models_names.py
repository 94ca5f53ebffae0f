"""Slugs and numbers of versions."""

from __future__ import annotations

from itertools import islice

import pytest

from models_app.naming import SLUG_LENGTH, next_version, semantic, slug_candidates
from samplecase.contracts.labels.names import FIELD_NAME


@pytest.mark.parametrize("name", ["Digits CNN", "3d", "Ünï", "数字", "___", "x" * 100, "a" * 39 + "-b"])
def test_every_name_has_slugs_that_fields_may_begin_with(name: str) -> None:
    found = list(islice(slug_candidates(name), 12))
    assert len(set(found)) == 12
    assert all(FIELD_NAME.match(slug) and len(slug) <= SLUG_LENGTH for slug in found)


@pytest.mark.parametrize(
    "text", ["1.0.0", "0.0.1", "10.20.30", "1.0.0-rc.1", "1.0.0+build.5", "1.2.3-a-b.7+x"]
)
def test_semantic_versions_are_taken_with_or_without_a_v(text: str) -> None:
    assert semantic(text) == text
    assert semantic(f"v{text}") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.0",
        "01.0.0",
        "1.0.0-",
        "1.0.0-01",
        "1.0.0 ",
        "1.0.0\n",
        "vv1.0.0",
        "١.0.0",
        "1.0." + "9" * 40,
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert semantic(text) is None


def test_the_next_version_is_a_minor_step_beyond_the_highest() -> None:
    assert next_version([]) == "1.0.0"
    assert next_version(["1.9.3", "1.10.0", "0.50.0"]) == "1.11.0"
    assert next_version(["2.0.0-rc.1"]) == "2.1.0"
