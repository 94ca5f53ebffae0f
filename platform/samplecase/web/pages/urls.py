"""The addresses that a browser opens."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.templatetags.static import static
from django.urls import path, re_path
from django.views.generic import RedirectView

from samplecase.web.pages.health import health
from samplecase.web.pages.metrics import MetricsView
from samplecase.web.pages.views import SignIn, SignUp, Welcome, shell

urlpatterns = [
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("sign-up/", SignUp.as_view(), name="sign-up"),
    path("welcome/<str:secret>/", Welcome.as_view(), name="welcome"),
    path("health", health),
    path("health/", health, name="health"),
    path("metrics", MetricsView.as_view()),
    path("metrics/", MetricsView.as_view(), name="metrics"),
    path("favicon.ico", RedirectView.as_view(url=static("pages/logo.svg"), permanent=True), name="favicon"),
    path("", shell, name="home"),
    re_path(r"^(?:datasets|models|account|people|audit)(?:/.*)?$", shell, name="shell"),
]
