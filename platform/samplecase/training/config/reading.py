"""From JSON to a configuration, every fault named by its place; and the one schema of it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.training.config.base import Settings
from samplecase.training.config.training import TrainingConfig

_S = TypeVar("_S", bound=Settings)


def config_schema() -> dict[str, Any]:
    """The JSON schema of a configuration: what form, command line, API and documentation are made from."""
    return TrainingConfig.model_json_schema()


def parse_config(values: Mapping[str, Any]) -> TrainingConfig:
    """A configuration from JSON values; what is missing has its default.

    Raises `InvalidInput` whose details are pointers into `values`.
    """
    return parse(TrainingConfig, values)


def parse(model: type[_S], values: Mapping[str, Any]) -> _S:
    """Any part of the configuration. Raises `InvalidInput`."""
    try:
        return model.model_validate_json(json.dumps(values))
    except ValidationError as error:
        faults = [_fault(each, values) for each in error.errors(include_url=False)]
        first = faults[0]
        message = (
            f"The configuration is not valid: {first.pointer.strip('/').replace('/', '.')}: {first.message}"
        )
        raise InvalidInput(message, code="invalid_config", details=faults) from None


def _fault(error: ErrorDetails, values: Mapping[str, Any]) -> Fault:
    path = _path(error["loc"], values)
    message = error["msg"]
    if error["type"] == "value_error":  # our own rules name their place themselves
        where, _, message = message.removeprefix("Value error, ").partition(": ")
        path = [*path, *where.split(".")]
    elif error["type"] == "extra_forbidden":
        message = _unknown(str(error["loc"][-1]), error["loc"])
    elif error["type"] == "union_tag_not_found":
        message = 'Needs a "kind".'
        path.append("kind")
    elif error["type"] == "union_tag_invalid":
        context = error.get("ctx", {})
        message = f"{context['tag']!r} is none of {context['expected_tags']}."
        path.append("kind")
    return Fault("/" + "/".join(path), message)


def _path(loc: tuple[int | str, ...], values: Any) -> list[str]:
    """The place in what was given: pydantic also names the member of a union that was chosen by its kind."""
    path: list[str] = []
    for part in loc:
        is_tag = isinstance(values, Mapping) and part not in values and values.get("kind") == part
        if is_tag and part != loc[-1]:
            continue
        path.append(str(part))
        if isinstance(values, Mapping):
            values = values.get(part)
        elif isinstance(values, list) and isinstance(part, int) and part < len(values):
            values = values[part]
    return path


def _unknown(name: str, loc: tuple[int | str, ...]) -> str:
    known = sorted(_names_at(config_schema(), [str(part) for part in loc[:-1]]))
    close = difflib.get_close_matches(name, known, n=1)
    return f"There is no {name!r}" + (
        f"; did you mean {close[0]!r}?" if close else f" among {', '.join(known)}."
    )


def _names_at(schema: Mapping[str, Any], path: list[str]) -> set[str]:
    """Names of fields there, over all members of a union unless the path says which."""
    nodes = [dict(schema)]
    for part in path:
        below = []
        for node in nodes:
            for each in _members(node, schema):
                properties = each.get("properties", {})
                kind = properties.get("kind", {}).get("const")
                if part in properties:
                    below.append(properties[part])
                elif kind == part:
                    below.append(each)
                elif part.isdigit() and "items" in each:
                    below.append(each["items"])
        nodes = below
    return {name for node in nodes for each in _members(node, schema) for name in each.get("properties", {})}


def _members(node: Mapping[str, Any], schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in node:
        return _members(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    for choice in ("anyOf", "oneOf"):
        if choice in node:
            return [found for each in node[choice] for found in _members(each, schema)]
    return [dict(node)]
