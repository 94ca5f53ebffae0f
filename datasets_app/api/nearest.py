"""`/datasets/{id}/samples/{sid}/nearest/`: the samples that are most like one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.api.datasets import FILTER
from datasets_app.api.shown import addresses
from datasets_app.models import Dataset, Sample
from datasets_app.nearest import MOST_NEIGHBOURS, Metric, nearest
from datasets_app.pages import filter_from
from datasets_app.samples import find_sample
from datasets_app.vectors import embedding_field
from samplecase.contracts.errors import InvalidInput
from samplecase.web.rest.parameters import choice_from
from samplecase.web.rest.views import ApiView

USUAL = 20
METRICS = [each.value for each in Metric]
PARAMETERS = [
    OpenApiParameter("field", OpenApiTypes.STR, required=True, description="A field of embeddings."),
    OpenApiParameter(
        "k", OpenApiTypes.INT, description=f"How many, up to {MOST_NEIGHBOURS}; {USUAL} if left out."
    ),
    OpenApiParameter("metric", OpenApiTypes.STR, enum=METRICS, description="cosine if left out."),
    FILTER,
]


class NeighbourSerializer(serializers.Serializer[Any]):
    """A sample, and how far its vector is."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    thumbnail_url = serializers.CharField()
    distance = serializers.FloatField()


class NearestSerializer(serializers.Serializer[Any]):
    """The nearest samples, the nearest first."""

    results = NeighbourSerializer(many=True)


class NearestView(ApiView):
    """The samples that are most like one."""

    @extend_schema(parameters=PARAMETERS, responses=NearestSerializer)
    def get(self, request: Request, pk: int, sid: int) -> Response:
        """Exact, by the vectors of a field, among the samples of the filter; without the sample itself."""
        dataset = Dataset.objects.require(pk=pk, user=request.user)
        sample, params = find_sample(dataset=dataset, pk=sid), request.query_params
        found = nearest(
            sample=sample,
            field=embedding_field(dataset, params.get("field", "")),
            count=_count(params.get("k")),
            metric=Metric(choice_from(params, "metric", METRICS) or Metric.COSINE),
            filter=filter_from(params, dataset)[0],
        )
        samples = Sample.objects.in_bulk([each for each, _ in found])
        rows = [
            {
                "id": each,
                "name": samples[each].name,
                "thumbnail_url": addresses(samples[each])["thumbnail_url"],
                "distance": distance,
            }
            for each, distance in found
            if each in samples
        ]
        return Response({"results": rows})


def _count(text: str | None) -> int:
    if text is None:
        return USUAL
    is_number = text.isascii() and text.isdigit() and len(text) <= 3
    if not is_number or not 1 <= int(text) <= MOST_NEIGHBOURS:
        raise InvalidInput(f"k is a whole number from 1 to {MOST_NEIGHBOURS}.", pointer="/k")
    return int(text)
