"""Conditional answers, so that a page that polls costs next to nothing while nothing changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response


def etag_of(*parts: Any) -> str:
    """A weak entity tag of anything that JSON can say."""
    text = json.dumps(parts, cls=DjangoJSONEncoder, sort_keys=True, default=str)
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def polled(request: Request, *, build: Callable[[], Any], tag: str | None = None) -> Response:
    """200 with what `build` makes and its ETag, or 304 if the client has just that.

    Give `tag` (from `etag_of`) where it is cheaper to know than the answer: `build` is then called only if needed.
    Without it, the tag is that of the answer.
    """
    data = None
    if tag is None:
        data = build()
        tag = etag_of(data)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if tag in known or "*" in known:
        return Response(status=304, headers=headers)
    return Response(build() if data is None else data, headers=headers)
