"""The port to the blob store, and the keys under which blobs lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class BlobInfo:
    """What a store knows of a blob: its size in bytes and when it was written (Unix seconds)."""

    size: int
    modified: float


class BlobNotFound(Exception):
    """No blob lies under this key."""


class StorageUnavailable(Exception):
    """The blob store does not answer; nothing was changed that cannot be repeated."""


class StorageRefused(StorageUnavailable):
    """The blob store answers, and does not let this be done; asking again changes nothing before somebody helps."""


def reason_of(error: BaseException) -> str:
    """Why a disk or a store refuses, in the system's words, without the places of this server."""
    known = error if isinstance(error, OSError) else error.__cause__
    return (known.strerror if isinstance(known, OSError) else None) or type(error).__name__


class BlobStore(Protocol):
    """Write-once blobs by key. A key is `[a-z0-9/._-]` parts joined by `/`; anything else raises ValueError."""

    def put(self, key: str, source: BinaryIO) -> int:
        """Store all of `source`; whole or not at all, and visible only when whole. Returns the bytes written."""

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        """A stream of the blob, or of `length` bytes from `offset`. Raises `BlobNotFound`."""

    def stat(self, key: str) -> BlobInfo:
        """Raises `BlobNotFound`."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Absent blobs are no error."""

    def list(self, prefix: str = "") -> Iterator[str]: ...

    def local_path(self, key: str) -> Path | None:
        """Where the blob lies as a plain file on this host, read-only, or None where it does not."""

    def check(self) -> None:
        """Write, read and delete a small blob. Raises `StorageUnavailable` with what to do."""


def media_key(sha256: str) -> str:
    """A sample's original bytes."""
    return f"media/{sha256[:2]}/{sha256}"


def thumbnail_key(sha256: str, size: int) -> str:
    """The thumbnail of those bytes, at most `size` pixels on its longer side."""
    return f"thumbnails/{size}/{sha256[:2]}/{sha256}.webp"


def package_key(sha256: str) -> str:
    """A packed model, as it was uploaded."""
    return f"packages/{sha256[:2]}/{sha256}.zip"


def mask_key(sha256: str) -> str:
    """A mask or heat map that is part of a value."""
    return f"masks/{sha256[:2]}/{sha256}"
