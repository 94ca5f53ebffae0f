"""Hostile and broken uploads: each is refused with the place that is wrong, and leaves nothing behind."""

from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest

from models_app.models import Version
from samplecase.web.accounts.models import AuditEntry
from tests.fixtures_models import CODE, SCHEMA, Traces, package_of, zip_of


@pytest.fixture(autouse=True)
def nothing_is_left_behind(db: None, traces: Traces) -> Iterator[None]:
    yield
    assert traces.stored == traces.spooled == []
    assert not Version.objects.exists()
    assert not AuditEntry.objects.filter(action="version.upload").exists()


def refused(answer: Any) -> dict[str, Any]:
    assert answer.status_code in {400, 413}, answer.content
    error: dict[str, Any] = answer.json()["error"]
    return error


def pointers(answer: Any) -> list[str]:
    return [fault["pointer"] for fault in refused(answer)["details"]]


def symlink(name: str, target: str) -> bytes:
    made = io.BytesIO(package_of())
    with zipfile.ZipFile(made, "a") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
    return made.getvalue()


def encrypted() -> bytes:
    whole = bytearray(package_of())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = whole.find(signature)
        flags = struct.unpack_from("<H", whole, place + offset)[0]
        struct.pack_into("<H", whole, place + offset, flags | 1)
    return bytes(whole)


HOSTILE = {
    "a parent folder": (package_of({"../evil.py": "x"}), "../evil.py"),
    "a parent folder further in": (package_of({"a/../../evil.py": "x"}), "a/../../evil.py"),
    "an absolute path": (package_of({"/etc/evil": "x"}), "/etc/evil"),
    "a drive": (package_of({"C:/evil": "x"}), "C:/evil"),
    "a symbolic link": (symlink("weights/link", "/etc/passwd"), "weights/link"),
    "names that collide by case": (package_of({"Weights/a": "1", "weights/a": "2"}), "weights/a"),
    "a bomb": (package_of({"bomb.bin": b"\x00" * (40 * 2**20)}), "bomb.bin"),
    "an encrypted file": (encrypted(), "model.json"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_entry_is_named(owner_api: Any, upload: Any, case: str) -> None:
    package, name = HOSTILE[case]
    assert name in pointers(upload(owner_api, package))


def test_ten_thousand_and_one_entries_are_too_many(owner_api: Any, upload: Any) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"f{number}", b"")
    assert "10,000" in refused(upload(owner_api, made.getvalue()))["message"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a zip at all",
        b"PK\x05\x06" + b"\x00" * 18,
        package_of()[:-30],
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 500,
    ],
)
def test_what_is_no_zip_is_refused_whatever_its_name(owner_api: Any, upload: Any, content: bytes) -> None:
    error = refused(upload(owner_api, content, name="model.zip"))
    assert error["details"]


def test_a_package_over_the_limit_is_refused(owner_api: Any, upload: Any, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 200
    answer = upload(owner_api, package_of())
    assert answer.status_code == 413
    assert pointers(answer) == ["/package"]


def test_a_body_that_is_announced_too_large_is_not_even_read(
    owner_api: Any, model: Any, settings: Any
) -> None:
    address = f"/api/v1/models/{model.pk}/versions/"
    settings.MAX_UPLOAD_BYTES = 1000
    body = b"--x\r\n" + b"0" * 2 * 2**20
    answer = owner_api.post(address, body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert pointers(answer) == ["/package"]


@pytest.mark.parametrize(
    ("manifest", "place"),
    [
        ({"format": 2}, "format"),
        ({"entrypoint": "model"}, "entrypoint"),
        ({"entrypoint": "missing:Model"}, "entrypoint"),
        ({"entrypont": "model:Model"}, "entrypont"),
        ({"version": "one"}, "version"),
        ({"schema": {"inputs": {}}}, "schema"),
    ],
)
def test_a_fault_of_the_manifest_is_named_by_its_place(
    owner_api: Any, upload: Any, manifest: Any, place: str
) -> None:
    assert any(place in pointer for pointer in pointers(upload(owner_api, package_of(**manifest))))


def test_a_manifest_that_is_no_json_is_refused(owner_api: Any, upload: Any) -> None:
    for text in ("{", "[]", "{" * 100_000, '{"format": NaN}', "\udc00".encode("utf-8", "surrogatepass")):
        assert refused(upload(owner_api, zip_of({"model.json": text, "model.py": CODE})))["details"]


def with_output(spec: Any) -> dict[str, Any]:
    schema = deepcopy(SCHEMA)
    schema["outputs"]["properties"]["predictions"] = spec
    return schema


def too_deep() -> Any:
    spec: dict[str, Any] = {"type": "string"}
    for _ in range(25):
        spec = {"type": "array", "items": spec}
    return spec


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize(
    ("spec", "place"),
    [
        ({"type": "klass"}, "/outputs/properties/predictions/type"),
        ({"$ref": "https://example.org/schema.json"}, "/outputs/properties/predictions/$ref"),
        ({"$ref": "file:///etc/passwd"}, "/outputs/properties/predictions/$ref"),
        ({"type": "string", "pattern": "^(a+)+$"}, "/outputs/properties/predictions/pattern"),
        (too_deep(), "/outputs/properties/predictions"),
    ],
)
def test_a_fault_of_the_schema_is_named_by_its_place(
    owner_api: Any, upload: Any, spec: Any, place: str, beside: bool
) -> None:
    schema = with_output(spec)
    if beside:
        answer = upload(owner_api, zip_of({"model.py": CODE}), schema=json.dumps(schema))
        assert any(pointer.startswith(f"/schema{place}") for pointer in pointers(answer))
    else:
        assert any(place in pointer for pointer in pointers(upload(owner_api, package_of(schema=schema))))


def test_a_schema_that_is_no_json_is_refused_at_its_part(owner_api: Any, upload: Any) -> None:
    for text in ("{", "[]", "null", "1" * 70_000, '{"inputs": {}, "inputs": {}}'):
        assert "/schema" in pointers(upload(owner_api, package_of(), schema=text))


def test_two_schemas_that_differ_are_refused_with_the_difference(owner_api: Any, upload: Any) -> None:
    other = with_output({"type": "detections"})
    error = refused(upload(owner_api, package_of(), schema=json.dumps(other)))
    assert any("predictions" in fault["pointer"] for fault in error["details"])
    text = json.dumps(error)
    assert "classification" in text
    assert "detections" in text


def test_the_form_is_checked_like_any_body(owner_api: Any, model: Any) -> None:
    address = f"/api/v1/models/{model.pk}/versions/"

    def places(parts: dict[str, Any]) -> list[str]:
        return pointers(owner_api.post(address, parts, format="multipart"))

    assert places({}) == ["/package"]
    assert places({"package": "no file"}) == ["/package"]
    file = io.BytesIO(package_of())
    file.name = "model.zip"
    assert places({"package": file, "shcema": "{}"}) == ["/shcema"]
    assert pointers(owner_api.post(address, {"package": "x"}, format="json")) == ["/package"]
    assert owner_api.post(address, "x", content_type="text/plain").status_code == 415
    for schema in (5, [], True, {"inputs": 5}):
        told = pointers(owner_api.post(address, {"upload": str(uuid4()), "schema": schema}, format="json"))
        assert told, schema
        assert all(place.startswith("/schema") for place in told), told


def test_a_body_that_is_cut_off_is_refused(owner_api: Any, model: Any) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="package"; filename="a.zip"\r\n\r\nPK'
    for content_type in ("multipart/form-data; boundary=x", "multipart/form-data"):
        answer = owner_api.post(f"/api/v1/models/{model.pk}/versions/", body, content_type=content_type)
        assert answer.status_code == 400
