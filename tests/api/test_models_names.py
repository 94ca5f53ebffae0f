"""Slugs and numbers of versions."""

from __future__ import annotations

from itertools import islice

import pytest

from models_app.naming import SLUG_LENGTH, is_alias, next_version, semantic, slug_candidates
from samplecase.contracts.labels.names import FIELD_NAME
from samplecase.contracts.schema_change import Step


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
        "9" * 36 + ".0.0",
        "1.0.1000000000",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert semantic(text) is None


@pytest.mark.parametrize(
    ("newest_first", "step", "proposed"),
    [
        ([], Step.MAJOR, "1.0.0"),
        (["1.4.2"], Step.PATCH, "1.4.3"),
        (["1.4.2"], Step.MINOR, "1.5.0"),
        (["1.4.2"], Step.MAJOR, "2.0.0"),
        (["1.4.2", "2.0.0", "1.5.0", "1.4.3", "1.4.4"], Step.PATCH, "1.4.5"),  # of the newest, and free
        (["1.4.2", "2.0.0"], Step.MAJOR, "3.0.0"),
        (["2.0.0-rc.1", "1.4.2"], Step.MAJOR, "2.0.0"),
        (["2.0.0-rc.1", "1.4.2"], Step.PATCH, "2.0.0"),
        (["2.0.1-rc.1"], Step.MINOR, "2.1.0"),
        (["2.1.0-rc.1"], Step.MAJOR, "3.0.0"),
        (["1.0.0+build.5"], Step.PATCH, "1.0.1"),
        (["9" * 36 + ".0.0", "1.4.2"], Step.MAJOR, "2.0.0"),  # from before so many digits were refused
        (["1.999999999.0"], Step.MINOR, "2.0.0"),
        (["999999999.0.0"], Step.MAJOR, "999999999.1.0"),
    ],
)
def test_the_next_version_is_a_step_beyond_the_newest(
    newest_first: list[str], step: Step, proposed: str
) -> None:
    assert next_version(newest_first, step) == proposed


def test_an_alias_is_a_word_that_no_version_can_be() -> None:
    assert all(is_alias(name) for name in ("champion", "a", "v1", "next-one_2", "a" * 40))
    assert not any(is_alias(name) for name in ("", "1.0.0", "v1.0.0", "Champion", "-a", "a b", "é", "a" * 41))
