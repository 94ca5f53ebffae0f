"""`/datasets/{id}/views/`: saved views, for all who see the dataset."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.api.serializers import printable
from datasets_app.models import Dataset, Field, View
from datasets_app.views import create_view, delete_view, find_view, problem_of, update_view
from samplecase.contracts.states import DatasetRight
from samplecase.web.accounts.models import User
from samplecase.web.rest.serializers import FilterField, StrictSerializer
from samplecase.web.rest.views import ApiViewSet


class NewViewSerializer(StrictSerializer):
    """A view to be saved."""

    name = serializers.CharField(max_length=100, validators=[printable])
    filter = FilterField(required=False, allow_null=True)
    sort = serializers.CharField(max_length=200, required=False, allow_null=True)
    fields_ = serializers.ListField(
        child=serializers.CharField(max_length=63),
        max_length=1_000,
        required=False,
        allow_null=True,
        help_text="Names of the visible fields; null: as the page has it.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return _with_fields(super().get_fields())


class ViewSerializer(serializers.Serializer[Any]):
    """A saved view."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    filter = FilterField(allow_null=True)
    sort = serializers.CharField(allow_null=True)
    fields_ = serializers.ListField(child=serializers.CharField(), allow_null=True)
    created_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    problem = serializers.CharField(
        allow_null=True, help_text="Why it no longer fits the dataset, as after a field was renamed."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return _with_fields(super().get_fields())


def _with_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """An attribute `fields` of a serializer is its own; only the name in the JSON is free."""
    return {name.rstrip("_"): field for name, field in fields.items()}


class ViewViewSet(ApiViewSet):
    """Saved views. Seen by who may view the dataset; made with *label*; changed by who made it, or with *edit*."""

    queryset = View.objects.none()
    serializer_class = ViewSerializer
    page_order = ("name", "id")

    def list(self, request: Request, pk: int) -> Response:
        """The dataset's views, by name."""
        dataset = Dataset.objects.require(pk=pk, user=request.user)
        views = View.objects.filter(dataset=dataset).select_related("created_by")
        page = self.paginate_queryset(views)
        return self.get_paginated_response(_shown(dataset, page or []))

    @extend_schema(request=NewViewSerializer, responses={201: ViewSerializer})
    def create(self, request: Request, pk: int) -> Response:
        """Save a view; the dataset must not have one of this name, and the filter must fit."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.LABEL)
        facts = self.checked(NewViewSerializer)
        view = create_view(acting_user=cast(User, request.user), dataset=dataset, **facts)
        return Response(_shown(dataset, [view])[0], status=201)

    def retrieve(self, request: Request, pk: int, vid: int) -> Response:
        """One view."""
        dataset = Dataset.objects.require(pk=pk, user=request.user)
        return Response(_shown(dataset, [find_view(dataset=dataset, pk=vid)])[0])

    @extend_schema(request=NewViewSerializer, responses=ViewSerializer)
    def partial_update(self, request: Request, pk: int, vid: int) -> Response:
        """Change a view."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.LABEL)
        view = find_view(dataset=dataset, pk=vid)
        changes = self.checked(NewViewSerializer, partial=True)
        user = cast(User, request.user)
        changed = update_view(acting_user=user, dataset=dataset, view=view, changes=changes)
        return Response(_shown(dataset, [changed])[0])

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int, vid: int) -> Response:
        """Delete a view; the samples stay."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.LABEL)
        view = find_view(dataset=dataset, pk=vid)
        delete_view(acting_user=cast(User, request.user), dataset=dataset, view=view)
        return Response(status=204)


def _shown(dataset: Dataset, views: Any) -> list[dict[str, Any]]:
    fields = {field.name: field for field in Field.objects.filter(dataset=dataset)}
    return [
        {
            "id": view.pk,
            "name": view.name,
            "filter": view.filter,
            "sort": view.sort,
            "fields": view.fields,
            "created_by": view.created_by.username if view.created_by else None,
            "created_at": view.created_at,
            "problem": problem_of(view, dataset, fields),
        }
        for view in views
    ]
