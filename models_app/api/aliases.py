"""`/models/{id}/aliases/`: what stands for which version, and what it stood for before."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.aliases import remove_alias, set_alias
from models_app.api.alias_serializers import AliasMoveSerializer, AliasSerializer, NewAliasSerializer
from models_app.models import Model
from models_app.pointing import Alias, AliasMove
from samplecase.contracts.states import ModelRight
from samplecase.web.rest.pagination import KeysetPagination
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiViewSet


class AliasViewSet(ApiViewSet):
    """The aliases of one model."""

    queryset = Alias.objects.none()
    serializer_class = AliasSerializer
    pagination_class = KeysetPagination
    page_order: ClassVar[tuple[str, ...]] = ("name", "id")

    def list(self, request: Request, pk: int) -> Response:
        """What each alias means at this time, by name."""
        model = Model.objects.require(pk=pk, user=request.user)
        page = self.paginate_queryset(model.aliases.select_related("version", "moved_by"))
        return self.get_paginated_response(AliasSerializer(page, many=True).data)

    @extend_schema(request=NewAliasSerializer, responses={200: AliasSerializer, **errors(409)})
    def update(self, request: Request, pk: int, name: str) -> Response:
        """Let it mean a version; needs *edit*. The deployments that follow it are checked anew with that version."""
        model = Model.objects.require(pk=pk, user=request.user, right=ModelRight.EDIT)
        version = self.checked(NewAliasSerializer)["version"]
        alias = set_alias(acting_user=request.user, model=model, name=name, version=version)  # type: ignore[arg-type]
        return Response(AliasSerializer(alias).data)

    @extend_schema(responses={204: None, **errors(409)})
    def destroy(self, request: Request, pk: int, name: str) -> Response:
        """Take it away; needs *edit*. Its history stays."""
        model = Model.objects.require(pk=pk, user=request.user, right=ModelRight.EDIT)
        remove_alias(acting_user=request.user, model=model, name=name)  # type: ignore[arg-type]
        return Response(status=204)


class AliasHistoryViewSet(ApiViewSet):
    """The steps of one alias."""

    queryset = AliasMove.objects.none()
    serializer_class = AliasMoveSerializer
    pagination_class = KeysetPagination
    page_order: ClassVar[tuple[str, ...]] = ("-id",)

    def list(self, request: Request, pk: int, name: str) -> Response:
        """Who moved it, when, from which version to which, the newest first; also of one that is gone."""
        model = Model.objects.require(pk=pk, user=request.user)
        page = self.paginate_queryset(model.alias_moves.filter(name=name).select_related("moved_by"))
        return self.get_paginated_response(AliasMoveSerializer(page, many=True).data)
