"""Schemas made to hurt: each is refused quickly, at its pointer, and nothing is fetched."""

from __future__ import annotations

import socket
from typing import Any, NoReturn

import pytest

from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.schema import parse_schema

OUTPUT = "/outputs/properties/y"


def with_output(spec: Any, **more: Any) -> dict[str, Any]:
    return {
        "inputs": {"properties": {"x": {"type": "local"}}},
        "outputs": {"properties": {"y": spec}},
        **more,
    }


def nested(levels: int) -> dict[str, Any]:
    spec: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        spec = {"type": "array", "items": spec}
    return spec


def doubling(levels: int) -> dict[str, Any]:
    """Each definition uses the next one ten times: 300 bytes for each level, 10**levels parts."""
    defs: dict[str, Any] = {f"d{levels}": {"type": "string"}}
    for level in range(levels):
        properties = {f"p{index}": {"$ref": f"#/$defs/d{level + 1}"} for index in range(10)}
        defs[f"d{level}"] = {"type": "object", "properties": properties}
    return with_output({"$ref": "#/$defs/d0"}, **{"$defs": defs})


def in_itself() -> dict[str, Any]:
    document = with_output({"type": "object"})
    document["outputs"]["properties"]["y"]["properties"] = document
    return document


HOSTILE = {
    "remote reference": (with_output({"$ref": "http://127.0.0.1:1/x.json"}), f"{OUTPUT}/$ref"),
    "reference to a file": (with_output({"$ref": "file:///etc/passwd"}), f"{OUTPUT}/$ref"),
    "reference to the whole": (with_output({"$ref": "#"}), f"{OUTPUT}/$ref"),
    "reference to another part": (with_output({"$ref": "#/inputs/properties/x"}), f"{OUTPUT}/$ref"),
    "reference with an encoded way out": (with_output({"$ref": "#/$defs/%2e%2e"}), f"{OUTPUT}/$ref"),
    "reference that is no text": (with_output({"$ref": {"$ref": "#"}}), f"{OUTPUT}/$ref"),
    "remote reference in an unused definition": (
        with_output({"type": "string"}, **{"$defs": {"a": {"$ref": "https://example.org"}}}),
        "/$defs/a/$ref",
    ),
    "definition of itself": (
        with_output({"$ref": "#/$defs/a"}, **{"$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}}),
        "/$defs/a/items/$ref",
    ),
    "two definitions of each other": (
        with_output({"$ref": "#/$defs/a"}, **{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
        "/$defs/b/$ref",
    ),
    "dynamic reference": (with_output({"type": "object", "$dynamicRef": "#meta"}), f"{OUTPUT}/$dynamicRef"),
    "identifier of its own": (with_output({"type": "string", "$id": "http://x/"}), f"{OUTPUT}/$id"),
    "vocabulary": (with_output({"type": "string"}, **{"$vocabulary": {}}), "/$vocabulary"),
    "slow pattern": (with_output({"type": "string", "pattern": "^(a+)+$"}), f"{OUTPUT}/pattern"),
    "slow pattern of names": (
        with_output({"type": "object", "patternProperties": {"^(a+)+$": {}}}),
        f"{OUTPUT}/patternProperties",
    ),
    "format": (with_output({"type": "string", "format": "regex"}), f"{OUTPUT}/format"),
    "alternatives": (with_output({"type": "object", "anyOf": [{}, {}]}), f"{OUTPUT}/anyOf"),
    "quadratic uniqueness": (with_output({"type": "array", "uniqueItems": True}), f"{OUTPUT}/uniqueItems"),
    "too deep": (with_output(nested(20)), None),
    "far too deep": (with_output(nested(400)), None),
    "too deep as text": ('{"a":' * 9000 + "1" + "}" * 9000, ""),
    "too long": (with_output({"type": "string", "description": "x" * 65_536}), ""),
    "too long as text": (" " * 65_537, ""),
    "many keywords": (with_output({"type": "string", **{f"k{index}": 1 for index in range(3000)}}), f"{OUTPUT}/k0"),
    "references that multiply": (doubling(12), None),
    "holding itself": (in_itself(), None),
    "NUL in a name": (with_output({"type": "object", "properties": {"a\x00": {}}}), None),
    "half a character": (with_output({"type": "string", "title": "\ud800"}), f"{OUTPUT}/title"),
    "no number": (with_output({"type": "number", "minimum": float("nan")}), f"{OUTPUT}/minimum"),
    "infinite": (with_output({"type": "number", "maximum": float("inf")}), f"{OUTPUT}/maximum"),
    "endless digits": (with_output({"type": "integer", "maximum": 10**5000}), f"{OUTPUT}/maximum"),
    "bytes inside": (with_output({"type": "string", "const": b"x"}), f"{OUTPUT}/const"),
    "dunder input": ({**with_output({"type": "string"}), "inputs": {"properties": {"__class__": {"type": "local"}}}},
                     "/inputs/properties/__class__"),
    "huge dimension": (with_output({"type": "embedding", "dimension": 10**9}), f"{OUTPUT}/dimension"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a schema made us open a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.timeout(2)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_schema_is_refused_at_its_place(kind: str) -> None:
    document, pointer = HOSTILE[kind]
    with pytest.raises(InvalidInput) as refused:
        parse_schema(document)
    assert refused.value.code == "invalid_schema"
    assert refused.value.details
    assert len(refused.value.details) <= 100
    assert pointer is None or pointer in [fault.pointer for fault in refused.value.details]
    assert all(len(fault.message) < 2_000 for fault in refused.value.details)
