"""Exports as jobs: images go into the zip slice by slice, the files of labels last, so that nothing is built twice."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Greatest, Now

from datasets_app.filters import parse_filter
from datasets_app.models import Dataset, Sample
from jobs_app import doorbell, lifecycle
from jobs_app.exchange import zip_parts
from jobs_app.exchange.chosen import check_order, clashing
from jobs_app.exchange.models import Export, ExportPart
from jobs_app.exchange.outgoing import content_of, put_images, put_masks, records_of
from jobs_app.limits import refuse_too_many
from jobs_app.models import Job, SampleError, Submission
from jobs_app.obstacles import obstacle_to, with_parts
from jobs_app.stretches import failing, work_through
from samplecase.contracts.states import JobKind
from samplecase.exchange.formats.archive import NAME as ARCHIVE
from samplecase.exchange.port import FORMATS
from samplecase.exchange.records import Record
from samplecase.exchange.targets import ZipTarget
from samplecase.web.accounts.models import User, record
from samplecase.web.rest.blobs import blob_store

WITH_MEDIA, WITHOUT = 64, 1_000  # samples of one slice


def start_export(*, acting_user: User, dataset: Dataset, order: Mapping[str, Any]) -> Job:
    """Make the job of an export. Raises `InvalidInput` for fields that the format cannot carry, or a faulty filter."""
    fields = check_order(dataset, order)
    condition = parse_filter(order.get("filter"), dataset)
    with transaction.atomic():
        refuse_too_many(owner=acting_user, more=1)
        chosen = Sample.objects.filter(condition, dataset=dataset)
        job: Job = Job.objects.create(
            submission=Submission.objects.create(owner=acting_user),
            kind=JobKind.EXPORT,
            dataset=dataset,
            owner=acting_user,
            total=dataset.sample_count if order.get("filter") is None else chosen.count(),
        )
        Export.objects.create(
            job=job,
            format=order["format"],
            filter=order.get("filter"),
            fields=fields,
            media=order["media"],
        )
        record(actor=acting_user, action="dataset.export", subject=dataset, format=order["format"])
        doorbell.ring_start(job.pk)
        return job


def work_on(job_id: int) -> None:
    """Export for a while, and ring for whoever goes on. A job that does not run (any more) is left alone."""
    with failing(job_id):
        work_through(lambda: _slice(job_id), hand_over=lambda: doorbell.ring_worker(JobKind.EXPORT, job_id))


def _slice(job_id: int) -> bool:
    """Write the next part; False when there is nothing more to do.

    The bytes lie in the blob store under a name that nobody else uses before a row names them, so of two workers that
    write the same part one is counted, and the other takes its own away.
    """
    running = Job.objects.running().filter(pk=job_id, kind=JobKind.EXPORT)
    job = with_parts(running).select_related("export_work").first()
    if job is None:
        return False
    if obstacle := obstacle_to(job):
        lifecycle.fail(job_id=job_id, code=obstacle.code, message=obstacle.message)
        return False
    if job.cursor.get("after", 0) is None:
        return _finish(job, job.export_work)
    return _images(job, job.export_work)


def _images(job: Job, work: Export) -> bool:
    """The next samples: their records put aside, their images in the zip."""
    after, index, start = job.cursor.get("after", 0), job.cursor.get("parts", 0), job.cursor.get("size", 0)
    if not index and work.format != ARCHIVE:  # by the worker, for all names of the dataset are looked at
        work.renamed = clashing(job.dataset, FORMATS[work.format])
        Export.objects.filter(pk=work.pk).update(renamed=work.renamed)
    limit = WITH_MEDIA if work.media else WITHOUT
    chosen = Sample.objects.filter(parse_filter(work.filter, job.dataset), dataset=job.dataset_id)
    samples = list(chosen.filter(pk__gt=after).order_by("pk")[:limit])
    content = content_of(job, work)
    records = records_of(job, work, samples, content)
    key = f"exports/{job.pk}/{index:06}-{secrets.token_hex(6)}"
    with zip_parts.part(start, settings.FILE_UPLOAD_TEMP_DIR) as (zipped, file):
        target = ZipTarget(zipped)
        lost = put_images(target, work, samples, records, content) if work.media else []
        put_masks(target, work, records)
        size = _keep(key, zipped, file, start)
    lines = "\n".join(json.dumps(each.to_json()) for each in records)
    blob_store().put(f"{key}.records", io.BytesIO(lines.encode()))
    last = len(samples) < limit
    facts = {"after": None if last else samples[-1].pk, "parts": index + 1, "size": start + size}
    return _recorded(job, work, index, key, size, facts, done=len(samples), lost=lost)


def _finish(job: Job, work: Export) -> bool:
    """The files of labels, and the directory, which makes it a zip."""
    index, start = job.cursor["parts"], job.cursor["size"]
    content = content_of(job, work)
    key = f"exports/{job.pk}/{index:06}-{secrets.token_hex(6)}"
    with zip_parts.part(start, settings.FILE_UPLOAD_TEMP_DIR) as (zipped, file):
        FORMATS[work.format].write(content, _kept_records(work), ZipTarget(zipped))
        size = _keep(key, zipped, file, start)
        own = list(zipped.infolist())
    with zip_parts.directory(
        start + size, [*_kept_entries(work), *own], settings.FILE_UPLOAD_TEMP_DIR
    ) as end:
        end.seek(0)
        whole = size + blob_store().put(f"{key}.end", end)
    facts = {"after": None, "parts": index + 1, "size": start + whole}
    if _recorded(job, work, index, key, whole, facts, done=0, lost=[], is_last=True):
        return True
    for each in ExportPart.objects.filter(work=work):  # of the parts only their bytes are needed from now on
        blob_store().delete(f"{each.key}.records")
        blob_store().delete(f"{each.key}.entries")
    return False


def _keep(key: str, zipped: Any, file: Any, start: int) -> int:
    size = zipped.start_dir - start
    file.truncate(size)
    file.seek(0)
    blob_store().put(key, file)
    blob_store().put(f"{key}.entries", io.BytesIO(zip_parts.listed(zipped)))
    return int(size)


def _recorded(
    job: Job,
    work: Export,
    index: int,
    key: str,
    size: int,
    cursor: dict[str, Any],
    *,
    done: int,
    lost: list[Sample],
    is_last: bool = False,
) -> bool:
    """Count a part with the cursor, in one transaction; True when the job goes on."""
    with transaction.atomic():
        running = Job.objects.running().filter(pk=job.pk)
        held = running.select_for_update(of=("self",)).first()
        if held is not None and held.cursor.get("parts", 0) == index:
            ExportPart.objects.create(work=work, index=index, key=key, size=size)
            if lost:
                SampleError.objects.bulk_create(_missing(job, lost), ignore_conflicts=True)
            running.update(
                cursor=cursor,
                done=F("done") + done - len(lost),
                failed=F("failed") + len(lost),
                total=Greatest(F("total"), F("done") + F("failed") + done),
                updated_at=Now(),
            )
            if is_last:
                running.update(total=F("done") + F("failed"))
                lifecycle.finish(job.pk)
            return not is_last
    for suffix in ("", ".entries", ".records", ".end"):
        blob_store().delete(key + suffix)
    return held is not None


def _missing(job: Job, samples: list[Sample]) -> Iterator[SampleError]:
    message = "The blob store has lost this image; its labels are in the export."
    for each in samples:
        yield SampleError(job=job, sample=each.pk, name=each.name, reason="media_gone", message=message)


def _kept_records(work: Export) -> Iterator[Record]:
    for part in ExportPart.objects.filter(work=work).order_by("index"):
        with blob_store().open(f"{part.key}.records") as stream:
            for line in stream.read().split(b"\n"):
                if line:
                    yield Record.from_json(json.loads(line))


def _kept_entries(work: Export) -> Iterator[Any]:
    for part in ExportPart.objects.filter(work=work).order_by("index"):
        with blob_store().open(f"{part.key}.entries") as stream:
            yield from zip_parts.entries(stream.read().splitlines())


def size_of(work: Export) -> int:
    """Bytes of the whole zip."""
    return ExportPart.objects.filter(work=work).aggregate(size=Sum("size"))["size"] or 0


def blocks(work: Export) -> Iterator[bytes]:
    """The zip, from its first part to its directory."""
    store = blob_store()
    parts = list(ExportPart.objects.filter(work=work).order_by("index"))
    keys = [part.key for part in parts]
    for key in [*keys, f"{keys[-1]}.end"] if keys else []:
        with store.open(key) as stream:
            while block := stream.read(256 * 1024):
                yield block
