"""`/uploads/`: tus 1.0, its errors, and what is kept of a request that breaks off."""

from __future__ import annotations

import hashlib
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from samplecase.contracts.errors import Conflict, ContractError, Locked
from samplecase.storage.port import StorageUnavailable
from samplecase.web.rest.blobs import blob_store
from samplecase.web.uploads import receiving
from samplecase.web.uploads.models import Upload
from samplecase.web.uploads.receiving import receive
from samplecase.web.uploads.whole import used, verify
from tests.fixtures_models import Traces
from tests.sending import ADDRESS, OFFSET_TYPE, VERSION, add, begin, begun, checksum, code, offset_of, sent

DATA = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def place(traces: Traces) -> Traces:
    return traces


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a kilobyte each."""
    monkeypatch.setattr(receiving, "PART_BYTES", 1024)


def content_of(upload: Upload) -> bytes:
    with used(acting_user=upload.owner, id=upload.public_id) as whole, whole.open() as file:
        return file.read()


def test_options_say_what_is_spoken(owner_api: Any, settings: Any) -> None:
    answer = owner_api.options(ADDRESS)
    assert answer.status_code == 204
    assert answer["Tus-Resumable"] == answer["Tus-Version"] == "1.0.0"
    assert set(answer["Tus-Extension"].split(",")) == {"creation", "checksum", "expiration", "termination"}
    assert answer["Tus-Checksum-Algorithm"] == "sha256,sha1"
    assert answer["Tus-Max-Size"] == str(settings.MAX_UPLOAD_BYTES)


def test_a_file_comes_in_pieces_and_is_whole_with_the_last(owner_api: Any, small_parts: None) -> None:
    answer = begin(owner_api, len(DATA), filename="größe.zip", sha256=hashlib.sha256(DATA).hexdigest())
    assert (answer.status_code, answer["Upload-Offset"]) == (201, "0")
    assert answer["Upload-Expires"].endswith("GMT")
    address = answer["Location"]
    first = add(owner_api, address, DATA[:3000])
    assert (first.status_code, first["Upload-Offset"]) == (204, "3000")
    seen = owner_api.head(address, headers=VERSION)
    assert (seen["Upload-Offset"], seen["Upload-Length"]) == ("3000", str(len(DATA)))
    assert seen["Upload-Metadata"].startswith("filename ")
    assert seen["Cache-Control"] == "no-store"
    facts = owner_api.get(address).json()
    assert (facts["name"], facts["offset"], facts["complete"]) == ("größe.zip", 3000, False)
    assert add(owner_api, address, DATA[3000:], 3000)["Upload-Offset"] == str(len(DATA))
    facts = owner_api.get(address).json()
    assert (facts["complete"], facts["sha256"]) == (True, hashlib.sha256(DATA).hexdigest())
    assert [each["id"] for each in owner_api.get(ADDRESS).json()["results"]] == [facts["id"]]
    assert content_of(Upload.objects.get()) == DATA
    assert owner_api.get(ADDRESS).json()["results"] == [], "it was used"


def test_parts_are_read_as_one_file_wherever_one_jumps(owner: Any, owner_api: Any, small_parts: None) -> None:
    sent(owner_api, DATA)
    upload = Upload.objects.get()
    with used(acting_user=owner, id=upload.public_id) as whole, whole.open() as file:
        for place, size in [
            (5000, 100),
            (0, 10),
            (1020, 8),
            (len(DATA) - 5, 50),
            (1024, 1024),
            (len(DATA), 5),
        ]:
            file.seek(place)
            assert file.read(size) == DATA[place : place + size]
        assert file.seek(0, io.SEEK_END) == len(DATA)


def test_an_empty_file_is_whole_at_once(owner_api: Any) -> None:
    answer = begin(owner_api, 0)
    assert answer.json()["sha256"] == hashlib.sha256(b"").hexdigest()
    assert answer.json()["complete"] is True


@pytest.mark.parametrize(
    ("headers", "pointer"),
    [
        ({}, "/Upload-Length"),
        ({"Upload-Length": "-1"}, "/Upload-Length"),
        ({"Upload-Length": "1e3"}, "/Upload-Length"),
        ({"Upload-Length": "9" * 40}, "/Upload-Length"),
        ({"Upload-Length": "5", "Upload-Metadata": "filename ???"}, "/Upload-Metadata"),
        ({"Upload-Length": "5", "Upload-Metadata": "filename YQ==,filename YQ=="}, "/Upload-Metadata"),
        ({"Upload-Length": "5", "Upload-Metadata": "sha256 YWJj"}, "/Upload-Metadata"),
        ({"Upload-Length": "5", "Upload-Metadata": "filename YQBi"}, "/Upload-Metadata"),
        ({"Upload-Length": "5", "Upload-Metadata": "filename " + "A" * 5000}, "/Upload-Metadata"),
        ({"Upload-Length": "5", "Upload-Metadata": "a\x00 YQ=="}, "/Upload-Metadata"),
        ({"Upload-Length": "5", "Upload-Metadata": "größe YQ=="}, "/Upload-Metadata"),
    ],
)
def test_a_beginning_without_sense_is_refused_by_its_header(
    owner_api: Any, headers: dict[str, str], pointer: str
) -> None:
    answer = owner_api.post(ADDRESS, headers={**VERSION, **headers})
    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["error"]["details"]] == [pointer]
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("said", "name"),
    [("../../etc/passwd", "passwd"), ("C:\\models\\x.zip", "x.zip"), ("", "file"), ("a" * 400, "a" * 255)],
)
def test_a_file_name_has_no_folders(owner_api: Any, said: str, name: str) -> None:
    assert begin(owner_api, 5, filename=said).json()["name"] == name


def test_another_version_of_the_protocol_is_refused(owner_api: Any) -> None:
    address = begun(owner_api, 5)
    for call in (owner_api.post, owner_api.patch, owner_api.delete, owner_api.head):
        where = ADDRESS if call == owner_api.post else address
        for headers in ({}, {"Tus-Resumable": "0.2.2"}):
            answer = call(where, headers=headers)
            assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


def test_bytes_go_where_the_upload_ended(owner_api: Any) -> None:
    address = begun(owner_api, 10)
    assert code(add(owner_api, address, b"abc", 3)) == (409, "wrong_offset")
    assert add(owner_api, address, b"abc").status_code == 204
    assert code(add(owner_api, address, b"abc")) == (409, "wrong_offset")
    assert code(add(owner_api, address, b"defghijk", 3)) == (413, "beyond_length")
    assert code(add(owner_api, address, b"d", 3, Upload_Offset="x")) == (400, "invalid")
    assert offset_of(owner_api, address) == 3


def test_the_body_has_the_protocol_s_type(owner_api: Any) -> None:
    address = begun(owner_api, 3)
    answer = owner_api.patch(
        address, b"abc", content_type="application/octet-stream", headers={**VERSION, "Upload-Offset": "0"}
    )
    assert code(answer) == (415, "unsupported_media_type")
    assert offset_of(owner_api, address) == 0


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_bytes_with_another_checksum_are_not_kept(
    owner_api: Any, traces: Traces, small_parts: None, algorithm: str
) -> None:
    address = begun(owner_api, len(DATA))
    wrong = add(owner_api, address, DATA, Upload_Checksum=checksum(b"other", algorithm))
    assert code(wrong) == (460, "checksum_mismatch")
    assert offset_of(owner_api, address) == 0
    assert traces.stored == []
    assert add(owner_api, address, DATA, Upload_Checksum=checksum(DATA, algorithm)).status_code == 204
    assert offset_of(owner_api, address) == len(DATA)


@pytest.mark.parametrize("said", ["md5 abc", "sha256", "sha256 ???", "sha256 YWJj"])
def test_a_checksum_that_cannot_be_read_is_refused(owner_api: Any, said: str) -> None:
    address = begun(owner_api, 3)
    assert code(add(owner_api, address, b"abc", Upload_Checksum=said)) == (400, "invalid")
    assert offset_of(owner_api, address) == 0


def test_a_whole_file_of_another_digest_is_not_kept(owner_api: Any, traces: Traces) -> None:
    address = begun(owner_api, 3, sha256=hashlib.sha256(b"xyz").hexdigest())
    assert code(add(owner_api, address, b"abc")) == (460, "checksum_mismatch")
    assert owner_api.head(address, headers=VERSION).status_code == 404
    assert traces.stored == []


def test_an_upload_is_removed(owner_api: Any, traces: Traces) -> None:
    address = begun(owner_api, 10)
    add(owner_api, address, b"abc")
    assert len(traces.stored) == 1
    assert owner_api.delete(address, headers=VERSION).status_code == 204
    assert traces.stored == []
    assert owner_api.head(address, headers=VERSION).status_code == 404
    assert code(add(owner_api, address, b"abc", 3)) == (404, "not_found")


def test_nobody_else_sees_an_upload(
    owner_api: Any, stranger_api: Any, superuser_api: Any, anonymous_api: Any
) -> None:
    address = begun(owner_api, 10)
    for api, status in ((stranger_api, 404), (superuser_api, 404), (anonymous_api, 401)):
        assert api.get(address).status_code == status
        assert api.head(address, headers=VERSION).status_code == status
        assert add(api, address, b"abc").status_code == status
        assert api.delete(address, headers=VERSION).status_code == status
    assert stranger_api.get(ADDRESS).json()["results"] == []
    assert offset_of(owner_api, address) == 0


def test_a_token_to_read_sends_nothing_also_under_another_method(owner: Any, client_of: Any) -> None:
    reader, writer = client_of(owner, scope="read"), client_of(owner)
    address = begun(writer, 3)
    assert begin(reader, 3).status_code == 403
    assert add(reader, address, b"abc").status_code == 403
    for meant in ("PATCH", "DELETE"):
        answer = reader.get(address, headers={**VERSION, "X-HTTP-Method-Override": meant})
        assert answer.status_code == 200
        answer = reader.post(address, headers={**VERSION, "X-HTTP-Method-Override": meant})
        assert answer.status_code == 403
    assert offset_of(reader, address) == 0


def test_a_proxy_that_knows_post_alone_says_what_it_means(owner_api: Any) -> None:
    address = begun(owner_api, 3)
    headers = {**VERSION, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert owner_api.post(address, b"abc", content_type=OFFSET_TYPE, headers=headers).status_code == 204
    assert offset_of(owner_api, address) == 3
    assert owner_api.post(address, headers=VERSION).status_code == 405


class Broken:
    """A body whose connection ends too early."""

    def __init__(self, content: bytes, error: type[Exception] | None = None) -> None:
        self._content, self._error = io.BytesIO(content), error

    def read(self, size: int = -1, /) -> bytes:
        block = self._content.read(size)
        if not block and self._error:
            raise self._error
        return block


@pytest.mark.parametrize("error", [None, OSError])
def test_what_came_before_the_connection_broke_off_is_kept(
    owner_api: Any, small_parts: None, error: type[Exception] | None
) -> None:
    address = begun(owner_api, len(DATA))
    upload = Upload.objects.get()
    with pytest.raises(ContractError, match="kept") as caught:
        receive(upload=upload, body=Broken(DATA[:5000], error), offset=0, size=len(DATA))
    assert caught.value.code == "cut_off"
    assert offset_of(owner_api, address) == 5000
    assert add(owner_api, address, DATA[5000:], 5000).status_code == 204
    assert content_of(Upload.objects.get()) == DATA


def test_with_a_checksum_nothing_of_a_broken_request_is_kept(owner_api: Any, traces: Traces) -> None:
    from samplecase.web.uploads.headers import read_checksum

    address = begun(owner_api, len(DATA))
    said = read_checksum(checksum(DATA))
    with pytest.raises(ContractError, match="nothing of it"):
        receive(
            upload=Upload.objects.get(), body=Broken(DATA[:5000]), offset=0, size=len(DATA), checksum=said
        )
    assert offset_of(owner_api, address) == 0
    assert traces.stored == []


def test_a_store_that_fails_leaves_what_was_stored(
    owner_api: Any, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, done = blob_store(), []
    put = store.put

    def fails(key: str, source: Any) -> int:
        if len(done) == 3:
            raise StorageUnavailable("full")
        done.append(key)
        return put(key, source)

    address = begun(owner_api, len(DATA))
    monkeypatch.setattr(store, "put", fails)
    assert add(owner_api, address, DATA).status_code == 503
    monkeypatch.undo()
    assert offset_of(owner_api, address) == 3 * 1024
    assert add(owner_api, address, DATA[3072:], 3072).status_code == 204


def test_too_many_tiny_pieces_are_refused(owner_api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MOST_PARTS", 2)
    address = begun(owner_api, 5)
    assert [add(owner_api, address, b"a", place).status_code for place in range(3)] == [204, 204, 413]


class Held:
    """A body that gives its second half when it is let."""

    def __init__(self, content: bytes) -> None:
        half = len(content) // 2
        self._halves = [content[:half], content[half:]]
        self.is_reading, self.may_go_on = threading.Event(), threading.Event()

    def read(self, size: int = -1, /) -> bytes:
        if len(self._halves) == 1:
            self.is_reading.set()
            assert self.may_go_on.wait(30)
        return self._halves.pop(0) if self._halves else b""


def received(body: Held) -> None:
    """What a request does in a thread of its own with the one upload that there is."""
    try:
        receive(upload=Upload.objects.get(), body=body, offset=0, size=10)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_the_second_is_told_to_wait(owner_api: Any) -> None:
    address, body = begun(owner_api, 10), Held(b"0123456789")

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(received, body)
        assert body.is_reading.wait(30)
        assert code(add(owner_api, address, b"xxxxxxxxxx")) == (423, "locked")
        body.may_go_on.set()
        first.result()
    assert content_of(Upload.objects.get()) == b"0123456789"


@pytest.mark.django_db(transaction=True)
def test_who_went_silent_and_lost_the_upload_records_nothing(owner_api: Any, traces: Traces) -> None:
    address, body = begun(owner_api, 10), Held(b"0123456789")

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(received, body)
        assert body.is_reading.wait(30)
        Upload.objects.update(held_until=timezone.now() - timedelta(seconds=1))
        assert add(owner_api, address, b"abcdefghij").status_code == 204
        body.may_go_on.set()
        with pytest.raises(Locked):
            first.result()
    assert content_of(Upload.objects.get()) == b"abcdefghij"
    assert len(traces.stored) == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_no_other_bytes(owner: Any, owner_api: Any, small_parts: None) -> None:
    begun(owner_api, len(DATA))
    upload = Upload.objects.get()

    def work(number: int) -> None:
        try:
            while (offset := Upload.objects.get(pk=upload.pk).offset) < len(DATA):
                size = min(700 + 50 * number, len(DATA) - offset)
                with suppress(Locked, Conflict):
                    receive(upload=upload, body=io.BytesIO(DATA[offset:]), offset=offset, size=size)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert verify(Upload.objects.get()).sha256 == hashlib.sha256(DATA).hexdigest()
