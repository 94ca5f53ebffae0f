"""An example of every request, answer and error in the API's description, made of its own schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from samplecase.web.rest.example_values import (
    ERRORS,
    FORMS,
    LATER,
    OF_COMPONENTS,
    REQUESTS,
    SHA256,
    TIME,
    UUID,
    VALUES,
)

METHODS = {"get", "post", "put", "patch", "delete"}
JSON = "application/json"
FORM = "multipart/form-data"
_NOTHING = object()


def add_examples(result: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: gives each body without an example one that fits its schema.

    They stand among the components, once each, and the bodies refer to them.
    """
    components = result.get("components", {})
    examples = Examples(components.get("schemas", {}))
    for methods in result.get("paths", {}).values():
        for method, operation in methods.items():
            if method in METHODS:
                _describe(operation, examples)
    components["examples"] = dict(sorted(examples.named.items()))
    return result


def _describe(operation: dict[str, Any], examples: Examples) -> None:
    name = operation["operationId"]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if kind in {JSON, FORM}:
            content["examples"] = examples.of_request(content["schema"], name, is_form=kind == FORM)
    for status, response in operation["responses"].items():
        for kind, content in response.get("content", {}).items():
            if kind == JSON:
                is_error = status[0] in "45"
                schema = content.get("schema", {})
                content["examples"] = (
                    examples.of_error(int(status), response.get("description", ""))
                    if is_error
                    else examples.of(schema, name)
                )


class Examples:
    """Values that fit schemas, `components` by their names; what was asked for is kept in `named`."""

    def __init__(self, components: Mapping[str, Any]) -> None:
        self._components = components
        self.named: dict[str, Any] = {}

    def of_request(self, schema: Mapping[str, Any], operation: str, *, is_form: bool) -> dict[str, Any]:
        """A body as somebody would send it: the whole ones that are written down, else one made of its parts."""
        component = _name_of(schema)
        written = (FORMS if is_form else REQUESTS).get(component)
        if written is None:
            return self.of(schema, operation)
        return self._referred(f"{component}Form" if is_form else component, written)

    def of_error(self, status: int, meaning: str) -> dict[str, Any]:
        """An answer of this status in the contract's shape; of one that is rare, with what the description says."""
        said = ERRORS.get(status, {"code": "error", "message": meaning})
        return self._referred(f"Error{status}", {"error": {"details": [], **said}})

    def of(self, schema: Mapping[str, Any], operation: str) -> dict[str, Any]:
        """An answer, under the name of its component, else of its operation."""
        value = self._value(schema, name="", within=())
        return self._referred(_name_of(schema) or operation, value)

    def _referred(self, name: str, value: Any) -> dict[str, Any]:
        self.named[name] = {"value": value}
        return {name: {"$ref": f"#/components/examples/{name}"}}

    def _value(self, schema: Mapping[str, Any], *, name: str, within: tuple[str, ...]) -> Any:
        found = _known(name, within)
        if found is not _NOTHING and self._fits(found, schema):
            return found
        if "$ref" in schema:
            component = _name_of(schema)
            if component in within:
                return None  # what holds itself ends here
            return self._value(self._components[component], name=name, within=(*within, component))
        for parts in ("allOf", "oneOf", "anyOf"):
            if schema.get(parts):
                return self._value(schema[parts][0], name=name, within=within)
        if "enum" in schema:
            return schema["enum"][0]
        return self._plain(schema, name=name, within=within)

    def _plain(self, schema: Mapping[str, Any], *, name: str, within: tuple[str, ...]) -> Any:
        match _types(schema):
            case ["object", *_]:
                parts = schema.get("properties", {})
                return {each: self._value(part, name=each, within=within) for each, part in parts.items()}
            case ["array", *_]:
                return [self._value(schema.get("items", {}), name=_singular(name), within=within)]
            case ["integer", *_]:
                return max(1, schema.get("minimum", 1))
            case ["number", *_]:
                return 0.5
            case ["boolean", *_]:
                return schema.get("default", True)
            case ["string", *_]:
                return _text(schema, name)
        return None

    def _fits(self, value: Any, schema: Mapping[str, Any]) -> bool:
        """Whether a value that is known by a property's name is of this schema's kind."""
        if "$ref" in schema:
            return self._fits(value, self._components[_name_of(schema)])
        for parts in ("allOf", "oneOf", "anyOf"):
            if schema.get(parts):
                return any(self._fits(value, each) for each in schema[parts])
        if "enum" in schema:
            return value in schema["enum"]
        if isinstance(value, list) and "items" in schema:
            return bool(value) and all(self._fits(each, schema["items"]) for each in value)
        if isinstance(value, dict) and isinstance(schema.get("additionalProperties"), Mapping):
            return all(self._fits(each, schema["additionalProperties"]) for each in value.values())
        types = _types(schema)
        if isinstance(value, str) and schema.get("format") in {"date-time", "uuid", "binary"}:
            return False
        return not types or _type_of(value) in types or (_type_of(value) == "integer" and "number" in types)


def _known(name: str, within: tuple[str, ...]) -> Any:
    of_component = OF_COMPONENTS.get(within[-1], {}) if within else {}
    return of_component.get(name, VALUES.get(name, _NOTHING))


def _name_of(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _types(schema: Mapping[str, Any]) -> list[str]:
    found = schema.get("type", [])
    return (
        [found]
        if isinstance(found, str)
        else [each for each in found if each != "null"] + ["null"] * ("null" in found)
    )


def _type_of(value: Any) -> str:
    names = {
        type(None): "null",
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        list: "array",
    }
    return names.get(type(value), "object")


def _singular(name: str) -> str:
    return {"classes": "label", "tags": "label", "fields": "field", "names": "name", "samples": "sample"}.get(
        name, ""
    )


def _text(schema: Mapping[str, Any], name: str) -> str:
    match schema.get("format"):
        case "date-time":
            return (
                LATER if name.startswith(("finished", "updated", "until", "expires", "max", "to")) else TIME
            )
        case "uuid":
            return UUID
        case "binary":
            return "file.zip"
    return SHA256 if name == "sha256" else name or "cat"
