"""The JSON of imports and exports."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from jobs_app.exchange.models import Export, Import
from samplecase.contracts.labels import FIELD_TYPES
from samplecase.contracts.states import OnExisting
from samplecase.contracts.texts import storable
from samplecase.exchange.port import FORMATS
from samplecase.web.rest.parameters import MAX_ID
from samplecase.web.rest.serializers import FilterField, StrictSerializer

UUID_TEXT = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
MOST_NAMES = 10_000
ON_EXISTING = [OnExisting.SKIP.value, OnExisting.REPLACE.value]


def _checked_names(names: Any) -> None:
    if not isinstance(names, dict) or len(names) > MOST_NAMES:
        raise serializers.ValidationError("This is an object of their names and ours.")
    for name in names.values():
        if name is not None and not (isinstance(name, str) and 0 < len(name) <= 255):
            raise serializers.ValidationError("Each is given a name, or null to be left out.")
    if any(storable(name) != name for pair in names.items() for name in pair if name is not None):
        raise serializers.ValidationError("A name has characters that cannot be stored.")


@extend_schema_field(
    {"oneOf": [{"type": "integer", "minimum": 1, "maximum": MAX_ID}, {"type": "string", "format": "uuid"}]}
)
class SentFileField(serializers.Field[Any, Any, Any, Any]):
    """A file that was sent before: the number that a preview gave, or an upload's id."""

    def to_internal_value(self, data: Any) -> int | UUID:
        text = str(data)
        if not isinstance(data, bool) and text.isascii() and text.isdigit() and len(text) < 20:
            if 0 < int(text) <= MAX_ID:
                return int(text)
        elif isinstance(data, str) and UUID_TEXT.fullmatch(text):
            return UUID(text)
        raise serializers.ValidationError("This is the number that a preview gave, or the id of an upload.")

    def to_representation(self, value: Any) -> Any:
        return value


class NewImportSerializer(StrictSerializer):
    """What is to be imported, and how. One of `file`, `upload` and `path`."""

    file = serializers.FileField(required=False, help_text="A zip, or a single JSON, XML or CSV file.")
    upload = SentFileField(
        required=False,
        help_text="`upload` of a preview: the same file again; or the id of one of `/uploads/`.",
    )
    path = serializers.CharField(
        max_length=1_000,
        required=False,
        help_text="Staff: `ROOT/folder` below a root that the settings allow.",
    )
    format = serializers.ChoiceField([*FORMATS], required=False, help_text="Left out, it is detected.")
    field = serializers.CharField(
        max_length=63,
        required=False,
        help_text="Where the main field of the file goes; others are named after it.",
    )
    fields = serializers.JSONField(  # type: ignore[assignment]
        required=False,
        validators=[_checked_names],
        help_text="Field of the file → field of the dataset, or null.",
    )
    classes = serializers.JSONField(
        required=False, validators=[_checked_names], help_text="Label of the file → label of ours, or null."
    )
    on_existing = serializers.ChoiceField(ON_EXISTING, default=OnExisting.SKIP.value)
    as_predictions = serializers.BooleanField(
        default=False, help_text="Into `predictions`, where nothing else is said."
    )
    dry_run = serializers.BooleanField(default=False, help_text="Only say what it would do.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(key in attrs for key in ("file", "upload", "path")) != 1:
            raise serializers.ValidationError({"file": ["Send one of file, upload and path."]})
        return attrs


class ImportMadeSerializer(serializers.Serializer[Any]):
    """An import that was begun; its id is its job's."""

    id = serializers.IntegerField()
    job = serializers.IntegerField()


class FileLabelSerializer(serializers.Serializer[Any]):
    """One label of a file."""

    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    target = serializers.CharField(allow_null=True, help_text="What it will be called here; null: left out.")
    known = serializers.BooleanField(help_text="The field has this class, or takes any.")


class PreviewedFieldSerializer(serializers.Serializer[Any]):
    """One field of a file."""

    name = serializers.CharField()
    type = serializers.ChoiceField(sorted(FIELD_TYPES))
    target = serializers.CharField(allow_null=True)
    exists = serializers.BooleanField(help_text="The dataset has the target.")
    values = serializers.IntegerField()
    labels = FileLabelSerializer(many=True)


class MissingSerializer(serializers.Serializer[Any]):
    """Samples of which neither the dataset nor the file has an image."""

    count = serializers.IntegerField()
    names = serializers.ListField(child=serializers.CharField(), help_text="The first hundred.")


class ImportPreviewSerializer(serializers.Serializer[Any]):
    """What an import of a file would find."""

    upload = serializers.IntegerField(help_text="To import it without sending it again; kept for a day.")
    format = serializers.ChoiceField([*FORMATS])
    samples = serializers.IntegerField()
    matched = serializers.IntegerField(help_text="Samples that the dataset has.")
    new = serializers.IntegerField(help_text="Samples that the file brings the image of.")
    missing = MissingSerializer()
    fields = PreviewedFieldSerializer(many=True)  # type: ignore[assignment]
    unmatched = serializers.ListField(
        child=serializers.CharField(), help_text="Labels that are no classes of the fields they go to."
    )
    warnings = serializers.ListField(child=serializers.CharField())
    complete = serializers.BooleanField(help_text="False where only the first samples were counted.")


class ImportSerializer(serializers.ModelSerializer[Import]):
    """How far an import is, and what it was told."""

    id = serializers.IntegerField(source="job_id")
    state = serializers.CharField(source="job.state")
    total = serializers.IntegerField(source="job.total")
    skipped = serializers.IntegerField(source="job.skipped")
    fields = serializers.DictField(source="job.outputs", help_text="Field of the file → of ours.")  # type: ignore[assignment]
    classes = serializers.DictField()
    warnings = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Import
        fields = (
            *(
                "id",
                "state",
                "name",
                "format",
                "on_existing",
                "fields",
                "classes",
                "total",
                "added",
                "matched",
            ),
            *("skipped", "warnings"),
        )


class ReportRowSerializer(serializers.Serializer[Any]):
    """What became of one sample of a file."""

    name = serializers.CharField()
    sample = serializers.IntegerField(allow_null=True)
    outcome = serializers.ChoiceField(["added", "matched", "skipped"])
    reason = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)


class ReportSerializer(serializers.Serializer[Any]):
    """What became of each sample of a file, in its order."""

    results = ReportRowSerializer(many=True)


class NewExportSerializer(StrictSerializer):
    """What is to be exported."""

    format = serializers.ChoiceField([*FORMATS])
    filter = FilterField(required=False, allow_null=True, help_text="Null or left out: every sample.")
    fields = serializers.ListField(  # type: ignore[assignment]
        child=serializers.CharField(max_length=63),
        required=False,
        help_text="Names of fields; left out: those that the format can carry.",
    )
    media = serializers.BooleanField(default=True, help_text="With the images.")


class ExportSerializer(serializers.ModelSerializer[Export]):
    """How far an export is."""

    id = serializers.IntegerField(source="job_id")
    state = serializers.CharField(source="job.state")
    fields = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]
    filter = FilterField(allow_null=True)
    size = serializers.IntegerField(help_text="Bytes that are written.")

    class Meta:
        model = Export
        fields = ("id", "state", "format", "fields", "filter", "media", "size")
