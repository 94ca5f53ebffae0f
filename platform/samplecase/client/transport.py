"""Requests to the server: the token, errors in the contract's shape, and repeats where a repeat is safe."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from samplecase.contracts.errors import ContractError, Fault

# httpx writes whole addresses at INFO, and an address may hold a one-time secret.
logging.getLogger("httpx").setLevel(logging.WARNING)

REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
BUSY = frozenset({502, 503, 504})
TOO_MANY = 429
LONGEST_WAIT = 70.0  # seconds that a limit of requests may ask for; a lock after wrong passwords is longer


class ServerUnreachable(ContractError):
    """The server does not answer. Is it running, and is the address right?"""

    code = "unreachable"


class ApiError(ContractError):
    """The server refused; `status` is HTTP's, `code`, `message` and `details` are the server's own.

    `is_of_token`: the token that was sent is not valid, or not any more.
    """

    def __init__(
        self, status: int, code: str, message: str, details: list[Fault], *, is_of_token: bool = False
    ) -> None:
        super().__init__(message, code=code, details=details)
        self.status = status
        self.is_of_token = is_of_token

    def __str__(self) -> str:
        places = [f"\n  {fault.pointer or '/'}: {fault.message}" for fault in self.details]
        return self.message + "".join(places)


class Transport:
    """A connection to one server. Calls that may be repeated safely are, when the connection fails."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        timeout: float = 60.0,
        attempts: int = 4,
        http: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self._attempts = attempts
        self._sleep = sleep
        self._http = httpx.Client(
            base_url=self.url + "/api/v1/",
            timeout=httpx.Timeout(timeout, connect=10.0),
            transport=http,
            headers={"Accept": "application/json"},
        )
        self.use(token)

    def use(self, token: str | None) -> None:
        """Send this token from now on, or none."""
        self._http.headers.pop("Authorization", None)
        if token:
            self._http.headers["Authorization"] = f"Token {token}"

    def close(self) -> None:
        self._http.close()

    def pause(self, attempt: int, *, most: float) -> None:
        """Before another try after so many that failed; at most so many seconds."""
        self._sleep(min(most, 0.25 * 2**attempt))

    def get(self, path: str, **query: Any) -> Any:
        return self.request(
            "GET", path, params={key: value for key, value in query.items() if value is not None}
        )

    def post(self, path: str, body: Any = None, *, idempotency_key: str | None = None) -> Any:
        """POST a body. With an idempotency key the server carries it out once however often it is sent."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self.request("POST", path, json=body, headers=headers, repeatable=idempotency_key is not None)

    def put(self, path: str, body: Any) -> Any:
        return self.request("PUT", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        return self.request("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        self.request("DELETE", path)

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """Every result of a list, page by page."""
        cursor = None
        while True:
            answer = self.get(path, cursor=cursor, **query)
            yield from answer["results"]
            cursor = answer.get("next")
            if not cursor:
                return

    def stream(self, path: str, into: BinaryIO) -> int:
        """Write the answer's bytes to a file; returns how many. Raises as `request` does, also when it is cut off."""
        size = 0
        try:
            with self._http.stream("GET", path) as answer:
                if not answer.is_success:
                    answer.read()
                    read(answer)
                for block in answer.iter_bytes(1 << 16):
                    size += into.write(block)
        except httpx.TransportError as error:
            raise ServerUnreachable(f"{self.url} broke off after {size:,} bytes ({error}).") from error
        return size

    def save(self, path: str, to: Path) -> int:
        """Write the answer's bytes to a file, which is there once it is whole; returns how many."""
        handle, name = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                size = self.stream(path, file)
            Path(name).replace(to)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return size

    def request(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool | None = None,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> Any:
        """Send a request and return its JSON, or None where there is no body.

        Raises `ApiError` for a refusal and `ServerUnreachable` when no answer came. `content` must be readable
        again (bytes or JSON, no open files) when the request is repeatable.
        """
        return read(self.answer(method, path, repeatable=repeatable, headers=headers, **content))

    def answer(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool | None = None,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> httpx.Response:
        """As `request`, and the whole answer, also where it is a refusal."""
        may_repeat = method in REPEATABLE if repeatable is None else repeatable
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts or not may_repeat
            try:
                answer = self._http.request(method, path, headers=headers, **content)
            except httpx.TransportError as error:
                if last:
                    reason = str(error) or type(error).__name__
                    raise ServerUnreachable(f"{self.url} does not answer ({reason}).") from error
            else:
                pause = _asked_pause(answer)
                if pause is not None and attempt < self._attempts:
                    self._sleep(
                        pause
                    )  # refused before anything was done, so that also a POST may be repeated
                    continue
                if last or answer.status_code not in BUSY:
                    return answer
            self.pause(attempt, most=5.0)
        raise AssertionError("the last attempt returns or raises")


def _asked_pause(answer: httpx.Response) -> float | None:
    """How many seconds a limit of requests asks to wait, or None where it does not or it is too long."""
    if answer.status_code != TOO_MANY:
        return None
    try:
        pause = float(answer.headers.get("Retry-After", ""))
    except ValueError:
        return None
    return pause if 0 <= pause <= LONGEST_WAIT else None


def read(answer: httpx.Response) -> Any:
    """The JSON of an answer; raises `ApiError` for a refusal."""
    if answer.is_success:
        return answer.json() if answer.content else None
    try:
        error = answer.json()["error"]
        details = [Fault(str(each["pointer"]), str(each["message"])) for each in error.get("details") or []]
        is_of_token = answer.status_code == 401 and "Authorization" in answer.request.headers
        raise ApiError(
            answer.status_code, str(error["code"]), str(error["message"]), details, is_of_token=is_of_token
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        # Not the server itself: a proxy, or something else that listens there.
        message = f"{answer.request.url} answered {answer.status_code} {answer.reason_phrase}".rstrip()
        raise ApiError(answer.status_code, "unexpected_answer", message, []) from None
