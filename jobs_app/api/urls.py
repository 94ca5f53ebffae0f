"""The addresses of jobs and evaluations, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from jobs_app.api.bulk import BulkUndoView, BulkView
from jobs_app.api.evaluations import EvaluationViewSet
from jobs_app.api.exchange import (
    ExportFileView,
    ExportsView,
    ExportView,
    ImportReportView,
    ImportsView,
    ImportView,
)
from jobs_app.api.projections import ProjectionMethodsView, ProjectionPointsView, ProjectionViewSet
from jobs_app.api.runs import ModelRunsViewSet
from jobs_app.api.views import (
    JobErrorViewSet,
    JobLogViewSet,
    JobPreviewViewSet,
    JobReasonViewSet,
    JobViewSet,
)

urlpatterns = [
    path("jobs/", JobViewSet.as_view({"get": "list", "post": "create"}), name="jobs"),
    path("jobs/<int:pk>/", JobViewSet.as_view({"get": "retrieve"}), name="job"),
    path("jobs/<int:pk>/pause/", JobViewSet.as_view({"post": "pause"}), name="job-pause"),
    path("jobs/<int:pk>/resume/", JobViewSet.as_view({"post": "resume"}), name="job-resume"),
    path("jobs/<int:pk>/cancel/", JobViewSet.as_view({"post": "cancel"}), name="job-cancel"),
    path("jobs/<int:pk>/retry/", JobViewSet.as_view({"post": "retry"}), name="job-retry"),
    path("jobs/<int:pk>/undo/", JobViewSet.as_view({"post": "undo"}), name="job-undo"),
    path("jobs/<int:pk>/preview/", JobPreviewViewSet.as_view({"get": "retrieve"}), name="job-preview"),
    path("jobs/<int:pk>/errors/", JobErrorViewSet.as_view({"get": "list"}), name="job-errors"),
    path("jobs/<int:pk>/errors/reasons/", JobReasonViewSet.as_view({"get": "retrieve"}), name="job-reasons"),
    path("jobs/<int:pk>/log/", JobLogViewSet.as_view({"get": "retrieve"}), name="job-log"),
    path("datasets/<int:pk>/bulk/", BulkView.as_view(), name="bulk"),
    path("datasets/<int:pk>/bulk/undo/", BulkUndoView.as_view(), name="bulk-undo"),
    path("models/<int:pk>/runs/", ModelRunsViewSet.as_view({"get": "list"}), name="model-runs"),
    path(
        "datasets/<int:dataset>/evaluations/",
        EvaluationViewSet.as_view({"get": "list", "post": "create"}),
        name="evaluations",
    ),
    path(
        "datasets/<int:dataset>/evaluations/<int:pk>/",
        EvaluationViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        name="evaluation",
    ),
    path(
        "datasets/<int:dataset>/evaluations/<int:pk>/refresh/",
        EvaluationViewSet.as_view({"post": "refresh"}),
        name="evaluation-refresh",
    ),
    path(
        "datasets/<int:dataset>/projections/",
        ProjectionViewSet.as_view({"get": "list", "post": "create"}),
        name="projections",
    ),
    path(
        "datasets/<int:dataset>/projections/methods/",
        ProjectionMethodsView.as_view(),
        name="projection-methods",
    ),
    path(
        "datasets/<int:dataset>/projections/<int:pk>/",
        ProjectionViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        name="projection",
    ),
    path(
        "datasets/<int:dataset>/projections/<int:pk>/points/",
        ProjectionPointsView.as_view(),
        name="projection-points",
    ),
    path("datasets/<int:dataset>/imports/", ImportsView.as_view(), name="imports"),
    path("datasets/<int:dataset>/imports/<int:pk>/", ImportView.as_view(), name="import"),
    path("datasets/<int:dataset>/imports/<int:pk>/report/", ImportReportView.as_view(), name="import-report"),
    path("datasets/<int:dataset>/exports/", ExportsView.as_view(), name="exports"),
    path("datasets/<int:dataset>/exports/<int:pk>/", ExportView.as_view(), name="export"),
    path("datasets/<int:dataset>/exports/<int:pk>/file/", ExportFileView.as_view(), name="export-file"),
]
