"""The addresses under `/api/v1/` that belong to everything shareable."""

from __future__ import annotations

from django.urls import path

from samplecase.web.sharing.api import CandidatesView
from samplecase.web.sharing.audit_api import AuditViewSet

urlpatterns = [
    path("audit/", AuditViewSet.as_view({"get": "list"}), name="audit"),
    path("sharing/candidates/", CandidatesView.as_view(), name="sharing-candidates"),
]
