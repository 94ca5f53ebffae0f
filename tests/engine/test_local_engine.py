"""A replica is a process that is asked and answers, whatever the model in it does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from samplecase.contracts.states import Sandbox
from samplecase.runtime.engines.local import LocalEngine
from samplecase.runtime.engines.port import (
    Array,
    Batch,
    BatchFailed,
    ElementError,
    Image,
    Png,
    ReplicaLost,
    ReplicaNotStarted,
    ReplicaSpec,
)

ECHO = """
class Model:
    def setup(self, device):
        self.device = device
        print("set up on", device)
    def predict(self, x):
        print("asked", x)
        return {"out": [{"x": value, "device": self.device} for value in x]}
    def teardown(self):
        print("torn down")
"""


def model(body: str, imports: str = "") -> str:
    lines = "\n".join(f"        {line}" for line in body.strip().splitlines())
    return f"{imports}\nclass Model:\n    def predict(self, x):\n{lines}\n"


def ask(engine: LocalEngine, spec: ReplicaSpec, *xs: object) -> list[object]:
    replica = engine.start_replica(spec)
    return list(replica.submit(Batch(len(xs), {"x": list(xs)})).result(timeout=60)["out"])


def test_a_replica_answers_batches_in_their_order(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec], level: Sandbox
) -> None:
    replica = engine.start_replica(replica_spec(ECHO, level))
    futures = [replica.submit(Batch(2, {"x": [number, -number]})) for number in range(5)]
    answers = [[element["x"] for element in future.result(timeout=60)["out"]] for future in futures]
    assert answers == [[number, -number] for number in range(5)]
    assert replica.load_log == "set up on cpu\n"
    assert replica.stats().batches == 5
    assert replica.stats().load_seconds > 0
    assert replica.stats().memory_bytes > 1_000_000


def test_what_a_model_prints_is_its_log_and_never_a_frame(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec]
) -> None:
    code = model(
        "os.write(1, b'\\x00\\x00\\x00\\x05garbage'); print('said'); sys.stdin.read(); return {'out': [{}]}",
        "import os, sys",
    )
    replica = engine.start_replica(replica_spec(code))
    assert replica.submit(Batch(1, {"x": [1]})).result(timeout=60) == {"out": [{}]}
    replica.close()
    assert "garbage" in (log := replica.new_log())
    assert "said" in log


def test_an_exception_is_the_batch_s_and_the_replica_lives_on(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec]
) -> None:
    code = model(
        "if x[0] == 1: raise ValueError('one is bad')\nif x[0] == 2: sys.exit(3)\nreturn {'out': [{}]}",
        "import sys",
    )
    replica = engine.start_replica(replica_spec(code))
    with pytest.raises(BatchFailed, match="ValueError: one is bad") as failure:
        replica.submit(Batch(1, {"x": [1]})).result(timeout=60)
    assert failure.value.reason == "exception"
    with pytest.raises(BatchFailed, match="SystemExit: 3"):
        replica.submit(Batch(1, {"x": [2]})).result(timeout=60)
    assert replica.submit(Batch(1, {"x": [3]})).result(timeout=60) == {"out": [{}]}
    assert "Traceback" in replica.new_log()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return [1]", "returned list instead of a dict of lists"),
        ("return {'other': [1]}", "returned no 'out'; it returned ['other']"),
        ("return {'out': {}}", "returned dict for 'out', not a list"),
        ("return {'out': [1]}", "returned 1 values for 'out', for 2 samples"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_named(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec], body: str, message: str
) -> None:
    with pytest.raises(BatchFailed) as failure:
        ask(engine, replica_spec(model(body)), 1, 2)
    assert failure.value.reason == "invalid_output"
    assert message in failure.value.message


def test_one_element_may_be_an_error_or_nothing_while_the_others_count(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec]
) -> None:
    code = model("return {'out': [None, ValueError('blurred'), object(), {'a': (1, 2.5)}]}")
    elements = ask(engine, replica_spec(code), 1, 2, 3, 4)
    assert elements == [
        None,
        ElementError("exception", "ValueError: blurred"),
        ElementError("invalid_output", "a value of type object is not JSON"),
        {"a": [1, 2.5]},
    ]


def test_arrays_and_scalars_of_numpy_become_json(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec]
) -> None:
    code = model(
        "return {'out': [{'v': np.arange(3), 's': np.float32(0.5), 'b': np.bool_(True)}]}",
        "import numpy as np",
    )
    assert ask(engine, replica_spec(code), 1) == [{"v": [0, 1, 2], "s": 0.5, "b": True}]


def test_images_arrive_as_arrays_and_masks_leave_as_bytes(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec], level: Sandbox
) -> None:
    code = """
import os
import numpy as np
from PIL import Image
class Model:
    def predict(self, x):
        assert x[0].shape == (2, 3, 3) and x[0].dtype == np.uint8 and x[0].flags.writeable
        path = os.path.join(os.environ["TMPDIR"], "mask.png")
        Image.fromarray(x[1][:, :, 0]).save(path)
        return {"out": [x[0][:, :, 0], path]}
"""
    spec = replica_spec(
        code, level, inputs={"x": {"type": "image"}}, outputs={"out": {"type": "segmentation"}}
    )
    replica = engine.start_replica(spec)
    pixels = [bytes(range(18)), bytes(range(18, 36))]
    batch = Batch(2, images={"x": [Image(data, 2, 3) for data in pixels]})
    array, file = replica.submit(batch).result(timeout=60)["out"]
    assert array == Array(bytes(range(0, 18, 3)), "uint8", 2, 3)
    assert isinstance(file, Png)
    assert file.data.startswith(b"\x89PNG")


def test_a_killed_replica_blames_the_batch_it_was_at_and_no_other(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec], level: Sandbox
) -> None:
    code = model(
        "import os, signal\nif x[0] == 1: os.kill(os.getpid(), signal.SIGSEGV)\nreturn {'out': [{}]}"
    )
    replica = engine.start_replica(replica_spec(code, level))
    first, second = (replica.submit(Batch(1, {"x": [number]})) for number in (1, 2))
    with pytest.raises(ReplicaLost, match="signal 11") as guilty:
        first.result(timeout=60)
    with pytest.raises(ReplicaLost) as innocent:
        second.result(timeout=60)
    assert (guilty.value.guilty, innocent.value.guilty) == (True, False)
    assert not replica.is_alive
    with pytest.raises(ReplicaLost):
        replica.submit(Batch(1, {"x": [3]})).result(timeout=60)


def test_a_replica_that_leaves_quietly_is_noticed(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec]
) -> None:
    with pytest.raises(ReplicaLost, match="exited with code 0"):
        ask(engine, replica_spec(model("import os; os._exit(0)")), 1)


def test_a_hang_ends_with_its_stack_in_the_log(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec], level: Sandbox
) -> None:
    code = "import time\ndef wait_for_nothing():\n    time.sleep(600)\n" + model("wait_for_nothing()")
    replica = engine.start_replica(replica_spec(code, level, batch_timeout_seconds=1))
    with pytest.raises(ReplicaLost, match="within 1 seconds") as failure:
        replica.submit(Batch(1, {"x": [1]})).result(timeout=60)
    assert failure.value.reason == "timeout"
    assert "wait_for_nothing" in replica.new_log()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise RuntimeError('no weights')", "RuntimeError: no weights"),
        ("import nothing_of_that_name", "No module named 'nothing_of_that_name'"),
        ("class Other: pass", "has no attribute 'Model'"),
        ("class Model: pass", "model:Model has no method predict"),
        ("import os; os._exit(7)", "exited with code 7"),
    ],
)
def test_a_model_that_cannot_be_loaded_says_why(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec], code: str, message: str
) -> None:
    with pytest.raises(ReplicaNotStarted, match=message):
        engine.start_replica(replica_spec(code))


def test_a_model_that_takes_too_long_to_load_is_given_up(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec]
) -> None:
    code = "import time\nclass Model:\n    def setup(self, device): time.sleep(600)\n"
    with pytest.raises(ReplicaNotStarted, match=r"setup\(\) did not return within 1 seconds"):
        engine.start_replica(replica_spec(code, load_timeout_seconds=1))


def test_a_gpu_that_is_not_there_is_said_to_be_missing(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samplecase.runtime.engines.launch.gpu_devices", list)
    with pytest.raises(ReplicaNotStarted, match="this host has none"):
        engine.start_replica(replica_spec(ECHO, num_gpus=1))


def test_threads_are_limited_and_the_environment_is_cleared(
    engine: LocalEngine,
    replica_spec: Callable[..., ReplicaSpec],
    level: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    code = model("import os\nreturn {'out': [dict(os.environ)]}")
    (environment,) = ask(engine, replica_spec(code, level), 1)
    assert isinstance(environment, dict)
    assert environment["OMP_NUM_THREADS"] == "1"
    assert "SECRET_KEY" not in environment


def test_drain_runs_teardown_and_leaves_nothing(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec], level: Sandbox, tmp_path: Path
) -> None:
    replica = engine.start_replica(replica_spec(ECHO, level))
    replica.close()
    assert "torn down" in replica.new_log()
    assert list((tmp_path / "replicas").iterdir()) == []


def test_a_replica_dies_with_the_process_that_started_it(
    engine: LocalEngine, replica_spec: Callable[..., ReplicaSpec]
) -> None:
    (answer,) = ask(engine, replica_spec(model("import os; return {'out': [{'pid': os.getpid()}]}")), 1)
    assert isinstance(answer, dict)
    engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(answer["pid"], signal.SIGCONT)
