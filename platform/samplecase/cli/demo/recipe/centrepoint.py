"""A small centre-point network: what stands where is a peak of its class's map, and its size is read off at the peak.

After Zhou, Wang and Krähenbühl, *Objects as Points*, 2019, with logarithms of the sizes.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

SIDE = 96  # pixels that the network sees
STRIDE = 4  # pixels of a cell of its maps
CELLS = SIDE // STRIDE
MOST = 50  # peaks of an image
SPREAD = 0.1  # of a peak that the maps are trained towards, as a share of the object's size
PRIOR = -3.0  # logit that the heat begins with: nearly everywhere is nothing

Truth = tuple[
    torch.Tensor, torch.Tensor
]  # boxes [n, 4] as left, top, width, height in pixels of SIDE; classes [n]


def layer(inward: int, outward: int, *, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inward, outward, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outward),
        nn.ReLU(),
    )


class Network(nn.Module):
    """[N, 1, 96, 96] to [N, classes + 4, 24, 24]: logits of the heat, offset in the cell, logarithm of the size."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.quarter = nn.Sequential(layer(1, 16, stride=2), layer(16, 32, stride=2), layer(32, 32))
        self.eighth = nn.Sequential(layer(32, 64, stride=2), layer(64, 64))
        self.sixteenth = nn.Sequential(layer(64, 96, stride=2), layer(96, 96))
        self.from_sixteenth = nn.Conv2d(96, 64, 1)
        self.from_eighth = nn.Conv2d(64, 48, 1)
        self.from_quarter = nn.Conv2d(32, 48, 1)
        self.head = nn.Sequential(layer(48, 48), nn.Conv2d(48, classes + 4, 1))
        nn.init.constant_(self.head[-1].bias[:classes], PRIOR)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        fine = self.quarter(pixels)
        middle = self.eighth(fine)
        coarse = self.from_sixteenth(self.sixteenth(middle))
        middle = functional.relu(middle + functional.interpolate(coarse, scale_factor=2.0))
        fine = self.from_quarter(fine) + functional.interpolate(self.from_eighth(middle), scale_factor=2.0)
        return self.head(functional.relu(fine))


class Detector(nn.Module):
    """The network with the reading of its maps: [N, 1, 96, 96] to [N, 50, 6], a corner, the other, score and class."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return decoded(self.network(pixels))


def decoded(maps: torch.Tensor) -> torch.Tensor:
    """The best peaks of [N, classes + 4, H, W] maps as [N, 50, 6]; a peak is no smaller than the eight around it."""
    heat, rest = maps[:, :-4].sigmoid(), maps[:, -4:].flatten(2)
    height, width = heat.shape[2:]
    peaks = heat * (heat == functional.max_pool2d(heat, 3, stride=1, padding=1))
    scores, places = peaks.flatten(1).topk(MOST)
    classes, cells = places // (height * width), places % (height * width)
    found = rest.gather(2, cells.unsqueeze(1).expand(-1, 4, -1))
    centres = torch.stack([cells % width, cells // width], 1) + found[:, :2]
    halves = found[:, 2:].exp() / 2
    boxes = torch.cat([centres - halves, centres + halves], 1) * STRIDE
    return torch.cat([boxes, scores.unsqueeze(1), classes.unsqueeze(1).float()], 1).transpose(1, 2)


def targets(truths: list[Truth], classes: int) -> tuple[torch.Tensor, ...]:
    """What the maps of a batch should be.

    Returns the heat [N, classes, 24, 24], and for the objects of all images together their image, row and column [n],
    and their offset and logarithm of the size [n, 4].
    """
    heat = torch.zeros(len(truths), classes, CELLS, CELLS)
    axis = torch.arange(CELLS)
    parts: list[tuple[torch.Tensor, ...]] = []
    for image, (boxes, labels) in enumerate(truths):
        sizes = boxes[:, 2:] / STRIDE
        centres = boxes[:, :2] / STRIDE + sizes / 2
        cells = centres.floor().long().clamp(0, CELLS - 1)
        spread = (sizes * SPREAD).clamp(min=0.5)
        across = torch.exp(-((axis - cells[:, :1]) ** 2) / (2 * spread[:, :1] ** 2))
        down = torch.exp(-((axis - cells[:, 1:]) ** 2) / (2 * spread[:, 1:] ** 2))
        for label, bump in zip(labels.tolist(), down[:, :, None] * across[:, None, :], strict=True):
            torch.maximum(heat[image, label], bump, out=heat[image, label])
        facts = torch.cat([centres - cells, sizes.log()], 1)
        parts.append((torch.full((len(boxes),), image), cells[:, 1], cells[:, 0], facts))
    return (heat, *(torch.cat(part) for part in zip(*parts, strict=True)))


def loss_of(maps: torch.Tensor, wanted: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """The focal loss of the heat and the absolute error of offsets and sizes, for each object."""
    heat, images, rows, columns, facts = wanted
    count = max(1, len(images))
    logits = maps[:, :-4]
    found = logits.sigmoid()
    is_peak = heat == 1
    missed = functional.logsigmoid(logits) * (1 - found) ** 2
    made_up = functional.logsigmoid(-logits) * found**2 * (1 - heat) ** 4
    focal = -torch.where(is_peak, missed, made_up).sum() / count
    read = maps[:, -4:][images, :, rows, columns]
    return focal + 2 * functional.l1_loss(read, facts, reduction="sum") / count
