"""The one place that turns what was raised into the API's error answer."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.response import Response

from samplecase.contracts import errors
from samplecase.contracts.errors import ContractError, Fault
from samplecase.contracts.log_context import present
from samplecase.storage.port import StorageUnavailable

logger = logging.getLogger(__name__)

STATUS: dict[type[ContractError], int] = {
    errors.InvalidInput: 400,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.UnknownProtocol: 412,
    errors.TooLarge: 413,
    errors.Locked: 423,
    errors.ChecksumMismatch: 460,  # of tus; HTTP has none
    errors.Unavailable: 503,
}

# What REST framework raises by itself: its class, our code. The status is its own.
FRAMEWORK_CODES: dict[type[exceptions.APIException], str] = {
    exceptions.ParseError: "malformed",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "authentication_failed",
    exceptions.PermissionDenied: "forbidden",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "too_many_requests",
}


def handle(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's exception handler. None, and so a logged 500, for what nobody expected."""
    if isinstance(exc, exceptions.ValidationError):
        return answer(of_validation(exc.detail))
    if isinstance(exc, exceptions.APIException):
        return answer_framework(exc)
    known = exc if isinstance(exc, ContractError) else translate(exc)
    return None if known is None else answer(known)


def translate(exc: Exception) -> ContractError | None:
    """The contract's word for what Django, the database or the blob store raised, or None for a fault of ours."""
    match exc:
        case Http404():
            return errors.NotFound()
        case PermissionDenied():
            return errors.Forbidden(str(exc))
        case ModelValidationError():
            return of_validation(exceptions.ValidationError(_plain(exc)).detail)
        case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
            return errors.TooLarge(str(exc))
        case MultiPartParserError() | UnreadablePostError():
            return errors.InvalidInput(f"The body could not be read: {exc}", code="malformed")
        case SuspiciousOperation():
            return errors.InvalidInput("The request is not valid.")
        case ProtectedError() | RestrictedError():
            return errors.Conflict("Other objects still need this one.", code="in_use")
        case IntegrityError():
            logger.warning("refused by a constraint of the database", exc_info=exc)
            return errors.Conflict("Someone else changed this at the same moment; look again and repeat.")
        case DataError() | OverflowError():
            logger.warning("a value that the database cannot hold", exc_info=exc)
            return errors.InvalidInput("A number or text is outside of what can be stored.")
        case OperationalError() | InterfaceError():
            logger.error("the database does not answer", exc_info=exc)
            return errors.Unavailable("The database does not answer; try again.")
        case StorageUnavailable():
            logger.error("the blob store does not answer", exc_info=exc)
            return errors.Unavailable("The blob store does not answer; try again.")
    return None


def body(code: str, message: str, details: Sequence[Fault] = ()) -> dict[str, Any]:
    """The contract's error shape."""
    places = [{"pointer": fault.pointer, "message": fault.message} for fault in details]
    return {"error": {"code": code, "message": message, "details": places}}


def answer(error: ContractError) -> Response:
    status = status_of(error)
    message = error.message if status < 500 else with_request(error.message)
    return Response(body(error.code, message, error.details), status=status)


def with_request(message: str) -> str:
    """A sentence about a fault of ours, with what to look for in the log."""
    request = present().get("request")
    return f"{message} (Request {request}.)" if request else message


def status_of(error: ContractError) -> int:
    """The status of the error's nearest class, 400 for a bare `ContractError`."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def answer_framework(exc: exceptions.APIException) -> Response:
    code = next((FRAMEWORK_CODES[kind] for kind in type(exc).__mro__ if kind in FRAMEWORK_CODES), "error")
    headers = {}
    # REST framework's own marks: how to sign in, and how long to wait.
    if scheme := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = scheme
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    return Response(body(code, str(exc.detail)), status=exc.status_code, headers=headers)


def of_validation(detail: Any) -> errors.InvalidInput:
    """REST framework's nested errors as a flat list of faults with JSON pointers."""
    faults = list(_faults(detail, ""))
    message = faults[0].message if len(faults) == 1 else f"{len(faults)} places are not valid."
    return errors.InvalidInput(message, details=faults)


def pointer(*parts: str | int) -> str:
    """An RFC 6901 pointer to the place that `parts` lead to."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _faults(detail: Any, at: str) -> Iterator[Fault]:
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from _faults(inner, at if key in {"non_field_errors", "__all__"} else at + pointer(key))
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            # A list of sentences belongs to this place; a list of anything else mirrors what was sent.
            yield from _faults(inner, at if isinstance(inner, str) else at + pointer(index))
    else:
        yield Fault(at, str(detail))


def _plain(exc: ModelValidationError) -> Any:
    return exc.message_dict if hasattr(exc, "error_dict") else exc.messages
