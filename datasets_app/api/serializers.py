"""The JSON of datasets, fields, samples and values."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from datasets_app.models import Dataset, Field
from datasets_app.samples import MOST_TAGS
from samplecase.contracts.labels import FieldType
from samplecase.contracts.states import Source
from samplecase.web.rest.serializers import StrictModelSerializer, StrictSerializer
from samplecase.web.sharing.models import OWNER

ACCESS = [*Dataset.rights_from(), OWNER]
MOST_CLASSES = 10_000
MOST_VALUES = 1_000
LONGEST_LABEL = 255
MOST_ATTRIBUTE_BYTES = 64 * 1024
_COLOR = re.compile(r"#[0-9a-f]{6}\Z", re.IGNORECASE | re.ASCII)


def printable(text: str) -> None:
    """Refuse control characters, which would break every list and log that shows the text."""
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        raise serializers.ValidationError("This has line breaks or other control characters.")


class TagsField(serializers.ListField):
    """Short texts; one that is given twice counts once."""

    child = serializers.CharField(max_length=100, validators=[printable])

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MOST_TAGS, **options)

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(super().to_internal_value(data)))


@extend_schema_field(
    {"type": "object", "additionalProperties": {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}}
)
class ColorsField(serializers.DictField):
    """Label -> `#rrggbb`."""

    child = serializers.RegexField(_COLOR)


class FieldSerializer(serializers.ModelSerializer[Field]):
    """A named, typed column of a dataset."""

    type = serializers.ChoiceField(choices=[each.value for each in FieldType], read_only=True)
    classes = serializers.ListField(child=serializers.CharField(), read_only=True)
    colors = ColorsField(read_only=True)
    attributes = serializers.DictField(read_only=True)

    class Meta:
        model = Field
        fields = [
            "name",
            "type",
            "classes",
            "colors",
            "attributes",
            "dimension",
            "created_by_job",
            "value_count",
        ]
        read_only_fields = fields


class FieldChangesSerializer(StrictSerializer):
    """What may be changed of a field."""

    name = serializers.CharField(max_length=1_000)
    classes = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_LABEL, validators=[printable]),
        max_length=MOST_CLASSES,
        required=False,
        help_text="The labels that may be given, in their order; empty: any.",
    )
    colors = ColorsField(required=False)
    attributes = serializers.DictField(required=False, help_text="Attribute -> how the page asks for it.")

    def validate_colors(self, colors: dict[str, str]) -> dict[str, str]:
        if len(colors) > MOST_CLASSES or any(len(label) > LONGEST_LABEL for label in colors):
            message = f"At most {MOST_CLASSES} labels, of at most {LONGEST_LABEL} characters each."
            raise serializers.ValidationError(message)
        return colors

    def validate_attributes(self, attributes: dict[str, Any]) -> dict[str, Any]:
        # They come with every answer about the dataset.
        if len(json.dumps(attributes)) > MOST_ATTRIBUTE_BYTES:
            raise serializers.ValidationError(f"As JSON, this has at most {MOST_ATTRIBUTE_BYTES:,} bytes.")
        return attributes

    def validate_classes(self, classes: list[str]) -> list[str]:
        if len(set(classes)) != len(classes):
            raise serializers.ValidationError("A class stands here twice.")
        return classes


class NewFieldSerializer(FieldChangesSerializer):
    """A field to be made."""

    type = serializers.ChoiceField(choices=[each.value for each in FieldType])
    dimension = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=65_536, help_text="Of an embedding."
    )


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """A dataset with its fields, and what the one who asks may do with it."""

    tags = serializers.ListField(child=serializers.CharField(), read_only=True)
    fields_ = FieldSerializer(many=True, read_only=True)
    access = serializers.ChoiceField(choices=ACCESS, read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True)

    class Meta:
        model = Dataset
        fields = [
            "id",
            "name",
            "description",
            "tags",
            "sample_count",
            "fields_",
            "access",
            "owner",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # An attribute `fields` of a serializer is its own; only the name in the JSON is free.
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class DatasetFactsSerializer(StrictModelSerializer):
    """What people say of a dataset."""

    name = serializers.CharField(max_length=100, validators=[printable])
    description = serializers.CharField(
        max_length=10_000, required=False, allow_blank=True, trim_whitespace=False
    )
    tags = TagsField(required=False)

    class Meta:
        model = Dataset
        fields = ["name", "description", "tags"]


class ModelNameSerializer(serializers.Serializer[Any]):
    """A model and its version, as they are called now."""

    name = serializers.CharField()
    version = serializers.CharField()


class ProvenanceSerializer(serializers.Serializer[Any]):
    """Who wrote a value. `revision` goes with the next change of it."""

    source = serializers.ChoiceField(choices=[each.value for each in Source])  # type: ignore[assignment]
    job = serializers.IntegerField(allow_null=True)
    model_version = serializers.IntegerField(allow_null=True)
    model = ModelNameSerializer(allow_null=True, help_text="Null also where the model was deleted.")
    editor = serializers.CharField(allow_null=True)
    revision = serializers.IntegerField()
    written_at = serializers.DateTimeField()


@extend_schema_field(
    {
        "type": ["object", "array", "string", "number", "boolean"],
        "description": "A value of the field's type; null takes it away.",
    }
)
class AnyValueField(serializers.JSONField):
    """Whatever a field may hold."""


class SampleSerializer(serializers.Serializer[Any]):
    """One image and its values."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    width = serializers.IntegerField(help_text="Pixels, in displayed orientation.")
    height = serializers.IntegerField()
    bytes = serializers.IntegerField()
    mime = serializers.CharField()
    created = serializers.DateTimeField()
    media_url = serializers.CharField()
    thumbnail_url = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    values = serializers.DictField(child=AnyValueField(), help_text="Field -> value; absent: none.")
    provenance = serializers.DictField(
        child=ProvenanceSerializer(), help_text="Field -> who wrote its value."
    )


class EvaluatedLabelSerializer(serializers.Serializer[Any]):
    """A true label and what was predicted for it; null: nothing."""

    actual = serializers.CharField(allow_null=True)
    predicted = serializers.CharField(allow_null=True)
    actual_is = serializers.ChoiceField(choices=["tp", "fn"], allow_null=True, required=False)
    predicted_is = serializers.ChoiceField(choices=["tp", "fp"], allow_null=True, required=False)
    actual_id = serializers.CharField(allow_null=True, help_text="The label's id in its value.")
    predicted_id = serializers.CharField(allow_null=True)
    iou = serializers.FloatField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True)
    number = serializers.FloatField(allow_null=True, help_text="Pixels of a mask's pair; a number's error.")


class SampleEvaluationSerializer(serializers.Serializer[Any]):
    """What an evaluation found on the sample, when it was counted."""

    evaluation = serializers.IntegerField()
    type = serializers.CharField()
    predictions = serializers.CharField()
    ground_truth = serializers.CharField()
    tp = serializers.IntegerField(required=False)
    fp = serializers.IntegerField(required=False)
    fn = serializers.IntegerField(required=False)
    labels = EvaluatedLabelSerializer(many=True)


class SampleDetailSerializer(SampleSerializer):
    """One image, its values, and what evaluations found on it."""

    evaluations = SampleEvaluationSerializer(many=True)


class SamplePageSerializer(serializers.Serializer[Any]):
    """A page of samples."""

    results = SampleSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(
        allow_null=True, help_text="All samples; null under a filter (see facets)."
    )


class SampleChangesSerializer(StrictSerializer):
    """What may be changed of a sample."""

    name = serializers.CharField(max_length=255, validators=[printable], required=False)
    tags = TagsField(
        required=False, help_text="Instead of all that it has; whatever somebody added since goes."
    )
    add_tags = TagsField(required=False, help_text="Beside those that it has.")
    remove_tags = TagsField(required=False, help_text="Those of them that it has.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for key in ("add_tags", "remove_tags"):
            if "tags" in attrs and key in attrs:
                raise serializers.ValidationError(
                    {key: ["Give all the tags, or those to add and to remove."]}
                )
        return attrs


class SkippedSerializer(serializers.Serializer[Any]):
    """A file that did not become a sample."""

    name = serializers.CharField()
    reason = serializers.CharField()
    message = serializers.CharField()


class UploadReportSerializer(serializers.Serializer[Any]):
    """What became of the files: never all or nothing."""

    added = serializers.IntegerField()
    skipped = SkippedSerializer(many=True)


class UploadSerializer(serializers.Serializer[Any]):
    """Images, or zips of images."""

    files = serializers.ListField(child=serializers.FileField())


class SentSamplesSerializer(StrictSerializer):
    """An image, or a zip of images, that was sent to `/uploads/` before."""

    upload = serializers.UUIDField()


class RunsSerializer(serializers.Serializer[Any]):
    """A class for each pixel, row after row from the top left."""

    size = serializers.ListField(child=serializers.IntegerField(), help_text="[height, width].")
    runs = serializers.CharField(help_text="Class and length in turn, divided by spaces: `0 12 3 4`.")


class NewValueSerializer(StrictSerializer):
    """A value for one sample."""

    sample = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    value = AnyValueField(allow_null=True)
    revision = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        allow_null=True,
        help_text="The one that was seen, 0: no value was seen; without it, whatever stands there is replaced.",
    )


class ValuesSerializer(StrictSerializer):
    """Values of one field."""

    field = serializers.CharField(max_length=63)
    values = serializers.ListField(child=NewValueSerializer(), min_length=1, max_length=MOST_VALUES)


class ConflictSerializer(serializers.Serializer[Any]):
    """A value that somebody else changed first."""

    sample = serializers.IntegerField()
    yours = AnyValueField(allow_null=True)
    theirs = AnyValueField(allow_null=True)
    revision = serializers.IntegerField(help_text="Of `theirs`; 0: there is no value any more.")


class WrittenSerializer(serializers.Serializer[Any]):
    """What became of the values."""

    written = serializers.IntegerField()
    conflicts = ConflictSerializer(many=True)
    revisions = serializers.DictField(
        child=serializers.IntegerField(), help_text="Sample -> the revision of its value now; 0: none."
    )


class LabelCountSerializer(serializers.Serializer[Any]):
    """A label or tag, and how often it occurs."""

    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class BinSerializer(serializers.Serializer[Any]):
    """A part of a range; all but the last are without their upper end."""

    count = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        ends = {
            name: serializers.FloatField() for name in ("from", "to")
        }  # `from` is no name for an attribute
        return {**ends, **super().get_fields()}


class TimeBinSerializer(serializers.Serializer[Any]):
    """A part of a span of time; all but the last are without their upper end."""

    count = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**{name: serializers.DateTimeField() for name in ("from", "to")}, **super().get_fields()}


class ConfidenceSerializer(serializers.Serializer[Any]):
    """The least and the greatest confidence, and how many there are in each twentieth between 0 and 1."""

    min = serializers.FloatField()
    max = serializers.FloatField()
    histogram = BinSerializer(many=True)


class SpreadSerializer(serializers.Serializer[Any]):
    """The least and the greatest, null where there is none, and what is between."""

    min = serializers.FloatField(allow_null=True)
    max = serializers.FloatField(allow_null=True)
    histogram = BinSerializer(many=True)


class TimeSpreadSerializer(serializers.Serializer[Any]):
    """The earliest and the latest, null where there is none, and what is between."""

    min = serializers.DateTimeField(allow_null=True)
    max = serializers.DateTimeField(allow_null=True)
    histogram = TimeBinSerializer(many=True)


class SampleFacetsSerializer(serializers.Serializer[Any]):
    """What the samples themselves are like."""

    created = TimeSpreadSerializer()
    width = SpreadSerializer()
    height = SpreadSerializer()
    bytes = SpreadSerializer()


class SourceCountSerializer(serializers.Serializer[Any]):
    """How many values people, models and imports wrote."""

    label = serializers.ChoiceField(choices=[each.value for each in Source])  # type: ignore[assignment]
    count = serializers.IntegerField()


class JobCountSerializer(serializers.Serializer[Any]):
    """How many values a job wrote that stand."""

    id = serializers.IntegerField()
    count = serializers.IntegerField()


class FieldFacetSerializer(serializers.Serializer[Any]):
    """What is in one field."""

    type = serializers.ChoiceField(choices=[each.value for each in FieldType])
    count = serializers.IntegerField(help_text="Samples with a value.")
    missing = serializers.IntegerField(help_text="Samples without one.")
    sources = SourceCountSerializer(many=True)
    jobs = JobCountSerializer(many=True)
    labels = LabelCountSerializer(many=True, required=False)
    more = serializers.IntegerField(required=False, help_text="Labels beyond those listed.")
    confidence = ConfidenceSerializer(required=False, allow_null=True)
    min = serializers.FloatField(required=False, allow_null=True)
    max = serializers.FloatField(required=False, allow_null=True)
    histogram = BinSerializer(many=True, required=False)


class FacetsSerializer(serializers.Serializer[Any]):
    """What is in the samples of a filter."""

    total = serializers.IntegerField()
    exact = serializers.BooleanField(help_text="False: counted on a part of the samples, and scaled.")
    tags = LabelCountSerializer(many=True)
    sample = SampleFacetsSerializer()
    fields_ = serializers.DictField(child=FieldFacetSerializer())

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}
