"""Measures every request."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from samplecase.web.pages.tallies import TALLIES

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measured:
    """Tallies every answer, until its headers: what is streamed after them is the client's pace too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in METHODS else "other"
        TALLIES.count(
            route_of(request), method or "other", str(response.status_code), time.perf_counter() - start
        )
        return response


def route_of(request: HttpRequest) -> str:
    """The pattern that the address fits, never the address: `/api/v1/datasets/<int:pk>/`."""
    found = request.resolver_match
    if found is None:
        return "static" if request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/") else "none"
    route = found.view_name if "(" in found.route else f"/{found.route}"
    return route.replace("\t", " ").encode("ascii", "replace").decode()[:140]
