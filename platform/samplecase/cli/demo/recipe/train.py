"""`python train.py IMAGES LIST OUT`: train two small networks on the listed images and lay out their packages.

LIST is a JSON list of the images, relative to IMAGES, that may be trained on. The packages differ as people's do: one
holds code, the other only an exported program and a description of what surrounds it.
"""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import nn

from samplecase.cli.demo.recipe.layout import HERE, lay_out, manifest


def packed_module() -> ModuleType:
    """The module that goes into the first package: what is trained is what will run."""
    sys.path.insert(0, str(HERE / "cnn"))
    return importlib.import_module("model")


def fit(
    network: nn.Module,
    pixels: torch.Tensor,
    labels: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    epochs: int,
) -> float:
    """Train; return the last epoch's mean loss."""
    loss_of = nn.CrossEntropyLoss()
    network.train()
    total = 0.0
    for _ in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(pixels)).split(64):
            optimizer.zero_grad()
            loss = loss_of(network(pixels[rows]), labels[rows])
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(rows)
    network.eval()
    return total / len(pixels)


def make_cnn(cnn: ModuleType, pixels: torch.Tensor, labels: torch.Tensor, out: Path, example: Path) -> None:
    network = cnn.Network()
    loss = fit(network, pixels, labels, torch.optim.Adam(network.parameters(), lr=2e-3), epochs=10)
    about = "A small convolutional network for handwritten digits, with its own code."
    lay_out(
        out,
        "cnn",
        manifest(
            "digits-cnn",
            cnn.CLASSES,
            output="classification",
            entrypoint="model:Model",
            description=about,
            tags=["digits", "cnn"],
        ),
    )
    torch.save(network.state_dict(), out / "weights" / "digits.pt")
    examples = out / "examples"
    examples.mkdir(exist_ok=True)
    shutil.copyfile(example, examples / "example.png")
    (examples / "example.json").write_text(json.dumps({"predictions": {"label": example.parent.name}}) + "\n")
    print(f"digits-cnn: loss {loss:.3f}")


def make_mlp(cnn: ModuleType, pixels: torch.Tensor, labels: torch.Tensor, out: Path) -> None:
    mean, std = float(pixels.mean()), float(pixels.std())
    width = cnn.SIDE**2
    network = nn.Sequential(nn.Flatten(), nn.Linear(width, 32), nn.Tanh(), nn.Linear(32, len(cnn.CLASSES)))
    seen = (pixels - mean) / std
    loss = fit(network, seen, labels, torch.optim.SGD(network.parameters(), lr=0.02), epochs=6)
    about = "One hidden layer for handwritten digits: an exported program, no code."
    lay_out(
        out,
        "mlp",
        manifest(
            "digits-mlp",
            cnn.CLASSES,
            output="classification",
            entrypoint="samplecase.builtin:ExportedProgram",
            description=about,
            tags=["digits", "no code"],
            preprocess={
                "resize": [cnn.SIDE, cnn.SIDE],
                "mode": "stretch",
                "color": "gray",
                "scale": 255,
                "mean": [round(mean, 6)],
                "std": [round(std, 6)],
            },
            postprocess={"kind": "softmax"},
        ),
    )
    batch = torch.export.Dim("batch", min=1, max=4096)
    program = torch.export.export(network, (seen[:2],), dynamic_shapes=({0: batch},))
    torch.export.save(program, out / "weights" / "digits.pt2")
    print(f"digits-mlp: loss {loss:.3f}")


def main(images: Path, names: list[str], out: Path) -> None:
    torch.manual_seed(20)
    # So small a network gains nothing from more, and waits for all of them on a busy machine.
    torch.set_num_threads(1)
    cnn = packed_module()
    paths = [images / name for name in names]
    pixels = torch.from_numpy(np.stack([cnn.read(str(path)) for path in paths])).unsqueeze(1)
    labels = torch.tensor([cnn.CLASSES.index(path.parent.name) for path in paths])
    make_cnn(cnn, pixels, labels, out / "digits-cnn", example=paths[0])
    make_mlp(cnn, pixels, labels, out / "digits-mlp")


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3]))
