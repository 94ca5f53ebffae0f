"""The JSON of projections, in and out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from datasets_app.models import Projection
from datasets_app.projections import is_stale
from samplecase.contracts.states import JobState
from samplecase.projection.methods import Method
from samplecase.web.rest.serializers import FilterField, StrictSerializer


class NewProjectionSerializer(StrictSerializer):
    """Which field of embeddings to lay out how, over which samples."""

    field = serializers.CharField(max_length=63)
    method = serializers.ChoiceField([each.value for each in Method], default=Method.PCA.value)
    filter = FilterField(required=False, allow_null=True, default=None)


class ProjectionMadeSerializer(serializers.Serializer[Any]):
    """The answer to a new projection."""

    id = serializers.IntegerField()
    job = serializers.IntegerField()


class ProjectionSerializer(serializers.ModelSerializer[Projection]):
    """A projection; its points are read apart. `job_…` are annotated: what its job says."""

    field = serializers.CharField(source="field.name")
    filter = FilterField(allow_null=True)
    method = serializers.ChoiceField([each.value for each in Method])
    state = serializers.ChoiceField([each.value for each in JobState], source="job_state")
    done = serializers.IntegerField(source="job_done", help_text="Samples that its job has placed …")
    total = serializers.IntegerField(source="job_total", help_text="… of so many.")
    error = serializers.SerializerMethodField(help_text="Why its job failed, if it did.")
    computed_at = serializers.DateTimeField(
        source="job_finished_at", allow_null=True, help_text="When its job ended."
    )
    stale = serializers.SerializerMethodField(help_text="Vectors have changed since they were read.")
    explained = serializers.ListField(
        child=serializers.FloatField(), help_text="Of PCA: the shares of the variance along x and y."
    )
    samples = serializers.IntegerField(help_text="Samples with a point.")
    vectors = serializers.IntegerField(
        allow_null=True, help_text="Samples of the filter with a vector; null until they are read."
    )
    fitted = serializers.IntegerField(
        allow_null=True, help_text="Vectors that it was fitted on; of very many, evenly drawn ones."
    )
    created_by = serializers.SerializerMethodField()

    class Meta:
        model = Projection
        fields: tuple[str, ...] = (
            "id", "job", "state", "done", "total", "error", "computed_at", "stale", "field", "method", "filter",
            "samples", "vectors", "fitted", "explained", "created_by", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_error(self, projection: Any) -> str | None:
        return projection.job_error_message or None

    def get_stale(self, projection: Projection) -> bool:
        return is_stale(projection)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_created_by(self, projection: Projection) -> str | None:
        return projection.created_by.username if projection.created_by else None


class MethodSerializer(serializers.Serializer[Any]):
    """A way to lay vectors out, and whether this server can."""

    method = serializers.ChoiceField([each.value for each in Method])
    title = serializers.CharField()
    missing = serializers.CharField(help_text="What to install, as a sentence; empty where nothing is.")
    most_fitted = serializers.IntegerField(help_text="Of more vectors, evenly drawn ones are fitted.")
    places_others = serializers.BooleanField(help_text="False: only the fitted ones get points.")


class MethodsSerializer(serializers.Serializer[Any]):
    """The ways to lay vectors out."""

    results = MethodSerializer(many=True)


class PointsSerializer(serializers.Serializer[Any]):
    """Points in columns, by sample, ascending."""

    total = serializers.IntegerField(help_text="Points of the filter; more than are listed: those are drawn.")
    extent = serializers.ListField(
        child=serializers.FloatField(),
        help_text="Least x, least y, greatest x, greatest y of the whole projection, whatever the filter.",
    )
    samples = serializers.ListField(child=serializers.IntegerField())
    x = serializers.ListField(child=serializers.FloatField())
    y = serializers.ListField(child=serializers.FloatField())
    classes = serializers.ListField(
        child=serializers.CharField(), help_text="Labels of the colouring field, the most frequent first."
    )
    labels = serializers.ListField(
        child=serializers.IntegerField(allow_null=True),
        help_text="Places in `classes`; null: no label. Empty without a colouring field.",
    )
