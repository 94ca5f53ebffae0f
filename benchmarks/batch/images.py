"""Images as photographs are: 640 × 480 JPEGs of 50 to 120 kB, generated from a seed, each with one shape to be told."""

from __future__ import annotations

import math
import multiprocessing
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT, QUALITY, SEED = 640, 480, 90, 20
CLASSES = ("disc", "ring", "square", "frame", "triangle", "cross", "star", "bars")
VERSION = "1"  # of what is drawn: a change makes another folder


def images(folder: Path, count: int, first: int = 0) -> list[Path]:
    """The images from `first` on, drawn where they are missing; the same bytes on every call."""
    home = folder / f"images-{VERSION}"
    home.mkdir(parents=True, exist_ok=True)
    wanted = [(index, home / name_of(index)) for index in range(first, first + count)]
    missing = [(index, path) for index, path in wanted if not path.exists()]
    if missing:
        print(f"Drawing {len(missing)} images …", flush=True)
        with multiprocessing.Pool(os.cpu_count()) as pool:
            pool.starmap(draw, missing, chunksize=16)
    return [path for _, path in wanted]


def dots(data: Path, count: int) -> list[Path]:
    """Images of four pixels, each with its own bytes: samples for a model that never looks at them."""
    home = data / "dots"
    home.mkdir(exist_ok=True)
    paths = [home / f"dot-{index:06}.png" for index in range(count)]
    for index, path in enumerate(paths):
        if not path.exists():
            Image.frombytes("RGB", (2, 2), index.to_bytes(12, "big")).save(path)
    return paths


def name_of(index: int) -> str:
    return f"photograph-{index:06}.jpg"


def label_of(index: int) -> str:
    return CLASSES[index % len(CLASSES)]


def draw(index: int, path: Path) -> None:
    random = np.random.default_rng([SEED, index])
    picture = background(random)
    for _ in range(int(random.integers(3, 7))):
        clutter(picture, random)
    picture = picture.filter(ImageFilter.GaussianBlur(1.2))
    shape(picture, random, label_of(index))
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.6)), dtype=np.float32)
    pixels = pixels + grain(random)
    fresh = path.with_suffix(f".{os.getpid()}")
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(fresh, "JPEG", quality=QUALITY)
    fresh.replace(path)


def background(random: np.random.Generator) -> Image.Image:
    """A gradient under smooth noise of several scales, per channel partly in common: sky, ground, foliage."""
    across, down = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    angle = random.uniform(0, 2 * math.pi)
    slope = (across * math.cos(angle) + down * math.sin(angle)) * random.uniform(10, 60)
    common = octaves(random, 1.0)
    channels = [
        random.uniform(70, 185) + slope * random.uniform(0.5, 1) + common + octaves(random, 0.35)
        for _ in range(3)
    ]
    return Image.fromarray(np.stack(channels, 2).clip(0, 255).astype(np.uint8))


def octaves(random: np.random.Generator, strength: float) -> np.ndarray:
    total = np.zeros((HEIGHT, WIDTH), np.float32)
    for power in range(2, 8):
        size = (4 * 2**power // 2, 3 * 2**power // 2)
        grid = random.normal(0, 34 * strength * 0.72**power, size[::-1]).astype(np.float32)
        total += np.asarray(Image.fromarray(grid).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
    return total


def grain(random: np.random.Generator) -> np.ndarray:
    """What a sensor adds: mostly the same in all three channels."""
    level = random.uniform(2.0, 5.5)
    return random.normal(0, level, (HEIGHT, WIDTH, 1)) + random.normal(0, level / 3, (HEIGHT, WIDTH, 3))


def colour(random: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = random.integers(0, 256, 3).tolist()
    return red, green, blue


def clutter(picture: Image.Image, random: np.random.Generator) -> None:
    """A thin line or a small blot, which is no shape of ours."""
    pen = ImageDraw.Draw(picture)
    x, y = random.uniform(0, WIDTH), random.uniform(0, HEIGHT)
    if random.random() < 0.5:
        end = (random.uniform(0, WIDTH), random.uniform(0, HEIGHT))
        pen.line([(x, y), end], fill=colour(random), width=int(random.integers(1, 4)))
    else:
        wide, high = random.uniform(4, 22, 2)
        pen.ellipse([x - wide, y - high, x + wide, y + high], fill=colour(random))


def shape(picture: Image.Image, random: np.random.Generator, label: str) -> None:
    """The one large shape, somewhere, in a colour that stands out."""
    radius = random.uniform(70, 120)
    x, y = random.uniform(radius + 90, WIDTH - radius - 90), random.uniform(radius + 10, HEIGHT - radius - 10)
    beneath = np.asarray(picture.getpixel((int(x), int(y))))
    tint = tuple(
        int(level)
        for level in np.where(beneath > 127, random.integers(0, 60, 3), random.integers(195, 256, 3))
    )
    pen = ImageDraw.Draw(picture)
    turn = random.uniform(0, 2 * math.pi)
    if label in {"disc", "ring"}:
        box = [x - radius, y - radius, x + radius, y + radius]
        pen.ellipse(box, fill=tint if label == "disc" else None, outline=tint, width=int(radius / 4))
    elif label == "frame":
        pen.line(
            [*corners(x, y, radius * 0.9, turn, 4), *corners(x, y, radius * 0.9, turn, 4)[:2]],
            fill=tint,
            width=int(radius / 4),
        )
    elif label == "star":
        spikes = zip(
            corners(x, y, radius, turn, 5), corners(x, y, radius * 0.4, turn + math.pi / 5, 5), strict=True
        )
        pen.polygon([point for pair in spikes for point in pair], fill=tint)
    elif label in {"cross", "bars"}:
        strokes(pen, x, y, radius, turn, tint, is_cross=label == "cross")
    else:
        pen.polygon(corners(x, y, radius, turn, 4 if label == "square" else 3), fill=tint)


def corners(x: float, y: float, radius: float, turn: float, number: int) -> list[tuple[float, float]]:
    angles = [turn + 2 * math.pi * each / number for each in range(number)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]


def strokes(
    pen: ImageDraw.ImageDraw,
    x: float,
    y: float,
    radius: float,
    turn: float,
    tint: tuple[int, ...],
    *,
    is_cross: bool,
) -> None:
    along = (math.cos(turn), math.sin(turn))
    beside = (-along[1], along[0])
    width = int(radius / 3.5)
    for offset, line in ((0, along), (0, beside)) if is_cross else ((-0.6, along), (0, along), (0.6, along)):
        middle = (x + beside[0] * offset * radius, y + beside[1] * offset * radius)
        ends = [
            (middle[0] + side * line[0] * radius, middle[1] + side * line[1] * radius) for side in (-1, 1)
        ]
        pen.line(ends, fill=tint, width=width)
