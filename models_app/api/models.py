"""`/models/`: list, make, change and delete models."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.api.serializers import MOST_TAGS, ModelFactsSerializer, ModelSerializer
from models_app.models import Model, ModelQuerySet
from models_app.registry import create_model, delete_model, update_model
from samplecase.contracts.states import ModelRight
from samplecase.web.rest.etag import polled
from samplecase.web.rest.pagination import KeysetPagination
from samplecase.web.rest.parameters import choice_from, search_from, search_in
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiViewSet
from samplecase.web.sharing.api import SHARED_WITH
from samplecase.web.sharing.models import SHARED

ORDERS: dict[str, tuple[str, ...]] = {
    "name": ("name", "id"),
    "-name": ("-name", "-id"),
    "created": ("created_at", "id"),
    "-created": ("-created_at", "-id"),
    "updated": ("updated_at", "id"),
    "-updated": ("-updated_at", "-id"),
}
NEWEST_LISTED = 5  # versions of each model of the list
FILTERS = [
    search_in("name, description or tags"),
    OpenApiParameter("tag", str, many=True, description="Those with the tag; several: with all of them."),
    OpenApiParameter("owner", str, description="Those of the user of this name."),
    SHARED_WITH,
    OpenApiParameter("sort", str, enum=[*ORDERS], default="name"),
]


@extend_schema_view(list=extend_schema(parameters=FILTERS))
class ModelViewSet(ApiViewSet):
    """Models: named, shared, with versions and deployments."""

    queryset = Model.objects.none()
    serializer_class = ModelSerializer
    pagination_class = KeysetPagination
    page_order: ClassVar[tuple[str, ...]] = ("name", "id")

    def list(self, request: Request) -> Response:
        """The models that you may see, by name or as `sort` says; of each the newest versions and what is deployed."""
        self.page_order = ORDERS[choice_from(request.query_params, "sort", ORDERS) or "name"]  # type: ignore[misc]
        models = _asked_for(request)
        shown = models.with_access(request.user).with_parts(newest=NEWEST_LISTED)
        page = self.paginate_queryset(shown)
        return self.get_paginated_response(ModelSerializer(page, many=True).data)

    @extend_schema(request=ModelFactsSerializer, responses={201: ModelSerializer})
    def create(self, request: Request) -> Response:
        """Create Model: the name must not be taken."""
        facts = self.checked(ModelFactsSerializer)
        model = create_model(acting_user=request.user, **facts)  # type: ignore[arg-type]
        return Response(self._shown(model.pk), status=201)

    def retrieve(self, request: Request, pk: int) -> Response:
        """One model, with an ETag."""
        Model.objects.require(pk=pk, user=request.user)
        return polled(request, build=lambda: self._shown(pk))

    @extend_schema(request=ModelFactsSerializer, responses=ModelSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change name, description or tags; needs *edit*. The slug stays."""
        model = Model.objects.require(pk=pk, user=request.user, right=ModelRight.EDIT)
        changes = self.checked(ModelFactsSerializer, partial=True)
        update_model(acting_user=request.user, model=model, changes=changes)  # type: ignore[arg-type]
        return Response(self._shown(pk))

    @extend_schema(responses={204: None, **errors(409)})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a model with all its versions and deployments; needs *edit*. Fields that it wrote stay."""
        model = Model.objects.require(pk=pk, user=request.user, right=ModelRight.EDIT)
        delete_model(acting_user=request.user, model=model)  # type: ignore[arg-type]
        return Response(status=204)

    def _shown(self, pk: int) -> Any:
        model = Model.objects.filter(pk=pk).with_access(self.request.user).with_parts().get()
        return ModelSerializer(model).data


def _asked_for(request: Request) -> ModelQuerySet:
    """The visible models that the query string asks for. Raises `InvalidInput` at the parameter that is not valid."""
    params = request.query_params
    models: ModelQuerySet = Model.objects.visible_to(request.user)
    if search := search_from(params):
        models = models.search(search)
    for tag in params.getlist("tag")[:MOST_TAGS]:
        models = models.tagged(tag)
    if "owner" in params:
        models = models.filter(owner__username=params["owner"])
    return models.shared(request.user, choice_from(params, "shared", SHARED))
