"""Headers that keep a page to its own server."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

from samplecase.web.accounts.sessions import SessionStore
from samplecase.web.rest.limits import address_of

# Mantine writes style elements, hence `unsafe-inline` for styles; `blob:` and `data:` are images the page draws.
STRICT = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' blob: data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# Unfold's pages have inline scripts, and Alpine evaluates the expressions in their attributes.
ADMIN = {**STRICT, "script-src": "'self' 'unsafe-inline' 'unsafe-eval'"}
ADMIN_PREFIX = "/admin/"


def written(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in policy.items())


class ContentSecurityPolicy:
    """Adds the policy to every answer that has not set its own (media has a stricter one)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = ADMIN if request.path.startswith(ADMIN_PREFIX) else STRICT
        response.headers.setdefault("Content-Security-Policy", written(policy))
        return response


class NotedSessions:
    """Tells a session which browser it is of, and notes that it is in use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = cast(SessionStore, request.session)
        session.client = (address_of(request)[:45], request.headers.get("User-Agent", "")[:200])
        response = self.get_response(request)
        session.note_use()
        return response


class PermanentRedirect(HttpResponsePermanentRedirect):
    """308 keeps method and body: after a 301 clients repeat a POST as a GET, and take its answer for success."""

    status_code = 308


class AddedSlash(CommonMiddleware):
    """Django's, that sends an address without its last slash on to the one with it."""

    response_redirect_class = PermanentRedirect
