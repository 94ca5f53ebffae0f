"""The tables of imports and exports. Each is the other half of a job: its id is the job's."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from datasets_app.models import Dataset
from samplecase.contracts.states import OnExisting


class ImportFile(models.Model):
    """A file that was sent to be looked at or imported, or the place of one that is read where it lies."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    key = models.CharField(max_length=200, blank=True)  # in the blob store; empty: it lies under `path`
    path = models.TextField(blank=True)  # `ROOT/below/it`, ROOT a name of the settings
    size = models.PositiveBigIntegerField(default=0)
    upload = models.UUIDField(null=True)  # that it was copied from; null: it came with the request
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """What one import was asked to do, and what it has read so far."""

    job = models.OneToOneField(
        "jobs_app.Job", primary_key=True, on_delete=models.CASCADE, related_name="import_work"
    )
    file = models.ForeignKey(ImportFile, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=255)  # of the file, which is not kept for ever
    format = models.CharField(max_length=20, blank=True)  # empty until it is known
    on_existing = models.CharField(
        max_length=8, choices=[(each.value, each.value) for each in OnExisting], default=OnExisting.SKIP.value
    )
    field = models.CharField(max_length=63, blank=True)
    fields = models.JSONField(default=dict)  # field of the file -> ours, or null
    classes = models.JSONField(default=dict)  # label of the file -> ours, or null
    as_predictions = models.BooleanField(default=False)
    stage = models.CharField(max_length=200, blank=True)  # where its records wait; empty: not read yet
    groups = models.PositiveIntegerField(default=0)  # of records that wait there
    targets = models.JSONField(default=dict)  # field of the file -> id of ours
    added = models.PositiveBigIntegerField(default=0)
    matched = models.PositiveBigIntegerField(default=0)
    warnings = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name


class ImportRows(models.Model):
    """What became of one group of records: rows of `[name, sample or null, outcome, reason, message]`."""

    work = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    index = models.PositiveIntegerField()
    rows = models.JSONField()

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["work", "index"], name="import_rows_once")]

    def __str__(self) -> str:
        return f"{self.work_id}/{self.index}"


class Export(models.Model):
    """What one export was asked for."""

    job = models.OneToOneField(
        "jobs_app.Job", primary_key=True, on_delete=models.CASCADE, related_name="export_work"
    )
    format = models.CharField(max_length=20)
    filter = models.JSONField(null=True)
    fields = models.JSONField(default=list)  # names, in their order
    media = models.BooleanField(default=True)
    renamed = models.JSONField(default=list)  # samples whose names a file system would take for others'

    def __str__(self) -> str:
        return f"{self.format} of job {self.job_id}"


class ExportPart(models.Model):
    """A stretch of an export's zip. All parts, one after the other, are the zip; the last is its directory."""

    work = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    index = models.PositiveIntegerField()
    key = models.CharField(max_length=200)  # of the bytes; the entries and records lie beside them
    size = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["work", "index"], name="export_part_once")]

    def __str__(self) -> str:
        return f"{self.work_id}/{self.index}"
