"""What is answered when there is no view to answer: the API's error shape for programs, a plain page for people."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from samplecase.web.errors import body, translate, with_request

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    known = translate(exception) if exception is not None else None
    message = known.message if known else "The request is not valid."
    return _answer(request, 400, "invalid", message)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "forbidden", "You do not have the right to do that.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    message = "Something went wrong on the server. It is in the server's log, and not your fault."
    return _answer(request, 500, "server_error", with_request(message))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    logger.warning("refused by the CSRF check: %s", reason)
    message = "This form was open for too long, or cookies are off. Go back, reload the page and try again."
    return _answer(request, 403, "csrf_failed", message)


def _answer(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(body(code, message), status=status)
    context: dict[str, Any] = {"title": _TITLES[status], "message": message}
    # Rendered without the request: the fault may lie in what the context processors would ask.
    return HttpResponse(render(None, "pages/fault.html", context).content, status=status)


_TITLES = {400: "Not understood", 403: "Not allowed", 404: "Nothing here", 500: "That went wrong"}
