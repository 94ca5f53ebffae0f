"""The limits of requests: a user's own, and an address's for whoever is not signed in."""

from __future__ import annotations

import ipaddress
import math
import re
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from samplecase.web.rest.limiter import LIMITER, WINDOW, Allowance

_WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[0-9.]+))(?::\d*)?", re.ASCII)


class TooManyRequests(exceptions.Throttled):
    """More requests in a minute than the settings allow."""

    def __init__(self, allowance: Allowance) -> None:
        seconds = max(1, math.ceil(allowance.wait))
        super().__init__(seconds)
        self.detail = exceptions.ErrorDetail(
            f"These were more than {allowance.limit:,} requests within a minute. Wait {seconds} s."
        )


class Limited(APIView):
    """Counts each request as soon as it is known whose it is, and says in the answer's headers what is left."""

    _allowance: tuple[str, Allowance] | None = None

    def perform_authentication(self, request: Request) -> None:
        """Raises `TooManyRequests`; guessed tokens count as their address's."""
        try:
            super().perform_authentication(request)
        except exceptions.APIException:
            self._count("address", address_of(request), settings.RATE_LIMIT_ADDRESS)
            raise
        if request.user and request.user.is_authenticated:
            self._count("user", str(request.user.pk), settings.RATE_LIMIT_USER)
        else:
            self._count("address", address_of(request), settings.RATE_LIMIT_ADDRESS)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Adds the headers of https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if self._allowance is not None:
            policy, left = self._allowance
            response.headers["RateLimit-Policy"] = f'"{policy}";q={left.limit};w={WINDOW:.0f}'
            reset = math.ceil(left.wait or left.full_in)
            response.headers["RateLimit"] = f'"{policy}";r={left.remaining};t={reset}'
        return response

    def _count(self, policy: str, who: str, limit: int) -> None:
        if limit <= 0:
            return
        allowance = LIMITER.take(f"{policy} {who}", limit)
        self._allowance = policy, allowance
        if allowance.wait:
            raise TooManyRequests(allowance)


def address_of(request: Any) -> str:
    """Where a request comes from, as the proxy or the connection has it; of IPv6 the network that one customer has."""
    ident = BaseThrottle().get_ident(cast(HttpRequest, request)) or ""  # type: ignore[arg-type]
    ident = _without_port(ident)
    try:
        address = ipaddress.ip_address(ident)
    except ValueError:
        return ident[:45]
    if isinstance(address, ipaddress.IPv4Address):
        return ident
    # As a socket for both has it; by its network all of IPv4 would be one.
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    # By its number: a network has no `%eth0`, which an address of the link may have.
    return str(ipaddress.ip_network((int(address), 64), strict=False))


def _without_port(ident: str) -> str:
    """`192.0.2.7:51234` and `[2001:db8::1]:51234`, as some proxies write, without what differs with each connection."""
    found = _WITH_PORT.fullmatch(ident)
    return (found["v6"] or found["v4"]) if found else ident
