"""Whole uploads become versions, samples and imports; known ones are whole at once; limits and the sweep."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from datasets_app.models import Sample
from jobs_app.exchange.models import ImportFile
from jobs_app.models import Job
from jobs_app.tasks import forget_uploads, import_samples, start_job
from models_app.models import Version
from samplecase.storage.port import package_key
from samplecase.web.rest.blobs import blob_store
from samplecase.web.uploads import removing
from samplecase.web.uploads.models import Upload, UploadPart
from tests.api.exchanging import zipped
from tests.fixtures_datasets import picture
from tests.fixtures_models import CODE, SCHEMA, Traces, package_of, zip_of
from tests.sending import VERSION, add, begin, begun, code, offset_of, sent


@pytest.fixture(autouse=True)
def place(traces: Traces) -> Traces:
    return traces


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def parts() -> list[str]:
    return [*blob_store().list("uploads/")]


@pytest.fixture
def versions(model: Any) -> str:
    return f"/api/v1/models/{model.pk}/versions/"


@pytest.fixture
def samples(dataset: Any) -> str:
    return f"/api/v1/datasets/{dataset.pk}/samples/"


# Used ----------------------------------------------------------------------------------------------------------------


def test_an_upload_becomes_a_version(owner_api: Any, versions: str) -> None:
    package = package_of(version="1.2.0")
    answer = owner_api.post(versions, {"upload": sent(owner_api, package)})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["version"], made["sha256"], made["size"]) == ("1.2.0", digest(package), len(package))
    with blob_store().open(package_key(digest(package))) as stored:
        assert stored.read() == package


def test_schema_and_number_come_beside_it_in_either_form(owner_api: Any, versions: str) -> None:
    for place, form in enumerate(("json", "multipart"), 1):
        package = zip_of({"model.py": CODE, "form.txt": form})
        schema = SCHEMA if form == "json" else str(SCHEMA).replace("'", '"')
        body = {"upload": sent(owner_api, package), "schema": schema, "version": f"{place}.0.0"}
        answer = owner_api.post(versions, body, format=form)
        assert (answer.status_code, answer.json().get("version")) == (201, f"{place}.0.0"), answer.content


def test_a_package_with_faults_is_no_version_and_the_upload_can_be_removed(
    owner_api: Any, versions: str, traces: Traces
) -> None:
    upload = sent(owner_api, b"no zip")
    answer = owner_api.post(versions, {"upload": upload})
    assert code(answer) == (400, "invalid_archive")
    assert [each["pointer"] for each in answer.json()["error"]["details"]] == ["/upload"]
    assert not Version.objects.exists()
    assert owner_api.delete(f"/api/v1/uploads/{upload}/", headers=VERSION).status_code == 204
    assert traces.stored == []


def test_an_upload_becomes_samples(owner_api: Any, samples: str) -> None:
    files = {f"{label}/{at}.png": picture(color=(at, 0, 0)) for at, label in enumerate(["cat", "dog"])}
    upload = sent(owner_api, zipped(files), filename="pets.zip")
    answer = owner_api.post(f"{samples}?labels=folder", {"upload": upload})
    assert answer.json() == {"added": 2, "skipped": []}
    again = owner_api.post(samples, {"upload": upload})
    assert [each["reason"] for each in again.json()["skipped"]] == ["duplicate", "duplicate"]
    single = owner_api.post(samples, {"upload": sent(owner_api, picture((9, 9)), filename="one.png")})
    assert single.json()["added"] == 1
    assert set(Sample.objects.values_list("name", flat=True)) == {*files, "one.png"}


def test_an_upload_is_looked_at_and_imported(owner_api: Any, dataset: Any, make_samples: Any) -> None:
    make_samples(dataset, 1)
    name = Sample.objects.get().name
    table = f"name,kind.label\n{name},cat\n".encode()
    address = f"/api/v1/datasets/{dataset.pk}/imports/"
    upload = sent(owner_api, table, filename="table.csv")
    seen = owner_api.post(address, {"upload": upload, "dry_run": True})
    assert (seen.status_code, seen.json()["format"], seen.json()["matched"]) == (200, "csv", 1), seen.content
    for source in (seen.json()["upload"], upload):
        job = owner_api.post(address, {"upload": source}).json()["id"]
        start_job(job)
        import_samples(job)
        assert Job.objects.get(pk=job).state == "finished"
    assert {file.name for file in ImportFile.objects.all()} == {"table.csv"}


@pytest.mark.parametrize("upload", ["0", 0, -1, True, None, "x", [], 2**70, "9" * 30])
def test_what_is_no_upload_at_all_is_refused_by_an_import(owner_api: Any, dataset: Any, upload: Any) -> None:
    answer = owner_api.post(f"/api/v1/datasets/{dataset.pk}/imports/", {"upload": upload})
    assert answer.status_code == 400


def test_only_one_s_own_whole_uploads_can_be_used(
    owner_api: Any,
    collaborator_api: Any,
    collaborator: Any,
    dataset: Any,
    model: Any,
    grant: Any,
    samples: str,
) -> None:
    grant(dataset, collaborator, "edit")
    grant(model, collaborator, "edit")
    whole = sent(owner_api, package_of())
    half = begun(owner_api, 10).rstrip("/").rpartition("/")[2]
    places = [samples, f"/api/v1/models/{model.pk}/versions/", f"/api/v1/datasets/{dataset.pk}/imports/"]
    for place in places:
        assert code(collaborator_api.post(place, {"upload": whole})) == (400, "unknown_upload")
        assert code(owner_api.post(place, {"upload": half})) == (409, "incomplete")
        both = owner_api.post(place, {})
        assert both.status_code == 400
    Upload.objects.update(expires_at=timezone.now())
    for place in places:
        assert code(owner_api.post(place, {"upload": whole})) == (400, "unknown_upload")


def test_an_upload_whose_server_died_before_it_was_verified_is_verified_when_it_is_used(
    owner_api: Any, versions: str
) -> None:
    package = package_of()
    first, second = sent(owner_api, package), sent(owner_api, package + b"x")
    Upload.objects.update(sha256="", expected_sha256=digest(package))
    assert owner_api.post(versions, {"upload": first}).status_code == 201
    assert code(owner_api.post(versions, {"upload": second})) == (460, "checksum_mismatch")


def test_bytes_that_went_meanwhile_are_no_fault_of_the_server(
    owner_api: Any, versions: str, samples: str
) -> None:
    upload = sent(owner_api, package_of())
    for key in parts():
        blob_store().delete(key)
    for place in (versions, samples):
        assert code(owner_api.post(place, {"upload": upload})) == (400, "unknown_upload")


# Known ---------------------------------------------------------------------------------------------------------------


def test_an_upload_that_broke_off_goes_on_under_its_digest(owner_api: Any, stranger_api: Any) -> None:
    content = b"x" * 1000
    address = begun(owner_api, 1000, sha256=digest(content), filename="a.zip")
    add(owner_api, address, content[:300])
    again = begin(owner_api, 1000, sha256=digest(content), filename="b.zip")
    assert (again["Location"], again["Upload-Offset"], again.json()["name"]) == (address, "300", "b.zip")
    assert begin(owner_api, 999, sha256=digest(content))["Location"] != address
    other = begin(stranger_api, 1000, sha256=digest(content))
    assert other["Location"] != address
    assert other["Upload-Offset"] == "0"


def test_a_package_that_one_may_download_need_not_be_sent(
    owner_api: Any,
    collaborator_api: Any,
    stranger_api: Any,
    collaborator: Any,
    model: Any,
    grant: Any,
    versions: str,
) -> None:
    package = package_of()
    said = {"sha256": digest(package), "filename": "m.zip"}
    owner_api.post(versions, {"upload": sent(owner_api, package), "version": "1.0.0"})
    Upload.objects.all().delete()
    grant(model, collaborator, "run")
    for api in (stranger_api, collaborator_api):
        answer = begin(api, len(package), **said)
        assert (answer["Upload-Offset"], answer.json()["complete"]) == ("0", False), (
            "he has to prove that he has it"
        )
    grant(model, collaborator, "edit")
    Upload.objects.all().delete()
    for api in (owner_api, collaborator_api):
        answer = begin(api, len(package), **said)
        assert (answer["Upload-Offset"], answer.json()["complete"]) == (str(len(package)), True)
    again = owner_api.post(
        versions, {"upload": begin(owner_api, len(package), **said).json()["id"], "version": "2.0.0"}
    )
    assert again.status_code == 201
    # Giving such an upload up takes nothing from the version.
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    forget_uploads()
    assert not Upload.objects.exists()
    assert blob_store().exists(package_key(digest(package)))
    assert begin(owner_api, len(package) + 1, **said)["Upload-Offset"] == "0"


# Limits --------------------------------------------------------------------------------------------------------------


def test_each_limit_is_named_where_it_is_reached(owner_api: Any, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    settings.MAX_UPLOAD_BYTES_PER_USER = 1500
    settings.MAX_UPLOADS_PER_USER = 2
    assert code(begin(owner_api, 1001)) == (413, "too_large")
    begun(owner_api, 900)
    beyond = begin(owner_api, 700)
    assert code(beyond) == (413, "upload_quota")
    assert "SAMPLECASE_MAX_UPLOAD_BYTES_PER_USER" in beyond.json()["error"]["message"]
    address = begun(owner_api, 600)
    assert code(begin(owner_api, 0)) == (413, "too_many_uploads")
    owner_api.delete(address, headers=VERSION)
    assert begin(owner_api, 600).status_code == 201
    settings.MAX_UPLOADS_PER_USER = settings.MAX_UPLOAD_BYTES_PER_USER = 0
    assert begin(owner_api, 1000).status_code == 201


def test_used_uploads_no_longer_count(owner_api: Any, versions: str, settings: Any) -> None:
    settings.MAX_UPLOADS_PER_USER = 1
    assert owner_api.post(versions, {"upload": sent(owner_api, package_of())}).status_code == 201
    assert begin(owner_api, 5).status_code == 201


def test_what_may_be_stored_counts_for_the_owner_of_model_and_dataset(
    owner_api: Any,
    collaborator_api: Any,
    collaborator: Any,
    dataset: Any,
    model: Any,
    grant: Any,
    versions: str,
    samples: str,
    settings: Any,
) -> None:
    package, image = package_of(), picture((40, 40))
    grant(model, collaborator, "edit")
    grant(dataset, collaborator, "edit")
    settings.MAX_STORED_BYTES_PER_USER = len(package) + len(image)
    assert owner_api.post(versions, {"upload": sent(owner_api, package)}).status_code == 201
    assert owner_api.post(samples, {"upload": sent(owner_api, image, filename="a.png")}).json()["added"] == 1
    for api in (owner_api, collaborator_api):
        upload = begin(api, 1)
        assert (upload.status_code == 413) is (api is owner_api)
    for place, content in ((samples, picture((41, 40))), (versions, package_of({"a": "b"}))):
        Upload.objects.all().delete()
        refused = collaborator_api.post(place, {"upload": sent(collaborator_api, content)})
        assert code(refused) == (413, "storage_quota")
        assert "SAMPLECASE_MAX_STORED_BYTES_PER_USER" in refused.json()["error"]["message"]
    form = {"files": _file("b.png", picture((42, 40)))}
    assert code(owner_api.post(samples, form, format="multipart")) == (413, "storage_quota")
    form = {"files": _file("a.png", image)}
    assert owner_api.post(samples, form, format="multipart").json()["skipped"][0]["reason"] == "duplicate"
    assert (Version.objects.count(), Sample.objects.count()) == (1, 1)


def test_an_import_ends_where_no_more_may_be_stored(owner_api: Any, dataset: Any, settings: Any) -> None:
    settings.MAX_STORED_BYTES_PER_USER = 10
    form = {"file": _file("pets.zip", zipped({"cat/a.png": picture(), "dog/b.png": picture((9, 9))}))}
    job = owner_api.post(f"/api/v1/datasets/{dataset.pk}/imports/", form, format="multipart").json()["id"]
    start_job(job)
    import_samples(job)
    facts = owner_api.get(f"/api/v1/jobs/{job}/").json()
    assert (facts["state"], facts["error"]["code"]) == ("failed", "storage_quota"), facts
    assert not Sample.objects.exists()


def _file(name: str, content: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)


# Swept ---------------------------------------------------------------------------------------------------------------


def test_each_piece_puts_the_end_off_and_after_it_all_is_gone(
    owner_api: Any, settings: Any, traces: Traces
) -> None:
    settings.UPLOAD_EXPIRY_SECONDS = 3600
    address = begun(owner_api, 10)
    Upload.objects.update(expires_at=timezone.now() + timedelta(seconds=5))
    add(owner_api, address, b"abc")
    assert Upload.objects.get().expires_at > timezone.now() + timedelta(minutes=50)
    assert forget_uploads() == 0
    assert offset_of(owner_api, address) == 3
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert owner_api.head(address, headers=VERSION).status_code == 404, "also before it is swept"
    assert forget_uploads() == 1
    assert (Upload.objects.count(), UploadPart.objects.count(), traces.stored) == (0, 0, [])


def test_an_upload_that_somebody_goes_on_with_is_not_given_up(owner_api: Any) -> None:
    begun(owner_api, 10)
    upload = Upload.objects.get()
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    holder = upload.take_turn()
    assert forget_uploads() == 0
    upload.end_turn(holder)
    assert forget_uploads() == 1


def _make_old(monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.time() + 2 * removing.GRACE_SECONDS
    monkeypatch.setattr(removing.time, "time", lambda: later)


def test_parts_that_nobody_recorded_go_after_a_while_and_recorded_ones_stay(
    owner_api: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = begun(owner_api, 10)
    add(owner_api, address, b"abc")
    (kept,) = parts()
    upload = Upload.objects.get()
    lost = [
        f"uploads/{upload.public_id}/0000000000000000003-feed",
        f"uploads/{'0' * 8}-0000-0000-0000-{'0' * 12}/0",
    ]
    for key in lost:
        blob_store().put(key, _file("x", b"xyz"))
    assert forget_uploads() == 0, "they may be about to be recorded"
    with monkeypatch.context() as patched:
        _make_old(patched)
        holder = upload.take_turn()
        assert forget_uploads() == 1, "somebody adds to the other one"
        assert parts() == sorted([kept, lost[0]])
        upload.end_turn(holder)
        assert forget_uploads() == 1
    assert parts() == [kept]
    assert add(owner_api, address, b"defghij", 3).status_code == 204
    with monkeypatch.context() as patched:
        _make_old(patched)
        assert forget_uploads() == 0


def test_who_adds_while_old_parts_are_swept_has_lost_them(
    owner_api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request with a checksum that went silent for hours: what it stored is swept, and it records none of it."""
    begun(owner_api, 3)
    upload = Upload.objects.get()
    silent = upload.take_turn()
    key = f"uploads/{upload.public_id}/0000000000000000000-feed"
    blob_store().put(key, _file("x", b"xyz"))
    Upload.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    _make_old(monkeypatch)
    assert forget_uploads() == 1
    from samplecase.web.uploads.models import Part

    assert upload.add([Part(0, 3, key)], holder=silent) is False
    assert (parts(), UploadPart.objects.count(), Upload.objects.get().offset) == ([], 0, 0)


def test_the_parts_of_an_account_that_was_deleted_are_swept(
    owner: Any, owner_api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(owner_api, begun(owner_api, 10), b"abc")
    Upload.objects.all().delete()
    _make_old(monkeypatch)
    assert forget_uploads() == 1
    assert parts() == []
