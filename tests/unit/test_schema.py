"""The schema dialect: what it takes, and what it says of what it does not take."""

from __future__ import annotations

import json
from typing import Any

import pytest

from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels import FIELD_TYPES
from samplecase.contracts.schema import differences, parse_schema


def schema(output: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "inputs": {"type": "object", "properties": {"image_paths": {"type": "local"}}},
        "outputs": {"type": "object", "properties": {"predictions": output or {"type": "classification"}}},
        **more,
    }


def inputs(**ports: Any) -> dict[str, Any]:
    return schema() | {"inputs": {"properties": ports}}


def faults_of(document: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        parse_schema(document)
    assert refused.value.code == "invalid_schema"
    return {fault.pointer: fault.message for fault in refused.value.details}


def test_the_schema_of_the_contract_is_taken() -> None:
    parsed = parse_schema(schema())
    assert parsed.inputs["image_paths"].is_media
    assert parsed.inputs["image_paths"].required
    assert parsed.outputs["predictions"].type == "classification"
    assert parsed.document == schema()


def test_text_and_bytes_are_taken_as_well() -> None:
    text = json.dumps(schema())
    assert parse_schema(text) == parse_schema(text.encode()) == parse_schema(schema())


@pytest.mark.parametrize("type_", sorted(FIELD_TYPES))
def test_every_field_type_may_be_output_and_input(type_: str) -> None:
    spec = {"type": type_, **({"dimension": 8} if type_ == "embedding" else {})}
    parsed = parse_schema(schema(spec) | {"inputs": {"properties": {"x": spec, "image": {"type": "image"}}}})
    assert parsed.outputs["predictions"].type == type_
    assert parsed.inputs["x"].type == type_


def test_an_input_may_have_a_default_and_be_required() -> None:
    document = inputs(x={"type": "local"}, limit={"type": "number", "default": 0.5}, name={"type": "string"})
    document["inputs"]["required"] = ["name"]
    ports = parse_schema(document).inputs
    assert (ports["limit"].default, ports["limit"].required) == (0.5, False)
    assert (ports["name"].default, ports["name"].required) == (None, True)


def test_references_inside_the_document_are_followed() -> None:
    document = schema(
        {"$ref": "#/$defs/thing", "title": "Here"},
        **{"$defs": {"thing": {"type": "object", "properties": {"n": {"$ref": "#/$defs/count"}}},
                     "count": {"type": "integer", "minimum": 0}}},
    )  # fmt: skip
    port = parse_schema(document).outputs["predictions"]
    assert port.type == "object"
    assert port.spec["properties"] == {"n": {"type": "integer", "minimum": 0}}
    assert port.spec["title"] == "Here"


def test_the_document_is_a_copy() -> None:
    document = schema()
    parsed = parse_schema(document)
    document["outputs"]["properties"].clear()
    assert parsed.document == schema()


@pytest.mark.parametrize(
    ("document", "pointer", "said"),
    [
        (None, "", "inputs"),
        ([], "", "object"),
        ({}, "/inputs", "inputs"),
        ({"inputs": schema()["inputs"]}, "/outputs", "outputs"),
        (inputs(), "/inputs/properties", "at least one"),
        (schema() | {"outputs": {"properties": {}}}, "/outputs/properties", "at least one"),
        (schema() | {"outputs": []}, "/outputs", "not []"),
        (schema(input={}), "/input", 'Did you mean "inputs"'),
        (schema({"type": "classificaton"}), "/outputs/properties/predictions/type", 'Did you mean "classification"'),
        (schema({"type": 3}), "/outputs/properties/predictions/type", "There is no type"),
        (schema({"type": ["string", "null"]}), "/outputs/properties/predictions/type", "One type"),
        (schema({"type": "local"}), "/outputs/properties/predictions/type", "input"),
        (schema({"enum": ["a"]}), "/outputs/properties/predictions", '"type" is missing'),
        (schema("classification"), "/outputs/properties/predictions", "object"),
        (schema({"type": "embedding"}), "/outputs/properties/predictions", "dimension"),
        (schema({"type": "embedding", "dimension": 0}), "/outputs/properties/predictions/dimension", "65536"),
        (schema({"type": "string", "dimension": 3}), "/outputs/properties/predictions/dimension", "does not go with"),
        (schema({"type": "string", "default": "x"}), "/outputs/properties/predictions/default", "does not go with"),
        (schema({"type": "array", "item": {}}), "/outputs/properties/predictions/item", 'Did you mean "items"'),
        (schema({"type": "array", "items": {"type": "detections"}}), "/outputs/properties/predictions/items/type",
         "whole input or output"),
        (schema({"type": "detections", "required": ["confidance"]}), "/outputs/properties/predictions/required/0",
         'Did you mean "confidence"'),
        (schema({"type": "detections", "enum": [1]}), "/outputs/properties/predictions/enum/0", "label"),
        (schema({"type": "integer", "enum": ["a"]}), "/outputs/properties/predictions/enum/0", "number"),
        (schema({"type": "string", "enum": []}), "/outputs/properties/predictions/enum", "at least one"),
        (schema({"type": "number", "minimum": "a"}), "/outputs/properties/predictions/minimum", "number"),
        (schema({"type": "number", "minimum": 3, "maximum": 1}), "/outputs/properties/predictions/minimum", "above"),
        (schema({"type": "array", "maxItems": -1}), "/outputs/properties/predictions/maxItems", "from 0 on"),
        (schema({"type": "object", "required": ["a", "a"]}), "/outputs/properties/predictions/required", "different"),
        (inputs(**{"not a name": {"type": "local"}}), "/inputs/properties/not a name", "letter first"),
        (inputs(**{"class": {"type": "local"}}), "/inputs/properties/class", "class"),
        (inputs(**{"a/b~c": {"type": "local"}}), "/inputs/properties/a~1b~0c", "letter first"),
        (inputs(x={"type": "local", "default": "/etc/passwd"}), "/inputs/properties/x/default", "does not go with"),
        (inputs(x={"type": "integer", "default": "a"}), "/inputs/properties/x/default", "number"),
        (inputs(x={"type": "integer", "minimum": 3, "default": 1}), "/inputs/properties/x/default", "minimum"),
        (schema() | {"inputs": {"properties": {"x": {"type": "local"}}, "required": ["y"]}}, "/inputs/required/0", "y"),
        (schema(**{"$schema": "http://json-schema.org/draft-07/schema#"}), "/$schema", "2020-12"),
        (schema(**{"$defs": {"x": {"type": "nothing"}}}), "/$defs/x/type", "There is no type"),
    ],
)  # fmt: skip
def test_a_fault_is_named_at_its_pointer(document: Any, pointer: str, said: str) -> None:
    faults = faults_of(document)
    assert pointer in faults
    assert said in faults[pointer]


def test_every_fault_is_named_at_once() -> None:
    document = schema({"type": "detection", "maxItem": 3}, extra=1) | {
        "inputs": {"properties": {"x": {"type": "loca"}}}
    }
    assert list(faults_of(document)) == [
        "/extra",
        "/inputs/properties/x/type",
        "/outputs/properties/predictions/type",
        "/outputs/properties/predictions/maxItem",
    ]


def test_a_fault_of_a_shared_definition_is_named_once() -> None:
    ref = {"$ref": "#/$defs/thing"}
    document = schema(ref, **{"$defs": {"thing": {"type": "string", "minLength": "x"}}})
    document["outputs"]["properties"]["second"] = ref
    assert list(faults_of(document)) == ["/$defs/thing/minLength"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "line 1"), ('{"inputs": }', "line 1, column 12"), ('{"a": 1, "a": 2}', "twice"), ('{"a": NaN}', "NaN"),
     (b"\xff\xfe", "UTF-8"), ("[" * 5000, "deep"), ('{"a": ' + "1" * 5000 + "}", "digits")],
)  # fmt: skip
def test_text_that_is_no_json_is_said_to_be_none(text: Any, said: str) -> None:
    assert said in faults_of(text)[""]


def test_schemas_that_mean_the_same_have_no_differences() -> None:
    turned = dict(reversed(schema().items()))
    assert differences(parse_schema(schema()), parse_schema(turned)) == []


def test_differences_are_named_where_they_are() -> None:
    first = schema({"type": "classification", "enum": ["a", "b"], "title": "x"})
    second = schema({"type": "detections", "enum": ["a", "c"], "description": "x"})
    found = differences(parse_schema(first), parse_schema(second))
    at = "/outputs/properties/predictions"
    assert sorted(fault.pointer for fault in found) == sorted(
        [f"{at}/type", f"{at}/enum/1", f"{at}/title", f"{at}/description"]
    )
