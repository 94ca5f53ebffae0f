"""`python scenes.py IMAGES SPLITS OUT`: scenes of several digits of different sizes, with exact boxes, as COCO.

IMAGES is a folder that `digits.py` has drawn. SPLITS is a JSON object: the name of a split, and the images, relative to
IMAGES, of the digits that its scenes show; no digit is in scenes of two splits.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 192  # pixels of the square canvas
COUNTS = {"train": 400, "test": 200}  # scenes
DIGITS = (3, 9)  # of a scene, as far as they find a place
HEIGHTS = (28, 84)  # pixels of a digit's ink; each doubling is as frequent as the next
BRIGHTNESS = (0.6, 1.0)
INK = 40  # what is darker is no ink, so that ink has an edge and a box can be exact
GAP = 2  # pixels between two boxes
TRIES = 30  # places that are tried for a digit
SEED = 8
CLASSES = [str(digit) for digit in range(10)]

Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]  # left, top, width, height in pixels


@dataclass(frozen=True)
class Placed:
    """A digit of a scene: its class, and the smallest box around its ink."""

    label: str
    box: Box


def ink_of(pixels: Pixels) -> Pixels:
    """What is ink of an image, cut out without a margin; everything else in it is 0."""
    inked = np.where(pixels >= INK, pixels, 0).astype(np.uint8)
    rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    return inked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def scaled(ink: Pixels, height: int, brightness: float) -> Pixels:
    """A digit's ink about `height` pixels high."""
    width = max(1, round(ink.shape[1] * height / ink.shape[0]))
    image = Image.fromarray(ink).resize((width, height), Image.Resampling.BICUBIC)
    return ink_of(np.round(np.asarray(image) * brightness).astype(np.uint8))


def compose(inks: Sequence[tuple[str, Pixels]], random: np.random.Generator) -> tuple[Pixels, list[Placed]]:
    """A canvas with some of the `(label, ink)`, none over another, and where they are; large ones are placed first."""
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    wanted = int(random.integers(DIGITS[0], DIGITS[1] + 1))
    low, high = np.log(HEIGHTS)
    heights = np.sort(np.exp(random.uniform(low, high, wanted)))[::-1]
    placed: list[Placed] = []
    for height, number in zip(heights, random.integers(len(inks), size=wanted), strict=True):
        label, ink = inks[number]
        digit = scaled(ink, round(height), random.uniform(*BRIGHTNESS))
        box = free_place(digit.shape[1], digit.shape[0], placed, random)
        if box is not None:
            left, top, width, high = box
            canvas[top : top + high, left : left + width] = digit
            placed.append(Placed(label, box))
    return canvas, placed


def free_place(width: int, height: int, placed: Sequence[Placed], random: np.random.Generator) -> Box | None:
    """Somewhere on the canvas that is away from all other boxes; None where none was found."""
    for _ in range(TRIES if width <= SIDE else 0):
        left, top = (int(random.integers(SIDE - side + 1)) for side in (width, height))
        box = (left, top, width, height)
        if not any(touch(box, each.box) for each in placed):
            return box
    return None


def touch(one: Box, other: Box) -> bool:
    """Whether two boxes have less than the gap between them."""
    return all(
        one[axis] < other[axis] + other[axis + 2] + GAP and other[axis] < one[axis] + one[axis + 2] + GAP
        for axis in (0, 1)
    )


def annotated(
    number: int, name: str, placed: Sequence[Placed]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A scene's image and its annotations as COCO has them."""
    image = {"id": number, "file_name": name, "width": SIDE, "height": SIDE}
    rows = [
        {
            "image_id": number,
            "category_id": CLASSES.index(each.label),
            "bbox": [*each.box],
            "area": each.box[2] * each.box[3],
            "iscrowd": 0,
        }
        for each in placed
    ]
    return image, rows


def write(
    images: Path,
    splits: Mapping[str, Sequence[str]],
    out: Path,
    *,
    counts: Mapping[str, int] = COUNTS,
) -> None:
    """Write `OUT/images/<split>/scene-<number>.png` and `OUT/annotations/instances_<split>.json` for each split."""
    random = np.random.default_rng(SEED)
    numbers = count(1)
    for split, names in splits.items():
        paths = [images / name for name in names]
        inks = [(path.parent.name, ink_of(np.asarray(Image.open(path)))) for path in paths]
        write_split(out, split, inks, list(islice(numbers, counts[split])), random)


def write_split(
    out: Path,
    split: str,
    inks: Sequence[tuple[str, Pixels]],
    numbers: Sequence[int],
    random: np.random.Generator,
) -> None:
    folder, at = out / "images" / split, out / "annotations" / f"instances_{split}.json"
    folder.mkdir(parents=True)
    at.parent.mkdir(exist_ok=True)
    described: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number in numbers:
        canvas, placed = compose(inks, random)
        name = f"scene-{number:04d}.png"
        Image.fromarray(canvas).save(folder / name)
        image, rows = annotated(number, name, placed)
        described.append(image)
        annotations += rows
    categories = [{"id": number, "name": name} for number, name in enumerate(CLASSES)]
    document = {
        "images": described,
        "annotations": [{"id": key, **row} for key, row in enumerate(annotations, 1)],
        "categories": categories,
    }
    at.write_text(json.dumps(document))


if __name__ == "__main__":
    write(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3]))
