"""Uploaded images become samples: many at once, never all or nothing, with a report of what was left out and why."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from dataclasses import field as with_default
from enum import StrEnum
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from datasets_app.fields import create_field
from datasets_app.images import ImageFacts, Unfit, UnfitImage, inspect
from datasets_app.models import Dataset, Field, Sample
from datasets_app.samples import samples_changed
from datasets_app.values import NewValue, in_groups, lock_field, write_values
from samplecase.contracts.errors import Fault, InvalidInput, NotFound, TooLarge
from samplecase.contracts.labels import FieldType
from samplecase.contracts.states import Source
from samplecase.packages.archive import Archive, open_archive
from samplecase.packages.limits import Limits
from samplecase.storage.port import media_key
from samplecase.web.accounts.models import User, record
from samplecase.web.rest.blobs import blob_store
from samplecase.web.uploads.quotas import refuse_beyond_storage
from samplecase.web.uploads.whole import UNKNOWN

GROUP = 128  # files that are read, stored and recorded together
THREADS = 8  # that decode, and wait for the blob store
IN_MEMORY = 512 * 1024  # bytes of one file; larger ones wait on disk
BLOCK = 256 * 1024
LONGEST_NAME = 255
MAX_DETAILS = 100
GROUND_TRUTH = "ground_truth"
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
CLUTTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})  # what operating systems add to zips unasked


class Reason(StrEnum):
    """Why a file did not become a sample."""

    DUPLICATE = "duplicate"  # the dataset has a sample of that name with the same bytes
    NAME_TAKEN = "name_taken"  # the dataset has a sample of that name with other bytes
    NAME_TOO_LONG = "name_too_long"
    NOT_AN_IMAGE = Unfit.NOT_AN_IMAGE.value
    TOO_LARGE = Unfit.TOO_LARGE.value
    DAMAGED = Unfit.DAMAGED.value
    BAD_ARCHIVE = "bad_archive"  # a zip that is refused as a whole

    @property
    def is_there_already(self) -> bool:
        return self in {Reason.DUPLICATE, Reason.NAME_TAKEN}


@dataclass(frozen=True)
class Skipped:
    """A file that was left out."""

    name: str
    reason: Reason
    message: str


@dataclass
class UploadReport:
    """What became of the files."""

    added: int = 0
    skipped: list[Skipped] = with_default(default_factory=list)

    def skip(self, name: str, reason: Reason, message: str) -> None:
        self.skipped.append(Skipped(name, reason, message))


@dataclass(frozen=True)
class Incoming:
    """One file: its bytes, rewound, and their digest. `folder` is the name of the folder it lay in, if any."""

    name: str
    folder: str
    content: BinaryIO
    sha256: str
    size: int


@dataclass(frozen=True)
class Ready:
    """A file that is an image and lies in the blob store."""

    file: Incoming
    facts: ImageFacts


def upload_samples(
    *,
    acting_user: User,
    dataset: Dataset,
    files: Sequence[File[bytes]],
    folders_are_labels: bool = False,
) -> UploadReport:
    """Add images, and the images in zips, to a dataset; with `folders_are_labels`, as `ground_truth` too.

    Bytes first, rows second: a file lies in the blob store under its digest before any row names it, and each group
    of rows is one transaction. A request that is cut off leaves the groups it completed, and may be repeated.

    Raises `InvalidInput` with every file and its fault when none of them is an image, and `TooLarge` when no more may
    be stored for the dataset's owner; the groups before stay.
    """
    if folders_are_labels:
        _check_ground_truth(dataset)
    report = UploadReport()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="upload") as pool:
        for group in in_groups(_incoming(files, report), GROUP):
            ready = _stored(dataset, group, pool, report)
            _record(acting_user, dataset, ready, folders_are_labels, report)
    _refuse_if_all_unfit(report)
    return report


# Reading -------------------------------------------------------------------------------------------------------------


def _incoming(files: Sequence[File[bytes]], report: UploadReport) -> Iterator[Incoming]:
    for file in files:
        name = file.name or "file"
        start = file.read(4)
        file.seek(0)
        if start not in ZIP_STARTS:
            yield _taken_in(name, "", cast(BinaryIO, file))
            continue
        try:
            with open_archive(cast(BinaryIO, file), Limits(max_bytes=settings.MAX_UPLOAD_BYTES)) as archive:
                yield from _unzipped(archive, report)
        except (InvalidInput, TooLarge) as error:
            if len(files) == 1:
                raise
            report.skip(name, Reason.BAD_ARCHIVE, error.message)


def _unzipped(archive: Archive, report: UploadReport) -> Iterator[Incoming]:
    for entry in archive:
        path = PurePosixPath(entry.name)
        if any(part.startswith(".") or part in CLUTTER for part in path.parts):
            continue
        if len(entry.name) > LONGEST_NAME:
            message = f"A sample's name has at most {LONGEST_NAME} characters."
            report.skip(entry.name, Reason.NAME_TOO_LONG, message)
            continue
        try:
            with archive.open(entry.name) as stream:
                taken = _taken_in(entry.name, path.parent.name, stream)
        except InvalidInput as error:
            if error.code == UNKNOWN:  # it is the zip that is gone
                raise
            report.skip(entry.name, Reason.DAMAGED, error.message)
            continue
        yield taken


def _taken_in(name: str, folder: str, stream: BinaryIO) -> Incoming:
    spool = tempfile.SpooledTemporaryFile(IN_MEMORY, dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 - see _stored
    content = cast(BinaryIO, spool)
    digest, size = hashlib.sha256(), 0
    try:
        while block := stream.read(BLOCK):
            digest.update(block)
            size += len(block)
            content.write(block)
    except BaseException:
        content.close()
        raise
    content.seek(0)
    return Incoming(name, folder, content, digest.hexdigest(), size)


# Storing -------------------------------------------------------------------------------------------------------------


def _stored(
    dataset: Dataset, group: Sequence[Incoming], pool: ThreadPoolExecutor, report: UploadReport
) -> list[Ready]:
    """The files of the group that are new and images, in their order, each in the blob store."""
    known = _known(dataset, group)
    waiting: list[tuple[Incoming, Future[ImageFacts]]] = []
    try:
        more = sum(file.size for file in group if file.name not in known)
        refuse_beyond_storage(owner=dataset.owner, more=more)
        for file in group:
            if file.name in known:
                _skip_known(file, known[file.name], report)
            else:
                known[file.name] = file.sha256
                waiting.append((file, pool.submit(_store, file)))
        return [ready for file, future in waiting if (ready := _ready(file, future, report))]
    finally:
        wait([future for _, future in waiting])
        for file in group:
            file.content.close()


def _ready(file: Incoming, future: Future[ImageFacts], report: UploadReport) -> Ready | None:
    try:
        return Ready(file, future.result())
    except UnfitImage as error:
        report.skip(file.name, Reason(error.reason.value), error.message)
        return None


def _store(file: Incoming) -> ImageFacts:
    facts = inspect(file.content, max_pixels=settings.MAX_IMAGE_PIXELS)
    store, key = blob_store(), media_key(file.sha256)
    if not store.exists(key):
        file.content.seek(0)
        store.put(key, file.content)
    return facts


def _known(dataset: Dataset, files: Sequence[Incoming]) -> dict[str, str]:
    """The digests of the dataset's samples by those names."""
    names = [file.name for file in files]
    found = Sample.objects.filter(dataset=dataset, name__in=names)
    return dict(found.values_list("name", "media_sha256"))


def _skip_known(file: Incoming, sha256: str, report: UploadReport) -> None:
    if file.sha256 == sha256:
        report.skip(file.name, Reason.DUPLICATE, "This image is in the dataset already.")
    else:
        report.skip(file.name, Reason.NAME_TAKEN, "Another image of the dataset has this name.")


# Recording -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def _record(
    acting_user: User,
    dataset: Dataset,
    ready: Sequence[Ready],
    folders_are_labels: bool,
    report: UploadReport,
) -> None:
    """Add the rows of a group. The dataset's row is held, so that of two uploads of one name exactly one adds it."""
    if not ready:
        return
    if not Dataset.objects.select_for_update(no_key=True).filter(pk=dataset.pk).exists():
        raise NotFound(f"The dataset “{dataset}” was deleted.")
    known = _known(dataset, [each.file for each in ready])
    new = [each for each in ready if each.file.name not in known]
    for each in ready:
        if each.file.name in known:
            _skip_known(each.file, known[each.file.name], report)
    samples = Sample.objects.bulk_create(_sample(dataset, each) for each in new)
    samples_changed(dataset.pk, added=len(samples))
    if folders_are_labels:
        labels = {sample.pk: each.file.folder for sample, each in zip(samples, new, strict=True)}
        _write_labels(acting_user, dataset, {pk: label for pk, label in labels.items() if label})
    if samples:
        record(actor=acting_user, action="samples.add", subject=dataset, added=len(samples))
    report.added += len(samples)


def _sample(dataset: Dataset, ready: Ready) -> Sample:
    return Sample(
        dataset=dataset,
        name=ready.file.name,
        media_sha256=ready.file.sha256,
        width=ready.facts.width,
        height=ready.facts.height,
        bytes=ready.file.size,
        mime=ready.facts.mime,
    )


def _check_ground_truth(dataset: Dataset) -> Field | None:
    field = Field.objects.filter(dataset=dataset, name=GROUND_TRUTH).first()
    if field is not None and field.type != FieldType.CLASSIFICATION:
        message = f"The dataset's field “{GROUND_TRUTH}” is of type {field.type}, which folders do not fit."
        raise InvalidInput(message, pointer="/labels")
    return field


def _write_labels(acting_user: User, dataset: Dataset, labels: dict[int, str]) -> None:
    """Each sample's folder as its ground truth; folders that are no class yet become one."""
    if not labels:
        return
    field = _check_ground_truth(dataset)
    if field is None:
        field = create_field(
            acting_user=acting_user,
            dataset=dataset,
            name=GROUND_TRUTH,
            type=FieldType.CLASSIFICATION,
            classes=sorted(set(labels.values())),
        )
    field = lock_field(field)
    added = sorted(set(labels.values()) - set(field.classes))
    if field.classes and added:  # none at all says "any"
        Field.objects.filter(pk=field.pk).update(classes=[*field.classes, *added])
    rows = [NewValue(sample, {"label": label}) for sample, label in labels.items()]
    write_values(field=field, rows=rows, source=Source.IMPORT, acting_user=acting_user)


def _refuse_if_all_unfit(report: UploadReport) -> None:
    if report.added or any(each.reason.is_there_already for each in report.skipped):
        return
    faults = [Fault(each.name, each.message) for each in report.skipped[:MAX_DETAILS]]
    message = (
        f"“{faults[0].pointer}”: {faults[0].message}" if len(faults) == 1 else "None of this is an image."
    )
    raise InvalidInput(message, code="no_image", details=faults)
