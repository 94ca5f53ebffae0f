"""`/datasets/`: list, make, change and delete datasets, and what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.api.serializers import (
    DatasetFactsSerializer,
    DatasetSerializer,
    FacetsSerializer,
    ValuesSerializer,
    WrittenSerializer,
)
from datasets_app.api.shown import chosen_fields
from datasets_app.facets import Question, facets_of
from datasets_app.labelling import put_values
from datasets_app.masks import shown_value
from datasets_app.models import Dataset, Field, Value
from datasets_app.pages import filter_from
from datasets_app.registry import create_dataset, delete_dataset, update_dataset
from datasets_app.values import WriteReport
from samplecase.contracts.errors import Fault
from samplecase.contracts.labels import MASK_TYPES
from samplecase.contracts.states import DatasetRight
from samplecase.web.errors import body
from samplecase.web.rest.etag import polled
from samplecase.web.rest.pagination import KeysetPagination
from samplecase.web.rest.parameters import choice_from, search_from, search_in
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiView, ApiViewSet
from samplecase.web.sharing.api import SHARED_WITH
from samplecase.web.sharing.models import SHARED

SEARCH = search_in("the name")
FILTER = OpenApiParameter("filter", OpenApiTypes.STR, description="A filter document, as JSON.")
FLAGS = ("true", "false")
FACETS = [
    OpenApiParameter("fields", OpenApiTypes.STR, description="Only these fields, divided by commas."),
    OpenApiParameter(
        "faceted",
        OpenApiTypes.STR,
        enum=FLAGS,
        description="true: what a filter says of one field alone does not count for this field itself.",
    ),
    OpenApiParameter(
        "exact",
        OpenApiTypes.STR,
        enum=FLAGS,
        description="true: nothing is estimated, however long it takes.",
    ),
]


@extend_schema_view(list=extend_schema(parameters=[SEARCH, SHARED_WITH]))
class DatasetViewSet(ApiViewSet):
    """Datasets: images with typed fields."""

    queryset = Dataset.objects.none()
    serializer_class = DatasetSerializer
    pagination_class = KeysetPagination
    page_order: ClassVar[tuple[str, ...]] = ("name", "id")

    def list(self, request: Request) -> Response:
        """The datasets that you may see, by name."""
        shared = choice_from(request.query_params, "shared", SHARED)
        datasets = Dataset.objects.visible_to(request.user).shared(request.user, shared)
        search = search_from(request.query_params)
        if search:
            datasets = datasets.filter(name__icontains=search)
        page = self.paginate_queryset(_with_parts(datasets, request))
        return self.get_paginated_response(DatasetSerializer(page, many=True).data)

    @extend_schema(request=DatasetFactsSerializer, responses={201: DatasetSerializer})
    def create(self, request: Request) -> Response:
        """An empty dataset; the name must not be taken."""
        facts = self.checked(DatasetFactsSerializer)
        dataset = create_dataset(acting_user=request.user, **facts)  # type: ignore[arg-type]
        return Response(self._shown(dataset.pk), status=201)

    def retrieve(self, request: Request, pk: int) -> Response:
        """One dataset with its fields, with an ETag."""
        Dataset.objects.require(pk=pk, user=request.user)
        return polled(request, build=lambda: self._shown(pk))

    @extend_schema(request=DatasetFactsSerializer, responses=DatasetSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change name, description or tags; needs *edit*."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.EDIT)
        changes = self.checked(DatasetFactsSerializer, partial=True)
        update_dataset(acting_user=request.user, dataset=dataset, changes=changes)  # type: ignore[arg-type]
        return Response(self._shown(pk))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a dataset with all that is in it; needs *edit*."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.EDIT)
        delete_dataset(acting_user=request.user, dataset=dataset)  # type: ignore[arg-type]
        return Response(status=204)

    def _shown(self, pk: int) -> Any:
        return DatasetSerializer(_with_parts(Dataset.objects.filter(pk=pk), self.request).get()).data


class FacetsView(ApiView):
    """What is in the samples of a filter."""

    @extend_schema(parameters=[FILTER, *FACETS], responses=FacetsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Per field its labels, range and histogram, sources and jobs, under the same `filter` as the samples.

        With an ETag. Exact, but for very large datasets under a filter that fits very many samples: see `exact`.
        """
        dataset = Dataset.objects.require(pk=pk, user=request.user)
        params = request.query_params
        document, _ = filter_from(params, dataset)
        fields = chosen_fields(dataset, params.get("fields"))
        question = Question(
            document=document,
            names=None if params.get("fields") is None else {field.name for field in fields},
            is_faceted=choice_from(params, "faceted", FLAGS) == "true",
            exact=choice_from(params, "exact", FLAGS) == "true",
        )
        return polled(request, build=lambda: facets_of(dataset=dataset, question=question))


class ValuesView(ApiView):
    """Values of one field, written by a person."""

    @extend_schema(request=ValuesSerializer, responses={200: WrittenSerializer, **errors(409)})
    def put(self, request: Request, pk: int) -> Response:
        """Write up to 1,000 values; null takes one away. Needs *label*.

        What somebody else changed since `revision` is left as it is and listed under `conflicts`; 409, with the same
        list, only when nothing was written.
        """
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.LABEL)
        given = self.checked(ValuesSerializer)
        report = put_values(acting_user=request.user, dataset=dataset, **given)  # type: ignore[arg-type]
        shown = {
            **_shown(report, dataset, given),
            "revisions": _revisions(dataset, given["field"], report.written),
        }
        if report.written or not report.conflicts:
            return Response(shown)
        message = "Somebody else changed these values first; look at theirs and repeat."
        places = {entry["sample"]: place for place, entry in enumerate(given["values"])}
        details = [Fault(f"/values/{places[each.sample]}/revision", message) for each in report.conflicts]
        return Response({**body("conflict", message, details), **shown}, status=409)


def _shown(report: WriteReport, dataset: Dataset, given: Mapping[str, Any]) -> dict[str, Any]:
    conflicts = [vars(each) for each in report.conflicts]
    field = Field.objects.filter(dataset=dataset, name=given["field"]).first() if conflicts else None
    if field is not None and field.type in MASK_TYPES:
        sent = {entry["sample"]: entry["value"] for entry in given["values"]}
        for each in conflicts:  # their mask has an address, what was sent has none
            each["yours"] = sent[each["sample"]]
            each["theirs"] = shown_value(field, each["sample"], each["theirs"])
    return {"written": len(report.written), "conflicts": conflicts}


def _revisions(dataset: Dataset, field: str, samples: list[int]) -> dict[str, int]:
    found = Value.objects.filter(field__dataset=dataset, field__name=field, field__deleted_at=None)
    now = dict(found.filter(sample__in=samples).values_list("sample", "revision"))
    return {str(sample): now.get(sample, 0) for sample in samples}


def _with_parts(datasets: Any, request: Request) -> Any:
    return datasets.with_access(request.user).select_related("owner").prefetch_related("fields")
