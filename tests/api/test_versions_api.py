"""Uploads of packed models: each an immutable version, made by who may edit the model."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pytest

from models_app.models import Version
from samplecase.contracts.errors import Unavailable
from samplecase.web.accounts.models import AuditEntry
from tests.fixtures_models import CODE, SCHEMA, Traces, package_of, zip_of

LARGE = bytes(range(256)) * 4 * 1024 * 3  # 3 MiB: spooled to the disk by the request already


def one(model: Any, number: str, what: str = "") -> str:
    return f"/api/v1/models/{model.pk}/versions/{number}/{what}"


def test_an_upload_becomes_a_version_with_all_its_facts(
    owner_api: Any, upload: Any, traces: Traces, model: Any
) -> None:
    package = package_of(
        {
            "README.md": "# Digits",
            "CHANGELOG.md": "first",
            "requirements.txt": "numpy\n",
            "environment.yml": "name: x\n",
        },
        version="1.2.0",
        license="Apache-2.0",
    )
    answer = upload(owner_api, package)
    assert answer.status_code == 201
    made = answer.json()
    digest = hashlib.sha256(package).hexdigest()
    assert (made["version"], made["sha256"], made["size"]) == ("1.2.0", digest, len(package))
    assert made["schema"] == SCHEMA
    assert (made["readme"], made["changelog"], made["license"]) == ("# Digits", "first", "Apache-2.0")
    assert (made["requirements"], made["environment_yml"]) == ("numpy\n", "name: x\n")
    assert {"name": "model.py", "size": len(CODE)} in made["files"]
    assert made["manifest"]["entrypoint"] == "model:Model"
    assert made["uploaded_by"] == "owner"
    assert traces.stored == [f"{digest}.zip"]
    assert traces.spooled == []
    assert AuditEntry.objects.get(action="version.upload").details == {"model": model.pk, "sha256": digest}
    assert owner_api.get(one(model, "1.2.0")).json() == made


def test_a_large_package_arrives_whole(owner_api: Any, upload: Any, traces: Traces, model: Any) -> None:
    import zipfile

    made = io.BytesIO(package_of(version="1.0.0"))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("weights/model.bin", LARGE)
    package = made.getvalue()
    assert upload(owner_api, package).status_code == 201
    assert traces.spooled == []
    answer = owner_api.get(one(model, "1.0.0", "package/"))
    assert b"".join(answer.streaming_content) == package
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == 'attachment; filename="digits_cnn-1.0.0.zip"'


def test_the_number_is_the_one_given_else_the_manifest_s_else_that_proposed(
    owner_api: Any, upload: Any
) -> None:
    def number(package: bytes, **parts: Any) -> str:
        return str(upload(owner_api, package, **parts).json()["version"])

    assert number(package_of()) == "1.0.0"
    assert number(package_of({"a": "1"})) == "1.0.1"
    assert number(package_of(version="2.0.0")) == "2.0.0"
    assert number(package_of(version="2.0.0"), version="v3.1.4") == "3.1.4"
    assert number(package_of({"a": "2"}), version="") == "3.1.5"


def test_the_same_upload_twice_is_one_version(owner_api: Any, upload: Any, traces: Traces) -> None:
    package = package_of(version="1.0.0")
    assert upload(owner_api, package).status_code == 201
    again = upload(owner_api, package)
    assert again.status_code == 409
    assert again.json()["error"]["code"] == "version_exists"
    assert again.json()["error"]["details"][0]["pointer"] == "/version"
    assert Version.objects.count() == len(traces.stored) == 1


def test_a_version_never_changes(owner_api: Any, upload: Any, traces: Traces, model: Any) -> None:
    first = upload(owner_api, package_of(version="1.0.0")).json()
    assert upload(owner_api, package_of({"more": "x"}, version="1.0.0")).status_code == 409
    assert owner_api.get(one(model, "1.0.0")).json() == first
    assert traces.stored == [f"{first['sha256']}.zip"]
    for method in ("put", "patch", "post"):
        assert getattr(owner_api, method)(one(model, "1.0.0")).status_code == 405


def test_two_versions_may_have_the_same_bytes(owner_api: Any, upload: Any, traces: Traces) -> None:
    for number in ("1.0.0", "2.0.0"):
        assert upload(owner_api, package_of(), version=number).status_code == 201
    assert len(traces.stored) == 1


@pytest.mark.parametrize("number", ["1", "1.0", "one", "1.0.0 beta", "../1.0.0", "1.0." + "9" * 50])
def test_a_version_is_semantic(owner_api: Any, upload: Any, traces: Traces, number: str) -> None:
    answer = upload(owner_api, package_of(), version=number)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/version"
    assert traces.stored == []


@pytest.mark.parametrize("as_file", [True, False])
def test_a_schema_beside_the_zip_may_say_the_same(owner_api: Any, upload: Any, as_file: bool) -> None:
    text = json.dumps(SCHEMA, indent=2)
    assert (
        upload(owner_api, package_of(), schema=io.BytesIO(text.encode()) if as_file else text).status_code
        == 201
    )


def test_a_schema_beside_a_zip_that_has_none_is_its_schema(owner_api: Any, upload: Any) -> None:
    answer = upload(owner_api, zip_of({"model.py": CODE}), schema=json.dumps(SCHEMA))
    assert answer.status_code == 201, answer.json()
    assert answer.json()["schema"] == SCHEMA
    assert answer.json()["manifest"]["entrypoint"] == "model:Model"


def test_a_package_without_any_schema_is_refused(owner_api: Any, upload: Any, traces: Traces) -> None:
    for schema in ({}, {"schema": " "}):
        answer = upload(owner_api, zip_of({"model.py": CODE}), **schema)
        assert answer.status_code == 400
        assert "schema" in answer.json()["error"]["message"]
    assert traces.stored == traces.spooled == []


@pytest.mark.parametrize(("right", "status"), [("view", 403), ("run", 403), ("edit", 201)])
def test_uploading_needs_edit(
    collaborator_api: Any, collaborator: Any, model: Any, upload: Any, grant: Any, right: str, status: int
) -> None:
    grant(model, collaborator, right)
    assert upload(collaborator_api, package_of()).status_code == status
    assert Version.objects.count() == (status == 201)


@pytest.mark.parametrize(("right", "status"), [("view", 403), ("run", 403), ("edit", 200)])
def test_facts_are_for_who_sees_the_model_and_the_zip_for_who_edits_it(
    owner_api: Any,
    collaborator_api: Any,
    collaborator: Any,
    model: Any,
    upload: Any,
    grant: Any,
    right: str,
    status: int,
) -> None:
    upload(owner_api, package_of(version="1.0.0"))
    grant(model, collaborator, right)
    assert collaborator_api.get(one(model, "1.0.0")).status_code == 200
    answer = collaborator_api.get(one(model, "1.0.0", "package/"))
    assert answer.status_code == status
    answer.close()


def test_strangers_and_nobody_get_nothing(
    owner_api: Any, stranger_api: Any, anonymous_api: Any, upload: Any, model: Any
) -> None:
    upload(owner_api, package_of(version="1.0.0"))
    for api, status in ((stranger_api, 404), (anonymous_api, 401)):
        assert upload(api, package_of({"x": "y"})).status_code == status
        assert api.get(one(model, "1.0.0")).status_code == status
        assert api.get(one(model, "1.0.0", "package/")).status_code == status
    assert Version.objects.count() == 1


def test_a_version_that_is_not_there_is_not_found(owner_api: Any, model: Any, traces: Traces) -> None:
    assert owner_api.get(one(model, "1.0.0")).status_code == 404
    assert owner_api.get(one(model, "x" * 500)).status_code == 404
    assert owner_api.get(one(model, "1.0.0", "package/")).status_code == 404


def test_a_package_that_is_lost_is_said_to_be(
    owner_api: Any, upload: Any, traces: Traces, model: Any
) -> None:
    upload(owner_api, package_of(version="1.0.0"))
    for key in list(traces.blobs.list("packages/")):
        traces.blobs.delete(key)
    answer = owner_api.get(one(model, "1.0.0", "package/"))
    assert answer.status_code == 404
    assert "blob store" in answer.json()["error"]["message"]


def test_it_is_kept_whether_a_superuser_uploaded_it(owner_api: Any, superuser_api: Any, upload: Any) -> None:
    upload(owner_api, package_of(version="1.0.0"))
    upload(superuser_api, package_of(version="2.0.0"))
    assert dict(Version.objects.values_list("version", "uploaded_by_superuser")) == {
        "1.0.0": False,
        "2.0.0": True,
    }


def test_deleting_the_model_takes_packages_that_no_other_has(
    owner_api: Any,
    owner: Any,
    upload: Any,
    traces: Traces,
    model: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    from models_app.models import Model

    own, shared = package_of({"own": "1"}), package_of()
    upload(owner_api, own, version="1.0.0")
    digest = upload(owner_api, shared, version="2.0.0").json()["sha256"]
    other = Model.objects.create(name="other", slug="other", owner=owner)
    Version.objects.create(model=other, version="1.0.0", sha256=digest, size=1, manifest={}, schema={})
    with django_capture_on_commit_callbacks(execute=True):
        assert owner_api.delete(f"/api/v1/models/{model.pk}/").status_code == 204
    assert traces.stored == [f"{digest}.zip"]


def test_what_cannot_be_recorded_is_not_stored(
    owner_api: Any, upload: Any, traces: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: Any) -> None:
        raise Unavailable("the database does not answer")

    monkeypatch.setattr("models_app.uploads.record", fails)
    assert upload(owner_api, package_of()).status_code == 503
    assert not Version.objects.exists()
    assert traces.stored == traces.spooled == []
