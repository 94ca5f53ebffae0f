"""The API's description: valid, without warnings, readable, and complete about errors."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """As `make check` writes it; a warning of the generator fails here too."""
    written = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=written)
    found: dict[str, Any] = json.loads(written.getvalue())
    return found


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def test_every_operation_has_a_readable_name_of_its_own(description: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(description).values()]
    assert len(names) == len(set(names))
    assert not [
        name for name in names if name[-1].isdigit() or not name.isidentifier() or name != name.lower()
    ]


def test_every_operation_says_what_it_does(description: dict[str, Any]) -> None:
    assert not [
        name for name, operation in operations(description).items() if not operation.get("description")
    ]


def test_every_error_has_the_contracts_shape(description: dict[str, Any]) -> None:
    shape = {"$ref": "#/components/schemas/Error"}
    for name, operation in operations(description).items():
        for status, response in operation["responses"].items():
            if status[0] in "45":
                assert response["content"]["application/json"]["schema"] == shape, (name, status)
    error = description["components"]["schemas"]["Error"]
    assert error["required"] == ["error"]


def test_the_usual_errors_are_documented(description: dict[str, Any]) -> None:
    for name, operation in operations(description).items():
        assert {"400", "401", "403"} <= operation["responses"].keys(), name
        if "{" in name:
            assert "404" in operation["responses"], name


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What it takes and what it gives: `(request or status, media type, content)`."""
    of = {"request": operation.get("requestBody", {}), **operation["responses"]}
    for place, body in of.items():
        for kind, content in body.get("content", {}).items():
            yield place, kind, content


def examples(description: dict[str, Any], content: dict[str, Any]) -> list[Any]:
    named = [each["$ref"].rpartition("/")[2] for each in content.get("examples", {}).values()]
    return [description["components"]["examples"][name]["value"] for name in named]


def test_every_body_and_every_error_has_an_example(description: dict[str, Any]) -> None:
    kinds = {"application/json", "multipart/form-data"}
    without = [
        (name, place)
        for name, operation in operations(description).items()
        for place, kind, content in bodies(operation)
        if kind in kinds and not examples(description, content)
    ]
    assert not without


def closed(schema: Any) -> Any:
    """The same without room for properties that are not described."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(each) for key, each in schema.items()}
    return {"additionalProperties": False, **inner} if isinstance(schema.get("properties"), dict) else inner


def test_every_example_is_of_its_schema(description: dict[str, Any]) -> None:
    components = {"schemas": closed(description["components"]["schemas"])}
    wrong = [
        (name, place, fault.json_path, fault.message[:200])
        for name, operation in operations(description).items()
        for place, kind, content in bodies(operation)
        if kind == "application/json"
        for example in examples(description, content)
        for fault in Draft202012Validator(
            {**closed(content["schema"]), "components": components}
        ).iter_errors(example)
    ]
    assert not wrong


def test_an_example_of_a_form_names_its_parts(description: dict[str, Any]) -> None:
    for name, operation in operations(description).items():
        for _, kind, content in bodies(operation):
            if kind == "multipart/form-data":
                parts = description["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
                for example in examples(description, content):
                    assert example.keys() <= parts["properties"].keys(), name


def test_the_example_of_an_error_is_the_one_of_its_status(description: dict[str, Any]) -> None:
    codes = {
        (status, example["error"]["code"])
        for operation in operations(description).values()
        for status, _, content in bodies(operation)
        if status[0] in "45"
        for example in examples(description, content)
    }
    assert len(codes) == len({status for status, _ in codes})
    assert {("404", "not_found"), ("429", "too_many_requests")} <= codes


def test_both_ways_to_sign_in_are_documented(description: dict[str, Any]) -> None:
    schemes = description["components"]["securitySchemes"]
    assert schemes["token"]["name"] == "Authorization"
    assert schemes["session"]["in"] == "cookie"
    for name, operation in operations(description).items():
        wanted = [{"token": []}, {"session": []}]
        if name == "post /api/v1/tokens/":
            wanted = [*wanted, {}]
        assert operation["security"] == wanted, name


def test_it_is_served_to_who_is_signed_in(owner_api: Any, anonymous_api: Any) -> None:
    answer = owner_api.get("/api/v1/schema/", HTTP_ACCEPT="application/json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert anonymous_api.get("/api/v1/schema/").status_code == 401
