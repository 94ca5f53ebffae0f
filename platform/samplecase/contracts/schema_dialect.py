"""The meta-schema of our dialect: a closed list of keywords for each type, and how each is checked and expanded."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels.reading import pointer_to, shown, suggestion
from samplecase.contracts.labels.shapes import MAX_DIMENSION, MEMBERS
from samplecase.contracts.labels.types import (
    FIELD_TYPES,
    LABEL_LIST_TYPES,
    LABELLED_TYPES,
    PLAIN_TYPES,
    FieldType,
)
from samplecase.contracts.labels.values import ValueChecker

MEDIA_TYPES = frozenset({"local", "image"})
INPUT_TYPES = FIELD_TYPES | MEDIA_TYPES

DESCRIBING = frozenset({"title", "description", "$comment", "examples"})
_LIMITS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_COUNTED = frozenset({"minItems", "maxItems"})
_CHOICE = frozenset({"enum", "const"})

# Beside those that describe, and `default` for an input.
TYPE_KEYWORDS: dict[str, frozenset[str]] = {
    "local": frozenset(),
    "image": frozenset(),
    FieldType.STRING: _CHOICE | {"minLength", "maxLength"},
    FieldType.NUMBER: _CHOICE | _LIMITS | {"multipleOf"},
    FieldType.INTEGER: _CHOICE | _LIMITS | {"multipleOf"},
    FieldType.BOOLEAN: _CHOICE,
    FieldType.OBJECT: frozenset(
        {"properties", "required", "additionalProperties", "minProperties", "maxProperties"}
    ),
    FieldType.ARRAY: _COUNTED | {"items"},
    FieldType.REGRESSION: _LIMITS,
    FieldType.EMBEDDING: frozenset({"dimension"}),
    FieldType.SEGMENTATION: frozenset(),
    FieldType.HEATMAP: frozenset(),
    FieldType.CLASSIFICATION: frozenset({"enum", "required", "properties"}),
    **{each: _COUNTED | {"enum", "required", "properties"} for each in LABEL_LIST_TYPES},
}
ALL_KEYWORDS = frozenset().union(*TYPE_KEYWORDS.values()) | DESCRIBING | {"type", "default", "$ref"}

# Two keywords of which the first may not be above the second.
_ORDERED = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)

_REFERENCE = re.compile(r"#/\$defs/([^/~%]+)\Z")
_MAX_EXPANDED = 5_000  # specs, after every `$ref` was followed
_MAX_FAULTS = 100


class Faults:
    """The faults of one document, each once, in the order they were met."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Fault] = {}

    def add(self, at: str, message: str) -> None:
        if len(self._found) < _MAX_FAULTS:
            self._found.setdefault((at, message), Fault(at, message))

    def unknown(self, at: str, kind: str, word: str, known: Iterable[str], *, extra: str = "") -> None:
        self.add(at, f'There is no {kind} "{shown(word)[1:-1]}".{suggestion(word, known)}{extra}')

    @property
    def all(self) -> list[Fault]:
        return list(self._found.values())

    def __bool__(self) -> bool:
        return bool(self._found)


class SpecReader:
    """Checks specs (what stands under one name in `properties`) and follows their references."""

    def __init__(self, defs: Mapping[str, Any], faults: Faults) -> None:
        self._defs = defs
        self._faults = faults
        self._expanded = 0

    def port(self, spec: Any, at: str, *, types: frozenset[str], default: bool) -> dict[str, Any] | None:
        """The spec of an input or output, every `$ref` replaced by what it leads to; None after a fatal fault."""
        found = self._spec(spec, at, types=types, stack=(), default=default)
        if found is not None and "type" not in found:
            self._faults.add(at, f'A "type" is missing: one of {", ".join(sorted(types))}.')
        return found if found and found.get("type") else None

    def definition(self, spec: Any, at: str) -> None:
        """Checks what stands in `$defs` also when nothing leads to it."""
        self._spec(spec, at, types=INPUT_TYPES, stack=(), default=True)

    def _spec(
        self, spec: Any, at: str, *, types: frozenset[str], stack: tuple[str, ...], default: bool = False
    ) -> dict[str, Any] | None:
        self._expanded += 1
        if self._expanded > _MAX_EXPANDED:
            if self._expanded == _MAX_EXPANDED + 1:
                self._faults.add(
                    at, f"With its references followed, the schema has over {_MAX_EXPANDED:,} parts."
                )
            return None
        if not isinstance(spec, dict):
            self._faults.add(
                at, f'Must be an object such as {{"type": "classification"}}, not {shown(spec)}.'
            )
            return None
        if "$ref" in spec:
            return self._reference(spec, at, types=types, stack=stack, default=default)
        kind = self._type(spec, at, types)
        allowed = (
            DESCRIBING
            | {"type"}
            | (frozenset({"default"}) if default and kind not in MEDIA_TYPES else frozenset())
        )
        allowed |= TYPE_KEYWORDS[kind] if kind else ALL_KEYWORDS
        expanded: dict[str, Any] = {}
        for keyword, value in spec.items():
            where = pointer_to(at, keyword)
            if keyword not in allowed:
                self._misplaced(keyword, where, kind, allowed)
            elif self._well_formed(keyword, value, where):
                expanded[keyword] = kind if keyword == "type" else self._expand(keyword, value, where, stack)
        self._consistent(expanded, at, kind)
        return expanded

    def _type(self, spec: dict[str, Any], at: str, types: frozenset[str]) -> str | None:
        kind = spec.get("type")
        where = pointer_to(at, "type")
        if kind is None and "type" not in spec:
            return None
        if isinstance(kind, str) and kind in types:
            return kind
        if isinstance(kind, list):
            self._faults.add(
                where, "One type, not a list of types: a value that is null counts as nothing found."
            )
        elif not isinstance(kind, str) or kind not in INPUT_TYPES:
            self._faults.unknown(
                where, "type", str(kind), types, extra=f" There are: {', '.join(sorted(types))}."
            )
        elif kind in MEDIA_TYPES:
            self._faults.add(where, f'"{kind}" is how an input gets the image; it cannot stand here.')
        else:
            self._faults.add(where, f'"{kind}" can only be the type of a whole input or output.')
        return None

    def _misplaced(self, keyword: str, where: str, kind: str | None, allowed: frozenset[str]) -> None:
        if keyword in ALL_KEYWORDS:
            beside = sorted(allowed - DESCRIBING - {"type"})
            goes = f"goes with: {', '.join(beside)}" if beside else "needs none"
            owner = f'the type "{kind}"' if kind else "this place"
            self._faults.add(where, f'The keyword "{keyword}" does not go with {owner}, which {goes}.')
        else:
            self._faults.unknown(
                where, "keyword", keyword, allowed, extra=" This dialect has a closed list of them."
            )

    def _reference(
        self, spec: dict[str, Any], at: str, *, types: frozenset[str], stack: tuple[str, ...], default: bool
    ) -> dict[str, Any] | None:
        where = pointer_to(at, "$ref")
        target = spec["$ref"]
        match = _REFERENCE.match(target) if isinstance(target, str) else None
        beside = {key: value for key, value in spec.items() if key != "$ref"}
        for keyword in [
            key for key in beside if key not in DESCRIBING and not (default and key == "default")
        ]:
            self._faults.add(pointer_to(at, keyword), f'"{keyword}" cannot stand beside "$ref".')
        if match is None:
            self._faults.add(
                where, f'A "$ref" leads only to "#/$defs/…" of this document, not to {shown(target)}.'
            )
        elif match[1] not in self._defs:
            self._faults.add(
                where, f'There is no {shown(match[1])} in "$defs".{suggestion(match[1], self._defs)}'
            )
        elif match[1] in stack:
            self._faults.add(where, f'"{match[1]}" leads back to itself: {" → ".join([*stack, match[1]])}.')
        else:
            name = match[1]
            found = self._spec(
                self._defs[name],
                pointer_to("/$defs", name),
                types=types,
                stack=(*stack, name),
                default=default,
            )
            return (
                None
                if found is None
                else {**found, **{key: beside[key] for key in beside if key in ALL_KEYWORDS}}
            )
        return None

    def _well_formed(self, keyword: str, value: Any, where: str) -> bool:
        rule = _VALUES.get(keyword)
        if rule is None or rule[0](value):
            return True
        self._faults.add(where, f'"{keyword}" must be {rule[1]}, not {shown(value)}.')
        return False

    def _expand(self, keyword: str, value: Any, where: str, stack: tuple[str, ...]) -> Any:
        if keyword == "properties":
            return {
                name: self._spec(each, pointer_to(where, name), types=_NESTED, stack=stack) or {}
                for name, each in value.items()
            }
        if keyword == "items" or (keyword == "additionalProperties" and isinstance(value, dict)):
            return self._spec(value, where, types=_NESTED, stack=stack) or {}
        return value

    def _consistent(self, spec: dict[str, Any], at: str, kind: str | None) -> None:
        """Rules between the keywords of one spec, of which each is well formed by itself."""
        for least, most in _ORDERED:
            if least in spec and most in spec and spec[least] > spec[most]:
                self._faults.add(
                    pointer_to(at, least), f'"{least}" {spec[least]} is above "{most}" {spec[most]}.'
                )
        if kind == FieldType.EMBEDDING and "dimension" not in spec:
            self._faults.add(at, 'An embedding needs its "dimension": how many numbers each has.')
        if kind in LABELLED_TYPES:
            self._label_rules(spec, at, FieldType(kind))
        elif kind == FieldType.OBJECT and "required" in spec and spec.get("additionalProperties") is False:
            self._names(spec["required"], pointer_to(at, "required"), spec.get("properties", {}))
        elif kind in PLAIN_TYPES:
            for index, each in enumerate(spec.get("enum", [])):
                self._fits(each, pointer_to(at, "enum", index), {"type": kind})
            if "const" in spec:
                self._fits(spec["const"], pointer_to(at, "const"), {"type": kind})
        if spec.get("default") is not None and kind in FIELD_TYPES and not self._faults:
            self._fits(spec["default"], pointer_to(at, "default"), spec)

    def _label_rules(self, spec: dict[str, Any], at: str, kind: FieldType) -> None:
        required, optional = MEMBERS[kind]
        for keyword in ("required", "properties"):
            if keyword in spec:
                self._names(spec[keyword], pointer_to(at, keyword), [*required, *optional])
        for index, each in enumerate(spec.get("enum", [])):
            if not isinstance(each, str) or not each.strip():
                self._faults.add(pointer_to(at, "enum", index), f"A label is a text, not {shown(each)}.")

    def _names(self, given: Iterable[str], at: str, known: Iterable[str]) -> None:
        for index, name in enumerate(given):
            if name not in known:
                where = pointer_to(at, index if isinstance(given, list) else name)
                self._faults.unknown(where, "member", name, known)

    def _fits(self, value: Any, at: str, spec: dict[str, Any]) -> None:
        try:
            ValueChecker(spec["type"], spec=spec).normalise(value, at=at)
        except InvalidInput as error:
            for fault in error.details:
                self._faults.add(fault.pointer, fault.message)


_NESTED = frozenset(each.value for each in PLAIN_TYPES)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2**31


def _is_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(each, str) for each in value)
        and len(set(value)) == len(value)
    )


_Rule = tuple[Callable[[Any], bool], str]
_NUMBER: _Rule = (_is_number, "a number")
_COUNT: _Rule = (_is_count, "a whole number from 0 on")
_TEXT: _Rule = (lambda value: isinstance(value, str), "a text")

# What the value of each keyword must be; specs inside are checked where they stand.
_VALUES: dict[str, _Rule] = {
    "title": _TEXT,
    "description": _TEXT,
    "$comment": _TEXT,
    "examples": (lambda value: isinstance(value, list), "a list"),
    "enum": (lambda value: isinstance(value, list) and len(value) > 0, "a list with at least one element"),
    **dict.fromkeys(_LIMITS, _NUMBER),
    "multipleOf": (lambda value: _is_number(value) and value > 0, "a number above 0"),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _COUNT
    ),
    "required": (_is_names, "a list of different names"),
    "properties": (lambda value: isinstance(value, dict), "an object"),
    "items": (lambda value: isinstance(value, dict), "an object that describes each element"),
    "additionalProperties": (lambda value: isinstance(value, bool | dict), "true, false or an object"),
    "dimension": (
        lambda value: _is_count(value) and 1 <= value <= MAX_DIMENSION,
        f"1 to {MAX_DIMENSION}",
    ),
}
