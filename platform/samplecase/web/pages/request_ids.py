"""Gives each request an id, which its log lines and its answer name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from samplecase.contracts.log_context import bound

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class RequestIds:
    """The id that a proxy gave, if it is one, else a new one. Outermost, so that nothing is logged without it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        with bound(request=request_id):
            response = self.get_response(request)
        response.headers[HEADER] = request_id
        return response
