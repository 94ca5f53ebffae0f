"""One shape for every answer that is an error, whoever raised it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404
from django.urls import path
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.test import APIClient

from samplecase.contracts import errors
from samplecase.contracts.errors import Fault
from samplecase.storage.port import StorageUnavailable
from samplecase.web.rest.serializers import StrictSerializer
from samplecase.web.rest.views import ApiView

raised: list[Exception] = []


class Raiser(ApiView):
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    def get(self, request: Any) -> Response:
        raise raised[0]


class Point(StrictSerializer):
    x = serializers.IntegerField()


class Shape(StrictSerializer):
    name = serializers.CharField(max_length=5)
    points = Point(many=True)
    sizes = serializers.ListField(child=serializers.IntegerField(), required=False)
    area = serializers.IntegerField(read_only=True)


class Reader(ApiView):
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    def post(self, request: Any) -> Response:
        return Response(self.checked(Shape))


urlpatterns = [path("api/v1/raise/", Raiser.as_view()), path("api/v1/read/", Reader.as_view())]
handler404 = "samplecase.web.pages.faults.not_found"
handler500 = "samplecase.web.pages.faults.server_error"


@pytest.fixture
def client(settings: Any) -> Iterator[APIClient]:
    settings.ROOT_URLCONF = __name__
    yield APIClient(raise_request_exception=False)
    raised.clear()


CASES = [
    (errors.InvalidInput("No.", pointer="/a"), 400, "invalid"),
    (errors.InvalidInput("No.", code="bad_cursor"), 400, "bad_cursor"),
    (errors.Forbidden(), 403, "forbidden"),
    (errors.NotFound(), 404, "not_found"),
    (errors.Conflict(code="field_busy"), 409, "field_busy"),
    (errors.TooLarge(), 413, "too_large"),
    (errors.Unavailable(), 503, "unavailable"),
    (errors.ContractError(), 400, "error"),
    (Http404(), 404, "not_found"),
    (PermissionDenied(), 403, "forbidden"),
    (ValidationError({"name": ["Too odd."]}), 400, "invalid"),
    (RequestDataTooBig("Too big."), 413, "too_large"),
    (SuspiciousOperation(), 400, "invalid"),
    (DataError(), 400, "invalid"),
    (OverflowError("too large to convert"), 400, "invalid"),
    (IntegrityError(), 409, "conflict"),
    (OperationalError("database is locked"), 503, "unavailable"),
    (StorageUnavailable("no"), 503, "unavailable"),
    (exceptions.ParseError(), 400, "malformed"),
    (exceptions.Throttled(30), 429, "too_many_requests"),
    (exceptions.MethodNotAllowed("GET"), 405, "method_not_allowed"),
    (ZeroDivisionError(), 500, "server_error"),
]


@pytest.mark.parametrize(("error", "status", "code"), CASES, ids=[type(case[0]).__name__ for case in CASES])
def test_each_failure_has_its_status_and_code(
    client: APIClient, error: Exception, status: int, code: str
) -> None:
    raised.append(error)
    answer = client.get("/api/v1/raise/")
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert answer.json()["error"].keys() == {"code", "message", "details"}
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]


def test_details_of_the_contract_come_through(client: APIClient) -> None:
    raised.append(errors.InvalidInput("Two.", details=[Fault("/a", "One."), Fault("/b/0", "Other.")]))
    assert client.get("/api/v1/raise/").json()["error"]["details"] == [
        {"pointer": "/a", "message": "One."},
        {"pointer": "/b/0", "message": "Other."},
    ]


def test_who_tries_too_often_is_told_when_to_go_on(client: APIClient) -> None:
    raised.append(exceptions.Throttled(29.5))
    assert client.get("/api/v1/raise/")["Retry-After"] == "30"


def places(answer: Any) -> dict[str, str]:
    return {fault["pointer"]: fault["message"] for fault in answer.json()["error"]["details"]}


def test_faults_name_their_places_by_json_pointers(client: APIClient) -> None:
    body = {"name": "too long", "points": [{"x": 1}, {"x": "a"}, 5], "sizes": [1, "b"]}
    answer = client.post("/api/v1/read/", body)
    assert answer.status_code == 400
    assert places(answer).keys() == {"/name", "/points/1/x", "/points/2", "/sizes/1"}


def test_an_unknown_key_is_refused_with_what_was_probably_meant(client: APIClient) -> None:
    answer = client.post("/api/v1/read/", {"nane": "a", "points": [{"x": 1, "z": 2}]})
    assert places(answer)["/nane"] == "Unknown key “nane”. Did you mean “name”?"
    answer = client.post("/api/v1/read/", {"name": "a", "points": [{"x": 1, "z/~": 2}]})
    assert places(answer) == {"/points/0/z~1~0": "Unknown key “z/~”."}


def test_what_the_server_sets_is_refused(client: APIClient) -> None:
    answer = client.post("/api/v1/read/", {"name": "a", "points": [], "area": 4})
    assert places(answer) == {"/area": "“area” is set by the server."}


def test_an_unknown_address_of_the_api_answers_in_the_same_shape(anonymous_api: APIClient) -> None:
    answer = anonymous_api.get("/api/v1/nothing-here/")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_an_unknown_address_elsewhere_is_a_page(anonymous_api: APIClient) -> None:
    answer = anonymous_api.get("/nothing-here/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
    assert b"Nothing here" in answer.content


def test_a_forgotten_slash_keeps_method_and_body(owner_api: APIClient) -> None:
    answer = owner_api.post("/api/v1/tokens", {"name": "x"})
    assert answer.status_code == 308
    assert answer["Location"] == "/api/v1/tokens/"
