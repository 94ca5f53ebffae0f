"""Tiny images whose class can be seen: each has a square, brighter in one of the three colours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SIDE = 32
CLASSES = ("blue", "green", "red")


def picture(seed: int, channel: int, *, side: int = SIDE) -> Image.Image:
    """Noise, with a square of one colour somewhere."""
    draw = np.random.default_rng(seed)
    pixels = draw.integers(0, 120, (side, side, 3), dtype=np.uint8)
    left, top = draw.integers(0, side // 2, 2)
    pixels[top : top + side // 2, left : left + side // 2, channel] = 230
    return Image.fromarray(pixels)


def image_folder(
    folder: Path, per_class: int = 12, *, classes: Sequence[str] = CLASSES, first: int = 0
) -> Path:
    """A folder per class; images are numbered from `first`, and no two are alike."""
    for channel, label in enumerate(classes):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(first, first + per_class):
            picture(1000 * channel + number, channel).save(folder / label / f"{number:03}.png")
    return folder


def boxes_manifest(folder: Path, number: int = 12) -> Path:
    """A manifest of images with one box each, every sixth without any."""
    folder.mkdir(parents=True, exist_ok=True)
    lines: list[dict[str, Any]] = []
    for place in range(number):
        draw, channel = np.random.default_rng(place), place % 2
        left, top = (int(each) for each in draw.integers(0, 32, 2))
        pixels = draw.integers(0, 120, (64, 64, 3), dtype=np.uint8)
        pixels[top : top + 24, left : left + 24, channel] = 230
        Image.fromarray(pixels).save(folder / f"{place}.png")
        box = {"label": ("green", "red")[channel], "bounding_box": [left / 64, top / 64, 24 / 64, 24 / 64]}
        labels = {"boxes": [] if place % 6 == 5 else [box]}
        split = "validation" if place % 4 == 3 else "training"
        lines.append(
            {
                "id": str(place),
                "media": f"{place}.png",
                "sha256": hashlib.sha256((folder / f"{place}.png").read_bytes()).hexdigest(),
                "labels": labels,
                "split": split,
            }
        )
    file = folder / "manifest.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file
