"""`/datasets/{id}/samples/{sid}/history/`: who wrote what, when."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.api.serializers import AnyValueField, ModelNameSerializer
from datasets_app.history import history_of
from datasets_app.models import Dataset, Field
from datasets_app.samples import find_sample
from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.states import Source
from samplecase.web.rest.views import ApiView

FIELD = OpenApiParameter("field", OpenApiTypes.STR, description="Only this field's values.")


class ReplacedBySerializer(serializers.Serializer[Any]):
    """Who wrote over a value, or took it away: a person or a job."""

    user = serializers.CharField(allow_null=True)
    job = serializers.IntegerField(allow_null=True)


class PastValueSerializer(serializers.Serializer[Any]):
    """A value as it stands, or as it stood until it was replaced."""

    field = serializers.CharField()
    value = AnyValueField()
    source = serializers.ChoiceField(choices=[each.value for each in Source])  # type: ignore[assignment]
    user = serializers.CharField(allow_null=True)
    job = serializers.IntegerField(allow_null=True)
    model = ModelNameSerializer(allow_null=True)
    revision = serializers.IntegerField()
    written_at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True, help_text="Null: it stands.")
    replaced_by = ReplacedBySerializer(allow_null=True)


class HistorySerializer(serializers.Serializer[Any]):
    """The values of a sample through time."""

    results = PastValueSerializer(many=True)


class HistoryView(ApiView):
    """What the values of a sample were."""

    @extend_schema(parameters=[FIELD], responses=HistorySerializer)
    def get(self, request: Request, pk: int, sid: int) -> Response:
        """The present values first, then the earlier ones, the newest first; at most 500 of these."""
        dataset = Dataset.objects.require(pk=pk, user=request.user)
        sample = find_sample(dataset=dataset, pk=sid)
        fields = list(Field.objects.filter(dataset=dataset))
        name = request.query_params.get("field")
        if name is not None:
            fields = [field for field in fields if field.name == name]
            if not fields:
                raise InvalidInput(f"The dataset has no field “{name[:100]}”.", pointer="/field")
        return Response({"results": history_of(sample=sample, fields=fields)})
