"""Every address of the server."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from samplecase.web.rest.description import SchemaView

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("samplecase.web.accounts.urls")),
    path("api/v1/", include("samplecase.web.uploads.urls")),
    path("api/v1/", include("samplecase.web.sharing.urls")),
    path("api/v1/", include("datasets_app.api.urls")),
    path("api/v1/", include("models_app.api.urls")),
    path("api/v1/", include("jobs_app.api.urls")),
    path("api/v1/schema/", SchemaView.as_view(), name="schema"),
    path("api/v1/docs/", login_required(SpectacularSwaggerSplitView.as_view(url_name="schema")), name="docs"),
    # One place to sign in, with its limit of tries.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/", admin.site.urls),
    path("", include("samplecase.web.pages.urls")),
]

handler400 = "samplecase.web.pages.faults.bad_request"
handler403 = "samplecase.web.pages.faults.forbidden"
handler404 = "samplecase.web.pages.faults.not_found"
handler500 = "samplecase.web.pages.faults.server_error"
