"""The JSON of models, versions and deployments."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from models_app.models import Deployment, Model, Version
from models_app.schemas import checked_schema
from samplecase.contracts.schema import MAX_SCHEMA_BYTES
from samplecase.contracts.schema_dialect import INPUT_TYPES
from samplecase.contracts.states import DeploymentState, Sandbox
from samplecase.web.rest.serializers import StrictModelSerializer, StrictSerializer
from samplecase.web.sharing.models import OWNER

ACCESS = [*Model.rights_from(), OWNER]
MODEL_TYPES = ["inference"]
MOST_TAGS = 50


def printable(text: str) -> None:
    """Refuse control characters, which would break every list and log that shows the name."""
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        raise serializers.ValidationError("A name has no line breaks or other control characters.")


class ModelSchemaSerializer(serializers.Serializer[Any]):
    """What a version takes and gives per sample, in the schema dialect."""

    inputs = serializers.DictField(help_text="An object schema; one property per argument of `predict`.")
    outputs = serializers.DictField(
        help_text="An object schema; one property per list that `predict` returns."
    )


@extend_schema_field(ModelSchemaSerializer)
class ModelSchemaField(serializers.JSONField):
    """A schema; what is in it is the dialect's to check."""


@extend_schema_field({"type": "object", "additionalProperties": True})
class ManifestField(serializers.JSONField):
    """A manifest."""


class VersionSummarySerializer(serializers.ModelSerializer[Version]):
    """A version as it is listed on its model."""

    schema = ModelSchemaField(read_only=True)

    class Meta:
        model = Version
        fields = ["id", "version", "sha256", "size", "schema", "created_at"]
        read_only_fields = fields


class PackedFileSerializer(serializers.Serializer[Any]):
    """A file within the package."""

    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes, unpacked.")


class VersionSerializer(VersionSummarySerializer):
    """All facts of one version; none of them ever changes."""

    model = serializers.IntegerField(source="model_id", read_only=True)
    files = PackedFileSerializer(many=True, read_only=True)
    manifest = ManifestField(
        read_only=True, help_text="The checked model.json, written for the author where the package had none."
    )
    uploaded_by = serializers.CharField(
        source="uploaded_by.username", default=None, allow_null=True, read_only=True
    )

    class Meta:
        model = Version
        fields = [
            *VersionSummarySerializer.Meta.fields,
            "model",
            "manifest",
            "files",
            "readme",
            "changelog",
            "requirements",
            "environment_yml",
            "license",
            "uploaded_by",
        ]
        read_only_fields = fields


class MeasuredSizeSerializer(serializers.Serializer[Any]):
    """How fast one replica is with mini-batches of one size."""

    size = serializers.IntegerField()
    images_per_second = serializers.FloatField()


class LayoutSerializer(serializers.Serializer[Any]):
    """What Deploy proposes instead of what was entered."""

    mini_batch = serializers.IntegerField()
    num_replicas = serializers.IntegerField()
    threads = serializers.IntegerField(help_text="Of each replica.")


class PlanSerializer(LayoutSerializer):
    """How the network runs, and its layout."""

    graph = serializers.ChoiceField(choices=["plain", "folded", "frozen", "compiled"])
    precision = serializers.ChoiceField(choices=["fp32", "bf16"])
    channels_last = serializers.BooleanField()
    decode = serializers.ChoiceField(choices=["plain", "box", "torch", "draft"])


class AgreementSerializer(serializers.Serializer[Any]):
    """How a plan's outputs compare with those of the plain network in single precision."""

    compared = serializers.IntegerField(help_text="Samples.")
    disagreeing = serializers.IntegerField(help_text="Samples over the tolerance.")
    labels_changed = serializers.IntegerField(
        help_text="Samples with another best label, within the margin or not."
    )
    largest_score_difference = serializers.FloatField()
    largest_box_difference = serializers.FloatField(help_text="Pixels.")


class TriedSerializer(serializers.Serializer[Any]):
    """A plan that was tried, and what came of it."""

    what = serializers.CharField()
    plan = PlanSerializer()
    outcome = serializers.ChoiceField(
        choices=["kept", "slower", "rejected", "failed", "unsuited", "left_out"]
    )
    reason = serializers.CharField(allow_blank=True)
    images_per_second = serializers.FloatField(allow_null=True)
    agreement = AgreementSerializer(allow_null=True)


class ToleranceSerializer(serializers.Serializer[Any]):
    """How far a plan's outputs may be from those of the plain network."""

    margin = serializers.FloatField(help_text="Below it, the best label may be another.")
    score = serializers.FloatField()
    pixels = serializers.FloatField(help_text="Of a box.")


class TuningSerializer(serializers.Serializer[Any]):
    """What a tuning tried, what it chose, and why."""

    why = serializers.CharField()
    samples = serializers.IntegerField(help_text="By which plans were compared.")
    seconds = serializers.FloatField()
    plain_images_per_second = serializers.FloatField(allow_null=True, help_text="As it was entered.")
    tolerance = ToleranceSerializer()
    agreement = AgreementSerializer(allow_null=True)
    tried = TriedSerializer(many=True)


class MeasuredSerializer(serializers.Serializer[Any]):
    """What the deploy check measured."""

    load_seconds = serializers.FloatField(required=False)
    images_per_second = serializers.FloatField(
        required=False, allow_null=True, help_text="As entered, or where there is a plan, under it."
    )
    memory_bytes = serializers.IntegerField(required=False, allow_null=True, help_text="Of one replica.")
    mini_batches = MeasuredSizeSerializer(many=True, required=False)
    proposed = LayoutSerializer(required=False)
    plan = PlanSerializer(
        required=False, allow_null=True, help_text="What jobs use instead of what was entered."
    )
    tuning = TuningSerializer(required=False)


@extend_schema_field(MeasuredSerializer(allow_null=True))
class MeasuredField(serializers.Field[Any, Any, Any, Any]):
    """Null until something was measured."""

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any] | None:
        return value or None


class DeploymentSerializer(serializers.ModelSerializer[Deployment]):
    """How a version runs, and where it stands."""

    model = serializers.IntegerField(source="version.model_id", read_only=True)
    version = serializers.CharField(source="version.version", read_only=True)
    model_type = serializers.ChoiceField(choices=MODEL_TYPES, read_only=True)
    state = serializers.ChoiceField(choices=[each.value for each in DeploymentState], read_only=True)
    sandbox = serializers.ChoiceField(choices=[each.value for each in Sandbox], read_only=True)
    measured = MeasuredField(read_only=True)
    dataset = serializers.IntegerField(source="dataset_id", read_only=True, allow_null=True)
    created_by = serializers.CharField(
        source="created_by.username", default=None, allow_null=True, read_only=True
    )

    class Meta:
        model = Deployment
        fields = [
            "id",
            "model",
            "version",
            "name",
            "model_type",
            "mini_batch",
            "num_replicas",
            "num_gpus",
            "custom_environment",
            "dataset",
            "tune",
            "allow_bf16",
            "state",
            "reason",
            "sandbox",
            "measured",
            "created_by",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class NewDeploymentSerializer(StrictSerializer):
    """The Deploy dialog."""

    model = serializers.IntegerField(min_value=1)
    version = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=40, help_text="Left out: the newest."
    )
    name = serializers.CharField(max_length=100, validators=[printable], help_text="Deploy Name.")
    model_type = serializers.ChoiceField(choices=MODEL_TYPES, default="inference")
    mini_batch = serializers.IntegerField(
        min_value=1, max_value=4096, default=1, help_text="Samples per call."
    )
    num_replicas = serializers.IntegerField(min_value=1, max_value=256, default=1)
    num_gpus = serializers.IntegerField(min_value=0, max_value=1, default=0, help_text="Per replica.")
    custom_environment = serializers.BooleanField(
        default=False, help_text="Install the package's environment.yml, else its requirements.txt."
    )
    dataset = serializers.IntegerField(
        min_value=1,
        required=False,
        allow_null=True,
        help_text="One that you may view: some of its samples are asked too, and tuned on.",
    )
    tune = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Look for a faster plan. Left out: for a no-code package with a dataset.",
    )
    allow_bf16 = serializers.BooleanField(
        default=False, help_text="Let the tuning try bfloat16, which rounds more."
    )


class DeploymentChangesSerializer(StrictSerializer):
    """What may be changed of a deployment. For anything else make another one: jobs refer to what it was."""

    name = serializers.CharField(max_length=100, validators=[printable], required=False)

    def _faults(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        faults = super()._faults(data)
        for key in faults.keys() & set(NewDeploymentSerializer().fields):
            faults[key] = ["Only the name of a deployment changes; deploy again for anything else."]
        return faults


class DeploymentLogSerializer(serializers.Serializer[Any]):
    """What the deploy check and the model printed."""

    log = serializers.CharField()


class ModelSerializer(serializers.ModelSerializer[Model]):
    """A model with its versions and deployments, newest first."""

    owner = serializers.CharField(source="owner.username", read_only=True)
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)
    versions = VersionSummarySerializer(many=True, read_only=True)
    deployments = serializers.SerializerMethodField()
    access = serializers.ChoiceField(choices=ACCESS, read_only=True, help_text="Your highest right.")

    class Meta:
        model = Model
        fields = [
            "id",
            "name",
            "slug",
            "description",
            "tags",
            "owner",
            "versions",
            "deployments",
            "access",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(DeploymentSerializer(many=True))
    def get_deployments(self, model: Model) -> Any:
        found = [each for version in model.versions.all() for each in version.deployments.all()]
        found.sort(key=lambda deployment: -deployment.pk)
        return DeploymentSerializer(found, many=True, context=self.context).data


class ModelFactsSerializer(StrictModelSerializer):
    """What a person says of a model."""

    tags = serializers.ListField(
        child=serializers.CharField(max_length=50, validators=[printable]),
        max_length=MOST_TAGS,
        required=False,
    )
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)

    class Meta:
        model = Model
        fields = ["name", "description", "tags"]
        # The unique name is checked where it is written, with a sentence and a code of its own.
        extra_kwargs = {"name": {"validators": [printable]}}

    def validate_tags(self, tags: list[str]) -> list[str]:
        """Each tag once, in the order given."""
        return list(dict.fromkeys(tags))


@extend_schema_field({"type": "string"})
class SchemaPartField(serializers.Field[Any, Any, Any, Any]):
    """A schema as a part of a form, a text or a file; null where that is empty."""

    def to_internal_value(self, data: Any) -> dict[str, Any] | None:
        text = data if isinstance(data, str) else data.read(MAX_SCHEMA_BYTES + 1)
        return checked_schema(text, at="/schema").document if text.strip() else None


class NewVersionSerializer(StrictSerializer):
    """The Upload dialog, as a multipart form."""

    package = serializers.FileField(help_text="The packed model, a zip.")
    schema = SchemaPartField(
        required=False,
        help_text="JSON `{inputs, outputs}`, as text or as a file; must equal the package's own.",
    )
    version = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=60,
        help_text="Left out: the manifest's, else the next one.",
    )


class SchemaToCheckSerializer(StrictSerializer):
    """A schema to be checked."""

    schema = ModelSchemaField()


class SchemaPropertySerializer(serializers.Serializer[Any]):
    """An input or output."""

    name = serializers.CharField()
    type = serializers.ChoiceField(choices=sorted(INPUT_TYPES))
    required = serializers.BooleanField()  # type: ignore[assignment]
    dimension = serializers.IntegerField(allow_null=True, help_text="Of an embedding.")


class CheckedSchemaSerializer(serializers.Serializer[Any]):
    """A schema without faults, and its inputs and outputs in short."""

    schema = ModelSchemaSerializer()
    inputs = SchemaPropertySerializer(many=True)
    outputs = SchemaPropertySerializer(many=True)
