"""The web server as this product runs it: who sends nothing holds no thread for ever."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from samplecase.cli import gunicorn


def test_a_body_that_stays_away_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gunicorn, "READ_SECONDS", 1)
    ours, theirs = socket.socketpair()

    def read(environ: dict[str, Any], start_response: Any) -> bytes:
        return ours.recv(10)

    answer = gunicorn.limiting_silence(read)
    with ours, theirs:
        theirs.send(b"some of it")
        assert answer({"gunicorn.socket": ours}, print) == b"some of it"
        with pytest.raises(BlockingIOError):
            answer({"gunicorn.socket": ours}, print)
