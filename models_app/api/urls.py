"""The addresses of this app, under `/api/v1/`."""

from __future__ import annotations

from typing import Any

from django.urls import path

from models_app.api.aliases import AliasHistoryViewSet, AliasViewSet
from models_app.api.deployments import DeploymentViewSet
from models_app.api.models import ModelViewSet
from models_app.api.versions import (
    ChangesView,
    CheckSchemaView,
    PackageView,
    StageView,
    VersionsView,
    VersionView,
)
from models_app.models import Model
from samplecase.web.sharing.api import SharingView, TransferView

ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("models/", ModelViewSet.as_view({"get": "list", "post": "create"}), name="model-list"),
    path("models/check-schema/", CheckSchemaView.as_view(), name="check-schema"),
    path("models/<int:pk>/", ModelViewSet.as_view(ONE), name="model"),
    path("models/<int:pk>/sharing/", SharingView.as_view(kind=Model), name="model-sharing"),
    path("models/<int:pk>/transfer/", TransferView.as_view(kind=Model), name="model-transfer"),
    path("models/<int:pk>/versions/", VersionsView.as_view(), name="version-list"),
    path("models/<int:pk>/versions/<str:version>/", VersionView.as_view(), name="version"),
    path("models/<int:pk>/versions/<str:version>/package/", PackageView.as_view(), name="package"),
    path("models/<int:pk>/versions/<str:version>/stage/", StageView.as_view(), name="version-stage"),
    path("models/<int:pk>/versions/<str:version>/changes/", ChangesView.as_view(), name="version-changes"),
    path("models/<int:pk>/aliases/", AliasViewSet.as_view({"get": "list"}), name="alias-list"),
    path(
        "models/<int:pk>/aliases/<str:name>/",
        AliasViewSet.as_view({"put": "update", "delete": "destroy"}),
        name="alias",
    ),
    path(
        "models/<int:pk>/aliases/<str:name>/history/",
        AliasHistoryViewSet.as_view({"get": "list"}),
        name="alias-history",
    ),
    path(
        "deployments/", DeploymentViewSet.as_view({"get": "list", "post": "create"}), name="deployment-list"
    ),
    path("deployments/<int:pk>/", DeploymentViewSet.as_view(ONE), name="deployment"),
    path("deployments/<int:pk>/log/", DeploymentViewSet.as_view({"get": "log"}), name="deployment-log"),
    path(
        "deployments/<int:pk>/start/", DeploymentViewSet.as_view({"post": "start"}), name="deployment-start"
    ),
    path("deployments/<int:pk>/stop/", DeploymentViewSet.as_view({"post": "stop"}), name="deployment-stop"),
]
