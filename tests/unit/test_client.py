"""The client: what it sends, what it repeats, and how it says what went wrong."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from samplecase.client import ApiError, Client, NotReady, ServerUnreachable
from samplecase.client.archives import batches, collect
from samplecase.client.transport import Transport
from samplecase.client.waiting import poll

Answer = Callable[[httpx.Request], httpx.Response]


def client_of(answer: Answer) -> Client:
    made = Client("http://server.test/", token="secret", http=httpx.MockTransport(answer))
    made.transport._sleep = lambda seconds: None
    return made


def failing(times: int, then: Any) -> tuple[Answer, list[httpx.Request]]:
    """An answer that the connection loses at first."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if len(seen) <= times:
            raise httpx.ConnectError("connection refused")
        return httpx.Response(200, json=then)

    return answer, seen


def test_the_token_goes_in_the_header_and_the_address_has_one_slash() -> None:
    answer, seen = failing(0, {"username": "ann"})
    assert client_of(answer).me() == {"username": "ann"}
    assert str(seen[0].url) == "http://server.test/api/v1/me/"
    assert seen[0].headers["Authorization"] == "Token secret"


def test_a_read_is_repeated_when_the_connection_fails() -> None:
    answer, seen = failing(2, {"id": 4, "name": "digits"})
    assert client_of(answer).datasets.get(4)["name"] == "digits"
    assert len(seen) == 3


def test_a_creation_is_never_repeated() -> None:
    answer, seen = failing(1, {"id": 1})
    with pytest.raises(ServerUnreachable, match=r"http://server\.test does not answer"):
        client_of(answer).datasets.create("digits")
    assert len(seen) == 1


def test_a_submission_is_repeated_under_one_idempotency_key() -> None:
    answer, seen = failing(2, {"submission": 1, "jobs": []})
    client_of(answer).jobs.submit(3, [{"deployment": 7, "outputs": {"predictions": "guess"}}])
    keys = {request.headers["Idempotency-Key"] for request in seen}
    assert len(seen) == 3
    assert len(keys) == 1
    assert json.loads(seen[-1].content)["entries"][0]["outputs"] == {"predictions": "guess"}


def test_a_busy_server_is_asked_again() -> None:
    answers = iter([httpx.Response(503, json={}), httpx.Response(200, json={"id": 1})])
    assert client_of(lambda request: next(answers)).jobs.get(1) == {"id": 1}


def test_a_limit_of_requests_is_waited_for_as_long_as_it_says() -> None:
    answers = iter([httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(201, json={"id": 1})])
    client = client_of(lambda request: next(answers))
    waited: list[float] = []
    client.transport._sleep = waited.append
    assert client.datasets.create("digits") == {"id": 1}
    assert waited == [7.0]


@pytest.mark.parametrize("headers", [{"Retry-After": "900"}, {"Retry-After": "soon"}, {}])
def test_a_lock_is_not_waited_for(headers: dict[str, str]) -> None:
    error = {"code": "too_many_requests", "message": "Too many tries failed.", "details": []}
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(429, json={"error": error}, headers=headers)

    with pytest.raises(ApiError, match="Too many tries"):
        client_of(answer).login("ann", "wrong")
    assert len(seen) == 1


def test_a_refusal_has_the_servers_code_sentence_and_places() -> None:
    error = {
        "code": "invalid",
        "message": "Not valid.",
        "details": [{"pointer": "/name", "message": "Taken."}],
    }
    client = client_of(lambda request: httpx.Response(400, json={"error": error}))
    with pytest.raises(ApiError) as caught:
        client.models.create("digits-cnn")
    assert (caught.value.status, caught.value.code) == (400, "invalid")
    assert str(caught.value) == "Not valid.\n  /name: Taken."


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"{}", b'{"error": "text"}', b"[]"])
def test_an_answer_of_something_else_is_named_as_such(body: bytes) -> None:
    client = client_of(lambda request: httpx.Response(404, content=body))
    with pytest.raises(ApiError, match="answered 404 Not Found") as caught:
        client.me()
    assert caught.value.code == "unexpected_answer"


def test_lists_are_read_to_their_last_page() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("cursor")
        if cursor is None:
            return httpx.Response(200, json={"results": [{"name": "a"}], "next": "c1", "count": 2})
        assert cursor == "c1"
        return httpx.Response(200, json={"results": [{"name": "b"}], "next": None, "count": 2})

    client = client_of(answer)
    assert [each["name"] for each in client.datasets.list()] == ["a", "b"]
    found = client.datasets.find("b")
    assert found is not None
    assert client.datasets.find("c") is None


def test_values_are_written_a_thousand_at_a_time() -> None:
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        values = json.loads(request.content)["values"]
        sizes.append(len(values))
        return httpx.Response(200, json={"written": len(values), "conflicts": []})

    report = client_of(answer).datasets.put_values(1, "split", [(number, "train") for number in range(2500)])
    assert sizes == [1000, 1000, 500]
    assert report == {"written": 2500, "conflicts": []}


def test_folders_are_uploaded_as_zips_that_keep_the_folder_names(tmp_path: Path) -> None:
    for name in ("3/a.png", "3/b.png", "7/a.png", ".hidden/x.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"picture of " + name.encode())
    names: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.params["labels"] == "folder"
        content = request.read()
        start = content.index(b"PK\x03\x04")
        names.extend(zipfile.ZipFile(io.BytesIO(content[start:])).namelist())
        return httpx.Response(200, json={"added": 3, "skipped": []})

    told: list[int] = []
    report = client_of(answer).datasets.add(1, [tmp_path], labels_from_folders=True, progress=told.append)
    assert names == ["3/a.png", "3/b.png", "7/a.png"]
    assert report["added"] == sum(told) == 3


def test_many_files_are_split_into_several_zips(tmp_path: Path) -> None:
    for number in range(450):
        (tmp_path / f"{number:03}.png").write_bytes(b"x")
    made = [*batches(collect([tmp_path]))]
    assert [batch.files for batch in made] == [200, 200, 50]
    packed = [name for batch in made for name in zipfile.ZipFile(io.BytesIO(batch.content)).namelist()]
    assert packed == [f"{number:03}.png" for number in range(450)]


def test_a_job_is_followed_until_it_rests() -> None:
    states = iter(["queued", "running", "running", "finished"])
    client = client_of(lambda request: httpx.Response(200, json={"id": 1, "state": next(states)}))
    assert [job["state"] for job in client.jobs.follow(1, every=0)] == [
        "queued",
        "running",
        "running",
        "finished",
    ]


def test_waiting_gives_up_with_a_sentence() -> None:
    with pytest.raises(NotReady, match="Nothing ended within 0 s"):
        list(poll(lambda: 1, until=lambda seen: False, every=0, timeout=0))


def test_a_password_is_exchanged_for_a_token_that_is_used_from_then_on() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"token": "fresh", "username": "ann"})

    client = client_of(answer)
    assert client.login("ann", "correct horse") == "fresh"
    client.me()
    assert seen[1].headers["Authorization"] == "Token fresh"


def test_addresses_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    client_of(failing(0, {})[0]).me()
    assert "server.test" not in caplog.text


def test_a_transport_closes_its_connections() -> None:
    transport = Transport("http://server.test", http=httpx.MockTransport(lambda request: httpx.Response(204)))
    transport.delete("jobs/1/")
    transport.close()
    with pytest.raises(RuntimeError):
        transport.get("me/")


@pytest.mark.parametrize("action", ["pause", "resume", "cancel", "retry", "undo"])
def test_a_job_is_steered_by_one_request_that_is_not_repeated(action: str) -> None:
    answer, seen = failing(0, {"id": 7, "state": "running"})
    client = client_of(answer)
    assert getattr(client.jobs, action)(7)["id"] == 7
    assert [(each.method, each.url.path) for each in seen] == [("POST", f"/api/v1/jobs/7/{action}/")]


def test_a_dry_run_says_how_many_samples_and_shows_what_came_of_them() -> None:
    row = {"sample": 1, "name": "a.png", "outputs": {"predictions": {"label": "3"}}}
    answer, seen = failing(0, {"submission": 1, "jobs": [], "results": [row]})
    client = client_of(answer)
    client.jobs.submit(3, [{"deployment": 7}], dry_run=4)
    assert json.loads(seen[-1].content)["dry_run"] == 4
    assert client.jobs.preview(1) == [row]


def test_views_bulk_actions_and_history_are_asked_for_as_the_contract_says() -> None:
    seen: list[tuple[str, str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else dict(request.url.params)
        seen.append((request.method, request.url.path.removeprefix("/api/v1/datasets/4"), body))
        return httpx.Response(200, json={"results": [], "next": None, "count": 0, "undo": "t"})

    client = client_of(answer)
    datasets = client.datasets
    unsure = {"field": "pred.confidence", "op": "lt", "value": 0.5}
    client.views.save(4, "unsure", filter=unsure, sort="pred.confidence")
    assert list(client.views.list(4)) == []
    report = datasets.bulk(4, "set_label", filter=unsure, field="pred", label="a")
    datasets.bulk(4, "tag", samples=[1, 2], tags=["x"])
    datasets.undo_bulk(4, report["undo"] or "")
    assert datasets.history(4, 9, field="pred") == []
    datasets.facets(4, filter=unsure, fields=["pred"], faceted=True)
    assert [(method, path) for method, path, _ in seen] == [
        *[("POST", "/views/"), ("GET", "/views/"), ("POST", "/bulk/"), ("POST", "/bulk/")],
        *[("POST", "/bulk/undo/"), ("GET", "/samples/9/history/"), ("GET", "/facets/")],
    ]
    bodies = [body for _, _, body in seen]
    assert bodies[0] == {"name": "unsure", "filter": unsure, "sort": "pred.confidence", "fields": None}
    assert bodies[2] == {"action": "set_label", "filter": unsure, "field": "pred", "label": "a"}
    assert bodies[3] == {"action": "tag", "samples": [1, 2], "tags": ["x"]}
    assert bodies[4:6] == [{"undo": "t"}, {"field": "pred"}]
    asked = {"filter": json.dumps(unsure), "fields": "pred", "faceted": "true", "exact": "true"}
    assert bodies[6] == asked


def test_an_evaluation_sends_only_what_was_asked_and_waits_for_its_end() -> None:
    states = iter(["queued", "running", "finished"])
    bodies: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            bodies.append((request.url.path, json.loads(request.content or b"null")))
            return httpx.Response(202, json={"id": 7, "job": 9})
        return httpx.Response(200, json={"id": 7, "state": next(states)})

    client = client_of(answer)
    done = client.datasets.evaluate(3, predictions="found", ground_truth="truth", iou_threshold=0.75)
    assert done["state"] == "finished"
    path = "/api/v1/datasets/3/evaluations/"
    assert bodies == [(path, {"predictions": "found", "ground_truth": "truth", "iou_threshold": 0.75})]
    states = iter(["finished"])
    assert client.datasets.refresh_evaluation(3, 7)["id"] == 7
    assert bodies[1][0] == f"{path}7/refresh/"


def test_a_projection_is_made_waited_for_and_read() -> None:
    states = iter(["queued", "running", "finished"])
    seen: list[tuple[str, str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1/datasets/3/")
        body = json.loads(request.content) if request.content else dict(request.url.params)
        seen.append((request.method, path, body))
        if request.method == "POST":
            return httpx.Response(202, json={"id": 7, "job": 9})
        if path == "projections/7/":
            return httpx.Response(200, json={"id": 7, "state": next(states)})
        return httpx.Response(200, json={"results": [], "total": 0})

    client = client_of(answer)
    near = {"field": "truth.label", "op": "eq", "value": "a"}
    assert client.projections.make(3, field="vector", filter=near)["state"] == "finished"
    assert seen[0] == ("POST", "projections/", {"field": "vector", "method": "pca", "filter": near})
    del seen[:]
    client.projections.points(3, 7, colour="truth")
    assert client.projections.nearest(3, 5, field="vector", k=2) == []
    assert seen == [
        ("GET", "projections/7/points/", {"colour": "truth"}),
        ("GET", "samples/5/nearest/", {"field": "vector", "k": "2", "metric": "cosine"}),
    ]


def test_rights_are_given_beside_those_that_others_have() -> None:
    held = {
        "everyone": "none",
        "users": [{"username": "ada", "right": "view"}, {"username": "grace", "right": "view"}],
        "groups": [{"name": "annotators", "right": "label"}],
    }
    sent: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            sent.append(json.loads(request.content))
        return httpx.Response(200, json=held)

    client_of(answer).sharing.give("datasets", 4, users={"grace": "edit", "mary": "view"})
    assert sent == [
        {
            **held,
            "users": [
                {"username": "ada", "right": "view"},
                {"username": "grace", "right": "edit"},
                {"username": "mary", "right": "view"},
            ],
        }
    ]


def test_a_file_is_there_once_it_is_whole(tmp_path: Path) -> None:
    def cut_off(request: httpx.Request) -> httpx.Response:
        def content() -> Iterator[bytes]:
            yield b"half"
            raise httpx.ReadError("connection reset")

        return httpx.Response(200, content=content())

    with pytest.raises(ServerUnreachable, match="broke off"):
        client_of(cut_off).datasets.download(1, 2, tmp_path / "image.png")
    assert list(tmp_path.iterdir()) == []
    whole = client_of(lambda request: httpx.Response(200, content=b"PNG"))
    assert whole.models.download(1, "1.0.0", tmp_path / "x.zip") == 3
    assert (tmp_path / "x.zip").read_bytes() == b"PNG"
