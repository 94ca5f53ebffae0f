"""The demo's scenes: every box is the smallest one around a digit's ink, and no digit is in scenes of two splits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from samplecase.cli.demo.recipe import scenes


def digit(label: str) -> Image.Image:
    """Something written on 96 pixels, with soft edges and specks beside it that are too dark for ink."""
    image = Image.new("L", (96, 96))
    draw = ImageDraw.Draw(image)
    draw.text((24, 10), label, fill=255, font_size=80)
    draw.point([(2, 2), (93, 90)], fill=scenes.INK - 1)
    return image


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    for label in "0137":
        folder = tmp_path / "digits" / label
        folder.mkdir(parents=True)
        digit(label).save(folder / f"digit-000{label}.png")
    return tmp_path / "digits"


def composed(count: int) -> list[tuple[scenes.Pixels, list[scenes.Placed]]]:
    inks = [(label, scenes.ink_of(np.asarray(digit(label)))) for label in "0137"]
    random = np.random.default_rng(3)
    return [scenes.compose(inks, random) for _ in range(count)]


def test_each_box_ends_where_its_ink_ends() -> None:
    for canvas, placed in composed(40):
        left_over = canvas.copy()
        for each in placed:
            left, top, width, height = each.box
            inside = canvas[top : top + height, left : left + width]
            assert inside.shape == (height, width), "the box lies within the canvas"
            for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
                assert edge.max() >= scenes.INK
            left_over[top : top + height, left : left + width] = 0
        assert not left_over.any(), "all ink is in a box"


def test_boxes_keep_their_distance_and_digits_differ_in_size() -> None:
    heights = []
    for _, placed in composed(40):
        for number, one in enumerate(placed):
            assert not any(scenes.touch(one.box, other.box) for other in placed[:number])
        heights += [each.box[3] for each in placed]
    low, high = scenes.HEIGHTS
    assert low - 4 <= min(heights) < 1.2 * low
    assert 0.8 * high < max(heights) <= high + 2
    assert all(1 <= len(placed) <= scenes.DIGITS[1] for _, placed in composed(40))


@pytest.mark.parametrize(
    ("other", "touches"),
    [((10, 10, 5, 5), True), ((16, 10, 5, 5), True), ((17, 10, 5, 5), False), ((10, 2, 9, 6), False)],
)
def test_touching_is_less_than_the_gap(other: scenes.Box, touches: bool) -> None:
    assert scenes.GAP == 2
    assert scenes.touch((10, 10, 5, 5), other) is touches
    assert scenes.touch(other, (10, 10, 5, 5)) is touches


def test_what_is_written_is_what_was_placed(drawn: Path, tmp_path: Path) -> None:
    splits = {
        "train": ["0/digit-0000.png", "1/digit-0001.png"],
        "test": ["3/digit-0003.png", "7/digit-0007.png"],
    }
    counts = {"train": 6, "test": 4}
    for name in ("once", "again"):
        scenes.write(drawn, splits, tmp_path / name, counts=counts)
    names: list[str] = []
    for split, labels in (("train", {"0", "1"}), ("test", {"3", "7"})):
        at = f"annotations/instances_{split}.json"
        assert (tmp_path / "once" / at).read_text() == (tmp_path / "again" / at).read_text()
        document = json.loads((tmp_path / "once" / at).read_text())
        assert len(document["images"]) == counts[split]
        categories = {each["id"]: each["name"] for each in document["categories"]}
        assert [*categories.values()] == list("0123456789")
        assert {categories[each["category_id"]] for each in document["annotations"]} == labels
        for each in document["images"]:
            path = f"images/{split}/{each['file_name']}"
            assert (tmp_path / "once" / path).read_bytes() == (tmp_path / "again" / path).read_bytes()
            pixels = np.asarray(Image.open(tmp_path / "once" / path))
            assert pixels.shape == (each["height"], each["width"])
            for row in document["annotations"]:
                if row["image_id"] == each["id"]:
                    left, top, width, height = row["bbox"]
                    assert pixels[top : top + height, left : left + width].any()
            names.append(each["file_name"])
    assert len(set(names)) == 10, "no scene is called as another"
