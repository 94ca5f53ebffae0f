"""The client's uploads in pieces: where it goes on after which trouble, and when it gives up."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable

import httpx
import pytest

from samplecase.client import ApiError, Client, ServerUnreachable
from samplecase.client import uploads as module
from samplecase.contracts.errors import Fault

CONTENT = bytes(range(250))
ID = "4f2f1b52-0000-4000-8000-000000000000"


class Server:
    """Speaks tus, with such trouble as a test plans: for each PATCH a status, or None for a lost connection."""

    def __init__(self, *troubles: int | None, offset: int = 0) -> None:
        self.stored = bytearray(CONTENT[:offset])
        self.troubles = list(troubles)
        self.asked: list[str] = []
        self.is_gone = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.method)
        assert request.headers["Tus-Resumable"] == "1.0.0"
        place = {"Upload-Offset": str(len(self.stored))}
        if request.method == "POST":
            assert request.headers["Upload-Length"] == str(len(CONTENT))
            return httpx.Response(201, json={"id": ID, "offset": len(self.stored)})
        if self.is_gone:
            return self.refusal(404)
        if request.method == "HEAD":
            return httpx.Response(200, headers=place)
        status = self.troubles.pop(0) if self.troubles else 204
        if status is None:
            self.stored += request.content  # it came, and the answer was lost
            raise httpx.ReadError("reset")
        if status != 204:
            return self.refusal(status)
        assert int(request.headers["Upload-Offset"]) == len(self.stored)
        said = base64.b64encode(hashlib.sha256(request.content).digest()).decode()
        assert request.headers["Upload-Checksum"] == f"sha256 {said}"
        self.stored += request.content
        return httpx.Response(204, headers={"Upload-Offset": str(len(self.stored))})

    def refusal(self, status: int) -> httpx.Response:
        error = {"code": f"code_{status}", "message": "No.", "details": []}
        return httpx.Response(status, json={"error": error})


@pytest.fixture
def send(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Sends in pieces of a hundred bytes, without waiting."""
    monkeypatch.setattr(module, "PIECE", 100)

    def run(server: Server, watch: module.Watch = module.unwatched) -> str:
        with Client("http://server.test", token="x", http=httpx.MockTransport(server)) as client:
            client.transport._sleep = lambda seconds: None
            return client.uploads.send(io.BytesIO(CONTENT), name="a.zip", watch=watch)

    return run


def test_each_piece_has_its_checksum_and_is_told_of(send: Callable[..., str]) -> None:
    server, seen = Server(), []
    assert send(server, lambda *told: seen.append(told)) == ID
    assert bytes(server.stored) == CONTENT
    assert server.asked == ["POST", "PATCH", "PATCH", "PATCH"]
    assert seen == [
        ("a.zip", "reading", 250, 250),
        *[("a.zip", "sending", done, 250) for done in (0, 100, 200, 250)],
    ]


def test_it_goes_on_where_an_earlier_try_broke_off(send: Callable[..., str]) -> None:
    server = Server(offset=100)
    send(server)
    assert bytes(server.stored) == CONTENT
    assert server.asked == ["POST", "PATCH", "PATCH"]
    whole = Server(offset=250)
    send(whole)
    assert whole.asked == ["POST"]


@pytest.mark.parametrize("trouble", [None, 409, 423, 460, 500, 502, 503, 504])
def test_what_passes_is_tried_again_from_where_the_server_is(
    send: Callable[..., str], trouble: int | None
) -> None:
    server = Server(204, trouble, trouble)
    send(server)
    assert bytes(server.stored) == CONTENT


@pytest.mark.parametrize("trouble", [400, 401, 403, 404, 413])
def test_a_refusal_is_none_to_try_again(send: Callable[..., str], trouble: int) -> None:
    server = Server(204, trouble)
    with pytest.raises(ApiError) as caught:
        send(server)
    assert caught.value.status == trouble
    assert server.asked == ["POST", "PATCH", "PATCH"]


def test_a_whole_of_another_digest_is_told_as_such(send: Callable[..., str]) -> None:
    server = Server(204, 204)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH" and len(server.stored) == 200:
            server.is_gone = True
            return server.refusal(460)
        return server(request)

    with pytest.raises(ApiError, match="No") as caught:
        send(answer)
    assert caught.value.status == 460


def test_a_server_that_stays_away_is_given_up(send: Callable[..., str]) -> None:
    server = Server()
    tries = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal tries
        if request.method != "POST":
            tries += request.method == "PATCH"
            raise httpx.ConnectError("refused")
        return server(request)

    with pytest.raises(ServerUnreachable):
        send(answer)
    assert tries == module.PATIENCE + 1


def test_pieces_shrink_where_none_of_their_size_gets_through(
    send: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST_PIECE", 20)
    server, sizes = Server(), []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            sizes.append(len(request.content))
            if sizes[-1] > 30:
                raise httpx.ReadError("reset")
        return server(request)

    assert send(answer) == ID
    assert bytes(server.stored) == CONTENT
    assert sizes == [100, 50, *[25] * 10]


def test_a_whole_that_another_request_still_reads_is_waited_for(send: Callable[..., str]) -> None:
    server, refusals = Server(204, 204, None), [423, 423]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and len(server.stored) == len(CONTENT) and refusals:
            server.asked.append("POST")
            return server.refusal(refusals.pop())
        return server(request)

    assert send(answer) == ID
    assert server.asked == ["POST", "PATCH", "PATCH", "PATCH", "HEAD", "POST", "POST", "POST"]


@pytest.mark.parametrize(
    ("status", "code", "pointer", "goes"),
    [
        (400, "invalid", "/version", False),
        (400, "invalid_manifest", "/schema/output", False),
        (409, "incomplete", "/upload", False),
        (400, "invalid_archive", "/upload", True),
        (400, "invalid_source", "model.py", True),
        (400, "no_image", "", True),
    ],
)
def test_an_upload_goes_only_where_its_file_is_at_fault(
    status: int, code: str, pointer: str, goes: bool
) -> None:
    server = Server(offset=len(CONTENT))

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            server.is_gone = True
            return httpx.Response(204)
        return server(request)

    refusal = ApiError(status, code, "No.", [Fault(pointer, "No.")])
    with (
        Client("http://server.test", token="x", http=httpx.MockTransport(answer)) as client,
        pytest.raises(ApiError),
        client.uploads.sent(io.BytesIO(CONTENT), name="a.zip"),
    ):
        raise refusal
    assert server.is_gone is goes
