"""What every blob store keeps to: one suite over the folder, a real S3 server and memory."""

from __future__ import annotations

import io
import os
import secrets
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from samplecase.storage import open_store
from samplecase.storage.port import (
    BlobNotFound,
    BlobStore,
    StorageRefused,
    StorageUnavailable,
    mask_key,
    media_key,
    package_key,
    thumbnail_key,
)

KEY = "media/ab/abcdef"


@pytest.fixture(params=["file", pytest.param("s3", marks=pytest.mark.s3), "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "file":
        return open_store(f"file://{tmp_path}/blobs")
    if request.param == "s3":
        base, _, query = request.getfixturevalue("s3_url").partition("?")
        return open_store(f"{base}-{secrets.token_hex(4)}/some/prefix?{query}")
    return open_store("memory:")


def read(store: BlobStore, key: str, **part: int) -> bytes:
    with store.open(key, **part) as stream:
        return stream.read()


def test_a_blob_is_read_as_it_was_put(store: BlobStore) -> None:
    assert store.put(KEY, io.BytesIO(b"some bytes")) == 10
    assert read(store, KEY) == b"some bytes"
    assert store.exists(KEY)
    assert store.stat(KEY).size == 10
    assert store.stat(KEY).modified > 1_000_000_000


def test_an_empty_blob_is_a_blob(store: BlobStore) -> None:
    assert store.put(KEY, io.BytesIO(b"")) == 0
    assert read(store, KEY) == b""
    assert store.stat(KEY).size == 0


def test_a_blob_of_several_parts_is_whole(store: BlobStore) -> None:
    data = os.urandom(1 << 20) * 17 + b"the end"
    assert store.put(KEY, io.BytesIO(data)) == len(data)
    assert read(store, KEY) == data


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [
        (0, 3, b"012"),
        (4, None, b"456789"),
        (4, 2, b"45"),
        (8, 50, b"89"),
        (10, None, b""),
        (99, 5, b""),
        (3, 0, b""),
    ],
)
def test_a_part_of_a_blob_is_read_alone(
    store: BlobStore, offset: int, length: int | None, expected: bytes
) -> None:
    store.put(KEY, io.BytesIO(b"0123456789"))
    with store.open(KEY, offset=offset, length=length) as stream:
        assert stream.read() == expected


def test_a_stream_gives_small_pieces_too(store: BlobStore) -> None:
    store.put(KEY, io.BytesIO(b"0123456789"))
    with store.open(KEY, length=6) as stream:
        assert [stream.read(4), stream.read(4), stream.read(4)] == [b"0123", b"45", b""]


def test_what_was_never_put_is_not_found(store: BlobStore) -> None:
    assert not store.exists(KEY)
    assert store.local_path(KEY) is None
    for ask in (store.open, store.stat):
        with pytest.raises(BlobNotFound):
            ask(KEY)


def test_a_deleted_blob_is_gone_and_deleting_it_again_is_no_error(store: BlobStore) -> None:
    store.put(KEY, io.BytesIO(b"x"))
    store.delete(KEY)
    store.delete(KEY)
    assert not store.exists(KEY)


def test_the_same_key_put_again_holds_the_new_bytes(store: BlobStore) -> None:
    store.put(KEY, io.BytesIO(b"old"))
    store.put(KEY, io.BytesIO(b"new"))
    assert read(store, KEY) == b"new"


def test_keys_are_listed_by_prefix(store: BlobStore) -> None:
    assert list(store.list()) == []
    for key in ("media/aa/1", "media/ab/2", "packages/aa/3.zip"):
        store.put(key, io.BytesIO(b"x"))
    assert sorted(store.list()) == ["media/aa/1", "media/ab/2", "packages/aa/3.zip"]
    assert sorted(store.list("media/")) == ["media/aa/1", "media/ab/2"]
    assert sorted(store.list("media/a")) == ["media/aa/1", "media/ab/2"]
    assert list(store.list("media/ab/")) == ["media/ab/2"]
    assert list(store.list("nothing/here")) == []


@pytest.mark.parametrize(
    "key",
    ["", "/", "/etc/passwd", "../up", "media/../../up", "media//x", "media/x/", ".hidden", "a/.hidden", "a/./b",
     "Media/x", "a b", "a\\b", "a\x00b", "a\n", "é", "c:/x", "x" * 600],
)  # fmt: skip
def test_a_key_that_could_leave_the_store_is_refused(store: BlobStore, key: str) -> None:
    with pytest.raises(ValueError, match="not a blob key"):
        store.put(key, io.BytesIO(b"x"))
    for ask in (store.open, store.stat, store.exists, store.delete, store.local_path):
        with pytest.raises(ValueError, match="not a blob key"):
            ask(key)
    assert list(store.list()) == []


class _BreaksOff(io.RawIOBase):
    """Gives one block, then fails as an upload that was cut off does."""

    def __init__(self) -> None:
        self._given = False

    def read(self, size: int = -1, /) -> bytes:
        if self._given:
            raise EOFError("the sender is gone")
        self._given = True
        return b"half"


def test_a_source_that_breaks_off_leaves_nothing_behind(store: BlobStore) -> None:
    with pytest.raises(EOFError):
        store.put(KEY, _BreaksOff())  # type: ignore[arg-type]
    assert not store.exists(KEY)
    assert list(store.list()) == []


def test_writers_of_one_key_do_not_mix_their_bytes(store: BlobStore) -> None:
    blobs = [bytes([number]) * 300_000 for number in range(6)]
    writers = [threading.Thread(target=store.put, args=(KEY, io.BytesIO(blob))) for blob in blobs]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert read(store, KEY) in blobs


def test_a_working_store_passes_its_check_and_keeps_nothing_of_it(store: BlobStore) -> None:
    store.check()
    assert list(store.list()) == []


def test_every_kind_of_key_is_accepted(store: BlobStore) -> None:
    sha256 = "0123456789abcdef" * 4
    for key in (media_key(sha256), thumbnail_key(sha256, 256), package_key(sha256), mask_key(sha256)):
        store.put(key, io.BytesIO(b"x"))
        assert store.exists(key)


def test_files_of_the_folder_store_are_read_only_and_have_a_local_path(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}/with%20space")
    store.put(KEY, io.BytesIO(b"x"))
    path = store.local_path(KEY)
    assert path is not None
    assert path.is_relative_to(tmp_path / "with space")
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_the_folder_store_leaves_no_unfinished_file(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}")
    with pytest.raises(EOFError):
        store.put(KEY, _BreaksOff())  # type: ignore[arg-type]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_of_the_store_is_no_blob(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}")
    store.put("media/ab/x", io.BytesIO(b"x"))
    assert not store.exists("media/ab")
    with pytest.raises(BlobNotFound):
        store.open("media/ab")


def test_a_store_in_the_place_of_a_file_says_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file")
    with pytest.raises(StorageUnavailable, match="writable"):
        open_store(f"file://{tmp_path}/blobs").check()


def test_a_disk_that_refuses_is_told_from_one_that_is_away() -> None:
    store = open_store("file:///sys/kernel/samplecase")
    with pytest.raises(StorageRefused):
        store.put(KEY, io.BytesIO(b"x"))


def test_an_s3_server_that_does_not_answer_is_unavailable() -> None:
    store = open_store("s3://a:b@127.0.0.1:1/bucket?secure=0")
    for attempt in (store.check, lambda: store.exists(KEY), lambda: store.put(KEY, io.BytesIO(b"x"))):
        with pytest.raises(StorageUnavailable, match="does not answer"):
            attempt()


@pytest.mark.s3
def test_a_wrong_secret_says_what_to_check_and_not_what_it_was(s3_url: str) -> None:
    access, _, rest = s3_url.partition("://")[2].partition(":")
    store = open_store(f"s3://{access}:wrong-secret@{rest.partition('@')[2]}")
    with pytest.raises(StorageUnavailable, match="SAMPLECASE_BLOB_URL") as refused:
        store.check()
    assert "wrong-secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["", "/srv/blobs", "ftp://host/x", "file://relative/x", "file:relative", "s3://host/bucket", "s3://a:b@host",
     "s3://a:hidden@host/bucket?secure=maybe", "s3://a:hidden@host/bucket?verify=0"],
)  # fmt: skip
def test_an_address_that_names_no_store_is_refused_without_repeating_secrets(url: str) -> None:
    with pytest.raises(ValueError, match=r"store|folder") as refused:
        open_store(url)
    assert "hidden" not in str(refused.value)


@pytest.mark.s3
def test_a_bucket_may_be_made_by_several_at_once(s3_server: Any) -> None:
    """As when web, worker and executor start together for the first time."""
    stores = [open_store(s3_server.url("made-by-several")) for _ in range(8)]
    with ThreadPoolExecutor(len(stores)) as threads:
        assert list(threads.map(lambda store: store.exists("check/nothing"), stores)) == [False] * 8
