"""The schema of a model's inputs and outputs: a closed part of JSON Schema 2020-12, and types of our own."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels.reading import Reader, pointer_to, shown
from samplecase.contracts.labels.types import FIELD_TYPES
from samplecase.contracts.schema_dialect import DESCRIBING, INPUT_TYPES, MEDIA_TYPES, Faults, SpecReader
from samplecase.contracts.strict_json import parse_json

MAX_SCHEMA_BYTES = 64 * 1024

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_ROOT_KEYWORDS = DESCRIBING | {"$schema", "$defs", "inputs", "outputs"}
_SIDE_KEYWORDS = DESCRIBING | {"type", "properties", "required", "additionalProperties"}
_PORT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}\Z", re.ASCII)


@dataclass(frozen=True)
class Port:
    """One input or output of a model, as it is for one sample."""

    name: str
    type: str  # a FieldType; of an input also `local` or `image`
    required: bool  # a required input that is null is that sample's error
    default: Any  # of an input; None: there is none
    dimension: int | None  # of an embedding
    spec: Mapping[str, Any]  # all keywords, references followed

    @property
    def is_media(self) -> bool:
        """It gets the sample's image, not a field's value."""
        return self.type in MEDIA_TYPES


@dataclass(frozen=True)
class Schema:
    """A checked schema: the document as it was sent, and its ports in the document's order."""

    document: dict[str, Any]
    inputs: dict[str, Port]
    outputs: dict[str, Port]


def parse_schema(document: Any) -> Schema:
    """Check a schema, given as text, bytes or parsed JSON.

    Raises `InvalidInput` (`invalid_schema`) whose details are all faults, each with its pointer.
    """
    if isinstance(document, str | bytes):
        document = parse_json(document, max_bytes=MAX_SCHEMA_BYTES, code="invalid_schema")
    faults = Faults()
    root = _plain(document, faults)
    if isinstance(root, dict) and not faults:
        _check_root(root, faults)
        reader = SpecReader(_definitions(root), faults)
        inputs = _ports("inputs", root.get("inputs"), reader, faults)
        outputs = _ports("outputs", root.get("outputs"), reader, faults)
        for name, spec in _definitions(root).items():
            reader.definition(spec, pointer_to("/$defs", name))
        if not faults:
            return Schema(document=root, inputs=inputs, outputs=outputs)
    first = faults.all[0]
    count = len(faults.all)
    place = f" at {first.pointer}" if first.pointer else ""
    summary = f"The schema has {count} fault{'s' if count > 1 else ''}; the first{place}: {first.message}"
    raise InvalidInput(summary, code="invalid_schema", details=faults.all)


def differences(a: Any, b: Any, *, at: str = "") -> list[Fault]:
    """Where two JSON documents (of schemas: their `document`) differ; empty when they mean the same."""
    if isinstance(a, Schema) and isinstance(b, Schema):
        return differences(a.document, b.document)
    if isinstance(a, dict) and isinstance(b, dict):
        return [fault for key in {**a, **b} for fault in _member_differences(a, b, key, at)]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [fault for index, pair in enumerate(zip(a, b, strict=True))
                for fault in differences(*pair, at=pointer_to(at, index))]  # fmt: skip
    if a == b and isinstance(a, bool) == isinstance(b, bool):
        return []
    return [Fault(at, f"{shown(a)} in the one, {shown(b)} in the other")]


def _member_differences(a: dict[str, Any], b: dict[str, Any], key: str, at: str) -> list[Fault]:
    where = pointer_to(at, key)
    if key not in b:
        return [Fault(where, f"{shown(a[key])} in the one, absent in the other")]
    if key not in a:
        return [Fault(where, f"absent in the one, {shown(b[key])} in the other")]
    return differences(a[key], b[key], at=where)


def _plain(document: Any, faults: Faults) -> Any:
    """A copy of `document` of bounded depth and size."""
    reader = Reader()
    root = reader.plain(document, "")
    for fault in reader.faults:
        faults.add(fault.pointer, f"The schema {fault.message}.")
    if faults:
        return None
    if not isinstance(root, dict):
        faults.add("", f'A schema is an object with "inputs" and "outputs", not {shown(root)}.')
    elif (size := len(json.dumps(root, ensure_ascii=False).encode())) > MAX_SCHEMA_BYTES:
        faults.add("", f"The schema has {size:,} bytes; at most {MAX_SCHEMA_BYTES:,} are read.")
    return root


def _check_root(root: dict[str, Any], faults: Faults) -> None:
    for key in [key for key in root if key not in _ROOT_KEYWORDS]:
        faults.unknown(pointer_to("", key), "keyword", key, _ROOT_KEYWORDS)
    if (
        root.get("$schema", _DRAFT).rstrip("#") != _DRAFT
        if isinstance(root.get("$schema", ""), str)
        else True
    ):
        faults.add("/$schema", f'Must be "{_DRAFT}" or absent.')
    if not isinstance(root.get("$defs", {}), dict):
        faults.add("/$defs", f"Must be an object, not {shown(root['$defs'])}.")


def _definitions(root: dict[str, Any]) -> dict[str, Any]:
    found = root.get("$defs")
    return found if isinstance(found, dict) else {}


def _ports(side: str, spec: Any, reader: SpecReader, faults: Faults) -> dict[str, Port]:
    at = pointer_to("", side)
    properties = _properties(side, spec, at, faults)
    required = spec.get("required", []) if isinstance(spec, dict) else []
    if not isinstance(required, list) or any(not isinstance(each, str) for each in required):
        faults.add(pointer_to(at, "required"), f"Must be a list of names, not {shown(required)}.")
        required = []
    for index, name in enumerate(required):
        if name not in properties:
            faults.unknown(pointer_to(at, "required", index), side.rstrip("s"), name, properties)
    types = INPUT_TYPES if side == "inputs" else FIELD_TYPES
    ports: dict[str, Port] = {}
    for name, each in properties.items():
        where = pointer_to(at, "properties", name)
        _check_port_name(name, where, faults)
        found = reader.port(each, where, types=types, default=side == "inputs")
        if found is not None:
            ports[name] = _port(name, found, required=name in required)
    return ports


def _properties(side: str, spec: Any, at: str, faults: Faults) -> dict[str, Any]:
    example = '{"type": "object", "properties": {…}}'
    if not isinstance(spec, dict):
        faults.add(at, f'"{side}" must be {example}' + (f", not {shown(spec)}." if spec is not None else "."))
        return {}
    for key in [key for key in spec if key not in _SIDE_KEYWORDS]:
        faults.unknown(pointer_to(at, key), "keyword", key, _SIDE_KEYWORDS)
    if spec.get("type", "object") != "object":
        faults.add(pointer_to(at, "type"), f'"{side}" are always of type "object": one property for each.')
    if spec.get("additionalProperties", False) is not False:
        faults.add(
            pointer_to(at, "additionalProperties"), f'Must be false or absent: all "{side}" are named.'
        )
    properties = spec.get("properties")
    if not isinstance(properties, dict) or not properties:
        faults.add(pointer_to(at, "properties"), f'"{side}" need at least one property.')
        return {}
    return properties


def _check_port_name(name: str, at: str, faults: Faults) -> None:
    """Inputs are keyword arguments of `predict`, outputs keys of what it returns."""
    if not _PORT_NAME.match(name) or keyword.iskeyword(name) or name == "self":
        faults.add(
            at, f"A name has a letter first, then up to 62 letters, digits and _, unlike {shown(name)}."
        )


def _port(name: str, spec: dict[str, Any], *, required: bool) -> Port:
    return Port(
        name=name,
        type=spec["type"],
        required=required or spec["type"] in MEDIA_TYPES,
        default=spec.get("default"),
        dimension=spec.get("dimension"),
        spec=spec,
    )
