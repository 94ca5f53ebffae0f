"""What values are made of: the canonical JSON of each type, and what is said about a value that is none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels import (
    FIELD_TYPES,
    OutputChecker,
    check_field_name,
    default_field_name,
    index_labels,
    normalise_value,
    primary_label,
    primary_number,
    slugify_output,
)
from samplecase.contracts.schema import parse_schema

BOX = {"label": "cat", "bounding_box": [0.1, 0.2, 0.3, 0.4]}
LINE = {"label": "road", "points": [[[0, 0], [1, 1]]]}
POSE = {"label": "person", "points": [[0.5, 0.5], None]}
MASK = {"mask": "a" * 64, "width": 4, "height": 3}


def without_ids(value: Any) -> Any:
    return [{key: each[key] for key in each if key != "id"} for each in value]


@pytest.mark.parametrize(
    ("type_", "raw", "expected"),
    [
        ("classification", "cat", {"label": "cat"}),
        ("classification", {"label": "cat", "confidence": None}, {"label": "cat"}),
        (
            "classification",
            {"label": "c", "scores": {"c": 1, "d": 0}},
            {"label": "c", "scores": {"c": 1.0, "d": 0.0}},
        ),
        ("classification", {"label": "c", "confidence": 1.0000001}, {"label": "c", "confidence": 1.0}),
        ("regression", 3, {"value": 3}),
        ("regression", {"value": -1.5, "confidence": 0.5}, {"value": -1.5, "confidence": 0.5}),
        ("embedding", (1, 2.5), [1.0, 2.5]),
        ("string", "text", "text"),
        ("string", "", ""),
        ("number", 2.5, 2.5),
        ("integer", 3.0, 3),
        ("boolean", False, False),
        ("object", {"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        ("array", [1, "a", None], [1, "a", None]),
        ("segmentation", MASK, MASK),
        ("heatmap", {**MASK, "range": [-1, 1.5]}, {**MASK, "range": [-1, 1.5]}),
    ],
)
def test_a_value_becomes_its_canonical_form(type_: str, raw: Any, expected: Any) -> None:
    assert normalise_value(type_, raw) == expected


@pytest.mark.parametrize(
    ("type_", "raw", "expected"),
    [
        (
            "classifications",
            ["a", {"label": "b", "tags": ["t"]}],
            [{"label": "a"}, {"label": "b", "tags": ["t"]}],
        ),
        ("detections", [BOX], [BOX]),
        ("detections", [{**BOX, "attributes": {"old": True}}], [{**BOX, "attributes": {"old": True}}]),
        ("polylines", [LINE], [{**LINE, "closed": False, "filled": False}]),
        ("keypoints", [POSE], [POSE]),
        ("detections", [], []),
    ],
)
def test_each_label_of_a_list_gets_an_id(type_: str, raw: Any, expected: Any) -> None:
    value = normalise_value(type_, raw)
    assert without_ids(value) == expected
    assert len({each["id"] for each in value}) == len(expected)


def test_an_id_that_is_there_stays() -> None:
    assert normalise_value("detections", [{**BOX, "id": "mine-1"}])[0]["id"] == "mine-1"


@pytest.mark.parametrize("type_", sorted(FIELD_TYPES))
def test_a_canonical_value_is_its_own_canonical_value(type_: str) -> None:
    raw = {
        "classification": "a", "classifications": ["a"], "detections": [BOX], "polylines": [LINE], "keypoints": [POSE],
        "segmentation": MASK, "heatmap": MASK, "regression": 1.5, "embedding": [1.0], "string": "a", "number": 1,
        "integer": 1, "boolean": True, "object": {}, "array": [],
    }[type_]  # fmt: skip
    once = normalise_value(type_, raw)
    assert normalise_value(type_, json.loads(json.dumps(once))) == once


def test_arrays_and_numbers_of_numpy_are_taken() -> None:
    value = normalise_value(
        "detections",
        [{"label": numpy.str_("cat"), "bounding_box": numpy.array([0.0, 0.5, 0.5, 0.5], numpy.float32),
          "confidence": numpy.float32(0.5)}],
    )  # fmt: skip
    assert without_ids(value) == [{"label": "cat", "bounding_box": [0.0, 0.5, 0.5, 0.5], "confidence": 0.5}]
    assert normalise_value("embedding", numpy.ones(3)) == [1.0, 1.0, 1.0]
    assert normalise_value("integer", numpy.int64(7)) == 7
    json.dumps(value)


@pytest.mark.parametrize(
    ("type_", "raw", "pointer", "said"),
    [
        ("classification", 3, "", "3"),
        ("classification", "", "/label", "1 to 255"),
        ("classification", "x" * 256, "/label", "1 to 255"),
        ("classification", {"confidence": 0.5}, "/label", "missing"),
        ("classification", {"label": "a", "confidance": 1}, "/confidance", 'Did you mean "confidence"'),
        ("classification", {"label": "a", "confidence": 1.5}, "/confidence", "1.5"),
        ("classification", {"label": "a", "confidence": float("nan")}, "/confidence", "nan"),
        ("classification", {"label": "a", "confidence": True}, "/confidence", "True"),
        ("classification", {"label": "a", "scores": {"a": 2}}, "/scores/a", "2"),
        ("classification", {"label": "a\x00b"}, "/label", "NUL"),
        ("classification", {"label": "\ud800"}, "/label", "half a character"),
        ("classification", None, "", "null"),
        ("classifications", "a", "", "list"),
        ("classifications", ["a", 3], "/1", "3"),
        ("classifications", [{"label": "a", "id": "x"}, {"label": "b", "id": "x"}], "/1/id", "another"),
        ("detections", [BOX, {**BOX, "bounding_box": [0, 0, 2, 0.1]}], "/1/bounding_box/2", "from 0 to 1"),
        ("detections", [{**BOX, "bounding_box": [0.9, 0, 0.5, 0.1]}], "/0/bounding_box", "inside"),
        ("detections", [{**BOX, "bounding_box": [0, 0, 1]}], "/0/bounding_box", "[x, y, width, height]"),
        ("detections", [{"label": "a", "bbox": [0, 0, 1, 1]}], "/0/bounding_box", "missing"),
        ("detections", [{**BOX, "mask": {"size": [2, 2], "counts": [1, 2]}}], "/0/mask/counts", "4 pixels"),
        ("detections", [{**BOX, "id": "no/slash"}], "/0/id", "letters"),
        ("polylines", [{**LINE, "points": [[[0, 0]]]}], "/0/points/0", "two points"),
        ("polylines", [{**LINE, "closed": 1}], "/0/closed", "true or false"),
        ("keypoints", [{**POSE, "points": [[0.5, -0.5]]}], "/0/points/0/1", "-0.5"),
        ("segmentation", {**MASK, "mask": "../x"}, "/mask", "SHA-256"),
        ("segmentation", {"mask": "a" * 64}, "/width", "missing"),
        ("heatmap", {**MASK, "range": [2, 1]}, "/range", "least"),
        ("regression", "3", "", "'3'"),
        ("regression", True, "", "True"),
        ("regression", float("inf"), "", "inf"),
        ("embedding", [], "", "1 to"),
        ("embedding", [1, "a"], "/1", "'a'"),
        ("embedding", [1.0, float("nan")], "/1", "nan"),
        ("string", 1, "", "text"),
        ("number", "1", "", "number"),
        ("integer", 1.5, "", "whole"),
        ("integer", 10**30, "", "64 bits"),
        ("boolean", 1, "", "true or false"),
        ("object", [], "", "object"),
        ("object", {"a": b"x"}, "/a", "bytes"),
        ("object", {1: 2}, "", "key"),
        ("array", {}, "", "list"),
        ("array", [{1, 2}], "/0", "set"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(type_: str, raw: Any, pointer: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        normalise_value(type_, raw)
    assert refused.value.code == "invalid_value"
    assert pointer in [fault.pointer for fault in refused.value.details]
    assert any(said in fault.message for fault in refused.value.details if fault.pointer == pointer)


def test_all_faults_of_a_value_are_named_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        normalise_value("detections", [{"label": "", "bounding_box": [0, 0, 3, "a"]}, 7])
    assert [fault.pointer for fault in refused.value.details] == [
        "/0/label", "/0/bounding_box/2", "/0/bounding_box/3", "/1",
    ]  # fmt: skip


def test_a_huge_wrong_value_is_shown_short() -> None:
    with pytest.raises(InvalidInput) as refused:
        normalise_value("classification", {"label": ["x" * 10_000] * 10_000})
    assert len(refused.value.message) < 500
    assert all(len(fault.message) < 300 for fault in refused.value.details)


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.extend([endless, endless])
    with pytest.raises(InvalidInput, match="deeper"):
        normalise_value("array", endless)


def test_closed_classes_admit_no_other_label() -> None:
    assert normalise_value("classification", "cat", classes=["cat", "dog"]) == {"label": "cat"}
    with pytest.raises(InvalidInput, match='Did you mean "cat"'):
        normalise_value("detections", [{**BOX, "label": "cas"}], classes=["cat", "dog"])


def test_an_embedding_has_the_dimension_of_its_field() -> None:
    with pytest.raises(InvalidInput, match="must hold 3 numbers, not 2"):
        normalise_value("embedding", [1.0, 2.0], dimension=3)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["label", "bounding_box", "points", "mask", "value", "size", "counts", "x"]), inner, max_size=4
    ),
    max_leaves=12,
))  # fmt: skip
def test_whatever_is_sent_is_either_canonical_json_or_invalid_input(raw: Any) -> None:
    for type_ in FIELD_TYPES:
        value, faults = outcome(type_, raw)
        if not faults:
            json.dumps(value, allow_nan=False).encode()
            index_labels(type_, value)
            primary_label(type_, value)


def outcome(type_: str, raw: Any) -> tuple[Any, Sequence[Fault]]:
    try:
        return normalise_value(type_, raw), ()
    except InvalidInput as refused:
        return None, refused.details


@pytest.mark.parametrize(
    ("type_", "raw", "labels", "primary"),
    [
        ("classification", {"label": "a", "confidence": 0.5}, [("a", 0.5)], ("a", 0.5)),
        ("classifications", [], [], (None, None)),
        ("classifications", ["a", {"label": "b", "confidence": 0.1}], [("a", None), ("b", 0.1)], ("b", 0.1)),
        ("detections", [BOX, BOX], [("cat", None), ("cat", None)], ("cat", None)),
        ("regression", {"value": 1, "confidence": 0.2}, [], (None, 0.2)),
        ("boolean", True, [("true", None)], ("true", None)),
        ("string", "note", [("note", None)], ("note", None)),
        ("string", "x" * 300, [], (None, None)),
        ("number", 3, [], (None, None)),
        ("embedding", [1.0], [], (None, None)),
    ],
)
def test_labels_and_their_confidences_are_what_values_are_found_by(
    type_: str, raw: Any, labels: Any, primary: Any
) -> None:
    value = normalise_value(type_, raw)
    assert index_labels(type_, value) == labels
    assert primary_label(type_, value) == primary


def test_numbers_are_what_numeric_values_are_sorted_by() -> None:
    assert primary_number("regression", {"value": 2}) == 2.0
    assert primary_number("integer", 3) == 3.0
    assert primary_number("string", "3") is None
    assert primary_number("number", None) is None


@pytest.mark.parametrize("name", ["a", "ground_truth", "x9", "a" * 63, "created_at"])
def test_a_field_may_be_called_so(name: str) -> None:
    assert check_field_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "A", "9a", "_a", "a-b", "a b", "a\n", "é", "a" * 64, None, 3, "id", "name", "tags", "width", "height",
             "created", "media"],
)  # fmt: skip
def test_a_field_may_not_be_called_so(name: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_field_name(name, pointer="/outputs/p")
    assert refused.value.details[0].pointer == "/outputs/p"


@pytest.mark.parametrize(
    ("text", "slug"),
    [("Digits CNN", "digits_cnn"), ("Größe!", "groe"), ("7up", "f_7up"),
     ("—", "f"), ("id", "id_"), ("x" * 99, "x" * 63)],
)  # fmt: skip
def test_any_text_becomes_a_field_name(text: str, slug: str) -> None:
    assert slugify_output(text) == slug
    assert check_field_name(slugify_output(text))


def test_two_outputs_of_a_model_with_a_long_name_have_two_fields() -> None:
    first, second = (default_field_name("very-long-" * 9, output) for output in ("boxes", "classes"))
    assert first != second
    assert first.endswith("_boxes")
    assert check_field_name(first)
    assert default_field_name("digits-cnn", "predictions") == "digits_cnn_predictions"


def outputs(**specs: Any) -> OutputChecker:
    document = {"inputs": {"properties": {"x": {"type": "local"}}}, "outputs": {"properties": specs}}
    return OutputChecker(parse_schema(document))


@pytest.mark.parametrize(
    ("spec", "good", "bad", "pointer"),
    [
        ({"type": "classification", "enum": ["a", "b"]}, "a", "c", "/out/label"),
        ({"type": "classification", "required": ["confidence"]}, {"label": "a", "confidence": 1}, "a", "/out"),
        ({"type": "classification", "properties": {"confidence": {"type": "number", "minimum": 0.5}}},
         {"label": "a", "confidence": 0.6}, {"label": "a", "confidence": 0.4}, "/out/confidence"),
        ({"type": "classifications", "maxItems": 1}, ["a"], ["a", "b"], "/out"),
        ({"type": "detections", "enum": ["cat"]}, [BOX], [{**BOX, "label": "cow"}], "/out/0/label"),
        ({"type": "regression", "minimum": 0}, 1, -1, "/out/value"),
        ({"type": "embedding", "dimension": 2}, [1, 2], [1, 2, 3], "/out"),
        ({"type": "string", "maxLength": 2}, "ab", "abc", "/out"),
        ({"type": "integer", "exclusiveMinimum": 1, "multipleOf": 2}, 4, 3, "/out"),
        ({"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "items": {"type": "integer"}}}},
         {"a": [1]}, {"a": [1, "b"]}, "/out/a/1"),
        ({"type": "array", "minItems": 1}, [0], [], "/out"),
    ],
)  # fmt: skip
def test_an_output_keeps_to_the_keywords_of_its_schema(spec: Any, good: Any, bad: Any, pointer: str) -> None:
    checker = outputs(out=spec)
    checker.check("out", good)
    with pytest.raises(InvalidInput) as refused:
        checker.check("out", bad)
    assert refused.value.code == "invalid_output"
    assert [fault.pointer for fault in refused.value.details] == [pointer]


def test_nothing_found_is_no_fault() -> None:
    assert outputs(out={"type": "detections"}).check("out", None) is None


def test_an_output_that_the_schema_does_not_have_is_named() -> None:
    with pytest.raises(InvalidInput, match='Did you mean "predictions"'):
        outputs(predictions={"type": "string"}).check("prediction", "x")
