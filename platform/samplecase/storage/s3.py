"""Blobs in a bucket of S3, MinIO or anything that speaks its protocol."""

from __future__ import annotations

import contextlib
import io
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from samplecase.storage.keys import check_key, check_prefix, check_range
from samplecase.storage.port import BlobInfo, BlobNotFound, StorageRefused, StorageUnavailable
from samplecase.storage.streams import bounded

ACCESS = frozenset({"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"})
REFUSALS = ACCESS | {"NoSuchBucket", "InvalidObjectState", "AllAccessDisabled", "AccountProblem"}
REFUSED = re.compile(r"Response code: 40[134]\b")
# Of one part of a multipart upload; 10,000 of them, which is what S3 allows, hold 156 GiB.
_PART_BYTES = 16 * 2**20


def connect(endpoint: str, access_key: str, secret_key: str, *, secure: bool, region: str) -> Minio:
    """A client for `host[:port]`; nothing is sent yet."""
    return Minio(
        endpoint=endpoint,
        access_key=access_key,
        secret_key=secret_key,
        secure=secure,
        region=region,
        http_client=PoolManager(
            timeout=Timeout(connect=5, read=60),
            maxsize=16,
            retries=Retry(total=3, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
        ),
    )


@contextlib.contextmanager
def failures(where: str, setting: str, key: str = "") -> Iterator[None]:
    """Turns what S3 answers into the port's words; `setting` is where its address comes from.

    Raises `BlobNotFound` where `key` is not there, else `StorageUnavailable` with what to do; `StorageRefused` where it
    is of no use to ask again.
    """
    try:
        yield
    except S3Error as error:
        if key and error.code in {"NoSuchKey", "NoSuchBucket", "NoSuchObject"}:
            raise BlobNotFound(key) from None
        kind = StorageRefused if error.code in REFUSALS else StorageUnavailable
        raise kind(f"{where} refused: {error.code}. {_advice(error.code, setting)}") from error
    except InvalidResponseError as error:
        # rclone says in plain text what others say in XML.
        kind = StorageRefused if REFUSED.search(str(error)) else StorageUnavailable
        raise kind(f"{where} answers in no words of S3. {_advice(None, setting)}") from error
    except (MinioException, HTTPError, ConnectionError, TimeoutError) as error:
        raise StorageUnavailable(
            f"{where} does not answer ({type(error).__name__}). Check {setting}."
        ) from error


def _advice(code: str | None, setting: str) -> str:
    if code in ACCESS:
        return f"Check the access key, the secret key and the region in {setting}."
    return f"Check {setting} and the server's own log."


class S3Store:
    """A `BlobStore` in a bucket, which is made at first use."""

    def __init__(
        self,
        *,
        endpoint: str,
        access_key: str,
        secret_key: str,
        bucket: str,
        prefix: str = "",
        secure: bool = True,
        region: str = "us-east-1",
    ) -> None:
        """`endpoint` is `host[:port]`; `prefix` is put before every key. Nothing is sent before the first call."""
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._where = f"{'https' if secure else 'http'}://{endpoint}/{bucket}"
        self._bucket_is_there = False
        self._lock = threading.Lock()
        self._client = connect(endpoint, access_key, secret_key, secure=secure, region=region)

    def put(self, key: str, source: BinaryIO) -> int:
        """See the port. S3 shows an object only when all its parts are there."""
        name = self._name(key)
        counted = _Counted(source)
        with self._failures():
            self._client.put_object(
                bucket_name=self._bucket, object_name=name, data=counted, length=-1, part_size=_PART_BYTES
            )
        return counted.count

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        check_range(offset, length)
        # A server answers 416 to a range of which it has nothing; an empty stream is what a file gives there.
        if length == 0 or (offset and offset >= self.stat(key).size):
            self.stat(key)
            return io.BytesIO()
        with self._failures(key):
            response = self._get(key, offset, length or 0)

        def close() -> None:
            response.close()
            response.release_conn()

        return bounded(Body(response, self._failures), length, close)

    def stat(self, key: str) -> BlobInfo:
        with self._failures(key):
            found = self._client.stat_object(bucket_name=self._bucket, object_name=self._name(key))
        return BlobInfo(
            size=found.size or 0, modified=found.last_modified.timestamp() if found.last_modified else 0.0
        )

    def exists(self, key: str) -> bool:
        try:
            self.stat(key)
        except BlobNotFound:
            return False
        return True

    def delete(self, key: str) -> None:
        with contextlib.suppress(BlobNotFound), self._failures(key):
            self._client.remove_object(bucket_name=self._bucket, object_name=self._name(key))

    def list(self, prefix: str = "") -> Iterator[str]:
        full = self._prefix + check_prefix(prefix)
        with self._failures():
            for each in self._client.list_objects(bucket_name=self._bucket, prefix=full, recursive=True):
                yield str(each.object_name).removeprefix(self._prefix)

    def local_path(self, key: str) -> Path | None:
        check_key(key)
        return None

    def check(self) -> None:
        key = f"check/{secrets.token_hex(8)}"
        try:
            self.put(key, io.BytesIO(b"samplecase"))
            with self.open(key) as stream:
                if stream.read() != b"samplecase":
                    raise StorageUnavailable(f"{self._where} does not give back what was written to it.")
            self.delete(key)
        except BlobNotFound as error:
            raise StorageUnavailable(f"{self._where} lost what was just written to it.") from error

    def _get(self, key: str, offset: int, length: int) -> Any:
        try:
            return self._client.get_object(
                bucket_name=self._bucket, object_name=self._name(key), offset=offset, length=length
            )
        except InvalidResponseError:
            self.stat(key)  # rclone says in plain text that there is nothing; its answer to HEAD is clear
            raise

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _make_bucket(self) -> None:
        with self._lock:
            if self._bucket_is_there:
                return
            if not self._client.bucket_exists(bucket_name=self._bucket):
                try:
                    self._client.make_bucket(bucket_name=self._bucket)
                except MinioException:
                    # Another process was quicker. Servers say so in several ways, some of which cannot be read.
                    if not self._client.bucket_exists(bucket_name=self._bucket):
                        raise
            self._bucket_is_there = True

    @contextlib.contextmanager
    def _failures(self, key: str = "") -> Iterator[None]:
        with failures(self._where, "SAMPLECASE_BLOB_URL", key):
            self._make_bucket()
            yield


class _Counted(io.RawIOBase):
    """A stream that counts what was read of it. An error of its own stays its own: it is no storage failure."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self.count += len(data)
        return data


class Body:
    """The body of an answer, whose breaking off is the store's failure."""

    def __init__(self, response: Any, failures: Callable[[], AbstractContextManager[None]]) -> None:
        self._response = response
        self._failures = failures

    def read(self, size: int = -1, /) -> bytes:
        with self._failures():
            data: bytes = self._response.read(size)
            return data
