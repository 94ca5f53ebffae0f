"""A model that speaks for itself on its replica's pipes harms its own batch: never the executor, never without end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from samplecase.contracts.states import Sandbox
from samplecase.runtime.engines.local import LocalEngine
from samplecase.runtime.engines.port import (
    Answer,
    Batch,
    BatchFailed,
    ElementError,
    ReplicaLost,
    ReplicaSpec,
)
from samplecase.runtime.engines.wire import outcome_of
from samplecase.runtime.interpreter import host_interpreter

# `say` writes a frame of the model's own making; `asked` is the number of the batch that it is asked for.
HOSTILE = """
import fcntl, json, os, struct, sys, time

def say(text, asked):
    data = text.replace("ASKED", str(asked)).encode()
    for number in range(3, 64):
        try:
            if fcntl.fcntl(number, fcntl.F_GETFL) & 3 == os.O_WRONLY and number > 2:
                os.write(number, struct.pack(">I", len(data)) + data)
        except OSError:
            pass

class Model:
    def predict(self, x):
        asked = sys._getframe(2).f_locals["header"]["id"]
{body}
        return {{"out": [{{}} for _ in x]}}
"""
SCHEMA = {
    "inputs": {"type": "object", "properties": {"x": {"type": "string"}}},
    "outputs": {"type": "object", "properties": {"out": {"type": "object"}}},
}

Made = Callable[..., ReplicaSpec]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LocalEngine]:
    folder = tmp_path / "replicas"
    folder.mkdir()
    engine = LocalEngine(folder)
    yield engine
    engine.close()


@pytest.fixture
def hostile(tmp_path: Path) -> Made:
    def make(body: str, batch_timeout_seconds: float = 30) -> ReplicaSpec:
        package = tmp_path / "package"
        package.mkdir()
        lines = "\n".join(f"        {line}" for line in body.splitlines())
        (package / "model.py").write_text(HOSTILE.format(body=lines))
        manifest = {"format": 1, "name": "hostile", "entrypoint": "model:Model", "schema": SCHEMA}
        interpreter = host_interpreter(Path(sys.executable))
        return ReplicaSpec(
            package,
            manifest,
            interpreter,
            Sandbox.NONE,
            threads=1,
            batch_timeout_seconds=batch_timeout_seconds,
        )

    return make


@pytest.mark.parametrize(
    "frame",
    [
        '{"type": "beat", "memory": Infinity}',
        '{"type": "beat", "memory": 1e999}',
        '{"type": "result", "id": ASKED, "outputs": {"out": [{"array": 0, "dtype": "uint8", "shape": [Infinity, 1]}]}}',
        '{"type": "result", "id": ASKED, "outputs": 5}',
        '{"type": "result", "id": ASKED, "error": []}',
        '{"type": "beat", "memory": 1, "parts": [NaN]}',
    ],
)
def test_a_frame_that_no_honest_replica_sends_ends_the_batch_at_once(
    engine: LocalEngine, hostile: Made, frame: str
) -> None:
    replica = engine.start_replica(hostile(f"say({frame!r}, asked)\ntime.sleep(60)"))
    with pytest.raises(ReplicaLost, match="not an answer"):
        replica.submit(Batch(1, {"x": ["a"]})).result(timeout=20)


def test_an_answer_cannot_make_the_executor_hold_more_bytes_than_one_answer_may_have(
    engine: LocalEngine, hostile: Made
) -> None:
    frame = '{"type": "beat", "memory": 1, "parts": [' + ", ".join(["536870912"] * 3) + "]}"
    replica = engine.start_replica(hostile(f"say({frame!r}, asked)\ntime.sleep(60)"))
    with pytest.raises(ReplicaLost, match="over the limit"):
        replica.submit(Batch(1, {"x": ["a"]})).result(timeout=20)


@pytest.mark.parametrize(
    "frame",
    [
        """'{"type": "beat", "memory": 1, "x": "' + "x" * 70_000 + '"}'""",
        """'{"type": "result", "id": ASKED, "outputs": {"out": [' + "[]," * 2_000_000 + "[]]}}" """,
        """'{"type": "result", "id": ASKED, "outputs": {"out": [' + "1," * 2_000_000 + "1]}}" """,
        """'{"type": "result", "id": ASKED, "outputs": {"out": [' + '{"a":' * 2_000_000""",
    ],
)
def test_an_answer_cannot_make_the_executor_parse_without_end(
    engine: LocalEngine, hostile: Made, frame: str
) -> None:
    replica = engine.start_replica(hostile(f"say({frame}, asked)\ntime.sleep(60)"))
    with pytest.raises(ReplicaLost, match=r"over the limit|that is no result"):
        replica.submit(Batch(1, {"x": ["a"]})).result(timeout=20)


def test_an_honest_answer_may_be_large(engine: LocalEngine, hostile: Made) -> None:
    """As many numbers as a mini-batch of 256 embeddings has."""
    replica = engine.start_replica(hostile("return {'out': [{'v': [0.123456789] * 4096}] * len(x)}"))
    answer = replica.submit(Batch(256, {"x": ["a"] * 256})).result(timeout=60)
    assert len(answer["out"]) == 256


def test_who_talks_without_end_is_ended(engine: LocalEngine, hostile: Made) -> None:
    beat = '{"type": "beat", "memory": 1}'
    replica = engine.start_replica(hostile(f"while True: say({beat!r}, asked)"))
    with pytest.raises(ReplicaLost, match="more messages"):
        replica.submit(Batch(1, {"x": ["a"]})).result(timeout=20)


def test_who_answers_and_never_reads_again_is_ended_like_one_who_hangs(
    engine: LocalEngine, hostile: Made
) -> None:
    """Its answers come ahead of the last question, so that nothing is asked any more while that one fills the pipe."""
    answer = '{"type": "result", "id": ASKED, "outputs": {"out": [{"value": {}}]}}'
    body = (
        f"say({answer!r}, asked)\n"
        "time.sleep(1)\n"
        f"for number in range(asked + 1, asked + 5): say({answer!r}, number)\n"
        "time.sleep(60)"
    )
    replica = engine.start_replica(hostile(body, batch_timeout_seconds=2))
    large = Batch(1, {"x": ["x" * 2**20]})
    replica.submit(large).result(timeout=20)
    # The replica's own thread takes in three of them; this one waits in the last until the replica is ended.
    answers = [replica.submit(large) for _ in range(4)]
    assert [future.result(timeout=20)["out"] for future in answers] == [[{}]] * 4
    replica.close()
    assert not replica.is_alive


@pytest.mark.parametrize("said", ["killed", "missing_input", "executor_lost", "", ["exception"], None])
def test_a_replica_gives_no_reason_that_only_others_can_know(said: object) -> None:
    """Retries, counts and the page go by reasons."""
    answer = outcome_of({"outputs": {"out": [{"error": "a lie", "reason": said}]}}, [])
    assert isinstance(answer, Answer)
    assert answer["out"] == [ElementError("exception", "a lie")]
    failure = outcome_of({"error": {"kind": said, "message": "a lie"}}, [])
    assert isinstance(failure, BatchFailed)
    assert failure.reason == "exception"


@pytest.mark.parametrize("body", ["raise Odd()", "return {'out': [Odd() for _ in x]}"])
def test_an_error_that_cannot_be_read_is_an_error_like_others(
    engine: LocalEngine, hostile: Made, body: str
) -> None:
    odd = "class Odd(Exception):\n    def __str__(self): raise RuntimeError('no')\n"
    replica = engine.start_replica(hostile(odd + body))
    future = replica.submit(Batch(1, {"x": ["a"]}))
    if body.startswith("raise"):
        with pytest.raises(BatchFailed, match="Odd"):
            future.result(timeout=20)
    else:
        assert future.result(timeout=20)["out"] == [
            ElementError("exception", "Odd: its message cannot be read")
        ]
    assert replica.is_alive
