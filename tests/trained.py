"""A small network that has learnt its digits: what agreement means shows only where there is something to lose."""

from __future__ import annotations

import functools
import io
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits

SIDE = 32
CLASSES = [str(digit) for digit in range(10)]
PREPROCESS: dict[str, Any] = {
    "resize": [SIDE, SIDE], "mode": "crop", "color": "rgb", "scale": 255, "mean": [0.3] * 3, "std": [0.35] * 3
}  # fmt: skip
POSTPROCESS: dict[str, Any] = {
    "kind": "softmax", "boxes": "xyxy", "units": "pixel", "score_threshold": 0.05, "nms_iou": 0.5, "max": 100
}  # fmt: skip


class Network(torch.nn.Module):
    """Three convolutions, each with its batch norm."""

    def __init__(self) -> None:
        super().__init__()
        self.body = torch.nn.Sequential(*self._block(3, 16), *self._block(16, 32), *self._block(32, 32))
        self.head = torch.nn.Linear(32 * 4 * 4, 10)

    @staticmethod
    def _block(before: int, after: int) -> list[torch.nn.Module]:
        convolution = torch.nn.Conv2d(before, after, 3, padding=1, bias=False)
        return [convolution, torch.nn.BatchNorm2d(after), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(images).flatten(1))


@dataclass(frozen=True)
class Trained:
    """The network, and the digits that it has not seen: JPEGs of 48 × 40 pixels and what they show."""

    network: Network
    images: list[bytes]
    labels: list[str]

    def saved_as(self, kind: str) -> tuple[str, bytes]:
        """The weight file of a no-code package of this kind: its name and its bytes."""
        buffer, example = io.BytesIO(), torch.rand(2, 3, SIDE, SIDE)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if kind == "TorchScript":
                torch.jit.save(torch.jit.script(self.network), buffer)
                return "model.pt", buffer.getvalue()
            sizes = {0: torch.export.Dim("n", min=1, max=256)}
            torch.export.save(torch.export.export(self.network, (example,), dynamic_shapes=(sizes,)), buffer)
            return "model.pt2", buffer.getvalue()

    def accuracy(self, found: list[str]) -> float:
        return float(np.mean([one == other for one, other in zip(found, self.labels, strict=True)]))


def photo(pixels: Any) -> bytes:
    """A digit in the middle of a picture that is wider than the network's input."""
    digit = Image.fromarray((pixels * 15.9).astype(np.uint8)).resize((40, 40), Image.Resampling.BICUBIC)
    canvas = Image.new("RGB", (48, 40))
    canvas.paste(digit, (4, 0))
    buffer = io.BytesIO()
    canvas.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


@functools.cache
def trained(seen: int = 1400, unseen: int = 120) -> Trained:
    """Trained in a few seconds, to the same weights each time."""
    digits = load_digits()
    files = [photo(pixels) for pixels in digits.images[: seen + unseen]]
    pixels = np.stack([_as_read(each) for each in files[:seen]])
    inputs = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255 - 0.3) / 0.35
    targets = torch.from_numpy(digits.target[:seen])
    torch.manual_seed(0)
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    for _ in range(3):
        for chosen in torch.randperm(seen).split(64):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(inputs[chosen]), targets[chosen]).backward()
            optimizer.step()
    labels = [str(each) for each in digits.target[seen : seen + unseen]]
    return Trained(network.eval(), files[seen:], labels)


def _as_read(data: bytes) -> Any:
    from samplecase.packages.runner import Preprocessing

    return Preprocessing(PREPROCESS).read(np.asarray(Image.open(io.BytesIO(data))))[0]
