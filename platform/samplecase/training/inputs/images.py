"""An image as the network gets it: upright, RGB, square, changed at random in training, normalised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageOps
from torchvision.transforms import v2

from samplecase.training.config.data import Augmentation


@dataclass(frozen=True)
class InputFormat:
    """What a network wants: pixels of a side, and the mean and deviation of each channel in 0..1."""

    size: int
    mean: Sequence[float]
    std: Sequence[float]
    resize: str = "crop"


def read_image(path: str) -> Image.Image:
    """Upright and RGB. Raises `OSError` for what cannot be decoded."""
    with Image.open(Path(path)) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


class ImageTransform:
    """PIL image to `float32 [3, size, size]`; with an augmentation it draws from torch's generator."""

    def __init__(self, wanted: InputFormat, augmentation: Augmentation | None = None) -> None:
        self._wanted = wanted
        changes = changes_of(augmentation, rotates=True) if augmentation else []
        self._change = v2.Compose(changes) if changes else None
        self._crop = None
        if augmentation and augmentation.crop_scale < 1:
            scale = (augmentation.crop_scale, 1.0)
            self._crop = v2.RandomResizedCrop([wanted.size] * 2, scale=scale, antialias=True)
        self._erase = (
            v2.RandomErasing(augmentation.erasing) if augmentation and augmentation.erasing else None
        )
        self._mean = torch.tensor(wanted.mean).view(3, 1, 1)
        self._std = torch.tensor(wanted.std).view(3, 1, 1)

    def __call__(self, image: Image.Image) -> torch.Tensor:
        square = self._crop(image) if self._crop else squared(image, self._wanted.size, self._wanted.resize)
        if self._change:
            square = self._change(square)
        pixels = v2.functional.pil_to_tensor(square).float().div_(255).sub_(self._mean).div_(self._std)
        return self._erase(pixels) if self._erase else pixels


def squared(image: Image.Image, size: int, resize: str) -> Image.Image:
    """`size` × `size`: stretched, its middle, or all of it with black borders."""
    if resize == "stretch":
        return image.resize((size, size), Image.Resampling.BILINEAR)
    if resize == "letterbox":
        return ImageOps.pad(image, (size, size), Image.Resampling.BILINEAR)
    return ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)


def changes_of(chosen: Augmentation, *, rotates: bool) -> list[Any]:
    """The random changes of an image, one after the other; without rotation, boxes stay boxes."""
    changes: list[Any] = []
    if chosen.horizontal_flip:
        changes.append(v2.RandomHorizontalFlip(chosen.horizontal_flip))
    if chosen.vertical_flip:
        changes.append(v2.RandomVerticalFlip(chosen.vertical_flip))
    if rotates and chosen.rotation:
        changes.append(v2.RandomRotation(chosen.rotation))
    colours = {name: getattr(chosen, name) for name in ("brightness", "contrast", "saturation", "hue")}
    if any(colours.values()):
        changes.append(v2.ColorJitter(**colours))
    return changes
