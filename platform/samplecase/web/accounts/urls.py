"""The addresses of accounts under `/api/v1/`."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from samplecase.web.accounts.me_api import MeView, MyPasswordView, SessionViewSet
from samplecase.web.accounts.people_api import PersonViewSet
from samplecase.web.accounts.tokens_api import TokenViewSet

router = SimpleRouter(use_regex_path=False)
router.register("tokens", TokenViewSet, basename="token")

urlpatterns = [
    path("me/", MeView.as_view(), name="me"),
    path("me/password/", MyPasswordView.as_view(), name="me-password"),
    path("sessions/", SessionViewSet.as_view({"get": "list", "delete": "destroy_others"}), name="sessions"),
    path("sessions/<uuid:id>/", SessionViewSet.as_view({"delete": "destroy"}), name="session"),
    path("people/", PersonViewSet.as_view({"get": "list", "post": "create"}), name="people"),
    path("people/<int:id>/", PersonViewSet.as_view({"patch": "partial_update"}), name="person"),
    path("people/<int:id>/link/", PersonViewSet.as_view({"post": "link"}), name="person-link"),
    *router.urls,
]
