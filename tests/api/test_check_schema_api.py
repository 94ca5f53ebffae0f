"""A schema checked without an upload."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from models_app.models import Version
from tests.fixtures_models import SCHEMA

CHECK = "/api/v1/models/check-schema/"


def changed(*path: str, to: Any) -> dict[str, Any]:
    schema = deepcopy(SCHEMA)
    place = schema
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return schema


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        inner = {"type": "array", "items": inner}
    return inner


def test_a_sound_schema_is_told_in_short(stranger_api: Any) -> None:
    answer = stranger_api.post(CHECK, {"schema": SCHEMA})
    assert answer.status_code == 200
    assert [(each["name"], each["type"]) for each in answer.json()["inputs"]] == [("image_paths", "local")]
    assert [(each["name"], each["type"]) for each in answer.json()["outputs"]] == [
        ("predictions", "classification")
    ]
    assert not Version.objects.exists()


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        (
            changed("outputs", "properties", "predictions", "type", to="klass"),
            "/schema/outputs/properties/predictions",
        ),
        (
            changed("outputs", "properties", "predictions", to={"$ref": "http://example.org/x.json"}),
            "/schema/outputs",
        ),
        (changed("inputs", "properties", "image_paths", to=nested(25)), "/schema/inputs"),
        (
            changed("inputs", "properties", "image_paths", to={"type": "string", "pattern": "^(a+)+$"}),
            "/schema/inputs",
        ),
        ({"inputs": SCHEMA["inputs"]}, "/schema"),
        ([], "/schema"),
        ("text", "/schema"),
    ],
)
def test_a_fault_is_named_by_its_place(owner_api: Any, schema: Any, place: str) -> None:
    answer = owner_api.post(CHECK, {"schema": schema})
    assert answer.status_code == 400
    assert any(fault["pointer"].startswith(place) for fault in answer.json()["error"]["details"])


def test_every_fault_is_named(owner_api: Any) -> None:
    schema = changed("outputs", "properties", to={"a": {"type": "klass"}, "b": {"type": "kind"}})
    places = {
        fault["pointer"] for fault in owner_api.post(CHECK, {"schema": schema}).json()["error"]["details"]
    }
    assert any("/a" in place for place in places)
    assert any("/b" in place for place in places)


def test_nobody_is_asked_to_sign_in(anonymous_api: Any) -> None:
    assert anonymous_api.post(CHECK, {"schema": SCHEMA}).status_code == 401
