"""The demo's detector: its maps are read as they were meant, and its package is a sound one without code."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from samplecase.cli.demo.recipe import centrepoint, train_detector
from samplecase.cli.main import app
from samplecase.packages import pack_folder
from samplecase.packages.runner import tuned

CLASSES = [str(digit) for digit in range(10)]
BOXES = torch.tensor([[10.0, 20.0, 13.0, 30.0], [50.5, 8.0, 20.0, 24.25], [40.0, 60.0, 8.0, 12.0]])
LABELS = torch.tensor([3, 0, 9])
NOTHING = (torch.zeros(0, 4), torch.zeros(0).long())


def ideal(truths: list[centrepoint.Truth]) -> torch.Tensor:
    """Maps that say exactly what the targets want."""
    heat, images, rows, columns, facts = centrepoint.targets(truths, len(CLASSES))
    rest = torch.zeros(len(truths), 4, centrepoint.CELLS, centrepoint.CELLS)
    rest[images, :, rows, columns] = facts
    return torch.cat([torch.logit(heat, eps=1e-4), rest], 1)


def test_maps_made_of_boxes_are_read_as_these_boxes() -> None:
    found = centrepoint.decoded(ideal([(BOXES, LABELS), NOTHING]))
    assert found.shape == (2, centrepoint.MOST, 6)
    sure = found[0][found[0][:, 4] > 0.9]
    order = [int(each) for each in sure[:, 5]]
    assert sorted(order) == [0, 3, 9], "one peak for each, however wide its hill"
    for row in sure:
        [at] = (int(row[5]) == LABELS).nonzero()[0].tolist()
        left, top, width, height = BOXES[at].tolist()
        assert row[:4].tolist() == pytest.approx([left, top, left + width, top + height], abs=1e-3)
    assert float(found[1][:, 4].max()) < 0.01, "nothing is found where nothing is"


def test_the_loss_grows_with_each_thing_that_is_wrong() -> None:
    wanted = centrepoint.targets([(BOXES, LABELS)], len(CLASSES))
    maps = ideal([(BOXES, LABELS)])
    best = float(centrepoint.loss_of(maps, wanted))
    cell = (wanted[1][0], wanted[2][0], wanted[3][0])
    missed, made_up, misplaced = maps.clone(), maps.clone(), maps.clone()
    missed[cell[0], LABELS[0], cell[1], cell[2]] = -3
    made_up[0, 5, 1, 1] = 3
    misplaced[cell[0], -2, cell[1], cell[2]] += 0.5
    for wrong in (missed, made_up, misplaced):
        assert float(centrepoint.loss_of(wrong, wanted)) > best + 0.1


def test_an_image_without_anything_can_be_learnt_from() -> None:
    wanted = centrepoint.targets([NOTHING], len(CLASSES))
    maps = torch.zeros(1, len(CLASSES) + 4, centrepoint.CELLS, centrepoint.CELLS, requires_grad=True)
    centrepoint.loss_of(maps, wanted).backward()
    assert maps.grad is not None
    assert torch.isfinite(maps.grad).all()


def test_the_package_is_sound_and_its_boxes_are_those_of_the_network(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = centrepoint.Network(len(CLASSES)).eval()
    with torch.no_grad():
        network.head[-1].bias[3] = (
            0.0  # untrained, it finds something only when it is told to: a 3 everywhere
        )
    folder = tmp_path / train_detector.NAME
    train_detector.lay_out_package(folder, CLASSES, mean=0.1, std=0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.export's own
        seen = torch.zeros(2, 1, centrepoint.SIDE, centrepoint.SIDE)
        train_detector.export(network, seen, folder / "weights" / "detector.pt2")
    package = tmp_path / "detector.zip"
    pack_folder(folder, package)
    checked = CliRunner().invoke(app, ["models", "check", str(package), "--json"])
    assert checked.exit_code == 0, checked.output

    pixels = np.zeros((192, 192), np.uint8)
    pixels[40:120, 60:100] = 200
    Image.fromarray(pixels).save(tmp_path / "scene.png")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = tuned(folder, json.loads(checked.stdout)["manifest"])
    [found] = model.predict([tmp_path / "scene.png"])
    image = torch.tensor(train_detector.read(tmp_path / "scene.png")).float()[None, None] / 255
    with torch.no_grad():
        [expected] = centrepoint.Detector(network)((image - 0.1) / 0.3)
    best = expected[expected[:, 4] >= train_detector.SCORE_THRESHOLD][0]
    assert found[0]["label"] == str(int(best[5])) == "3"
    assert found[0]["confidence"] == pytest.approx(float(best[4]), abs=1e-3)
    left, top, width, height = found[0]["bounding_box"]
    corners = (best[:4] / centrepoint.SIDE).clamp(0, 1).tolist()
    assert [left, top, left + width, top + height] == pytest.approx(corners, abs=1e-3)
