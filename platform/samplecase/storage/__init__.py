"""Blobs: one port, and its stores on a folder, on S3 and in memory. And what others keep on S3, to be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from samplecase.storage.port import BlobStore

if TYPE_CHECKING:
    from samplecase.storage.s3_prefix import S3Prefix


def open_store(url: str) -> BlobStore:
    """The store that `url` names.

    `file:///absolute/folder` · `s3://ACCESS:SECRET@host[:port]/bucket[/prefix][?secure=0&region=eu-west-1]` ·
    `memory:`. Raises ValueError, without repeating the secret, for anything else.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _filesystem(unquote(parts.path), host=parts.netloc)
    if parts.scheme == "s3":
        # Imported here: who keeps blobs in a folder does not wait for an S3 client at each start.
        from samplecase.storage.s3 import S3Store

        return S3Store(**s3_address(url))
    if parts.scheme == "memory":
        from samplecase.storage.memory import MemoryStore

        return MemoryStore()
    raise ValueError(f'A blob store is file:///…, s3://… or memory:, not "{parts.scheme or "a bare path"}".')


def _filesystem(path: str, *, host: str) -> BlobStore:
    from samplecase.storage.filesystem import FilesystemStore

    if host or not path.startswith("/"):
        raise ValueError("A blob folder is absolute: file:///srv/samplecase/blobs, with three slashes.")
    return FilesystemStore(Path(path))


def open_prefix(url: str, below: str = "") -> S3Prefix:
    """What lies under `below` of the prefix that an `s3://` address names. Raises ValueError as `open_store`."""
    from samplecase.storage.s3_prefix import S3Prefix

    return S3Prefix(**s3_address(url), below=below)


def s3_address(url: str) -> dict[str, Any]:
    """The parts of an `s3://` address, as the stores take them. Raises ValueError without repeating the secret."""
    parts = urlsplit(url)
    bucket, _, prefix = parts.path.strip("/").partition("/")
    if not (parts.username and parts.password and parts.hostname and bucket):
        raise ValueError(
            "An S3 store is s3://ACCESS:SECRET@host[:port]/bucket[/prefix]; a part of that is missing."
        )
    options = parse_qs(parts.query, keep_blank_values=True)
    if unknown := sorted(options.keys() - {"secure", "region"}):
        raise ValueError(
            f"An S3 store's address may end with ?secure= and &region=, not {', '.join(unknown)}."
        )
    secure = options.get("secure", ["1"])[-1]
    if secure not in {"0", "1"}:
        raise ValueError("secure= of an S3 store is 1 (https) or 0 (http).")
    return {
        "endpoint": parts.hostname + (f":{parts.port}" if parts.port else ""),
        "access_key": unquote(parts.username),
        "secret_key": unquote(parts.password),
        "bucket": bucket,
        "prefix": prefix,
        "secure": secure == "1",
        "region": options.get("region", ["us-east-1"])[-1],
    }
