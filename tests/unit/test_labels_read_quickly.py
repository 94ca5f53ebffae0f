"""The short way of reading values gives what the long way gives, or leaves the value to it."""

from __future__ import annotations

import json
import re
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels import FIELD_TYPES, FieldType, ValueChecker
from samplecase.contracts.labels.quick import MOST, quick_reader

edges = [
    0.0,
    -0.0,
    1.0,
    1.0005,
    -0.0005,
    1.5,
    float("nan"),
    float("inf"),
    1e308,
    0,
    1,
    True,
    None,
    "0.5",
    2**63,
    10**30,
]
numbers = st.floats(0, 1) | st.sampled_from(edges)
texts = st.sampled_from(
    ["cat", "dog", "", " ", "\t", "a\x00", "\ud800", "é", "\u00a0", "x" * 255, "x" * 256]
) | st.text(max_size=3)
scores = st.dictionaries(texts, numbers, max_size=3)
labels = st.fixed_dictionaries(
    {"label": texts},
    optional={
        "confidence": numbers,
        "scores": scores,
        "bounding_box": st.lists(numbers, min_size=4, max_size=4)
        | st.lists(st.floats(0, 0.6), min_size=3, max_size=5),
        "id": texts,
        "more": numbers,
    },
)
raws = (
    labels | st.lists(labels | texts, max_size=3) | numbers | texts | st.lists(numbers, max_size=4) | scores
)

RULES: list[dict[str, Any]] = [
    {}, {"enum": ["cat", "é", " "]}, {"enum": []}, {"minimum": 0.25}, {"minimum": 0, "maximum": 1}, {"minItems": 1},
    {"required": ["confidence"]},
]  # fmt: skip
CLASSES: list[list[str]] = [[], ["cat", "dog", ""]]


def outcome(checker: ValueChecker, raw: Any) -> tuple[str | None, list[Fault]]:
    """The canonical value as the text that is stored, or what is wrong with it; ids that were made up are all alike."""
    try:
        return without_ids(json.dumps(checker.normalise(raw, at="/out"))), []
    except InvalidInput as refused:
        return None, [Fault(each.pointer, without_ids(each.message)) for each in refused.details]


def without_ids(text: str) -> str:
    return re.sub("[0-9a-f]{16}", "made up", text)


@pytest.mark.parametrize("rules", RULES, ids=str)
@given(raw=raws, classes=st.sampled_from(CLASSES), dimension=st.sampled_from([None, 2]))
def test_both_ways_agree(rules: dict[str, Any], raw: Any, classes: list[str], dimension: int | None) -> None:
    for type_ in FIELD_TYPES:
        facts = {"spec": {"type": type_, **rules}, "classes": classes, "dimension": dimension}
        quick = ValueChecker(type_, **facts)
        with patch("samplecase.contracts.labels.values.quick_reader", lambda *_, **__: None):
            thorough = ValueChecker(type_, **facts)
        assert outcome(quick, raw) == outcome(thorough, raw), (type_, facts)


@pytest.mark.parametrize(
    ("type_", "raw"),
    [
        ("classification", "cat"),
        ("classification", {"label": "cat", "confidence": 0.5}),
        ("classification", {"label": "cat", "confidence": 0.5, "scores": {"cat": 0.5, "dog": 0.5}}),
        ("classifications", [{"label": "cat"}, {"label": "dog", "confidence": 1.0}]),
        ("detections", [{"label": "cat", "confidence": 0.5, "bounding_box": [0.1, 0.2, 0.3, 0.4]}] * 5),
        ("number", 2.5),
        ("integer", 3),
        ("regression", 2.5),
        ("embedding", [0.5] * 512),
        ("boolean", False),
        ("string", "text"),
    ],
)
def test_what_models_mostly_give_goes_the_short_way(type_: str, raw: Any) -> None:
    read = quick_reader(FieldType(type_), classes=(), dimension=None, rules={})
    assert read is not None
    assert read(raw) is not None


def test_what_is_very_long_is_counted_on_the_long_way() -> None:
    many = [{"label": "cat", "bounding_box": [0.1, 0.2, 0.3, 0.4]}] * (MOST + 1)
    read = quick_reader(FieldType.DETECTIONS, classes=(), dimension=None, rules={})
    assert read is not None
    assert read(many) is None
    assert len(ValueChecker("detections").normalise(many)) == MOST + 1


def test_each_label_has_an_id_of_its_own() -> None:
    boxes = [{"label": "cat", "bounding_box": [0.1, 0.2, 0.3, 0.4]}] * MOST
    assert len({each["id"] for each in ValueChecker("detections").normalise(boxes)}) == MOST


def test_the_given_value_is_left_as_it_is() -> None:
    raw = {"label": "cat", "scores": {"cat": 1.0}}
    value = ValueChecker("classification").normalise(raw)
    value["scores"]["dog"] = 0.0
    assert raw == {"label": "cat", "scores": {"cat": 1.0}}
