"""Files that are to be imported: taken in, opened again by a worker, forgotten."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db.models import Sum
from django.utils import timezone

from datasets_app.models import Dataset
from jobs_app.exchange.models import Import, ImportFile
from jobs_app.models import UNFINISHED
from samplecase.contracts.errors import Forbidden, InvalidInput, NotFound, Unavailable
from samplecase.exchange.sources import WHOLE, Bounds, Files, FolderFiles, PrefixFiles, open_file
from samplecase.storage.port import BlobNotFound, StorageUnavailable
from samplecase.storage.seekable import seekable
from samplecase.web.accounts.models import User
from samplecase.web.rest.blobs import blob_store

KEPT = timedelta(days=1)


def take_in(
    *, acting_user: User, dataset: Dataset, file: File[bytes], upload: UUID | None = None
) -> ImportFile:
    """Keep an uploaded file, or a copy of the `upload`, until it is imported, or for a day."""
    key = f"imports/{dataset.pk}/{secrets.token_hex(16)}"
    size = blob_store().put(key, cast(BinaryIO, file))
    found: ImportFile = ImportFile.objects.create(
        dataset=dataset,
        owner=acting_user,
        name=(file.name or "file")[-255:],
        key=key,
        size=size,
        upload=upload,
    )
    return found


def copy_of(*, acting_user: User, dataset: Dataset, upload: UUID) -> ImportFile | None:
    """What was taken in of the same upload before."""
    copies = ImportFile.objects.filter(owner=acting_user, dataset=dataset, upload=upload)
    return copies.order_by("-pk").first()


def waiting_bytes(owner: User) -> int:
    """How much of his is kept for imports."""
    kept = ImportFile.objects.filter(owner=owner, created_at__gt=timezone.now() - KEPT)
    return kept.aggregate(sum=Sum("size"))["sum"] or 0


def refer_to(*, acting_user: User, dataset: Dataset, path: str) -> ImportFile:
    """A folder, or a prefix of S3, below one of the roots of the settings, read where it lies. For staff.

    Raises `Forbidden`, `InvalidInput` at `/path` for what is below no root, or reached over a link, and `Unavailable`
    for a bucket that does not serve.
    """
    if not (acting_user.is_staff or acting_user.is_superuser):
        raise Forbidden("Only staff may import from folders of the server.")
    try:
        with opened_path(path, Bounds(files=1)) as files:
            if not files.names:
                raise InvalidInput("There is nothing in this folder.", pointer="/path")
    except StorageUnavailable as error:
        raise Unavailable(str(error)) from error
    found: ImportFile = ImportFile.objects.create(
        dataset=dataset, owner=acting_user, name=path[-255:], path=path
    )
    return found


def waiting_file(*, acting_user: User, dataset: Dataset, pk: int) -> ImportFile:
    """A file that this user sent before. Raises `InvalidInput` at `/upload`."""
    found = ImportFile.objects.filter(pk=pk, owner=acting_user, dataset=dataset).first()
    if found is None:
        raise InvalidInput("There is no such file of yours (any more); send it again.", pointer="/upload")
    return found


@contextmanager
def opened(file: ImportFile | None, bounds: Bounds = WHOLE) -> Iterator[Files]:
    """The files in it. Raises `NotFound` (`file_gone`) and what `open_file` raises."""
    if file is None:
        raise _gone("that was to be imported")
    if file.path:
        with opened_path(file.path, bounds) as files:
            yield files
        return
    try:
        stream = seekable(blob_store(), file.key)
    except BlobNotFound:
        raise _gone(f"“{file.name}”") from None
    limits = {"max_bytes": settings.MAX_UPLOAD_BYTES}
    with stream, open_file(file.name, stream, **limits, bounds=bounds) as files:
        yield files


@contextmanager
def opened_path(path: str, bounds: Bounds = WHOLE) -> Iterator[Files]:
    """What lies under `ROOT/below/it`; a folder is opened from the root downwards at every read."""
    name, _, below = path.strip("/").partition("/")
    root = settings.IMPORT_ROOTS.get(name)
    if root is None:
        known = ", ".join(settings.IMPORT_ROOTS) or "none is set"
        raise InvalidInput(f"A path begins with one of the roots of the settings ({known}).", pointer="/path")
    if root.startswith("s3://"):
        yield PrefixFiles(root, below, bounds)
        return
    try:
        yield FolderFiles(Path(root), below, bounds)
    except OSError as error:
        # Whatever is there besides: who may name a path here is not told what others lie on this server.
        reason = error.strerror or "cannot be read"
        raise InvalidInput(f"“{path}” cannot be opened: {reason}.", pointer="/path") from None


def forget_old() -> int:
    """Remove the files that no unfinished import waits for, a day after they came."""
    busy = Import.objects.filter(job__state__in=UNFINISHED, file__isnull=False).values("file")
    old = ImportFile.objects.filter(created_at__lt=timezone.now() - KEPT).exclude(pk__in=busy)
    count = 0
    for file in old[:1000]:
        if file.key:
            blob_store().delete(file.key)
        file.delete()
        count += 1
    return count


def _gone(what: str) -> NotFound:
    return NotFound(f"The file {what} is gone; send it again.", code="file_gone")
