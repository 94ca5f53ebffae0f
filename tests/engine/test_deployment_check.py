"""A deployment is green only when its replica has loaded the model and answered as its schema says."""

from __future__ import annotations

from typing import Any

import pytest

from samplecase.contracts.states import DeploymentState, Sandbox
from samplecase.runtime.checking.examples import plain_value
from samplecase.runtime.memory_ledger import MemoryDeployment
from tests.engine.conftest import World, png, until

PATHS = {"image_paths": {"type": "local"}}


def model(line: str, arguments: str = "image_paths") -> str:
    return (
        "import os\nclass Model:\n"
        f"    def predict(self, {arguments}):\n"
        f"        return {{'predictions': [{line} for one in {arguments.split(',')[0]}]}}\n"
    )


def checked(world: World, spec: Any, **settings: Any) -> MemoryDeployment:
    deployment = world.ledger.deploy(spec)
    with world.executor(**settings):
        until(lambda: deployment.report is not None)
    return deployment


def test_a_model_that_answers_is_ready_and_measured(world: World, level: Sandbox) -> None:
    deployment = checked(
        world, world.spec(model("{'label': 'a'}"), inputs=PATHS, mini_batch=4, sandbox=level.value)
    )
    assert deployment.state is DeploymentState.READY
    assert deployment.report is not None
    measured = dict(deployment.report.measured)
    proposed, sizes = measured.pop("proposed"), measured.pop("mini_batches")
    assert set(measured) == {"load_seconds", "images_per_second", "memory_bytes"}
    assert all(value > 0 for value in measured.values())
    assert {each["size"] for each in sizes} >= {1, 4, 8}
    assert proposed["mini_batch"] in {each["size"] for each in sizes}
    assert proposed["num_replicas"] >= 1
    assert proposed["threads"] >= 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{'label': 5}", "/predictions"),
        ("1/0", "ZeroDivisionError"),
        ("os._exit(9)", "exited with code 9"),
    ],
)
def test_a_model_that_answers_wrongly_is_not_green_and_the_reason_is_said(
    world: World, line: str, reason: str
) -> None:
    deployment = checked(world, world.spec(model(line), inputs=PATHS))
    assert deployment.state is DeploymentState.FAILED
    assert deployment.report is not None
    assert reason in deployment.report.reason


def test_the_first_job_gets_the_replica_that_was_checked(world: World) -> None:
    spec = world.spec("import os\nprint('process', os.getpid())\n" + model("{'label': 'a'}"), inputs=PATHS)
    deployment = world.ledger.deploy(spec)
    with world.executor():
        until(lambda: deployment.state is DeploymentState.READY)
        job = world.ledger.submit(spec=spec, samples=world.samples(2), outputs={"predictions": "p"})
        until(lambda: job.state.is_final)
    assert "process" in job.log
    assert job.log in deployment.log


def test_a_model_that_does_not_load_leaves_its_log(world: World) -> None:
    deployment = checked(world, world.spec("print('almost')\nraise OSError('no weights')", inputs=PATHS))
    assert deployment.report is not None
    assert deployment.report.reason == "OSError: no weights"
    assert "almost" in deployment.log
    assert "Traceback" in deployment.log


def test_the_author_s_examples_must_all_pass(world: World) -> None:
    code = model("{'label': 'a'} if os.path.getsize(one) < 100 else {'label': None}")
    files = {"examples/1.png": png(), "examples/2.png": png(size=(900, 901))}
    deployment = checked(world, world.spec(code, inputs=PATHS, files=files))
    assert deployment.report is not None
    assert "examples/2.png" in deployment.report.reason


def test_a_model_may_refuse_some_sizes_of_made_up_images(world: World) -> None:
    code = (
        "class Model:\n    def predict(self, image):\n        assert image[0].shape[0] == 224\n"
        "        return {'predictions': ['a'] * len(image)}\n"
    )
    deployment = checked(world, world.spec(code, inputs={"image": {"type": "image"}}, mini_batch=2))
    assert deployment.state is DeploymentState.READY


def test_inputs_that_are_fields_get_plain_values(world: World) -> None:
    code = model("{'label': repr(one)} if isinstance(one, str) else 1/0", "text, count")
    inputs = {"text": {"type": "string", "enum": ["x"]}, "count": {"type": "integer", "default": 3}}
    assert checked(world, world.spec(code, inputs=inputs)).state is DeploymentState.READY


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "enum": ["b", "c"]}, "b"),
        ({"type": "integer", "minimum": 7}, 7),
        ({"type": "number", "default": 2.5}, 2.5),
        ({"type": "embedding", "dimension": 3}, [0.0, 0.0, 0.0]),
        ({"type": "array", "minItems": 2, "items": {"type": "boolean"}}, [True, True]),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"a": "text"}),
        ({"type": "detections"}, []),
    ],
)
def test_plain_values_fit_their_schema(schema: dict[str, Any], value: Any) -> None:
    assert plain_value(schema) == value


def test_a_missing_requirement_is_named_with_every_other_one(world: World) -> None:
    files = {"requirements.txt": b"numpy\nno-such-thing==3  # really\n\nneither-this>=2\nnumpy<1\n"}
    deployment = checked(world, world.spec(model("{'label': 'a'}"), inputs=PATHS, files=files))
    assert deployment.report is not None
    assert "no-such-thing==3, neither-this>=2, numpy<1" in deployment.report.reason


def test_a_check_that_was_stopped_reports_nothing(world: World) -> None:
    deployment = world.ledger.deploy(world.spec(model("__import__('time').sleep(600)"), inputs=PATHS))
    with world.executor():
        until(lambda: deployment.state is DeploymentState.BUILDING)
        deployment.state = DeploymentState.STOPPED
    assert deployment.report is None
