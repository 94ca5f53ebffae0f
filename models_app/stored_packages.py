"""Packages in the blob store: each digest once, for as long as a version has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction

from models_app.models import Version
from samplecase.storage.port import package_key
from samplecase.web.rest.blobs import blob_store


@contextmanager
def kept(sha256: str, path: Path) -> Iterator[None]:
    """Store the package for a version that the block makes; if it fails, nothing is left behind."""
    try:
        _put(sha256, path)
        with transaction.atomic():
            _lock(sha256)
            yield
            # Whoever failed with the same bytes meanwhile may have taken them away before our row was there.
            _put(sha256, path)
    except BaseException:
        discard_unneeded([sha256])
        raise


def discard_unneeded(digests: Iterable[str]) -> None:
    """Delete those packages that no version has (any more)."""
    for sha256 in digests:
        with transaction.atomic():
            _lock(sha256)
            if not Version.objects.filter(sha256=sha256).exists():
                blob_store().delete(package_key(sha256))


def _put(sha256: str, path: Path) -> None:
    key = package_key(sha256)
    if not blob_store().exists(key):
        with path.open("rb") as file:
            blob_store().put(key, file)


def _lock(sha256: str) -> None:
    """Until the transaction ends, nobody else takes a package in or away. SQLite has one writer at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(sha256[:15], 16)])
