"""What OpenAPI says of every endpoint: the error answers, and the ways to prove who one is."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import AllowAny

MEANING = {
    400: "What was sent is not valid; `details` names each place.",
    401: "Not signed in, or the token is not valid.",
    403: "Seen, but not allowed.",
    404: "There is nothing here, or nothing that you may see.",
    409: "This does not fit the present state.",
    412: "This version of the protocol is not spoken here.",
    413: "Over a limit of the settings.",
    415: "The body's type is not read here.",
    423: "Another request is at work on it.",
    429: "Too many requests or tries; `Retry-After` says when to go on.",
    460: "Other bytes came than their checksum says; nothing of them was kept.",
    503: "A part that this needs does not answer.",
}


class FaultSerializer(serializers.Serializer[Any]):
    """One thing that is wrong, and where."""

    pointer = serializers.CharField(help_text="RFC 6901 pointer into what was sent, or the name of a file.")
    message = serializers.CharField()


class ErrorDetailSerializer(serializers.Serializer[Any]):
    """What went wrong."""

    code = serializers.CharField(help_text="A short name that programs may rely on.")
    message = serializers.CharField(help_text="A sentence for a person.")
    details = FaultSerializer(many=True)


class ErrorSerializer(serializers.Serializer[Any]):
    """The answer to every request that could not be carried out."""

    error = ErrorDetailSerializer()


def errors(*statuses: int) -> dict[int, OpenApiResponse]:
    """Error answers for `extend_schema(responses={200: …, **errors(409)})`; 400, 401, 403, 404 come by themselves."""
    return {status: OpenApiResponse(ErrorSerializer, MEANING[status]) for status in statuses}


class ApiSchema(AutoSchema):
    """Adds to each operation the error answers that it can always give."""

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        found: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self._usual_errors():
            if str(status) not in found:
                found[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    OpenApiResponse(ErrorSerializer, MEANING[status]), str(status), direction=direction
                )
        return dict(sorted(found.items()))

    def _usual_errors(self) -> list[int]:
        statuses = [400, 429]
        if not any(isinstance(each, AllowAny) for each in self.view.get_permissions()):
            statuses += [401, 403]
        if "{" in self.path:
            statuses.append(404)
        if self.method in {"POST", "PUT", "PATCH"}:
            statuses += [413, 415]
        return statuses
