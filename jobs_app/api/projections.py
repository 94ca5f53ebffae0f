"""The endpoints of projections."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import OuterRef, Subquery
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.api.datasets import FILTER
from datasets_app.models import Dataset, Projection
from datasets_app.pages import filter_from
from datasets_app.projections import MOST_POINTS, colouring_field, shown_points
from jobs_app.api.projection_serializers import (
    MethodsSerializer,
    NewProjectionSerializer,
    PointsSerializer,
    ProjectionMadeSerializer,
    ProjectionSerializer,
)
from jobs_app.api.views import IDEMPOTENCY_KEY
from jobs_app.idempotency import RequestKey
from jobs_app.models import Job
from jobs_app.projecting import delete, project
from samplecase.contracts.errors import InvalidInput, NotFound
from samplecase.contracts.states import DatasetRight
from samplecase.projection.methods import NEEDS, Method, missing
from samplecase.web.accounts.models import User
from samplecase.web.rest.etag import polled
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiView, ApiViewSet

JOB_FACTS = ("state", "done", "total", "finished_at", "error_message")
COLOUR = OpenApiParameter(
    "colour", OpenApiTypes.STR, description="A field whose labels come with the points."
)
MOST = OpenApiParameter("most", OpenApiTypes.INT, description=f"Points at most, up to {MOST_POINTS}.")


class ProjectionViewSet(ApiViewSet):
    """Projections of embeddings, as all see them who may view the dataset. To make one needs *label*."""

    serializer_class = ProjectionSerializer
    page_order = ("-id",)

    @extend_schema(responses=ProjectionSerializer(many=True))
    def list(self, request: Request, dataset: int) -> Response:
        """The dataset's projections, newest first."""
        found = Dataset.objects.require(pk=dataset, user=request.user)
        page = self.paginate_queryset(_shown(found)) or []
        answer = self.get_paginated_response(ProjectionSerializer(page, many=True).data)
        return polled(request, build=lambda: answer.data)

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=NewProjectionSerializer,
        responses={202: ProjectionMadeSerializer, **errors(409)},
    )
    def create(self, request: Request, dataset: int) -> Response:
        """Lay the vectors of a field out on a plane, as a job."""
        found = Dataset.objects.require(pk=dataset, user=request.user, right=DatasetRight.LABEL)
        given = self.checked(NewProjectionSerializer)
        user, header = cast(User, request.user), request.headers.get("Idempotency-Key")
        body = {"projection": dataset, "of": request.data}
        key = None if header is None else RequestKey.of(user=user, key=header, body=body)
        job = project(
            dataset=found,
            field=given["field"],
            method=Method(given["method"]),
            filter=given["filter"],
            acting_user=user,
            key=key,
        )
        return Response({"id": job.projection_id, "job": job.pk}, status=202)

    @extend_schema(responses={200: ProjectionSerializer, 304: None})
    def retrieve(self, request: Request, dataset: int, pk: int) -> Response:
        """One projection."""
        found = Dataset.objects.require(pk=dataset, user=request.user)
        return polled(request, build=lambda: ProjectionSerializer(_one(found, pk)).data)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, dataset: int, pk: int) -> Response:
        """Delete a projection and its points; for who made it while he may label, and with *edit*."""
        found = Dataset.objects.require(pk=dataset, user=request.user, right=DatasetRight.LABEL)
        delete(projection=_one(found, pk), acting_user=cast(User, request.user))
        return Response(status=204)


class ProjectionMethodsView(ApiView):
    """The ways to lay vectors out."""

    @extend_schema(responses=MethodsSerializer)
    def get(self, request: Request, dataset: int) -> Response:
        """Which ways there are, and which of them this server can go."""
        Dataset.objects.require(pk=dataset, user=request.user)
        rows = [
            {
                "method": method.value,
                "title": needs.title,
                "missing": missing(method),
                "most_fitted": needs.most_fitted,
                "places_others": needs.places_others,
            }
            for method, needs in NEEDS.items()
        ]
        return Response({"results": rows})


class ProjectionPointsView(ApiView):
    """The points of a projection."""

    @extend_schema(parameters=[FILTER, COLOUR, MOST], responses={200: PointsSerializer, 304: None})
    def get(self, request: Request, dataset: int, pk: int) -> Response:
        """The points of the samples of a filter, in columns; of too many, evenly drawn ones."""
        found = Dataset.objects.require(pk=dataset, user=request.user)
        projection, params = _one(found, pk), request.query_params
        filter, _ = filter_from(params, found)
        name, most = params.get("colour"), _most(params.get("most"))
        colour = None if name is None else colouring_field(found, name)

        def build() -> Any:
            shown = shown_points(projection, filter=filter, colour=colour, most=most)
            return {
                "total": shown.total,
                "extent": shown.extent,
                "samples": shown.ids,
                "x": shown.x,
                "y": shown.y,
                "classes": shown.classes,
                "labels": shown.labels,
            }

        return polled(request, build=build)


def _most(text: str | None) -> int:
    if text is None:
        return MOST_POINTS
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 6 and 1 <= int(text) <= MOST_POINTS):
        raise InvalidInput(f"most is a whole number from 1 to {MOST_POINTS}.", pointer="/most")
    return int(text)


def _shown(dataset: Dataset) -> Any:
    """With what the jobs say, in the same statement: none is finished before its points are there."""
    job = Job.objects.filter(pk=OuterRef("job"))
    facts = {f"job_{name}": Subquery(job.values(name)) for name in JOB_FACTS}
    found = Projection.objects.filter(dataset=dataset, job__isnull=False).annotate(**facts)
    return found.select_related("created_by", "dataset", "field").defer("basis")


def _one(dataset: Dataset, pk: int) -> Projection:
    projection: Projection | None = _shown(dataset).filter(pk=pk).first()
    if projection is None:
        raise NotFound(f"The dataset has no projection {pk}.")
    return projection
