"""`/deployments/`: how versions run, and their steps."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.api.serializers import (
    DeploymentChangesSerializer,
    DeploymentLogSerializer,
    DeploymentSerializer,
    NewDeploymentSerializer,
)
from models_app.deploying import (
    delete_deployment,
    deploy,
    rename_deployment,
    start_deployment,
    stop_deployment,
)
from models_app.models import Deployment, DeploymentQuerySet, Model
from samplecase.contracts.states import DeploymentState, ModelRight
from samplecase.web.rest.etag import polled
from samplecase.web.rest.pagination import KeysetPagination
from samplecase.web.rest.parameters import choice_from, id_from
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiViewSet

STATES = [each.value for each in DeploymentState]
OF_MODEL = OpenApiParameter("model", OpenApiTypes.INT, description="Those of one model.")
IN_STATE = OpenApiParameter("state", OpenApiTypes.STR, enum=STATES, description="Those in one state.")


@extend_schema_view(list=extend_schema(parameters=[OF_MODEL, IN_STATE]))
class DeploymentViewSet(ApiViewSet):
    """Deployments: seen with their model, changed by who may edit it."""

    queryset = Deployment.objects.none()
    serializer_class = DeploymentSerializer
    pagination_class = KeysetPagination
    page_order: ClassVar[tuple[str, ...]] = ("-id",)

    def list(self, request: Request) -> Response:
        """The deployments of the models that you may see, newest first."""
        deployments = _filtered(Deployment.objects.visible_to(request.user), request)
        page = self.paginate_queryset(deployments.select_related("version", "created_by"))
        return self.get_paginated_response(DeploymentSerializer(page, many=True).data)

    @extend_schema(request=NewDeploymentSerializer, responses={201: DeploymentSerializer, **errors(404, 409)})
    def create(self, request: Request) -> Response:
        """Deploy a version, by default the newest; needs *edit* on the model. It is ready once it was checked."""
        wanted = self.checked(NewDeploymentSerializer)
        model = Model.objects.require(pk=wanted.pop("model"), user=request.user, right=ModelRight.EDIT)
        version = wanted.pop("version", None) or ""
        deployment = deploy(acting_user=request.user, model=model, version=version, **wanted)  # type: ignore[arg-type]
        return Response(DeploymentSerializer(deployment).data, status=201)

    def retrieve(self, request: Request, pk: int) -> Response:
        """One deployment, with an ETag."""
        deployment = Deployment.objects.require(pk=pk, user=request.user)
        return polled(request, build=lambda: DeploymentSerializer(deployment).data)

    @extend_schema(request=DeploymentChangesSerializer, responses=DeploymentSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Rename it; needs *edit*. Nothing else changes, for jobs refer to what it was: deploy again instead."""
        deployment = self._editable(pk)
        changes = self.checked(DeploymentChangesSerializer)
        if changes:
            rename_deployment(acting_user=request.user, deployment=deployment, **changes)  # type: ignore[arg-type]
        return Response(DeploymentSerializer(deployment).data)

    @extend_schema(responses={204: None, **errors(409)})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete it; needs *edit*."""
        delete_deployment(acting_user=request.user, deployment=self._editable(pk))  # type: ignore[arg-type]
        return Response(status=204)

    @extend_schema(responses=DeploymentLogSerializer)
    def log(self, request: Request, pk: int) -> Response:
        """What its check printed, with an ETag; needs *edit*."""
        deployment = self._editable(pk)
        return polled(request, build=lambda: DeploymentLogSerializer(deployment).data)

    @extend_schema(request=None, responses={200: DeploymentSerializer, **errors(409)})
    def start(self, request: Request, pk: int) -> Response:
        """Check a stopped or failed deployment again; needs *edit*. Any other is left as it is."""
        deployment = start_deployment(acting_user=request.user, deployment=self._editable(pk))  # type: ignore[arg-type]
        return Response(DeploymentSerializer(deployment).data)

    @extend_schema(request=None, responses=DeploymentSerializer)
    def stop(self, request: Request, pk: int) -> Response:
        """Take it out of use; needs *edit*. One that is stopped stays so."""
        deployment = stop_deployment(acting_user=request.user, deployment=self._editable(pk))  # type: ignore[arg-type]
        return Response(DeploymentSerializer(deployment).data)

    def _editable(self, pk: int) -> Deployment:
        return Deployment.objects.require(pk=pk, user=self.request.user, right=ModelRight.EDIT)


def _filtered(deployments: DeploymentQuerySet, request: Request) -> DeploymentQuerySet:
    state = choice_from(request.query_params, "state", STATES)
    if state is not None:
        deployments = deployments.filter(state=state)
    model = id_from(request.query_params, "model")
    if model is not None:
        deployments = deployments.filter(version__model=model)
    return deployments
