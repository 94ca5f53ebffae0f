"""No-code packages run for real: tiny networks, on the CPU, through the file that replicas load."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from PIL import Image

from samplecase.contracts.labels import normalise_value
from samplecase.packages import BUILTIN_RUNNER

Make = Callable[..., Any]


def load_runner_file() -> Any:
    spec = importlib.util.spec_from_file_location("builtin_runner_alone", BUILTIN_RUNNER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["builtin_runner_alone"] = module  # its own modules import each other
    spec.loader.exec_module(module)
    return module


runners = load_runner_file()


class MeanColour(torch.nn.Module):
    """Logits are the mean of each channel: a red image is class 0, a green one class 1, a blue one class 2."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return batch.mean(dim=(2, 3)) * 10


class OneBox(torch.nn.Module):
    """The same two boxes (the second overlapping the first) for each image, as `[n, 6]`."""

    def __init__(self, rows: list[list[float]]) -> None:
        super().__init__()
        self.rows = torch.nn.Parameter(torch.tensor(rows), requires_grad=False)

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return self.rows.unsqueeze(0).repeat(batch.shape[0], 1, 1)


def manifest(output: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "weights": "model.pt",
        "schema": {
            "inputs": {"properties": {"images": {"type": "local"}}},
            "outputs": {"properties": {"found": output}},
        },
        "preprocess": {"resize": [8, 8]},
        **more,
    }


def save_script(module: torch.nn.Module, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(module, torch.zeros(1, 3, 8, 8)), path)


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A TorchScript runner of a module, set up as in a replica: the working directory is the package."""
    monkeypatch.chdir(tmp_path)

    def make(module: torch.nn.Module, output: dict[str, Any], **more: Any) -> Any:
        save_script(module, tmp_path / "model.pt")
        runner = runners.TorchScript(manifest(output, **more))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            runner.setup("cpu")
        return runner

    return make


@pytest.fixture
def image(tmp_path: Path) -> Callable[..., str]:
    def make(name: str, colour: Any, size: tuple[int, int] = (20, 10), mode: str = "RGB", **save: Any) -> str:
        Image.new(mode, size, colour).save(tmp_path / name, **save)
        return str(tmp_path / name)

    return make


SOFTMAX = {"postprocess": {"kind": "softmax"}, "classes": ["red", "green", "blue"]}


def test_torchscript_with_softmax_names_the_class_and_its_confidence(script: Make, image: Make) -> None:
    runner = script(MeanColour(), {"type": "classification"}, **SOFTMAX)
    paths = [image("r.png", (255, 0, 0)), image("g.png", (0, 255, 0)), image("b.png", (0, 0, 255))]
    found = runner.predict(images=paths)["found"]
    assert [each["label"] for each in found] == ["red", "green", "blue"]
    assert all(each["confidence"] > 0.99 for each in found)
    runner.teardown()


def test_an_unreadable_image_is_the_error_of_its_own_sample(
    script: Make, image: Make, tmp_path: Path
) -> None:
    runner = script(MeanColour(), {"type": "classification"}, **SOFTMAX)
    (tmp_path / "text.png").write_text("no image")
    whole = Path(image("whole.png", (0, 255, 0), (300, 300))).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    broken = [str(tmp_path / "text.png"), str(tmp_path / "cut.png"), str(tmp_path / "absent.png")]
    found = runner.predict(images=[image("r.png", (255, 0, 0)), *broken])["found"]
    assert found[0]["label"] == "red"
    assert all(isinstance(each, runners.UnreadableMedia) for each in found[1:])
    assert all(each.reason == "unreadable_media" for each in found[1:])


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")]
)
def test_memory_that_runs_out_while_a_file_is_read_is_not_the_file_s_fault(
    script: Make, image: Make, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any) -> None:
        raise error

    runner = script(MeanColour(), {"type": "classification"}, **SOFTMAX)
    path = image("r.png", (255, 0, 0))
    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(type(error)):
        runner.predict(images=[path])


def test_a_batch_without_a_readable_image_never_reaches_the_network(script: Make) -> None:
    runner = script(MeanColour(), {"type": "classification"}, **SOFTMAX)
    (error,) = runner.predict(images=["/absent"])["found"]
    assert isinstance(error, runners.UnreadableMedia)


def test_decoded_images_are_taken_as_well_as_paths(script: Make) -> None:
    runner = script(MeanColour(), {"type": "classification"}, **SOFTMAX)
    green = numpy.zeros((10, 20, 3), numpy.uint8)
    green[..., 1] = 255
    assert runner.predict(images=[green])["found"][0]["label"] == "green"


def test_images_of_other_modes_become_rgb(script: Make, image: Make) -> None:
    runner = script(MeanColour(), {"type": "classification"}, **SOFTMAX)
    paths = [image("p.png", (255, 0, 0, 255), mode="RGBA"), image("c.jpg", (0, 255, 255, 0), mode="CMYK")]
    assert [each["label"] for each in runner.predict(images=paths)["found"]] == ["red", "red"]


def test_sixteen_bit_images_are_scaled_and_not_cut_off(script: Make, tmp_path: Path) -> None:
    Image.fromarray(numpy.full((8, 8), 32768, numpy.uint16)).save(tmp_path / "deep.png")
    runner = script(MeanColour(), {"type": "array"}, postprocess={"kind": "raw"})
    assert runner.predict(images=[str(tmp_path / "deep.png")])["found"][0] == pytest.approx(
        [10 * 128 / 255] * 3
    )


def test_a_class_without_a_name_is_called_by_its_number(script: Make, image: Make) -> None:
    runner = script(MeanColour(), {"type": "classification"}, postprocess={"kind": "softmax"})
    assert runner.predict(images=[image("b.png", (0, 0, 255))])["found"][0]["label"] == "2"


def test_the_labels_of_the_schema_name_the_classes_too(script: Make, image: Make) -> None:
    output = {"type": "classification", "enum": ["rot", "grün", "blau"]}
    runner = script(MeanColour(), output, postprocess={"kind": "softmax"})
    assert runner.predict(images=[image("g.png", (0, 255, 0))])["found"][0]["label"] == "grün"


def test_more_classes_than_names_is_an_error_that_says_so(script: Make, image: Make) -> None:
    runner = script(
        MeanColour(), {"type": "classification"}, classes=["red"], postprocess={"kind": "softmax"}
    )
    with pytest.raises(ValueError, match="class 2"):
        runner.predict(images=[image("b.png", (0, 0, 255))])


def test_sigmoid_gives_every_class_above_the_threshold_best_first(script: Make, image: Make) -> None:
    after = {"kind": "sigmoid", "score_threshold": 0.6, "max": 5}
    runner = script(MeanColour(), {"type": "classifications"}, classes=["r", "g", "b"], postprocess=after)
    (found,) = runner.predict(images=[image("y.png", (200, 255, 0))])["found"]
    assert [each["label"] for each in found] == ["g", "r"]


def test_mean_and_deviation_are_taken_per_channel(script: Make, image: Make) -> None:
    before = {"resize": [8, 8], "scale": 255, "mean": [0.5, 0.0, 0.0], "std": [0.5, 1.0, 2.0]}
    runner = script(MeanColour(), {"type": "array"}, preprocess=before, postprocess={"kind": "raw"})
    (found,) = runner.predict(images=[image("w.png", (255, 255, 255))])["found"]
    assert found == pytest.approx([10.0, 10.0, 5.0])


def test_gray_images_have_one_channel(script: Make, image: Make) -> None:
    before = {"resize": 8, "color": "gray", "mode": "crop"}
    runner = script(MeanColour(), {"type": "regression"}, preprocess=before, postprocess={"kind": "raw"})
    (found,) = runner.predict(images=[image("g.png", 51, mode="L")])["found"]
    assert found == pytest.approx(2.0)


def test_an_embedding_is_a_list_of_numbers(script: Make, image: Make) -> None:
    output = {"type": "embedding", "dimension": 3}
    runner = script(MeanColour(), output, postprocess={"kind": "embedding"})
    (found,) = runner.predict(images=[image("g.png", (0, 255, 0))])["found"]
    assert normalise_value("embedding", found, dimension=3) == pytest.approx([0, 10, 0])


def test_images_of_different_shapes_are_run_shape_by_shape_in_their_order(script: Make, image: Make) -> None:
    runner = script(MeanColour(), {"type": "classification"}, preprocess={"resize": 8}, **SOFTMAX)
    sizes = [(20, 10), (10, 30), (20, 10), (16, 16)]
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 0, 0)]
    paths = [
        image(f"{index}.png", colour, size)
        for index, (colour, size) in enumerate(zip(colours, sizes, strict=True))
    ]
    found = runner.predict(images=paths)["found"]
    assert [each["label"] for each in found] == ["red", "green", "blue", "red"]


DETECT = {
    "postprocess": {"kind": "detections", "score_threshold": 0.3, "nms_iou": 0.5},
    "classes": ["cat", "dog"],
}


def boxes_of(runner: Any, path: str) -> list[list[float]]:
    (found,) = runner.predict(images=[path])["found"]
    return [each["bounding_box"] for each in normalise_value("detections", found)]


def test_boxes_become_relative_and_overlapping_ones_of_a_class_are_one(script: Make, image: Make) -> None:
    rows = [[0, 0, 4, 4, 0.9, 1], [0, 0, 4, 3.8, 0.8, 1], [0, 0, 4, 4, 0.7, 0], [0, 0, 8, 8, 0.1, 0]]
    runner = script(OneBox([[float(each) for each in row] for row in rows]), {"type": "detections"}, **DETECT)
    (found,) = runner.predict(images=[image("a.png", 0)])["found"]
    assert [each["label"] for each in found] == ["dog", "cat"]
    assert found[0]["bounding_box"] == pytest.approx([0, 0, 0.5, 0.5])


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("stretch", [0.25, 0.25, 0.5, 0.5]),
        # 20 × 10 lies in the middle 8 × 4 of the input: y 2…6 is the whole height.
        ("letterbox", [0.25, 0.0, 0.5, 1.0]),
        # 16 × 8 was cut to its middle 8 × 8: x 2…6 is 6…10 of 16.
        ("crop", [0.375, 0.25, 0.25, 0.5]),
    ],
)
def test_boxes_are_mapped_back_to_the_displayed_image(
    script: Make, image: Make, mode: str, expected: list[float]
) -> None:
    before = {"resize": [8, 8], "mode": mode}
    runner = script(
        OneBox([[2.0, 2.0, 6.0, 6.0, 0.9, 0.0]]), {"type": "detections"}, preprocess=before, **DETECT
    )
    assert boxes_of(runner, image("a.png", 0)) == [pytest.approx(expected)]


def test_centred_and_relative_boxes_are_the_same_boxes(script: Make, image: Make) -> None:
    after = {"kind": "detections", "boxes": "cxcywh", "units": "relative"}
    box = OneBox([[0.5, 0.5, 0.5, 0.25, 0.9, 0.0]])
    runner = script(box, {"type": "detections"}, postprocess=after)
    assert boxes_of(runner, image("a.png", 0)) == [pytest.approx([0.25, 0.375, 0.5, 0.25])]


def test_a_box_in_the_border_only_is_no_detection(script: Make, image: Make) -> None:
    before = {"resize": [8, 8], "mode": "letterbox"}
    runner = script(
        OneBox([[2.0, 0.0, 6.0, 1.5, 0.9, 0.0]]), {"type": "detections"}, preprocess=before, **DETECT
    )
    assert boxes_of(runner, image("a.png", 0)) == []


def test_a_photo_that_is_stored_turned_is_read_as_it_is_displayed(script: Make, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to display
    stored = numpy.zeros((8, 16, 3), numpy.uint8)
    stored[:, :8] = [255, 0, 0]  # the left half as stored is the upper half as displayed
    Image.fromarray(stored).save(tmp_path / "turned.png", exif=exif)
    read, placement = runners.Preprocessing({}).read(str(tmp_path / "turned.png"))
    assert read.shape == (16, 8, 3)
    assert (placement.width, placement.height) == (8, 16)
    assert read[:8, :, 0].min() == 255
    assert read[8:, :, 0].max() == 0


class TwoTensors(torch.nn.Module):
    def forward(self, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        boxes = torch.tensor([[[0.0, 0.0, 4.0, 4.0], [4.0, 4.0, 8.0, 8.0]]]).repeat(batch.shape[0], 1, 1)
        scores = torch.tensor([[[0.9, 0.1], [0.2, 0.8]]]).repeat(batch.shape[0], 1, 1)
        return boxes, scores


def test_a_detector_may_give_boxes_and_a_score_for_each_class(script: Make, image: Make) -> None:
    runner = script(TwoTensors(), {"type": "detections"}, **DETECT)
    found = runner.predict(images=[image("a.png", 0), image("b.png", 0)])["found"]
    assert [[each["label"] for each in one] for one in found] == [["cat", "dog"], ["cat", "dog"]]


@pytest.mark.parametrize("dynamic", [True, False])
def test_an_exported_program_gives_what_the_module_gives(
    dynamic: bool, tmp_path: Path, image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shapes = {"batch": {0: torch.export.Dim("n", min=1, max=64)}} if dynamic else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(MeanColour().eval(), (torch.zeros(2, 3, 8, 8),), dynamic_shapes=shapes)
        torch.export.save(program, tmp_path / "model.pt2")
    runner = runners.ExportedProgram(
        manifest({"type": "classification"}, **{**SOFTMAX, "weights": "model.pt2"})
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runner.setup("cpu")
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 255, 0), (255, 0, 0)]
    found = runner.predict(images=[image(f"{index}.png", each) for index, each in enumerate(colours)])[
        "found"
    ]
    assert [each["label"] for each in found] == ["red", "green", "blue", "green", "red"]


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_checkpoint_is_loaded_into_its_architecture(
    wrapped: bool, tmp_path: Path, image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torchvision

    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    module = torchvision.models.resnet18(weights=None, num_classes=4).eval()
    state = module.state_dict()
    torch.save({"model": state, "epoch": 3} if wrapped else state, tmp_path / "model.pt")
    path = image("a.png", (10, 200, 30), (32, 32))
    facts = manifest({"type": "classification"}, architecture="resnet18", classes=list("abcd"))
    runner = runners.Checkpoint({**facts, "preprocess": {}, "postprocess": {"kind": "softmax"}})
    runner.setup("cpu")
    (found,) = runner.predict(images=[path])["found"]
    batch = (
        torch.from_numpy(numpy.asarray(Image.open(path)).copy())
        .permute(2, 0, 1)
        .float()
        .div(255)
        .unsqueeze(0)
    )
    with torch.inference_mode():
        expected = module(batch).softmax(1)[0]
    assert found["label"] == "abcd"[int(expected.argmax())]
    assert found["confidence"] == pytest.approx(float(expected.max()), abs=1e-5)


def test_a_checkpoint_that_holds_code_is_not_unpickled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    class Evil:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "owned",))

    torch.save({"model": Evil()}, tmp_path / "model.pt")
    runner = runners.Checkpoint(manifest({"type": "classification"}, architecture="resnet18"))
    with pytest.raises(Exception, match=r"[Ww]eights"):
        runner.setup("cpu")
    assert not (tmp_path / "owned").exists()


def test_onnx_without_its_runtime_says_what_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    runner = runners.Onnx(manifest({"type": "classification"}))
    with pytest.raises(RuntimeError, match=r"requirements\.txt"):
        runner.setup("cpu")


@pytest.mark.parametrize("path", sorted(BUILTIN_RUNNER.parent.glob("*.py")), ids=lambda path: path.name)
def test_no_file_needs_samplecase_or_a_newer_python(path: Path) -> None:
    import ast

    tree = ast.parse(path.read_text(), feature_version=(3, 8))
    plain = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    own = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]
    at_start = {name.name for node in tree.body if isinstance(node, ast.Import) for name in node.names}
    at_start |= {str(node.module) for node in tree.body if isinstance(node, ast.ImportFrom) if not node.level}
    standard = {"__future__", "collections", "concurrent", "contextlib", "io", "operator", "os", "pathlib"}
    standard |= {"shutil", "sys", "time", "typing", "warnings"}
    assert {name.split(".")[0] for name in at_start} <= standard
    everything = [name.name for node in plain for name in node.names] + [str(node.module) for node in own]
    assert not [name for name in everything if name.split(".")[0] == "samplecase"]
