"""ResNet18 at 224 pixels as an author writes it: torchvision's own recipe, Pillow, one mini-batch at a time."""

from __future__ import annotations

from typing import Any

import torch
from PIL import Image
from torchvision import transforms
from torchvision.models import resnet18

CLASSES = ("disc", "ring", "square", "frame", "triangle", "cross", "star", "bars")

preprocess = transforms.Compose(
    [
        transforms.Resize(224),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
)


def read(path: str) -> torch.Tensor:
    with Image.open(path) as image:
        return preprocess(image.convert("RGB"))


class Model:
    def setup(self, device: str) -> None:
        self.device = device
        self.network = resnet18(weights=None, num_classes=len(CLASSES))
        self.network.load_state_dict(torch.load("weights/network.pt", map_location=device, weights_only=True))
        self.network.to(device).eval()

    def predict(self, image_paths: list[str]) -> dict[str, list[Any]]:
        return self.answer(torch.stack([read(path) for path in image_paths]))

    def logits(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.network(pixels.to(self.device))

    def answer(self, pixels: torch.Tensor) -> dict[str, list[Any]]:
        with torch.inference_mode():
            confidence, best = self.logits(pixels).softmax(1).max(1)
        pairs = zip(best.tolist(), confidence.tolist(), strict=True)
        return {"predictions": [{"label": CLASSES[index], "confidence": sure} for index, sure in pairs]}
