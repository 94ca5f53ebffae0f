"""`python digits.py FOLDER`: the 1,797 handwritten digits of scikit-learn as PNG files that a person can see."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

SIDE = 96  # pixels; the originals have 8


def write(folder: Path) -> None:
    """Write `FOLDER/<digit>/digit-<number>.png` for every digit; the number is its place in scikit-learn's set."""
    digits = load_digits()
    for number, (pixels, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        path = folder / str(label) / f"digit-{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        grey = Image.fromarray(np.round(pixels * (255 / 16)).astype(np.uint8))
        grey.resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(path)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
