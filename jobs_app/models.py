"""The tables of jobs: submissions, jobs, the chunk ledger and per-sample errors."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from datasets_app.models import Dataset, Evaluation, Field, Projection
from jobs_app import clock
from models_app.models import Deployment, Version
from samplecase.contracts.errors import NotFound
from samplecase.contracts.states import ChunkState, DatasetRight, JobKind, JobState, OnExisting

# A job in one of these may still write; every end of a job is a conditional update from them.
UNFINISHED = tuple(state.value for state in JobState if not state.is_final)


class Submission(models.Model):
    """What one request submitted: one or more jobs, made together or not at all."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.pk)


class IdempotencyKey(models.Model):
    """A request that must not be carried out twice: per user, for 24 hours."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    body_sha256 = models.CharField(max_length=64)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key


class JobQuerySet(models.QuerySet["Job"]):
    """Which jobs a person sees, and which an executor works on."""

    def visible_to(self, user: Any) -> JobQuerySet:
        """The jobs of the datasets that `user` may view."""
        return self.filter(dataset__in=Dataset.objects.visible_to(user))

    def require(self, *, pk: int, user: Any) -> Job:
        """The job, if `user` may see it; else `NotFound`."""
        found = self.visible_to(user).filter(pk=pk).first()
        if found is None:
            raise NotFound(f"There is no job {pk} that you may see.")
        return found

    def with_names(self) -> JobQuerySet:
        """With what their JSON names, in as many queries for many as for one, and without their logs."""
        rows = self.select_related("owner", "version", "dataset").defer("log", "cursor")
        return rows.prefetch_related("works")

    def running(self) -> JobQuerySet:
        return self.filter(state=JobState.RUNNING)


class Job(models.Model):
    """A run of one deployment over frozen samples (or another long piece of work on a dataset)."""

    AUDITED_UNDER: ClassVar[str] = "dataset"

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=12, choices=[(each.value, each.value) for each in JobKind])
    state = models.CharField(
        max_length=12, choices=[(each.value, each.value) for each in JobState], default=JobState.QUEUED.value
    )
    reason = models.CharField(max_length=60, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="jobs")
    version = models.ForeignKey(Version, null=True, on_delete=models.SET_NULL, related_name="jobs")
    version_sha256 = models.CharField(max_length=64, blank=True)  # `Version.digest`, frozen at submit
    deployment = models.ForeignKey(Deployment, null=True, on_delete=models.SET_NULL, related_name="jobs")
    evaluation = models.ForeignKey(Evaluation, null=True, on_delete=models.CASCADE, related_name="+")
    projection = models.ForeignKey(Projection, null=True, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Input of the schema -> field name or {"constant": value}; of a bulk action, see `bulk.OrderRow`.
    inputs = models.JSONField(default=dict)
    outputs = models.JSONField(default=dict)  # output of the schema -> field name
    on_existing = models.CharField(
        max_length=8, choices=[(each.value, each.value) for each in OnExisting], default=OnExisting.FAIL.value
    )
    dry_run = models.PositiveIntegerField(
        null=True
    )  # samples that are tried without writing a field; null: a run
    total = models.PositiveBigIntegerField(default=0)
    done = models.PositiveBigIntegerField(default=0)
    failed = models.PositiveBigIntegerField(default=0)
    skipped = models.PositiveBigIntegerField(default=0)
    cancelled = models.PositiveBigIntegerField(default=0)
    open_chunks = models.PositiveIntegerField(default=0)  # those not done; 0 ends the job
    cursor = models.JSONField(default=dict)  # where a job done in slices goes on
    log = models.TextField(blank=True)  # the model's output, its last 256 KiB
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(null=True)  # the last time, after a pause or for another try
    worked_before = models.PositiveBigIntegerField(default=0)  # samples done and failed by then
    finished_at = models.DateTimeField(null=True)
    # Slices in a row that a store or a disk has refused. An older process knows no such column.
    refusals = models.PositiveSmallIntegerField(default=0, db_default=0)
    is_threshold_lifted = models.BooleanField(default=False)  # resumed although every sample had failed
    undo_restored = models.PositiveBigIntegerField(null=True)  # values taken back; null: it was never undone
    undo_kept = models.PositiveBigIntegerField(null=True)  # values that others had changed since
    updated_at = models.DateTimeField(auto_now=True)  # of its last progress, by the database's clock

    objects: ClassVar[Any] = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["dataset", "-id"], name="job_of_dataset"),
            models.Index(fields=["state", "id"], name="job_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def remaining(self) -> int:
        """Samples without an outcome."""
        return self.total - self.done - self.failed - self.skipped - self.cancelled

    def is_steered_by(self, user: Any) -> bool:
        """Whether `user` may pause, resume, cancel and retry it: its owner, who may edit the dataset, a superuser."""
        return user.pk == self.owner_id or self.dataset.allows(user, DatasetRight.EDIT)

    def is_undone_by(self, user: Any) -> bool:
        """Whether `user` may undo it: who may edit the dataset, its owner while he may label there, a superuser."""
        needed = DatasetRight.LABEL if user.pk == self.owner_id else DatasetRight.EDIT
        return self.dataset.allows(user, needed)

    def is_read_in_full_by(self, user: Any) -> bool:
        """Whether `user` may read its log and the messages of errors, which may quote the model and the data."""
        return user.pk == self.owner_id or bool(user.is_superuser)


class JobField(models.Model):
    """A field that a job writes. It is busy while the job may still write, which the constraint sees to."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="job_fields")
    output = models.CharField(max_length=100)  # of the version's schema
    field = models.ForeignKey(Field, on_delete=models.CASCADE, related_name="+")  # by row: it may be renamed
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["field"], condition=models.Q(is_open=True), name="field_busy_once"
            ),
            models.UniqueConstraint(fields=["job", "output"], name="job_output_once"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.output}"


class ChunkQuerySet(models.QuerySet["Chunk"]):
    """The sets of chunks that the ledger asks for."""

    def pending(self) -> ChunkQuerySet:
        """Those that wait."""
        return self.filter(state=ChunkState.PENDING)

    def lapsed(self) -> ChunkQuerySet:
        """Those whose holder has not been heard of for a whole lease."""
        return self.filter(clock.lapsed(), state=ChunkState.CLAIMED)

    def held(self, *, chunk: int, fence: int) -> ChunkQuerySet:
        """The chunk, while that claim holds it."""
        return self.filter(pk=chunk, attempt=fence, state=ChunkState.CLAIMED)


class Chunk(models.Model):
    """The part of a job that is claimed, done and recorded at once.

    `attempt` is the fence: it grows with every claim, and every write of the claim's holder is conditional on it.
    `outcomes` has one character of `contracts.states.Outcome` per sample of `sample_ids`.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="chunks")
    index = models.PositiveIntegerField()
    sample_ids = models.JSONField()
    outcomes = models.TextField()
    inputs = models.JSONField(default=dict)  # sample -> digest of the values of fields that its model gets
    state = models.CharField(
        max_length=10,
        choices=[(each.value, each.value) for each in ChunkState],
        default=ChunkState.PENDING.value,
    )
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    executor = models.CharField(max_length=100, blank=True)
    # Claims in a row that ended with their lease and without a result. An older process knows no such column.
    losses = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects: ClassVar[Any] = ChunkQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "index"], name="chunk_once")]
        indexes = [
            models.Index(fields=["state", "job", "index"], name="chunk_claim"),
            models.Index(fields=["losses"], name="chunk_lost"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.index}"


class BulkChunk(models.Model):
    """Samples of a bulk action that it has yet to come to."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="bulk_chunks")
    index = models.PositiveIntegerField()
    samples = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "index"], name="bulk_chunk_once")]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.index}"


class JobWork(models.Model):
    """What one executor has done for a job, as it last reported."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="works")
    executor = models.CharField(max_length=100)
    decode_seconds = models.FloatField(default=0)
    model_seconds = models.FloatField(default=0)
    write_seconds = models.FloatField(default=0)
    replicas = models.JSONField(default=list)  # [{state, done}]

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["job", "executor"], name="job_work_once")]

    def __str__(self) -> str:
        return f"{self.job_id} on {self.executor}"


class SampleError(models.Model):
    """Why one sample of a job failed."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="errors")
    sample = models.BigIntegerField()  # kept when the sample is deleted
    name = models.CharField(max_length=255)
    reason = models.CharField(max_length=40)
    message = models.TextField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["job", "sample"], name="sample_error_once")]

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class Preview(models.Model):
    """What a dry run's model answered for one sample: kept here, and nowhere else."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="previews")
    sample = models.BigIntegerField()
    name = models.CharField(max_length=255)
    outputs = models.JSONField()  # output of the schema -> value

    class Meta:
        ordering = ["sample"]
        constraints = [models.UniqueConstraint(fields=["job", "sample"], name="preview_once")]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.name}"


# The other halves of imports and exports, which are tables of this app too.
from jobs_app.exchange.models import Export, ExportPart, Import, ImportFile, ImportRows  # noqa: E402, F401
