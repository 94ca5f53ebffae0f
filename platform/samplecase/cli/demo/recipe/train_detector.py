"""`python train_detector.py SCENES OUT`: train the centre-point network on the scenes and lay out its package.

SCENES is what `scenes.py` has written; only its split `train` is read. The work is bounded by its steps.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from samplecase.cli.demo.recipe.centrepoint import SIDE, Detector, Network, Truth, loss_of, targets
from samplecase.cli.demo.recipe.layout import lay_out, manifest

NAME = "digit-detector"
EPOCHS = 20
BATCH = 8
FASTEST = 4e-3  # the highest learning rate
SCORE_THRESHOLD = 0.3


def read(path: Path) -> np.ndarray:
    """An image file as the network sees it, but for the scaling of its brightness: uint8 [96, 96]."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def load(scenes: Path, split: str) -> tuple[torch.Tensor, list[Truth], list[str]]:
    """The images of a split as [N, 1, 96, 96] in 0..1, their boxes and classes, and the names of the classes."""
    document = json.loads((scenes / "annotations" / f"instances_{split}.json").read_text())
    pixels = [read(scenes / "images" / split / each["file_name"]) for each in document["images"]]
    rows: dict[int, list[list[float]]] = {each["id"]: [] for each in document["images"]}
    labels: dict[int, list[int]] = {each["id"]: [] for each in document["images"]}
    scale = {each["id"]: SIDE / each["width"] for each in document["images"]}
    for each in document["annotations"]:
        key = each["image_id"]
        rows[key].append([side * scale[key] for side in each["bbox"]])
        labels[key].append(each["category_id"])
    truths = [(torch.tensor(rows[key]).reshape(-1, 4), torch.tensor(labels[key]).long()) for key in rows]
    names = [each["name"] for each in document["categories"]]
    return torch.from_numpy(np.stack(pixels)).unsqueeze(1).float() / 255, truths, names


def fit(network: Network, pixels: torch.Tensor, truths: list[Truth], classes: int) -> float:
    """Train; return the last epoch's mean loss."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=FASTEST)
    steps = EPOCHS * (len(pixels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, FASTEST, total_steps=steps)
    network.train()
    losses: list[float] = []
    for _ in range(EPOCHS):
        losses = []
        for rows in torch.randperm(len(pixels)).split(BATCH):
            if len(rows) < BATCH:
                continue
            optimizer.zero_grad()
            loss = loss_of(network(pixels[rows]), targets([truths[row] for row in rows], classes))
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
    network.eval()
    return sum(losses) / max(1, len(losses))


def export(network: Network, seen: torch.Tensor, path: Path) -> None:
    """Write the network, its maps' reading included, as a program that takes a batch of any size."""
    batch = torch.export.Dim("batch", min=1, max=4096)
    program = torch.export.export(Detector(network).eval(), (seen,), dynamic_shapes=({0: batch},))
    torch.export.save(program, path)


def lay_out_package(folder: Path, classes: list[str], *, mean: float, std: float) -> None:
    about = "A small centre-point network that finds handwritten digits: an exported program, no code."
    lay_out(
        folder,
        "detector",
        manifest(
            NAME,
            classes,
            output="detections",
            entrypoint="samplecase.builtin:ExportedProgram",
            description=about,
            tags=["digits", "detection", "no code"],
            preprocess={
                "resize": [SIDE, SIDE],
                "mode": "stretch",
                "color": "gray",
                "scale": 255,
                "mean": [round(mean, 6)],
                "std": [round(std, 6)],
            },
            postprocess={
                "kind": "detections",
                "boxes": "xyxy",
                "units": "pixel",
                "score_threshold": SCORE_THRESHOLD,
                "nms_iou": 0.5,
                "max": 50,
            },
        ),
    )


def main(scenes: Path, out: Path) -> None:
    torch.manual_seed(20)
    # So small a network gains little from more, and waits for all of them on a busy machine.
    torch.set_num_threads(1)
    pixels, truths, classes = load(scenes, "train")
    mean, std = float(pixels.mean()), float(pixels.std())
    seen = (pixels - mean) / std
    network = Network(len(classes))
    began = time.process_time()
    loss = fit(network, seen, truths, len(classes))
    seconds = time.process_time() - began
    lay_out_package(out / NAME, classes, mean=mean, std=std)
    export(network, seen[:2], out / NAME / "weights" / "detector.pt2")
    print(f"{NAME}: loss {loss:.3f} after {seconds:.0f} s of one core")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
