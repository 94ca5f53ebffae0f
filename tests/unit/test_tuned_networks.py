"""What a plan does to a network that has learnt something: it stays as good as it was, or the plan is refused."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from PIL import Image

from samplecase.packages.runner import NotApplicable, Preprocessing, Tuned, tuned
from tests.trained import CLASSES, POSTPROCESS, PREPROCESS, Trained, trained

GRAPHS = ("plain", "folded", "frozen")
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.*")


@pytest.fixture(scope="module")
def digits() -> Trained:
    return trained()


@pytest.fixture
def opened(tmp_path: Path, digits: Trained) -> Callable[..., Tuned]:
    """`opened("TorchScript", graph="folded")`: the trained network under these tricks."""

    def make(kind: str, **tricks: Any) -> Tuned:
        name, data = digits.saved_as(kind)
        (tmp_path / name).write_bytes(data)
        manifest = {
            "entrypoint": f"samplecase.builtin:{kind}",
            "weights": name,
            "classes": CLASSES,
            "schema": {
                "inputs": {"properties": {"images": {"type": "local"}}},
                "outputs": {"properties": {"digit": {"type": "classification"}}},
            },
            "preprocess": PREPROCESS,
            "postprocess": POSTPROCESS,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return tuned(tmp_path, manifest, tricks)

    return make


@pytest.fixture
def photos(tmp_path: Path, digits: Trained) -> list[str]:
    for index, data in enumerate(digits.images):
        (tmp_path / f"{index}.jpg").write_bytes(data)
    return [str(tmp_path / f"{index}.jpg") for index in range(len(digits.images))]


def found(network: Tuned, photos: list[str]) -> list[dict[str, Any]]:
    return [
        each for start in range(0, len(photos), 16) for each in network.predict(photos[start : start + 16])
    ]


@pytest.mark.parametrize("kind", ["TorchScript", "ExportedProgram"])
def test_a_trained_network_is_as_good_under_every_trick(
    kind: str, opened: Callable[..., Tuned], photos: list[str], digits: Trained
) -> None:
    plain = found(opened(kind), photos)
    before = digits.accuracy([each["label"] for each in plain])
    assert before > 0.9
    tricks = itertools.product(GRAPHS, (False, True), ("fp32", "bf16"))
    for graph, channels_last, precision in tricks:
        after = found(opened(kind, graph=graph, channels_last=channels_last, precision=precision), photos)
        told = (graph, channels_last, precision)
        assert abs(digits.accuracy([each["label"] for each in after]) - before) <= 1 / len(photos), told
        furthest = max(
            abs(one["confidence"] - other["confidence"]) for one, other in zip(plain, after, strict=True)
        )
        assert furthest < (1e-4 if precision == "fp32" else 0.1), told


@pytest.mark.parametrize("decode", ["box", "torch"])
def test_a_trained_network_is_as_good_along_every_way_of_decoding(
    decode: str, opened: Callable[..., Tuned], photos: list[str], digits: Trained
) -> None:
    plain, other = (found(opened("TorchScript", decode=way), photos) for way in ("plain", decode))
    before, after = (digits.accuracy([each["label"] for each in values]) for values in (plain, other))
    assert abs(after - before) <= 1 / len(photos)


def test_folding_leaves_no_batch_norm(opened: Callable[..., Tuned]) -> None:
    graph = opened("ExportedProgram", graph="folded")._runner._run._run.graph
    assert not [node for node in graph.nodes if "batch_norm" in str(node.target)]


def test_a_program_of_one_batch_size_is_tuned_and_still_takes_any_number(
    tmp_path: Path, digits: Trained, opened: Callable[..., Tuned], photos: list[str]
) -> None:
    plain = found(opened("ExportedProgram"), photos[:5])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(digits.network, (torch.rand(4, 3, 32, 32),))
        digits_fixed = tmp_path / "fixed.pt2"
        torch.export.save(program, digits_fixed)
        for graph in GRAPHS:
            runner = opened("ExportedProgram")._runner
            runner._weights = str(digits_fixed)
            runner._runs.clear()
            runner._apply({**runner._tricks, "graph": graph})
            (values,) = runner.predict(images=photos[:5]).values()
            assert [each["label"] for each in values] == [each["label"] for each in plain]


def test_a_network_without_a_batch_norm_says_that_it_cannot_be_folded(tmp_path: Path) -> None:
    from samplecase.packages.runner.folding import folded_module

    with pytest.raises(ValueError, match="no batch norm"):
        folded_module(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3)))


def test_a_trick_that_changes_the_outputs_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from samplecase.packages.runner import networks

    monkeypatch.setattr(networks, "folded_module", lambda module: torch.nn.Flatten())
    tricks = {**networks.PLAIN, "graph": "folded"}
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.LeakyReLU(-1.0))
    with pytest.raises(NotApplicable, match="differ"):
        networks.optimised(module, tricks, wrap=lambda run: run, example=torch.randn(2, 3, 4, 4), size=None)


def test_a_plan_of_another_host_gives_way_to_the_plain_network_and_says_so(
    opened: Callable[..., Tuned], photos: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    runner = opened("TorchScript")._runner
    plain = runner.predict(images=photos[:3])
    other = type(runner)({**runner._manifest, "tricks": {"graph": "compiled"}})
    other.setup("cpu")
    assert other.predict(images=photos[:3]) == plain
    assert "plan cannot be applied here" in capsys.readouterr().err


def picture(size: tuple[int, int]) -> Any:
    grid = numpy.add.outer(numpy.arange(size[1]) * 3, numpy.arange(size[0]) * 5) % 256
    noise = numpy.random.default_rng(0).integers(0, 30, (size[1], size[0], 3))
    return (grid[..., None] // 2 + noise + 40).clip(0, 255).astype(numpy.uint8)


BLOCKS = [{"resize": [64, 64], "mode": mode} for mode in ("crop", "stretch", "letterbox")] + [
    {"resize": 48},
    {"resize": 50, "mode": "crop"},
]


@pytest.mark.parametrize(
    "block", BLOCKS, ids=lambda block: f"{block.get('mode', 'shorter')} {block['resize']}"
)
@pytest.mark.parametrize("size", [(160, 120), (97, 301), (64, 64), (63, 65), (40, 30)])
@pytest.mark.parametrize("decode", ["box", "torch", "draft"])
def test_every_way_of_decoding_comes_close_to_the_plain_one(
    tmp_path: Path, block: dict[str, Any], size: tuple[int, int], decode: str
) -> None:
    path = tmp_path / "picture.jpg"
    Image.fromarray(picture(size)).save(path, quality=90)
    plain, placed = Preprocessing(block).read(str(path))
    other, placed_too = Preprocessing(block, decode).read(str(path))
    assert other.shape == plain.shape
    assert other.dtype == plain.dtype
    assert vars(placed_too) == vars(placed)
    difference = numpy.abs(other.astype(int) - plain.astype(int))
    assert difference.mean() < (8 if decode == "draft" else 1.5)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("decode", ["plain", "box", "torch", "draft"])
def test_a_turned_photo_is_read_upright_along_every_way(
    tmp_path: Path, decode: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = numpy.zeros((120, 200, 3), numpy.uint8)
    stored[:60, :100] = 255  # one bright corner
    path = tmp_path / "turned.jpg"
    Image.fromarray(stored).save(path, exif=exif, quality=95)
    read, placement = Preprocessing({"resize": [30, 30], "mode": "stretch"}, decode).read(str(path))
    is_turned = orientation >= 5
    assert (placement.width, placement.height) == ((120, 200) if is_turned else (200, 120))
    quarters = [read[:13, :13], read[:13, 17:], read[17:, 17:], read[17:, :13]]
    corner = {1: 0, 2: 1, 3: 2, 4: 3, 5: 0, 6: 1, 7: 2, 8: 3}[orientation]
    assert [int(each.mean() > 128) for each in quarters] == [int(at == corner) for at in range(4)]


@pytest.mark.parametrize("decode", ["box", "torch", "draft"])
def test_a_cut_off_file_is_unreadable_along_every_way(tmp_path: Path, decode: str) -> None:
    from samplecase.packages.runner import UnreadableMedia

    path = tmp_path / "whole.jpg"
    Image.fromarray(picture((300, 300))).save(path)
    path.write_bytes(path.read_bytes()[:4000])
    with pytest.raises(UnreadableMedia):
        Preprocessing({"resize": [64, 64], "mode": "crop"}, decode).read(str(path))


def test_plain_cutting_is_what_pillow_gives_in_two_steps() -> None:
    pixels = picture((97, 301))
    read, _ = Preprocessing({"resize": [32, 32], "mode": "crop"}).read(pixels)
    whole = Image.fromarray(pixels).resize((32, 99), Image.Resampling.BILINEAR)
    canvas = Image.new("RGB", (32, 32))
    canvas.paste(whole, (0, (32 - 99) // 2))
    assert numpy.array_equal(read, numpy.asarray(canvas))
