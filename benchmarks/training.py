"""Our training loop beside a bare PyTorch loop: the same images, network, optimizer and order, images per second.

`python benchmarks/training.py [--images 640] [--side 64] [--epochs 2] [--runs 5] [--workers 0] [--networks NAME …]
[--out FILE]`, with a checkout's environment. Both loops run on the CPU, in processes of their own, in turns, after an
epoch that warms up; there is no validation. The time is that of the epochs' steps. Wanted: ours at least 0.97 of the
bare one.

- *Bare*: a `Dataset` that opens, resizes and mirrors, a `DataLoader` that shuffles, the network in `train()`, AdamW,
  cross-entropy. No log, no checkpoint, no seed per sample, no order that can be resumed.
- *Ours*: the engine's `train_run`: order and augmentation as functions of the seed, every batch logged, deterministic
  operations, heartbeat and control file looked at after each step. *With checkpoints* adds the end of each epoch: its
  log, its checkpoint, and the last and best weights.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from benchmarks.measuring import machine, ratios, spread, turns, write_results  # noqa: E402

WANTED = 0.97
NETWORKS = ("resnet18", "mobilenetv3_small_100")
BATCH = 32


def measured(chosen: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="samplecase-training-") as folder:
        images = draw(Path(folder) / "images", chosen.images, chosen.side)
        for network in chosen.networks:
            found[network] = of_network(network, images, Path(folder), chosen)
    return found


def of_network(network: str, images: Path, folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    rates: dict[str, list[float]] = {"bare": [], "ours": [], "ours with checkpoints": []}
    for _, name in turns(["bare", "ours"], chosen.runs):
        plan = {
            "network": network, "images": str(images), "side": chosen.side, "epochs": chosen.epochs,
            "workers": chosen.workers, "folder": str(folder),
        }  # fmt: skip
        for key, rate in child(name, plan).items():
            rates[key].append(rate)
    return {
        "images per second": {name: spread(values) for name, values in rates.items()},
        "ours / bare": {**ratios(rates["ours"], rates["bare"]), "wanted": WANTED},
        "ours with checkpoints / bare": ratios(rates["ours with checkpoints"], rates["bare"]),
    }


def child(name: str, plan: dict[str, Any]) -> dict[str, float]:
    """What a process of its own measures."""
    path = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, json.dumps(plan)],
        env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    answer: dict[str, float] = json.loads(done.stdout.decode().strip().rpartition("\n")[2])
    return answer


def draw(folder: Path, number: int, side: int) -> Path:
    """JPEGs in folders of four classes, a quarter larger than the network's input."""
    import numpy as np
    from PIL import Image

    for place in range(number):
        draw = np.random.default_rng(place)
        pixels = draw.integers(0, 255, (side * 5 // 4, side * 5 // 4, 3), dtype=np.uint8)
        label = folder / "train" / f"class{place % 4}"
        label.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(label / f"{place:05}.jpg", quality=90)
    return folder


def bare(plan: dict[str, Any]) -> dict[str, float]:
    import timm
    import torch
    from PIL import Image, ImageOps
    from torch.utils.data import DataLoader, Dataset
    from torchvision.transforms import v2

    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    flip = v2.RandomHorizontalFlip(0.5)

    class Images(Dataset[tuple[Any, int]]):
        files = sorted(Path(plan["images"]).rglob("*.jpg"))

        def __len__(self) -> int:
            return len(self.files)

        def __getitem__(self, place: int) -> tuple[Any, int]:
            file = self.files[place]
            with Image.open(file) as opened:
                image = ImageOps.fit(opened.convert("RGB"), (plan["side"],) * 2, Image.Resampling.BILINEAR)
            pixels = v2.functional.pil_to_tensor(flip(image)).float().div_(255)
            return pixels.sub_(mean.view(3, 1, 1)).div_(std.view(3, 1, 1)), int(file.parent.name[-1])

    torch.manual_seed(0)
    workers = plan["workers"]
    loader = DataLoader(
        Images(), batch_size=BATCH, shuffle=True, num_workers=workers, persistent_workers=workers > 0
    )
    network = timm.create_model(plan["network"], pretrained=False, num_classes=4)
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.001)

    def epochs(number: int) -> Iterator[int]:
        network.train()
        for _ in range(number):
            for images, labels in loader:
                optimizer.zero_grad(set_to_none=True)
                torch.nn.functional.cross_entropy(network(images), labels).backward()
                optimizer.step()
                yield len(labels)

    sum(epochs(1))  # warm
    begin = time.perf_counter()
    seen = sum(epochs(plan["epochs"]))
    return {"bare": seen / (time.perf_counter() - begin)}


def ours(plan: dict[str, Any]) -> dict[str, float]:
    from samplecase.training.config import parse_config, with_settings
    from samplecase.training.data.folder import manifest_of
    from samplecase.training.engine import loop
    from samplecase.training.engine.starting import train_run
    from samplecase.training.runs.folder import new_run

    settings = [
        f"architecture.name={plan['network']}", "architecture.weights=none", f"data.input_size={plan['side']}",
        f"epochs={plan['epochs'] + 1}", f"batch_size={BATCH}", f"workers={plan['workers']}", "device=cpu",
        "optimizer=adamw", "keep=best_k", "keep.number=1",
    ]  # fmt: skip
    config = parse_config(with_settings({}, settings))
    run = new_run(
        Path(plan["folder"]), config, manifest_of(Path(plan["images"]), config.data), description="bench",
        day=date(2026, 1, 1),
    )  # fmt: skip
    seconds = {"steps": 0.0, "checkpoints": 0.0}
    timed(loop.Trainer, "_train_epoch", seconds, "steps")
    timed(loop.Trainer, "_close_epoch", seconds, "checkpoints")
    train_run(run)
    seen = plan["epochs"] * len(run.manifest().of("training"))
    steps, checkpoints = seconds["steps"], seconds["checkpoints"]
    return {"ours": seen / steps, "ours with checkpoints": seen / (steps + checkpoints)}


def timed(owner: type, name: str, seconds: dict[str, float], key: str) -> None:
    """Adds up what a method takes, but for its first call, which is warming up."""
    original, calls = getattr(owner, name), [0]

    def method(*arguments: Any) -> Any:
        begin = time.perf_counter()
        found = original(*arguments)
        if calls[0]:
            seconds[key] += time.perf_counter() - begin
        calls[0] += 1
        return found

    setattr(owner, name, method)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--images", type=int, default=640)
    options.add_argument("--side", type=int, default=64)
    options.add_argument("--epochs", type=int, default=2)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--workers", type=int, default=0)
    options.add_argument("--networks", nargs="+", default=[*NETWORKS])
    options.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "training.json")
    chosen = options.parse_args()
    if chosen.child:
        name, plan = chosen.child
        print(json.dumps({"bare": bare, "ours": ours}[name](json.loads(plan))))
        return
    facts = {name: getattr(chosen, name) for name in ("images", "side", "epochs", "runs", "workers")}
    answer = {"machine": machine(), "settings": {**facts, "batch": BATCH}, "networks": measured(chosen)}
    write_results(chosen.out, answer)
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
