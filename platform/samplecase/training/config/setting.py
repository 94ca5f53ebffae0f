"""`--set optimizer.lr=0.01`: single values of a configuration by their path."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from samplecase.contracts.errors import InvalidInput
from samplecase.training.config.training import TrainingConfig


def with_settings(values: Mapping[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """`values` with each PATH=VALUE set. A value is JSON; what is not JSON is a text.

    A part with kinds (`optimizer`) takes the name of a kind as its value, and begins with that kind's defaults. Kinds
    are set first, so the order of the settings does not matter. Raises `InvalidInput` for what is no PATH=VALUE.
    """
    pairs = [_pair(each) for each in settings]
    changed = copy.deepcopy(dict(values))
    for path, value in sorted(pairs, key=lambda pair: not _is_kind(pair, changed)):
        set_at(changed, path, value)
    return changed


def set_at(values: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Set one value in place. Raises `InvalidInput` where the path leads through something that has no parts."""
    *above, name = path
    node: Any = values
    default: Any = TrainingConfig().plain()
    for depth, part in enumerate(above):
        default = _below(default, part)
        node = _step(node, part, default, path[: depth + 1])
    default = _below(default, name)
    if isinstance(node, list):
        node[_place(node, name, path)] = value
    elif name == "kind":
        if node.get("kind") != value:
            node.clear()
        node["kind"] = value
    elif isinstance(value, str) and _has_kinds(default, path):
        node[name] = {"kind": value}
    else:
        node[name] = value


def _pair(text: str) -> tuple[list[str], Any]:
    path, equals, value = text.partition("=")
    parts = path.strip().split(".")
    if not equals or not all(parts):
        raise InvalidInput(f"{text!r} is not PATH=VALUE, as optimizer.lr=0.01 is.", code="invalid_setting")
    try:
        return parts, json.loads(value)
    except ValueError:
        return parts, value


def _is_kind(pair: tuple[list[str], Any], values: Mapping[str, Any]) -> bool:
    path, value = pair
    return path[-1] == "kind" or (isinstance(value, str) and len(path) == 1)


def _has_kinds(default: Any, path: Sequence[str]) -> bool:
    return (isinstance(default, dict) and "kind" in default) or path[-1] == "criterion"


def _below(default: Any, part: str) -> Any:
    if isinstance(default, list):
        return default[int(part)] if part.isdigit() and int(part) < len(default) else None
    return default.get(part) if isinstance(default, dict) else None


def _step(node: Any, part: str, default: Any, path: Sequence[str]) -> Any:
    """What is at this part, made from the defaults where nothing is."""
    if isinstance(node, list):
        return node[_place(node, part, path)]
    if not isinstance(node.get(part), dict | list):
        if node.get(part) is not None and not isinstance(default, dict | list):
            raise InvalidInput(f"{'.'.join(path)} has no parts.", pointer="/" + "/".join(path))
        node[part] = copy.deepcopy(default) if isinstance(default, dict | list) else {}
    return node[part]


def _place(node: list[Any], part: str, path: Sequence[str]) -> int:
    if not part.isdigit() or int(part) >= len(node):
        message = f"{'.'.join(path)}: there are {len(node)}, counted from 0."
        raise InvalidInput(message, pointer="/" + "/".join(path))
    return int(part)
