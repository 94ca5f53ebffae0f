"""Imports as jobs: made at once, read once, then done group by group by the worker, each group in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from datasets_app.models import Dataset
from datasets_app.samples import lock_dataset
from jobs_app import doorbell, lifecycle
from jobs_app.exchange import incoming, staging
from jobs_app.exchange.fields import check_targets, take_fields
from jobs_app.exchange.groups import Prepared, prepare, write_group
from jobs_app.exchange.models import Import, ImportFile, ImportRows
from jobs_app.limits import refuse_too_many
from jobs_app.models import Job, Submission
from jobs_app.obstacles import obstacle_to, with_parts
from jobs_app.stretches import failing, work_through
from samplecase.contracts.errors import NotFound
from samplecase.contracts.states import DatasetRight, JobKind
from samplecase.exchange.port import find_format
from samplecase.exchange.sources import A_LOOK
from samplecase.storage.port import BlobNotFound
from samplecase.web.accounts.models import User, record


def preview(*, dataset: Dataset, file: ImportFile, options: Mapping[str, Any]) -> dict[str, Any]:
    """What an import of the file would find, as far as a look shows; nothing is written. Raises `InvalidInput`."""
    with incoming.opened(file, A_LOOK) as files:
        staged = staging.look(files, dataset=dataset, format=options.get("format") or "")
    wanted = staging.wanted_targets(staged, options)
    fields = check_targets(dataset, staged.summary, wanted)
    return staging.shown(staged, wanted, fields, options.get("classes") or {})


def start_import(*, acting_user: User, dataset: Dataset, file: ImportFile, options: Mapping[str, Any]) -> Job:
    """Make the job of an import. What is wrong with the file is found by it, and makes it fail with the reason."""
    if options.get("format"):
        find_format(options["format"])
    with transaction.atomic():
        refuse_too_many(owner=acting_user, more=1)
        job: Job = Job.objects.create(
            submission=Submission.objects.create(owner=acting_user),
            kind=JobKind.IMPORT,
            dataset=dataset,
            owner=acting_user,
            on_existing=options.get("on_existing", "skip"),
        )
        Import.objects.create(
            job=job,
            file=file,
            name=file.name,
            **{key: options[key] for key in _OPTIONS if options.get(key) is not None},
        )
        record(actor=acting_user, action="dataset.import", subject=dataset, file=file.name)
        doorbell.ring_start(job.pk)
        return job


_OPTIONS = ("format", "on_existing", "field", "fields", "classes", "as_predictions")


def work_on(job_id: int) -> None:
    """Import for a while, and ring for whoever goes on. A job that does not run (any more) is left alone."""
    with failing(job_id):
        try:
            if not work_through(
                lambda: _slice(job_id), hand_over=lambda: doorbell.ring_worker(JobKind.IMPORT, job_id)
            ):
                return
        except BlobNotFound as error:
            raise NotFound("The blob store has lost what was to be imported.", code="file_gone") from error
    _tidy_up(job_id)


def _slice(job_id: int) -> bool:
    """Do the next group; False when there is nothing more to do."""
    running = Job.objects.running().filter(pk=job_id, kind=JobKind.IMPORT)
    job = with_parts(running).select_related("import_work__file").first()
    if job is None:
        return False
    if obstacle := obstacle_to(job):
        lifecycle.fail(job_id=job_id, code=obstacle.code, message=obstacle.message)
        return False
    work: Import = job.import_work
    if not work.stage:
        return _read(job, work)
    index = job.cursor.get("next", 0)
    if index >= work.groups:
        lifecycle.finish(job_id)
        return False
    with incoming.opened(work.file) as files:
        prepared = prepare(files, work, index, may_add=job.dataset.allows(job.owner, DatasetRight.EDIT))
    return _record(job, work, index, prepared)


def _read(job: Job, work: Import) -> bool:
    """Read the file, and take the fields that it needs.

    The reading holds no lock. Of two workers that both read, the second finds the other's stage and drops its own.
    """
    with incoming.opened(work.file) as files:
        staged = staging.read(files, dataset=job.dataset, format=work.format)
    wanted = staging.wanted_targets(staged, vars(work))
    check_targets(job.dataset, staged.summary, wanted)
    place, groups = staging.put_aside(job.pk, staged)
    with transaction.atomic():
        lock_dataset(job.dataset_id)  # before the job, as who deletes the dataset takes them
        running = Job.objects.running().filter(pk=job.pk)
        waits = running.select_for_update(of=("self",)).exists()
        if waits and Import.objects.filter(pk=work.pk, stage="").exists():
            targets = take_fields(job, staged.reading, staged.summary, wanted, work.classes)
            Import.objects.filter(pk=work.pk).update(
                stage=place,
                groups=groups,
                format=staged.reading.format,
                targets=targets,
                warnings=staged.warnings,
            )
            running.update(
                total=staged.summary.samples,
                outputs={source: wanted[source] for source in targets},
                updated_at=Now(),
            )
            return True
    staging.remove(place)
    return waits


def _record(job: Job, work: Import, index: int, prepared: Prepared) -> bool:
    """Write one group, the cursor and the counters together: a group that is lost was never written."""
    with transaction.atomic():
        lock_dataset(job.dataset_id)
        running = Job.objects.running().filter(pk=job.pk)
        held = running.select_for_update(of=("self",)).first()
        if held is None:
            return False
        if held.cursor.get("next", 0) != index:
            return True  # another worker did it
        rows = write_group(job, work, prepared)
        ImportRows.objects.create(work=work, index=index, rows=[list(row) for row in rows])
        added = sum(row.outcome == "added" for row in rows)
        matched = sum(row.outcome == "matched" for row in rows)
        Import.objects.filter(pk=work.pk).update(added=F("added") + added, matched=F("matched") + matched)
        running.update(
            cursor={"next": index + 1},
            done=F("done") + added + matched,
            skipped=F("skipped") + len(rows) - added - matched,
            updated_at=Now(),
        )
        if index + 1 < work.groups:
            return True
        lifecycle.finish(job.pk)
        return False


def _tidy_up(job_id: int) -> None:
    """After its end nobody needs the records that were put aside."""
    job = Job.objects.filter(pk=job_id).first()
    if job is not None and job.finished_at is not None:
        staging.remove(f"exchange/{job_id}/")
