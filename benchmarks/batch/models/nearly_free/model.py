"""A model that costs nearly nothing: decode, shrink to 224 pixels, and a linear layer over the mean colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from PIL import Image

CLASSES = ("disc", "ring", "square", "frame", "triangle", "cross", "star", "bars")


def preprocess(image: Image.Image) -> torch.Tensor:
    return torch.from_numpy(np.asarray(image.resize((224, 224), Image.Resampling.BILINEAR)).copy())


def read(path: str) -> torch.Tensor:
    with Image.open(path) as image:
        return preprocess(image.convert("RGB"))


class Model:
    def setup(self, device: str) -> None:
        self.network = torch.nn.Linear(3, len(CLASSES))
        self.network.load_state_dict(torch.load("weights/network.pt", weights_only=True))
        self.network.eval()

    def predict(self, image_paths: list[str]) -> dict[str, list[Any]]:
        return self.answer(torch.stack([read(path) for path in image_paths]))

    def logits(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.network(pixels.float().mean((1, 2)) / 255)

    def answer(self, pixels: torch.Tensor) -> dict[str, list[Any]]:
        with torch.inference_mode():
            confidence, best = self.logits(pixels).softmax(1).max(1)
        pairs = zip(best.tolist(), confidence.tolist(), strict=True)
        return {"predictions": [{"label": CLASSES[index], "confidence": sure} for index, sure in pairs]}
