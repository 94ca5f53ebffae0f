"""From a raw value to its canonical JSON, or to every reason why it is none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels.quick import quick_reader
from samplecase.contracts.labels.reading import Reader, pointer_to, shown
from samplecase.contracts.labels.shapes import Shapes
from samplecase.contracts.labels.types import LABEL_LIST_TYPES, LABELLED_TYPES, PLAIN_TYPES, FieldType

# Keywords that only describe; a spec with nothing else needs no validator.
_DESCRIBING = frozenset({"type", "title", "description", "default", "examples", "dimension", "$comment"})


class ValueChecker:
    """Reads values of one type under one spec (of a schema that `parse_schema` passed). Made once, used often."""

    def __init__(
        self,
        type: str,
        *,
        spec: Mapping[str, Any] | None = None,
        dimension: int | None = None,
        classes: Collection[str] | None = None,
    ) -> None:
        self._type = FieldType(type)
        self._dimension = dimension if dimension is not None else (spec or {}).get("dimension")
        self._classes = frozenset(classes or ())
        rules = {key: rule for key, rule in (spec or {}).items() if key not in _DESCRIBING}
        self._validator = _validator(_as_json_schema(self._type, rules)) if rules else None
        self._quick = quick_reader(self._type, classes=self._classes, dimension=self._dimension, rules=rules)

    def normalise(self, raw: Any, *, at: str = "", code: str = "invalid_value") -> Any:
        """The canonical value; raises `InvalidInput(code)` with a fault for each place, below the pointer `at`."""
        value = self._quick(raw) if self._quick is not None else None
        return value if value is not None else self._thorough(raw, at, code)

    def _thorough(self, raw: Any, at: str, code: str) -> Any:
        reader = Reader()
        plain = reader.plain(raw, at)
        if not reader.faults:
            plain = Shapes(reader, classes=self._classes, dimension=self._dimension).value(
                self._type, plain, at
            )
        if not reader.faults and self._validator is not None:
            for error in self._validator.iter_errors(plain):
                reader.fault(pointer_to(at, *error.absolute_path), _sentence(error))
        if reader.faults:
            raise InvalidInput(_summary(self._type, reader.faults), code=code, details=reader.faults)
        return plain


def normalise_value(
    type: str,
    raw: Any,
    *,
    spec: Mapping[str, Any] | None = None,
    dimension: int | None = None,
    classes: Collection[str] | None = None,
    at: str = "",
    code: str = "invalid_value",
) -> Any:
    """The canonical JSON value of `raw` for a field of `type`.

    A bare text becomes a classification's label, a bare number a regression's value; labels in a list get an `id`;
    arrays of numpy and torch are accepted. `segmentation` and `heatmap` take `{"mask": sha256, "width", "height",
    "range"?}`: the pixels were stored before. Raises `InvalidInput(code)` whose details name pointer and value.
    """
    return ValueChecker(type, spec=spec, dimension=dimension, classes=classes).normalise(
        raw, at=at, code=code
    )


def _as_json_schema(type: FieldType, rules: Mapping[str, Any]) -> dict[str, Any]:
    """`rules` of a label type, moved to where they apply in its canonical value."""
    if type in PLAIN_TYPES:
        return dict(rules)
    if type is FieldType.REGRESSION:
        return {"properties": {"value": dict(rules)}}
    if type not in LABELLED_TYPES:
        return {}
    label: dict[str, Any] = {key: rules[key] for key in ("required", "properties") if key in rules}
    if "enum" in rules:
        label = {"allOf": [label, {"properties": {"label": {"enum": rules["enum"]}}}]}
    if type not in LABEL_LIST_TYPES:
        return label
    return {"items": label, **{key: rules[key] for key in ("minItems", "maxItems") if key in rules}}


def _validator(schema: dict[str, Any]) -> Draft202012Validator:
    # The empty registry: jsonschema would otherwise fetch a remote `$ref` by itself.
    return Draft202012Validator(schema, registry=Registry())


def _sentence(error: Any) -> str:
    value = error.instance
    wanted = error.validator_value
    sentences = {
        "enum": f"must be one of {shown(wanted)}, not {shown(value)}",
        "const": f"must be {shown(wanted)}, not {shown(value)}",
        "required": f"{error.message.replace(chr(39), chr(34))} in {shown(value)}",
        "minItems": f"must hold at least {wanted} elements, not {_length(value)}",
        "maxItems": f"must hold at most {wanted} elements, not {_length(value)}",
    }
    return (
        sentences.get(error.validator)
        or f"must have {error.validator} {shown(wanted)}, unlike {shown(value)}"
    )


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


def _summary(type: FieldType, faults: list[Fault]) -> str:
    place = f" at {faults[0].pointer}" if faults[0].pointer else ""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"This is no valid {type.value}{place}: {faults[0].message}{more}"
