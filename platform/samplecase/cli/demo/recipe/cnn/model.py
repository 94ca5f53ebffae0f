"""A small convolutional network for handwritten digits. It needs torch, numpy and Pillow, and nothing of Samplecase."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

SIDE = 24  # pixels that the network sees
CLASSES = [str(digit) for digit in range(10)]


class Network(nn.Module):
    """Two convolutions and two linear layers: [N, 1, 24, 24] in 0..1 to [N, 10] logits."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Dropout(0.25),
            nn.Linear(32 * (SIDE // 4) ** 2, 64),
            nn.ReLU(),
            nn.Linear(64, len(CLASSES)),
        )

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.layers(pixels)


def read(path: str) -> np.ndarray:
    """An image file as the network sees it: float32 [24, 24] in 0..1."""
    with Image.open(path) as image:
        small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(small, dtype=np.float32) / 255


class Model:
    """What Samplecase runs."""

    def setup(self, device: str) -> None:
        self.device = device
        self.network = Network()
        self.network.load_state_dict(torch.load("weights/digits.pt", map_location=device, weights_only=True))
        self.network.to(device).eval()

    def predict(self, image_paths: list[str]) -> dict[str, list[Any]]:
        batch = torch.from_numpy(np.stack([read(path) for path in image_paths])).unsqueeze(1)
        with torch.inference_mode():
            probabilities = self.network(batch.to(self.device)).softmax(1).cpu()
        return {"predictions": [self._label(row) for row in probabilities]}

    def _label(self, row: torch.Tensor) -> dict[str, Any]:
        best = int(row.argmax())
        return {"label": CLASSES[best], "confidence": round(float(row[best]), 4)}
