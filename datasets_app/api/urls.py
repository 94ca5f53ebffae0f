"""The addresses of this app, under `/api/v1/`."""

from __future__ import annotations

from typing import Any

from django.urls import path

from datasets_app.api.datasets import DatasetViewSet, FacetsView, ValuesView
from datasets_app.api.fields import FieldsView, FieldView, RestoreFieldView
from datasets_app.api.history import HistoryView
from datasets_app.api.nearest import NearestView
from datasets_app.api.reviews import ReviewClaimsView, ReviewDecisionsView, ReviewUndoView, ReviewViewSet
from datasets_app.api.samples import MaskView, MediaView, SamplesView, SampleView, ThumbnailView
from datasets_app.api.views import ViewViewSet
from datasets_app.models import Dataset
from samplecase.web.sharing.api import SharingView, TransferView

ALL: dict[str, Any] = {"get": "list", "post": "create"}
ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
DATASET = "datasets/<int:pk>/"
SAMPLE = f"{DATASET}samples/<int:sid>/"
REVIEW = f"{DATASET}reviews/<int:rid>/"

urlpatterns = [
    path("datasets/", DatasetViewSet.as_view(ALL), name="dataset-list"),
    path(DATASET, DatasetViewSet.as_view(ONE), name="dataset"),
    path(f"{DATASET}sharing/", SharingView.as_view(kind=Dataset), name="dataset-sharing"),
    path(f"{DATASET}transfer/", TransferView.as_view(kind=Dataset), name="dataset-transfer"),
    path(f"{DATASET}facets/", FacetsView.as_view(), name="facets"),
    path(f"{DATASET}values/", ValuesView.as_view(), name="values"),
    path(f"{DATASET}views/", ViewViewSet.as_view(ALL), name="view-list"),
    path(f"{DATASET}views/<int:vid>/", ViewViewSet.as_view(ONE), name="view"),
    path(f"{DATASET}reviews/", ReviewViewSet.as_view(ALL), name="review-list"),
    path(REVIEW, ReviewViewSet.as_view({"get": "retrieve", "delete": "destroy"}), name="review"),
    path(f"{REVIEW}claims/", ReviewClaimsView.as_view(), name="review-claims"),
    path(f"{REVIEW}decisions/", ReviewDecisionsView.as_view(), name="review-decisions"),
    path(f"{REVIEW}undo/", ReviewUndoView.as_view(), name="review-undo"),
    path(f"{DATASET}fields/", FieldsView.as_view(), name="field-list"),
    path(f"{DATASET}fields/<str:name>/", FieldView.as_view(), name="field"),
    path(f"{DATASET}fields/<str:name>/restore/", RestoreFieldView.as_view(), name="field-restore"),
    path(f"{DATASET}samples/", SamplesView.as_view(), name="sample-list"),
    path(SAMPLE, SampleView.as_view(), name="sample"),
    path(f"{SAMPLE}history/", HistoryView.as_view(), name="sample-history"),
    path(f"{SAMPLE}nearest/", NearestView.as_view(), name="sample-nearest"),
    path(f"{SAMPLE}media/", MediaView.as_view(), name="sample-media"),
    path(f"{SAMPLE}thumbnail/", ThumbnailView.as_view(), name="sample-thumbnail"),
    path(f"{SAMPLE}masks/<str:name>/", MaskView.as_view(), name="sample-mask"),
]
