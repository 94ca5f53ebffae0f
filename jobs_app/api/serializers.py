"""The JSON of jobs, their errors and previews, in and out."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from datasets_app.bulk_actions import Action
from jobs_app import bulk, progress, steering, work
from jobs_app.mapping import Entry
from jobs_app.models import Job, Preview, SampleError, Submission
from jobs_app.submit import Order
from samplecase.contracts.states import JobKind, JobState, OnExisting, ReplicaState, WaitingFor
from samplecase.web.rest.parameters import MAX_ID
from samplecase.web.rest.serializers import FilterField, StrictSerializer

MAX_ENTRIES = 50
DRY_RUN = 8  # samples of a dry run that names no number
MAX_DRY_RUN = 100

FAULT_SCHEMA = {
    "type": ["object", "null"],
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
    "required": ["code", "message"],
}
BULK_SCHEMA = {
    "type": ["object", "null"],
    "properties": {
        "action": {"type": "string", "enum": [each.value for each in Action]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "label": {"type": ["string", "null"]},
    },
    "required": ["action", "tags", "label"],
}
REPLICA_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "state": {"type": "string", "enum": [state.value for state in ReplicaState]},
            "done": {"type": "integer", "description": "Samples that it has done for this job."},
        },
        "required": ["id", "state", "done"],
    },
}
PARTS_OF_WORK = ["decode", "model", "write"]
BOTTLENECK_SCHEMA = {
    "type": ["object", "null"],
    "description": "Shares of the time that went into each; null while nothing is known.",
    "properties": {name: {"type": "number", "minimum": 0, "maximum": 1} for name in PARTS_OF_WORK},
    "required": PARTS_OF_WORK,
}

UNDO_SCHEMA = {
    "type": ["object", "null"],
    "properties": {"restored": {"type": "integer"}, "kept": {"type": "integer"}},
    "required": ["restored", "kept"],
}


@extend_schema_field(
    {"oneOf": [{"type": "integer", "minimum": 1, "maximum": MAX_DRY_RUN}, {"type": "boolean"}]}
)
class DryRunField(serializers.IntegerField):
    """A number of samples; `true` for the usual one, `false` and null for none."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return super().validate_empty_values(None if data is False else data)

    def to_internal_value(self, data: Any) -> int:
        return DRY_RUN if data is True else super().to_internal_value(data)


class EntrySerializer(StrictSerializer):
    """One deployment to run, and where its outputs go."""

    deployment = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    inputs = serializers.DictField(
        required=False, help_text='Input of the schema → name of a field, or `{"constant": value}`.'
    )
    outputs = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        help_text="Output of the schema → name of the field. Left out, each goes to `{model_slug}_{output}`.",
    )
    on_existing = serializers.ChoiceField([each.value for each in OnExisting], default=OnExisting.FAIL.value)


class OrderSerializer(StrictSerializer):
    """A submit: one job per entry, over the same samples."""

    dataset = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    filter = FilterField(required=False, allow_null=True, help_text="Null or left out: every sample.")
    samples = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        required=False,
        allow_empty=False,
        help_text="Ids of samples, instead of a filter.",
    )
    entries = EntrySerializer(many=True, allow_empty=False, max_length=MAX_ENTRIES)  # type: ignore[call-arg]
    dry_run = DryRunField(
        min_value=1,
        max_value=MAX_DRY_RUN,
        required=False,
        allow_null=True,
        help_text=f"Try on so many of the samples (true: {DRY_RUN}) and write no field; see `preview/`.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("filter") is not None and "samples" in attrs:
            raise serializers.ValidationError({"samples": ["Give a filter or samples, not both."]})
        return attrs

    @staticmethod
    def order(data: dict[str, Any]) -> Order:
        entries = [
            Entry(
                deployment=each["deployment"],
                on_existing=OnExisting(each["on_existing"]),
                inputs=each.get("inputs", {}),
                outputs=each.get("outputs"),
            )
            for each in data["entries"]
        ]
        return Order(
            data["dataset"],
            entries,
            filter=data.get("filter"),
            samples=data.get("samples"),
            dry_run=data.get("dry_run"),
        )


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job as everyone sees it who may view its dataset.

    The context has `user`, and the ids of the datasets that he may edit (`editable`) and label (`labelled`): two
    queries for a whole page.
    """

    submission = serializers.IntegerField(source="submission_id")
    kind = serializers.ChoiceField([each.value for each in JobKind])
    state = serializers.ChoiceField([each.value for each in JobState])
    dataset = serializers.IntegerField(source="dataset_id")
    model = serializers.IntegerField(source="version.model_id", allow_null=True, default=None)
    version = serializers.CharField(source="version.version", allow_null=True, default=None)
    deployment = serializers.IntegerField(source="deployment_id", allow_null=True)
    evaluation = serializers.IntegerField(source="evaluation_id", allow_null=True)
    projection = serializers.IntegerField(source="projection_id", allow_null=True)
    owner = serializers.CharField(source="owner.username")
    rate = serializers.SerializerMethodField(help_text="Samples per second; null while nothing is known.")
    eta_seconds = serializers.SerializerMethodField(help_text="Null unless it runs and has a rate.")
    error = serializers.SerializerMethodField(help_text="The message is for the job's owner and superusers.")
    outputs = serializers.DictField(child=serializers.CharField(), help_text="Output → field.")
    dry_run = serializers.IntegerField(
        allow_null=True, help_text="Samples that are tried without writing a field; null: it writes."
    )
    undo = serializers.SerializerMethodField(
        help_text="Values taken back, and values that stay since others changed them; null: never undone."
    )
    bulk = serializers.SerializerMethodField(help_text="The action of a bulk job; null: it is another.")
    replicas = serializers.SerializerMethodField(help_text="Those at work now; empty unless it runs.")
    bottleneck = serializers.SerializerMethodField(
        help_text="The shares, 0..1, of the time it worked: reading and decoding files, the model, writing results."
    )
    waiting_for = serializers.SerializerMethodField(
        help_text="Why nothing works on it though it runs: its turn among others, or an executor, as none is up."
    )
    can = serializers.SerializerMethodField(help_text="What you may do with it now.")

    class Meta:
        model = Job
        fields = (
            "id", "submission", "kind", "state", "reason", "dataset", "model", "version", "deployment", "evaluation",
            "projection", "owner", "total", "done", "failed", "skipped", "cancelled", "rate", "eta_seconds",
            "created_at", "started_at", "finished_at", "error", "outputs", "dry_run", "undo", "bulk", "replicas",
            "bottleneck", "waiting_for", "can",
        )  # fmt: skip
        read_only_fields = fields

    def get_rate(self, job: Job) -> float | None:
        return progress.rate(job, now=timezone.now())

    def get_eta_seconds(self, job: Job) -> int | None:
        return progress.eta_seconds(job, now=timezone.now())

    @extend_schema_field(FAULT_SCHEMA)
    def get_error(self, job: Job) -> dict[str, str] | None:
        if not job.error_code:
            return None
        is_told = job.is_read_in_full_by(self.context["user"])
        return {"code": job.error_code, "message": job.error_message if is_told else ""}

    @extend_schema_field(UNDO_SCHEMA)
    def get_undo(self, job: Job) -> dict[str, int | None] | None:
        if job.undo_restored is None:
            return None
        return {"restored": job.undo_restored, "kept": job.undo_kept}

    @extend_schema_field(BULK_SCHEMA)
    def get_bulk(self, job: Job) -> dict[str, Any] | None:
        return bulk.shown(job)

    @extend_schema_field(REPLICA_SCHEMA)
    def get_replicas(self, job: Job) -> list[work.ReplicaRow]:
        return work.replicas(job, self.context["holders"])

    @extend_schema_field(BOTTLENECK_SCHEMA)
    def get_bottleneck(self, job: Job) -> dict[str, float] | None:
        return work.bottleneck(job)

    @extend_schema_field(
        serializers.ChoiceField(choices=[each.value for each in WaitingFor], allow_null=True)
    )
    def get_waiting_for(self, job: Job) -> WaitingFor | None:
        served, holding = self.context["are_others_served"], self.context["holders"]
        return work.waiting_for(job, holding, are_others_served=served, now=timezone.now())

    def get_can(self, job: Job) -> list[str]:
        is_owner = job.owner_id == self.context["user"].pk
        is_editor = job.dataset_id in self.context["editable"]
        is_labeller = job.dataset_id in self.context["labelled"]
        return steering.actions(
            job, is_steered=is_owner or is_editor, is_undone=is_editor or (is_owner and is_labeller)
        )


class SubmissionSerializer(serializers.Serializer[Submission]):
    """The answer to a submit."""

    submission = serializers.IntegerField(source="pk")
    jobs = serializers.SerializerMethodField()

    @extend_schema_field(JobSerializer(many=True))
    def get_jobs(self, submission: Submission) -> Any:
        # A repeated request is answered too, but not to whom may no longer see its jobs.
        seen = Job.objects.visible_to(self.context["user"])
        jobs = seen.with_names().filter(submission=submission).order_by("pk")
        return JobSerializer(jobs, many=True, context=self.context).data


class SampleErrorSerializer(serializers.ModelSerializer[SampleError]):
    """Why one sample failed."""

    message = serializers.SerializerMethodField(help_text="For the job's owner and superusers; else empty.")

    class Meta:
        model = SampleError
        fields = ("sample", "name", "reason", "message")

    def get_message(self, error: SampleError) -> str:
        return error.message if self.context["is_told"] else ""


class ReasonSerializer(serializers.Serializer[Any]):
    """How many samples of a job failed for one reason."""

    reason = serializers.CharField()
    count = serializers.IntegerField()
    message = serializers.CharField(
        help_text="That of the first such sample, for the job's owner and superusers; else empty."
    )


class ReasonsSerializer(serializers.Serializer[Any]):
    """The reasons for which samples failed, the most frequent first."""

    results = ReasonSerializer(many=True)


class PreviewSerializer(serializers.ModelSerializer[Preview]):
    """What a dry run's model answered for one sample."""

    outputs = serializers.DictField(help_text="Output → value; empty where the sample failed.")
    error = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="`reason` and `message`, where it failed."
    )

    class Meta:
        model = Preview
        fields = ("sample", "name", "outputs", "error")


class PreviewsSerializer(serializers.Serializer[Any]):
    """The samples of a dry run that have an answer, in their order."""

    results = PreviewSerializer(many=True)


class LogSerializer(serializers.Serializer[Any]):
    """The last 256 KiB of what the model printed."""

    log = serializers.CharField()
