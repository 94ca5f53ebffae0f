"""How often one address may try to sign in as one user."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any, cast

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle


class SignInThrottle(SimpleRateThrottle):
    """Ten tries per minute for an address and a username; requests that name no user are not counted.

    Works on REST framework's requests and on the form of the sign-in page.
    """

    rate = "10/min"

    def allow(self, request: HttpRequest) -> bool:
        """For a view that is not REST framework's."""
        return bool(self.allow_request(cast(Any, request), cast(Any, None)))

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        sent = getattr(request, "data", None) or request.POST
        username = sent.get("username") if hasattr(sent, "get") else None
        # What reads it takes a number for a text too.
        if username is None or isinstance(username, bool | dict | list):
            return None
        # Django's users differ by case, people who guess do not; and the form reads "ａdmin" as "admin".
        name = unicodedata.normalize("NFKC", str(username)).strip().casefold()
        who = f"{self.get_ident(request)} {name}"
        return f"sign-in-{hashlib.sha256(who.encode('utf-8', 'replace')).hexdigest()}"
