"""Blobs: one port, and its stores on a folder, on S3 and in memory."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from samplecase.storage.port import BlobStore


def open_store(url: str) -> BlobStore:
    """The store that `url` names.

    `file:///absolute/folder` · `s3://ACCESS:SECRET@host[:port]/bucket[/prefix][?secure=0&region=eu-west-1]` ·
    `memory:`. Raises ValueError, without repeating the secret, for anything else.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _filesystem(unquote(parts.path), host=parts.netloc)
    if parts.scheme == "s3":
        return _s3(url)
    if parts.scheme == "memory":
        from samplecase.storage.memory import MemoryStore

        return MemoryStore()
    raise ValueError(f'A blob store is file:///…, s3://… or memory:, not "{parts.scheme or "a bare path"}".')


def _filesystem(path: str, *, host: str) -> BlobStore:
    from samplecase.storage.filesystem import FilesystemStore

    if host or not path.startswith("/"):
        raise ValueError("A blob folder is absolute: file:///srv/samplecase/blobs, with three slashes.")
    return FilesystemStore(Path(path))


def _s3(url: str) -> BlobStore:
    # Imported here: who keeps blobs in a folder does not wait for an S3 client at each start.
    from samplecase.storage.s3 import S3Store

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
    return S3Store(
        endpoint=parts.hostname + (f":{parts.port}" if parts.port else ""),
        access_key=unquote(parts.username),
        secret_key=unquote(parts.password),
        bucket=bucket,
        prefix=prefix,
        secure=secure == "1",
        region=options.get("region", ["us-east-1"])[-1],
    )
