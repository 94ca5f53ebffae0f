"""The benchmark's ResNet18 learns its eight shapes, once: a change of accuracy shows only where there is some.

On images that are not among those of the benchmark, at half their side and then at the whole, in a few minutes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmarks.batch.images import CLASSES, SEED, images, label_of

FIRST, SEEN, UNSEEN = 100_000, 1600, 160  # the numbers of the images: the benchmark's begin at 0
SIDES = (112, 112, 112, 112, 112, 112, 224)  # of each pass over them
BATCH = 32


def trained_resnet18(data: Path) -> Path:
    """The file of its weights; trained when it is not there."""
    file = data / "resnet18-1.pt"
    if file.exists():
        return file
    import torch
    from torchvision.models import resnet18

    print("Training ResNet18 on generated shapes (once, some minutes) …", flush=True)
    torch.manual_seed(SEED)
    torch.set_num_threads(os.cpu_count() or 1)
    pixels = small(images(data, SEEN + UNSEEN, first=FIRST))
    targets = torch.tensor([CLASSES.index(label_of(FIRST + index)) for index in range(len(pixels))])
    network = resnet18(weights=None, num_classes=len(CLASSES))
    learn(network, pixels[:SEEN], targets[:SEEN])
    print(
        f"It tells {accuracy(network, pixels[SEEN:], targets[SEEN:]):.1%} of what it has not seen.",
        flush=True,
    )
    torch.save(network.state_dict(), file)
    return file


def small(paths: list[Path]) -> Any:
    """`uint8 [images, 3, 224, 224]`, cut and resized as the packages do it."""
    import numpy
    import torch
    from PIL import Image
    from torchvision import transforms

    cut = transforms.Compose([transforms.Resize(224), transforms.CenterCrop(224)])
    made = []
    for path in paths:
        with Image.open(path) as image:
            made.append(torch.from_numpy(numpy.asarray(cut(image.convert("RGB"))).copy()).permute(2, 0, 1))
    return torch.stack(made)


def normalised(pixels: Any, side: int) -> Any:
    import torch

    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    whole = (pixels.float() / 255 - mean) / std
    return whole if side == pixels.shape[-1] else torch.nn.functional.avg_pool2d(whole, 2)


def learn(network: Any, pixels: Any, targets: Any) -> None:
    import torch

    network.train().to(memory_format=torch.channels_last)
    steps = len(SIDES) * -(-len(pixels) // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2e-3, total_steps=steps)
    for side in SIDES:
        for chosen in torch.randperm(len(pixels)).split(BATCH):
            optimizer.zero_grad()
            seen = turned(normalised(pixels[chosen], side)).contiguous(memory_format=torch.channels_last)
            torch.nn.functional.cross_entropy(network(seen), targets[chosen]).backward()
            optimizer.step()
            schedule.step()
    network.eval().to(memory_format=torch.contiguous_format)


def turned(batch: Any) -> Any:
    """Mirrored at random, the mini-batch as a whole: a shape stays what it is."""
    import torch

    for axis in (2, 3):
        if torch.rand(()) < 0.5:
            batch = batch.flip(axis)
    return batch


def accuracy(network: Any, pixels: Any, targets: Any) -> float:
    import torch

    with torch.inference_mode():
        found = torch.cat([network(normalised(part, 224)).argmax(1) for part in pixels.split(BATCH)])
    return float((found == targets).float().mean())
