"""The step that a version takes, by what its schema changes for those who use the model."""

from __future__ import annotations

from typing import Any

import pytest

from samplecase.contracts.schema import parse_schema
from samplecase.contracts.schema_change import Step, _choices, changes_between, step_of

LOCAL = {"image_paths": {"type": "local"}}
CLASS: dict[str, Any] = {"type": "classification", "enum": ["cat", "dog"]}


def schema(outputs: Any = None, inputs: Any = None) -> dict[str, Any]:
    sides = {
        "inputs": {**LOCAL, **(inputs or {})},
        "outputs": {"kind": CLASS} if outputs is None else outputs,
    }
    return {side: {"type": "object", "properties": ports} for side, ports in sides.items()}


def found(old: Any, new: Any) -> list[tuple[str, str]]:
    return [(each.step.value, each.pointer) for each in changes_between(parse_schema(old), parse_schema(new))]


def step(old: Any, new: Any) -> str:
    return step_of(changes_between(parse_schema(old), parse_schema(new))).value


def test_long_lists_of_labels_are_not_compared_each_with_each() -> None:
    compared = 0

    class Label(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

    labels = [Label(f"label {number}") for number in range(300)]
    others = [Label(f"other {number}") for number in range(300)]
    assert len(list(_choices(labels, [*labels[:200], *others], "/at"))) == 400
    assert compared < 10 * len(labels)


BOX = {"type": "detections", "required": ["confidence"], "maxItems": 5}
NUMBER = {"type": "number", "minimum": 0, "maximum": 1}


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ({"kind": CLASS}, "patch"),
        ({"kind": {**CLASS, "title": "What it is", "description": "…"}}, "patch"),
        ({"kind": CLASS, "size": {"type": "number"}}, "minor"),
        ({"other": CLASS}, "major"),  # gone, and another one new
        ({"kind": {"type": "classifications", "enum": ["cat", "dog"]}}, "major"),
        ({"kind": {**CLASS, "enum": ["dog", "cat"]}}, "patch"),  # the order says nothing
        ({"kind": {**CLASS, "enum": ["cat"]}}, "major"),
        ({"kind": {**CLASS, "enum": ["cat", "dog", "cow"]}}, "minor"),
        ({"kind": {**CLASS, "enum": ["cat", "cow"]}}, "major"),
        ({"kind": {"type": "classification"}}, "minor"),
        ({"kind": {**CLASS, "required": ["confidence"]}}, "minor"),
    ],
)
def test_of_outputs(outputs: Any, expected: str) -> None:
    assert step(schema(), schema(outputs)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (BOX, {**BOX, "maxItems": 9}, "minor"),
        (BOX, {**BOX, "maxItems": 3}, "major"),
        (BOX, {"type": "detections", "maxItems": 5}, "major"),  # who reads the confidence misses it
        (NUMBER, {**NUMBER, "minimum": -1}, "minor"),
        (NUMBER, {**NUMBER, "minimum": 0.5}, "major"),
        (NUMBER, {"type": "number"}, "minor"),
        ({"type": "number"}, NUMBER, "major"),
        ({"type": "integer"}, {"type": "number"}, "major"),
        ({"type": "embedding", "dimension": 8}, {"type": "embedding", "dimension": 9}, "major"),
        ({"type": "integer", "multipleOf": 4}, {"type": "integer", "multipleOf": 2}, "minor"),
        ({"type": "integer", "multipleOf": 2}, {"type": "integer", "multipleOf": 4}, "major"),
        ({"type": "string", "const": "a"}, {"type": "string", "enum": ["a", "b"]}, "minor"),
        ({"type": "object"}, {"type": "object", "additionalProperties": True}, "patch"),
        ({"type": "object"}, {"type": "object", "additionalProperties": False}, "major"),
        ({"type": "object", "additionalProperties": False}, {"type": "object"}, "minor"),
        (
            {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "number"}}}},
            {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
            "major",
        ),
    ],
)
def test_within_an_output(old: Any, new: Any, expected: str) -> None:
    assert step(schema({"kind": old}), schema({"kind": new})) == expected


TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (schema(), schema(inputs={"hint": TEXT}), "minor"),
        (schema(inputs={"hint": TEXT}), schema(), "major"),
        (schema(inputs={"n": {"type": "integer"}}), schema(inputs={"n": {"type": "number"}}), "minor"),
        (schema(inputs={"n": {"type": "number"}}), schema(inputs={"n": {"type": "integer"}}), "major"),
        (
            schema(inputs={"n": {"type": "number", "default": 1}}),
            schema(inputs={"n": {"type": "number", "default": 2}}),
            "minor",
        ),
        (schema(inputs={"n": NUMBER}), schema(inputs={"n": {**NUMBER, "maximum": 0.5}}), "major"),
        (schema(inputs={"n": NUMBER}), schema(inputs={"n": {**NUMBER, "maximum": 2}}), "minor"),
    ],
)
def test_of_inputs(old: Any, new: Any, expected: str) -> None:
    assert step(old, new) == expected


def demanding(*names: str, **ports: Any) -> dict[str, Any]:
    document = schema(inputs=ports)
    document["inputs"]["required"] = list(names)
    return document


def test_what_an_input_demands() -> None:
    free, asked = demanding(hint=TEXT), demanding("hint", hint=TEXT)
    spared = demanding("hint", hint={**TEXT, "default": "a"})
    assert step(free, asked) == "major"
    assert step(asked, free) == step(asked, spared) == "minor"
    assert step(free, spared) == "patch"
    assert step(schema(), asked) == "major"
    assert step(schema(), spared) == "minor"


def test_how_the_image_comes_is_between_package_and_runtime() -> None:
    as_pixels = {**schema(), "inputs": {"properties": {"images": {"type": "image"}}}}
    assert found(schema(), as_pixels) == [
        ("patch", "/inputs/properties/image_paths"),
        ("patch", "/inputs/properties/images"),
    ]


def test_a_promise_of_an_output_may_be_given_and_not_taken_back() -> None:
    promised = schema()
    promised["outputs"]["required"] = ["kind"]
    assert (step(schema(), promised), step(promised, schema())) == ("minor", "major")


def test_the_largest_comes_first_and_each_says_where() -> None:
    new = schema({"kind": {**CLASS, "enum": ["cat", "cow"]}, "size": {"type": "number"}})
    assert found(schema(), new) == [
        ("major", "/outputs/properties/kind/enum"),
        ("minor", "/outputs/properties/kind/enum"),
        ("minor", "/outputs/properties/size"),
    ]


def test_references_are_followed() -> None:
    aside = {**schema({"kind": {"$ref": "#/$defs/kind"}}), "$defs": {"kind": CLASS}}
    assert found(schema(), aside) == []
    assert step_of([]) is Step.PATCH
