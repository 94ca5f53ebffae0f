"""The package of each template is packed with weights made here and answers images in its box, as on a server."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import numpy
import onnx
import pytest
import timm
import torch
import torchvision
from sklearn.tree import DecisionTreeClassifier

from samplecase.cli.packing import checked
from samplecase.packages import Choice, find_template, pack_folder, write_folder
from samplecase.runtime.engines.launch import gpu_devices
from samplecase.runtime.memory_ledger import model_spec
from samplecase.runtime.sandbox import probe_sandbox
from samplecase.runtime.trying import Attempt, attempt
from tests.engine.conftest import World, png
from tests.engine.test_built_environments import add_to_index
from tests.engine.test_environments import wheel
from tests.worlds import SCHEMA

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ["dark", "bright"]
SIZE = 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "folder"


@pytest.fixture
def pictures(world: World) -> list[Path]:
    paths = []
    for name, color in (("dark", (8, 8, 8)), ("bright", (250, 250, 250))):
        paths.append(world.folder / f"{name}.png")
        paths[-1].write_bytes(png(color, (48, 32)))
    return paths


def tried(world: World, folder: Path, images: Sequence[Path], **how: Any) -> Attempt:
    """The folder packed, checked and run on the images at the best level that this host can give."""
    packed = pack_folder(folder, world.folder / "package.zip")
    package = checked(packed)
    spec = model_spec(
        package_sha256=package.sha256,
        manifest=package.manifest,
        sandbox=probe_sandbox().level.value,
        **{"mini_batch": 2, **how},
    )
    return attempt(packed, images, spec=spec, inputs={}, settings=world.settings())


def values(attempted: Attempt) -> list[Any]:
    assert attempted.error is None, attempted
    return [result and (result.message or result.values["predictions"]) for result in attempted.results]


def module_of(folder: Path) -> ModuleType:
    """The template's own code, to train what it will load."""
    spec = importlib.util.spec_from_file_location("template", folder / "model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prefer(state: dict[str, Any], layer: str, index: int, *, outputs: int) -> None:
    """Weights whose last layer answers one class of `outputs`, whatever it sees."""
    state[f"{layer}.weight"].zero_()
    state[f"{layer}.bias"].zero_().view(-1, outputs)[:, index] = 6.0


def test_plain_python_answers_by_its_rule(world: World, folder: Path, pictures: list[Path]) -> None:
    write_folder(find_template("plain-python"), folder, Choice("x", CLASSES))
    assert values(tried(world, folder, pictures)) == [{"label": "dark"}, {"label": "bright"}]


def test_a_torchvision_classifier_answers(world: World, folder: Path, pictures: list[Path]) -> None:
    architecture = "shufflenet_v2_x0_5"
    write_folder(find_template("torchvision-classifier"), folder, Choice("x", CLASSES, SIZE, architecture))
    state = torchvision.models.get_model(architecture, num_classes=len(CLASSES)).state_dict()
    prefer(state, "fc", 1, outputs=2)
    torch.save(state, folder / "weights" / "model.pt")
    found = values(tried(world, folder, pictures))
    assert [each["label"] for each in found] == ["bright", "bright"]
    assert all(0.99 < each["confidence"] <= 1 for each in found)


def test_a_torchvision_detector_answers_with_boxes_within_the_image(
    world: World, folder: Path, pictures: list[Path]
) -> None:
    write_folder(find_template("torchvision-detector"), folder, Choice("x", CLASSES))
    architecture = find_template("torchvision-detector").architecture
    network = torchvision.models.get_model(
        architecture, weights=None, weights_backbone=None, num_classes=len(CLASSES) + 1
    )
    state = network.state_dict()
    last = re.compile(r"(head\.classification_head\.module_list\.\d+\.1)\.bias")
    for found in filter(None, map(last.fullmatch, state)):
        prefer(state, found[1], 2, outputs=len(CLASSES) + 1)
    torch.save(state, folder / "weights" / "model.pt")
    (dark, bright) = values(tried(world, folder, pictures))
    assert dark
    assert bright
    for box in [*dark, *bright]:
        left, top, width, height = box["bounding_box"]
        assert box["label"] == "bright"
        assert 0 <= left <= left + width <= 1.001
        assert 0 <= top <= top + height <= 1.001


def test_a_timm_network_answers(world: World, folder: Path, pictures: list[Path]) -> None:
    architecture = "test_resnet"
    write_folder(find_template("timm"), folder, Choice("x", CLASSES, SIZE, architecture))
    state = timm.create_model(architecture, pretrained=False, num_classes=len(CLASSES)).state_dict()
    prefer(state, "fc", 1, outputs=2)
    torch.save(state, folder / "weights" / "model.pt")
    assert [each["label"] for each in values(tried(world, folder, pictures))] == ["bright", "bright"]


def test_an_onnx_file_answers(world: World, folder: Path, pictures: list[Path]) -> None:
    write_folder(find_template("onnx"), folder, Choice("x", CLASSES, SIZE))
    of = onnx.helper
    brightness = of.make_node("ReduceMean", ["images"], ["mean"], axes=[1, 2, 3], keepdims=0)
    nodes = [
        brightness,
        of.make_node("Unsqueeze", ["mean"], ["column"], axes=[1]),
        of.make_node("Neg", ["column"], ["negative"]),
        of.make_node("Concat", ["negative", "column"], ["scores"], axis=1),
    ]
    images = of.make_tensor_value_info("images", onnx.TensorProto.FLOAT, ["batch", 3, SIZE, SIZE])
    scores = of.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, ["batch", len(CLASSES)])
    network = of.make_model(
        of.make_graph(nodes, "brightness", [images], [scores]), opset_imports=[of.make_opsetid("", 11)]
    )
    network.ir_version = 8
    onnx.save(network, folder / "weights" / "model.onnx")
    assert [each["label"] for each in values(tried(world, folder, pictures))] == CLASSES


def test_a_scikit_learn_classifier_answers_as_it_was_trained(
    world: World, folder: Path, pictures: list[Path]
) -> None:
    write_folder(find_template("scikit-learn"), folder, Choice("x", CLASSES, 4))
    shades = [numpy.full((8, 8, 3), shade, numpy.uint8) for shade in (0, 60, 190, 255)]
    features = numpy.stack([module_of(folder).features(shade) for shade in shades])
    labels = ["dark", "dark", "bright", "bright"]
    joblib.dump(DecisionTreeClassifier().fit(features, labels), folder / "weights" / "model.joblib")
    found = values(tried(world, folder, pictures))
    assert found == [{"label": "dark", "confidence": 1.0}, {"label": "bright", "confidence": 1.0}]


NOWHERE = "a-library-that-no-host-has"


@pytest.mark.parametrize("template", ["timm", "onnx"])
def test_what_the_host_lacks_is_said_before_the_model_is_loaded(
    template: str, world: World, folder: Path, pictures: list[Path]
) -> None:
    write_folder(find_template(template), folder, Choice("x", CLASSES))
    (folder / "weights" / ("model.onnx" if template == "onnx" else "model.pt")).write_bytes(b"weights")
    with (folder / "requirements.txt").open("a") as requirements:
        requirements.write(f"{NOWHERE}>=1\n")
    attempted = tried(world, folder, pictures)
    assert attempted.error is not None
    assert f"this host lacks {NOWHERE}" in attempted.error[1]
    assert "custom environment" in attempted.error[1]
    assert attempted.results == [None, None]


TALKER = """
import numpy
class Model:
    def setup(self, device):
        print("loaded on", device)
    def predict(self, image_paths, threshold):
        sizes = [len(open(path, "rb").read()) for path in image_paths]
        found = [ValueError("too small") if size < least else "large" for size, least in zip(sizes, threshold)]
        return {"size": found, "mask": [numpy.full((4, 6), 7, numpy.uint8) for _ in sizes]}
"""


@pytest.fixture
def talker(folder: Path) -> Path:
    inputs = {"image_paths": {"type": "local"}, "threshold": {"type": "integer"}}
    outputs = {"size": {"type": "classification"}, "mask": {"type": "segmentation"}}
    schema = {
        "inputs": {"type": "object", "properties": inputs, "required": ["image_paths", "threshold"]},
        "outputs": {"type": "object", "properties": outputs},
    }
    folder.mkdir()
    manifest = {"format": 1, "name": "talker", "entrypoint": "model:Model", "schema": schema}
    (folder / "model.json").write_text(json.dumps(manifest))
    (folder / "model.py").write_text(TALKER)
    return folder


def command(cwd: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "samplecase.cli", "models", "try", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path, "SAMPLECASE_DATA_DIR": str(cwd / "data"), **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def level_of_this_host() -> list[str]:
    return [] if probe_sandbox().level.value == "bwrap" else ["--no-sandbox"]


def test_the_command_shows_outputs_errors_and_what_was_printed(
    world: World, talker: Path, pictures: list[Path]
) -> None:
    dark, bright = pictures
    bright.write_bytes(bright.read_bytes() + b"\0" * 1000)
    before = {path: path.read_bytes() for path in pictures}
    words = [str(talker), str(dark), str(bright), "--input", "threshold=900", "--masks", "out"]
    words += level_of_this_host()
    done = command(world.folder, *words, "--json")
    assert done.returncode == 4, done.stderr
    told = json.loads(done.stdout)
    assert [each["name"] for each in told["results"]] == [str(dark), str(bright)]
    assert told["results"][0]["error"] == {"reason": "exception", "message": "ValueError: too small"}
    assert told["results"][1]["outputs"]["size"] == {"label": "large"}
    mask = told["results"][1]["outputs"]["mask"]
    assert (mask["width"], mask["height"]) == (6, 4)
    assert (world.folder / mask["mask"]).read_bytes().startswith(b"\x89PNG")
    assert told["sandbox"] == probe_sandbox().level.value
    assert "loaded on cpu" in told["log"]
    assert {path: path.read_bytes() for path in pictures} == before
    assert not [*(world.folder / "data").rglob("*.zip"), *(world.folder / "data" / "work").rglob("model.py")]


@pytest.mark.parametrize(
    ("words", "place"),
    [([], "--input threshold=…"), (["--input", "limit=3", "--input", "threshold=1"], "--input limit=3")],
)
def test_inputs_are_checked_before_anything_is_started(
    words: list[str], place: str, world: World, talker: Path, pictures: list[Path]
) -> None:
    done = command(world.folder, str(talker), str(pictures[0]), "--no-sandbox", *words)
    assert done.returncode == 1
    assert place in done.stderr


def test_a_model_that_cannot_be_loaded_shows_its_own_words(
    world: World, folder: Path, pictures: list[Path]
) -> None:
    write_folder(find_template("plain-python"), folder, Choice("x"))
    (folder / "model.py").write_text(
        "class Model:\n    def setup(self, device): raise OSError('no weights')\n"
        "    def predict(self, images): ...\n"
    )
    done = command(world.folder, str(folder), str(pictures[0]), "--no-sandbox")
    assert done.returncode == 3
    assert "no weights" in done.stderr


BORROWER = """
import borrowed, importlib.util
class Model:
    def predict(self, image_paths):
        seen = importlib.util.find_spec("numpy") is not None
        return {"predictions": [f"{borrowed.WORD}, numpy {seen}" for _ in image_paths]}
"""


@pytest.fixture
def borrower(folder: Path) -> Path:
    """A package that needs a library which this host lacks."""
    folder.mkdir()
    manifest = {"format": 1, "name": "borrower", "entrypoint": "model:Model", "schema": SCHEMA}
    (folder / "model.json").write_text(json.dumps(manifest))
    (folder / "model.py").write_text(BORROWER)
    (folder / "requirements.txt").write_text("borrowed==1.2\n")
    return folder


def test_an_environment_of_the_package_s_own_is_built_used_and_kept(
    world: World, borrower: Path, pictures: list[Path]
) -> None:
    index = add_to_index(world, *wheel("borrowed", "1.2", "WORD = 'from elsewhere'"))
    words = [str(borrower), *map(str, pictures), *level_of_this_host(), "--json"]

    lacking = command(world.folder, *words, SAMPLECASE_PACKAGE_INDEX=index)
    assert lacking.returncode == 3
    assert "this host lacks borrowed" in json.loads(lacking.stdout)["error"]["message"]

    built = command(world.folder, *words, "--custom-env", SAMPLECASE_PACKAGE_INDEX=index)
    assert built.returncode == 0, built.stdout + built.stderr
    told = json.loads(built.stdout)
    labels = [each["outputs"]["predictions"]["label"] for each in told["results"]]
    assert labels == ["from elsewhere, numpy False"] * 2
    assert "borrowed==1.2" in told["log"]

    shutil.rmtree(world.folder / "index")
    again = command(world.folder, *words, "--custom-env", SAMPLECASE_PACKAGE_INDEX=index)
    assert again.returncode == 0, again.stdout + again.stderr
    assert len([*(world.folder / "data" / "work" / "environments").glob("*/ready")]) == 1


def test_an_environment_that_cannot_be_built_says_why(
    world: World, borrower: Path, pictures: list[Path]
) -> None:
    index = add_to_index(world, *wheel("borrowed", "1.1", ""))
    words = [str(borrower), str(pictures[0]), *level_of_this_host(), "--custom-env"]
    done = command(world.folder, *words, SAMPLECASE_PACKAGE_INDEX=index)
    assert done.returncode == 3
    assert "borrowed==1.2" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(bool(gpu_devices()), reason="there is a GPU here")
def test_a_gpu_that_is_not_here_is_said_at_once(world: World, folder: Path, pictures: list[Path]) -> None:
    write_folder(find_template("plain-python"), folder, Choice("x"))
    done = command(world.folder, str(folder), str(pictures[0]), *level_of_this_host(), "--gpus", "1")
    assert done.returncode == 1
    assert "--gpus 1: this host has no GPU" in done.stderr
    assert done.stdout == ""
