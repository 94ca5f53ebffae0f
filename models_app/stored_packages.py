"""Packages in the blob store: each digest once, for as long as a version has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.db import connection, transaction
from django.db.models import Sum

from models_app.models import Model, Version
from samplecase.contracts.states import ModelRight
from samplecase.storage.port import package_key
from samplecase.web.accounts.models import User
from samplecase.web.rest.blobs import blob_store

Opener = Callable[[], BinaryIO]  # opens the package's bytes anew


@contextmanager
def kept(sha256: str, package: Opener) -> Iterator[None]:
    """Store the package for a version that the block makes; if it fails, nothing is left behind."""
    try:
        _put(sha256, package)
        with transaction.atomic():
            _lock(sha256)
            yield
            # Whoever failed with the same bytes meanwhile may have taken them away before our row was there.
            _put(sha256, package)
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


def package_bytes(owner: User) -> int:
    """Of the versions of his models."""
    return Version.objects.filter(model__owner=owner).aggregate(sum=Sum("size"))["sum"] or 0


def editable_package(user: User, sha256: str) -> str | None:
    """The key of the package of this digest, where it is one that the user may download."""
    editable = Model.objects.visible_to(user, ModelRight.EDIT).order_by().values("pk")
    has_it = Version.objects.filter(sha256=sha256, model__in=editable).exists()
    return package_key(sha256) if has_it else None


def _put(sha256: str, package: Opener) -> None:
    key = package_key(sha256)
    if not blob_store().exists(key):
        with package() as file:
            blob_store().put(key, file)


def _lock(sha256: str) -> None:
    """Until the transaction ends, nobody else takes a package in or away. SQLite has one writer at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(sha256[:15], 16)])
