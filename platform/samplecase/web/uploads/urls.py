"""The addresses of uploads under `/api/v1/`."""

from __future__ import annotations

from django.urls import path

from samplecase.web.uploads.api import UploadViewSet

ONE = {"get": "retrieve", "head": "offset", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path(
        "uploads/",
        UploadViewSet.as_view({"get": "list", "post": "create", "options": "options"}),
        name="uploads",
    ),
    path("uploads/<uuid:id>/", UploadViewSet.as_view({**ONE, "options": "options"}), name="upload"),
]
