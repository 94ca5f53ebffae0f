"""The JSON of versions: their facts, uploads, checked schemas and comparisons."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from models_app.models import Version
from models_app.schemas import checked_schema
from samplecase.contracts.schema import MAX_SCHEMA_BYTES
from samplecase.contracts.schema_change import Step
from samplecase.contracts.schema_dialect import INPUT_TYPES
from samplecase.contracts.states import Stage
from samplecase.web.rest.serializers import StrictSerializer, username_of

STAGES = [each.value for each in Stage]


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
    stage = serializers.ChoiceField(choices=STAGES, read_only=True)
    uploaded_by = username_of("uploaded_by")

    class Meta:
        model = Version
        fields = ["id", "version", "stage", "sha256", "size", "schema", "uploaded_by", "created_at"]
        read_only_fields = fields


class PackedFileSerializer(serializers.Serializer[Any]):
    """A file within the package."""

    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes, unpacked.")


class VersionSerializer(VersionSummarySerializer):
    """All facts of one version; but for its stage, none of them ever changes."""

    model = serializers.IntegerField(source="model_id", read_only=True)
    files = PackedFileSerializer(many=True, read_only=True)
    manifest = ManifestField(
        read_only=True, help_text="The checked model.json, written for the author where the package had none."
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
        ]
        read_only_fields = fields


@extend_schema_field({"type": "string"})
class SchemaPartField(serializers.Field[Any, Any, Any, Any]):
    """A schema as a part of a form, a text or a file, or as JSON; null where it is empty."""

    def to_internal_value(self, data: Any) -> dict[str, Any] | None:
        text = data.read(MAX_SCHEMA_BYTES + 1) if hasattr(data, "read") else data
        is_empty = isinstance(text, str | bytes) and not text.strip()
        return None if is_empty else checked_schema(text, at="/schema").document


class NewVersionSerializer(StrictSerializer):
    """The Upload dialog. One of `package` and `upload`."""

    package = serializers.FileField(required=False, help_text="The packed model, a zip, in a form.")
    upload = serializers.UUIDField(required=False, help_text="The same, sent to `/uploads/` before.")
    schema = SchemaPartField(
        required=False,
        help_text="JSON `{inputs, outputs}`, as text or as a file; must equal the package's own.",
    )
    version = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=60,
        help_text="Left out: the manifest's, else the one that is proposed.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("package" in attrs) == ("upload" in attrs):
            raise serializers.ValidationError({"package": ["Send one of package and upload."]})
        return attrs


class SchemaToCheckSerializer(StrictSerializer):
    """A schema to be checked."""

    schema = ModelSchemaField()
    model = serializers.IntegerField(
        min_value=1,
        required=False,
        allow_null=True,
        help_text="One that you may see: the answer proposes the number of its next version.",
    )


class SchemaPropertySerializer(serializers.Serializer[Any]):
    """An input or output."""

    name = serializers.CharField()
    type = serializers.ChoiceField(choices=sorted(INPUT_TYPES))
    required = serializers.BooleanField()  # type: ignore[assignment]
    dimension = serializers.IntegerField(allow_null=True, help_text="Of an embedding.")


class ChangeSerializer(serializers.Serializer[Any]):
    """One difference of two schemas."""

    step = serializers.ChoiceField(choices=[each.value for each in Step])
    pointer = serializers.CharField(help_text="Where, in the newer schema or in the older one.")
    message = serializers.CharField()


class ProposalSerializer(serializers.Serializer[Any]):
    """The number that the next version of a model would get, and why."""

    version = serializers.CharField()
    since = serializers.CharField(allow_null=True, help_text="The version it was compared with; null: none.")
    step = serializers.ChoiceField(choices=[each.value for each in Step], allow_null=True)
    changes = ChangeSerializer(many=True)


class FileChangeSerializer(serializers.Serializer[Any]):
    """A file that only one of two packages has, or that has another size."""

    name = serializers.CharField()
    before = serializers.IntegerField(allow_null=True, help_text="Bytes; null: it was not there.")
    after = serializers.IntegerField(allow_null=True, help_text="Bytes; null: it is gone.")


class ComparisonSerializer(serializers.Serializer[Any]):
    """What one version changes since another."""

    version = serializers.CharField()
    since = serializers.CharField()
    step = serializers.ChoiceField(choices=[each.value for each in Step])
    changes = ChangeSerializer(many=True)
    same_package = serializers.BooleanField(help_text="The very same bytes.")
    files = FileChangeSerializer(many=True)


class StageSerializer(StrictSerializer):
    """The stage that a version is to have."""

    stage = serializers.ChoiceField(choices=STAGES)


class CheckedSchemaSerializer(serializers.Serializer[Any]):
    """A schema without faults, and its inputs and outputs in short."""

    schema = ModelSchemaSerializer()
    inputs = SchemaPropertySerializer(many=True)
    outputs = SchemaPropertySerializer(many=True)
    proposal = ProposalSerializer(allow_null=True, help_text="Null where no model was named.")
