"""One id leads from an answer to its lines in the log."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.test import APIClient

from jobs_app import starting, tasks
from samplecase.contracts import errors
from samplecase.contracts.log_context import bound, present
from samplecase.web.accounts.logs import FORMATTERS
from samplecase.web.rest.views import ApiView


class Failing(ApiView):
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    def get(self, request: Any) -> Response:
        logging.getLogger("samplecase.test").warning("looking at\nit")
        if "away" in request.query_params:
            raise errors.Unavailable("The store is away.")
        raise RuntimeError("nobody expected Token " + "ab" * 32)


urlpatterns = [path("api/v1/failing/", Failing.as_view())]
handler500 = "samplecase.web.pages.faults.server_error"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(settings: Any) -> Iterator[Lines]:
    """The lines logged so far, as JSON."""
    settings.ROOT_URLCONF = __name__
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(FORMATTERS["json"]())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def client() -> APIClient:
    return APIClient(raise_request_exception=False)


def test_a_fault_names_the_request_in_answer_header_and_every_line(client: APIClient, lines: Lines) -> None:
    answer = client.get("/api/v1/failing/", headers={"X-Request-ID": "from-the-proxy.1"})
    assert answer.status_code == 500
    assert answer["X-Request-ID"] == "from-the-proxy.1"
    assert "from-the-proxy.1" in answer.json()["error"]["message"]
    warned, failed = lines()
    assert (warned["message"], warned["level"]) == ("looking at\nit", "WARNING")
    assert {warned["request"], failed["request"]} == {"from-the-proxy.1"}
    assert "RuntimeError: nobody expected Token …" in failed["exception"]


def test_so_does_what_is_only_away_for_a_while(client: APIClient, lines: Lines) -> None:
    answer = client.get("/api/v1/failing/?away")
    assert answer.status_code == 503
    assert answer.json()["error"]["message"] == f"The store is away. (Request {answer['X-Request-ID']}.)"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "-x", "a\u00e9", 'a"b', "a{b}"])
def test_an_id_that_is_none_is_replaced(client: APIClient, lines: Lines, given: str) -> None:
    first, second = (client.get("/none/", headers={"X-Request-ID": given})["X-Request-ID"] for _ in range(2))
    assert len(first) == len(second) == 32
    assert first != second


def test_the_workers_lines_name_the_job(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(job_id: int) -> bool:
        logging.getLogger("samplecase.test").warning("at it")
        return True

    monkeypatch.setattr(starting, "start", start)
    assert tasks.start_job(7)
    assert [line["job"] for line in lines()] == [7]
    assert present() == {}


def test_threads_name_their_own(lines: Lines) -> None:
    def work() -> None:
        assert present() == {}
        with bound(job=1):
            logging.getLogger("samplecase.test").warning("one")

    with bound(request="r"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        with bound(job=2):
            logging.getLogger("samplecase.test").warning("two")
    one, two = lines()
    assert (one["job"], "request" in one) == (1, False)
    assert (two["job"], two["request"]) == (2, "r")


def test_a_line_for_people_has_them_in_brackets() -> None:
    record = logging.LogRecord("samplecase", logging.INFO, __file__, 1, "done", None, None)
    with bound(job=3):
        assert FORMATTERS["text"]().format(record).endswith(" INFO samplecase [job 3] done")
