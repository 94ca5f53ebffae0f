"""Objects that somebody else keeps in a bucket, read where they lie: nothing is written, no bucket is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO

from minio.error import InvalidResponseError

from samplecase.storage.s3 import Body, connect, failures
from samplecase.storage.streams import bounded


class S3Prefix:
    """What lies under `prefix/below/` of a bucket, by the rest of its key."""

    def __init__(
        self,
        *,
        endpoint: str,
        access_key: str,
        secret_key: str,
        bucket: str,
        prefix: str = "",
        below: str = "",
        secure: bool = True,
        region: str = "us-east-1",
    ) -> None:
        """As `S3Store`. Nothing is sent before the first call."""
        self._client = connect(endpoint, access_key, secret_key, secure=secure, region=region)
        self._bucket = bucket
        # With a slash at the end: `pets` is not where `pets-of-others` lie.
        self._prefix = "".join(f"{part}/" for part in (prefix.strip("/"), below.strip("/")) if part)
        self._where = f"{'https' if secure else 'http'}://{endpoint}/{bucket}"

    def names(self) -> Iterator[str]:
        """Each object's name, in order. Raises `StorageUnavailable`."""
        with self._failures():
            found = self._client.list_objects(bucket_name=self._bucket, prefix=self._prefix, recursive=True)
            for each in found:
                yield str(each.object_name).removeprefix(self._prefix)

    def size(self, name: str) -> int:
        """In bytes. Raises `BlobNotFound` and `StorageUnavailable`."""
        with self._failures(name):
            found = self._client.stat_object(bucket_name=self._bucket, object_name=self._prefix + name)
        return found.size or 0

    def open(self, name: str) -> BinaryIO:
        """A stream of its bytes. Raises `BlobNotFound` and `StorageUnavailable`."""
        with self._failures(name):
            try:
                response = self._client.get_object(bucket_name=self._bucket, object_name=self._prefix + name)
            except InvalidResponseError:
                self.size(
                    name
                )  # rclone says in plain text that there is nothing; its answer to HEAD is clear
                raise

        def close() -> None:
            response.close()
            response.release_conn()

        return bounded(Body(response, self._failures), None, close)

    def _failures(self, name: str = "") -> AbstractContextManager[None]:
        return failures(self._where, "SAMPLECASE_IMPORT_ROOTS", name)
