"""Uploads at the edge of their time, and with parts or rows that went: none is lost or stuck, none stays too long."""

from __future__ import annotations

import hashlib
import io
import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from PIL import Image

from jobs_app.exchange.models import ImportFile
from samplecase.contracts.errors import InvalidInput, Locked
from samplecase.storage.port import BlobInfo, StorageUnavailable
from samplecase.web.rest.blobs import blob_store
from samplecase.web.uploads import beginning, receiving, removing, whole
from samplecase.web.uploads.models import Upload, UploadPart
from samplecase.web.uploads.removing import sweep
from samplecase.web.uploads.whole import used, verify
from tests.api.exchanging import zipped
from tests.fixtures_models import Traces
from tests.sending import add, begin, begun, checksum, code, offset_of, sent

DATA = bytes(range(256)) * 8


def parts() -> list[str]:
    return [*blob_store().list("uploads/")]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def noise() -> bytes:
    """An image that cannot be compressed."""
    made = io.BytesIO()
    Image.frombytes("RGB", (200, 200), secrets.token_bytes(3 * 200 * 200)).save(made, "PNG")
    return made.getvalue()


def use(owner: Any) -> bytes:
    with used(acting_user=owner, id=Upload.objects.get().public_id) as found, found.open() as file:
        return file.read()


@pytest.fixture(autouse=True)
def place(traces: Traces) -> Traces:
    return traces


# Parts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_checksum", [False, True])
def test_a_part_whose_record_was_committed_stays_also_when_nobody_heard_of_it(
    owner: Any, owner_api: Any, monkeypatch: pytest.MonkeyPatch, has_checksum: bool
) -> None:
    address = begun(owner_api, len(DATA))
    record = Upload.add

    def break_off(*args: Any, **named: Any) -> bool:
        assert record(*args, **named)
        raise OperationalError("The connection broke off during COMMIT.")

    body = {"Upload_Checksum": checksum(DATA)} if has_checksum else {}
    owner_api.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(Upload, "add", break_off)
        assert add(owner_api, address, DATA, 0, **body).status_code >= 500
    assert offset_of(owner_api, address) == len(DATA)
    assert use(owner) == DATA


def test_a_whole_upload_without_its_parts_is_begun_anew(owner_api: Any) -> None:
    sent(owner_api, DATA, sha256=digest(DATA))
    Upload.objects.update(sha256="")  # its server died before it was verified
    for key in parts():
        blob_store().delete(key)
    assert code(begin(owner_api, len(DATA), sha256=digest(DATA))) == (400, "unknown_upload")
    assert begin(owner_api, len(DATA), sha256=digest(DATA))["Upload-Offset"] == "0"


def test_an_upload_whose_bytes_are_gone_when_it_is_used_is_begun_anew(owner: Any, owner_api: Any) -> None:
    sent(owner_api, DATA, sha256=digest(DATA))
    for key in parts():
        blob_store().delete(key)
    with pytest.raises(InvalidInput):
        use(owner)
    assert begin(owner_api, len(DATA), sha256=digest(DATA))["Upload-Offset"] == "0"


def test_an_upload_in_too_many_parts_is_begun_anew(owner_api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (receiving, beginning):
        monkeypatch.setattr(module, "MOST_PARTS", 2)
    said = {"sha256": digest(b"abcde")}
    address = begun(owner_api, 5, **said)
    assert [add(owner_api, address, b"a", at).status_code for at in range(3)] == [204, 204, 413]
    larger = begun(owner_api, 5, **said)
    assert larger != address
    for at, piece in ((0, b"abcd"), (4, b"e")):
        assert add(owner_api, larger, piece, at).status_code == 204
    assert begin(owner_api, 5, **said)["Location"] == larger, "all of it came"


def test_a_zip_that_goes_while_its_images_are_added_is_gone_and_not_damaged(
    owner_api: Any, dataset: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "PART_BYTES", 16 * 1024)
    pictures: dict[str, bytes | str] = {f"{at}.png": noise() for at in range(3)}
    upload = sent(owner_api, zipped(pictures), filename="pets.zip")
    blob_store().delete(parts()[1])
    answer = owner_api.post(f"/api/v1/datasets/{dataset.pk}/samples/", {"upload": upload})
    assert code(answer) == (400, "unknown_upload")


# Copies --------------------------------------------------------------------------------------------------------------


def test_an_upload_is_copied_once_for_imports_and_the_copy_counts(
    owner_api: Any, dataset: Any, settings: Any
) -> None:
    address = f"/api/v1/datasets/{dataset.pk}/imports/"
    table = b"name,kind.label\nx.png,cat\n"
    upload = sent(owner_api, table, filename="table.csv")
    for _ in range(2):
        assert owner_api.post(address, {"upload": upload, "dry_run": True}).status_code == 200
    assert ImportFile.objects.count() == len([*blob_store().list("imports/")]) == 1
    settings.MAX_UPLOAD_BYTES_PER_USER = len(table) + 5
    refused = begin(owner_api, 6)
    assert code(refused) == (413, "upload_quota")
    assert "files of imports" in refused.json()["error"]["message"]
    ImportFile.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert begin(owner_api, 6).status_code == 201


# Rows ----------------------------------------------------------------------------------------------------------------


def test_an_upload_that_is_removed_before_it_is_read_is_unknown(owner: Any, owner_api: Any) -> None:
    sent(owner_api, DATA)
    upload = Upload.objects.get()
    with used(acting_user=owner, id=upload.public_id) as found:
        pass
    gone = whole.Sent(found.name, found.size, found.sha256, ())
    with pytest.raises(InvalidInput, match="no such upload"), gone.open() as file:
        file.read()


def test_an_upload_that_is_given_up_before_its_use_is_unknown(
    owner: Any, owner_api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(owner_api, DATA)
    prolonged = whole.IN_USE

    class Late:
        """The sweep comes between two steps of the use."""

        def __radd__(self, now: Any) -> Any:
            Upload.objects.all().delete()
            return now + prolonged

    monkeypatch.setattr(whole, "IN_USE", Late())
    with pytest.raises(InvalidInput, match="no such upload"):
        use(owner)


def test_while_one_request_reads_the_whole_others_wait(owner_api: Any) -> None:
    sent(owner_api, DATA)
    Upload.objects.update(sha256="")
    upload = Upload.objects.get()
    holder = upload.take_turn()
    with pytest.raises(Locked):
        verify(upload)
    upload.end_turn(holder)
    assert verify(upload).sha256 == digest(DATA)
    assert Upload.objects.get().holder == ""


# Time ----------------------------------------------------------------------------------------------------------------


def test_a_use_in_vain_prolongs_nothing(owner: Any, owner_api: Any) -> None:
    sent(owner_api, DATA)
    use(owner)
    before = Upload.objects.get()

    def use_in_vain() -> None:
        with used(acting_user=owner, id=before.public_id):
            assert Upload.objects.get().expires_at > before.expires_at + timedelta(hours=5)
            raise InvalidInput("It is no zip.")

    with pytest.raises(InvalidInput):
        use_in_vain()
    assert Upload.objects.get().expires_at == before.expires_at


def test_a_used_upload_that_is_begun_again_counts(owner: Any, owner_api: Any, settings: Any) -> None:
    settings.MAX_UPLOADS_PER_USER = 1
    sent(owner_api, DATA, sha256=digest(DATA))
    use(owner)
    address = begun(owner_api, 10, sha256=digest(b"0123456789"))
    assert code(begin(owner_api, len(DATA), sha256=digest(DATA))) == (413, "too_many_uploads")
    assert begin(owner_api, 10, sha256=digest(b"0123456789"))["Location"] == address


def test_an_upload_that_is_prolonged_while_the_sweep_comes_to_it_stays(
    owner_api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(owner_api, DATA)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    take_turn = Upload.take_turn

    def prolong(upload: Upload) -> str:
        Upload.objects.update(expires_at=timezone.now() + timedelta(hours=1))
        return take_turn(upload)

    monkeypatch.setattr(Upload, "take_turn", prolong)
    assert sweep() == 0
    assert (len(parts()), Upload.objects.get().holder) == (1, "")


# The sweep -----------------------------------------------------------------------------------------------------------


def test_rows_go_after_their_parts(owner_api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(owner_api, DATA)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    def fail(key: str) -> None:
        raise StorageUnavailable("The disk is away.")

    with monkeypatch.context() as patched:
        patched.setattr(blob_store(), "delete", fail)
        with pytest.raises(StorageUnavailable):
            sweep()
    assert UploadPart.objects.count() == 1
    Upload.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert sweep() == 1
    assert (parts(), Upload.objects.count()) == ([], 0)


def test_the_sweep_asks_only_for_parts_that_nobody_names_and_goes_on_at_the_next(
    owner_api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(owner_api, DATA)
    lost = [f"uploads/{at}0000000-0000-0000-0000-000000000000/0" for at in range(2)]
    for key in lost:
        blob_store().put(key, io.BytesIO(b"x"))
    asked = []

    def long_ago(key: str) -> BlobInfo:
        asked.append(key)
        return BlobInfo(1, 0.0)

    monkeypatch.setattr(blob_store(), "stat", long_ago)
    monkeypatch.setattr(removing, "SWEEP_SECONDS", -1.0)
    assert [sweep(), sweep(), sweep()] == [1, 1, 0]
    assert sorted(asked) == lost
    assert len(parts()) == 1
