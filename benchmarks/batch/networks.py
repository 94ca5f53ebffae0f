"""The models as folders that can be packed: code or none, a manifest, and weights made from a seed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from benchmarks.batch.images import CLASSES, SEED
from benchmarks.batch.training import trained_resnet18

SOURCES = Path(__file__).resolve().parent / "models"
LOCAL = {"image_paths": {"type": "local"}}
INPUTS: dict[str, dict[str, Any]] = {
    "resnet18": LOCAL,
    "nearly_free": LOCAL,
    "nearly_free_image": {"images": {"type": "image"}},
    "null": {"seed": {"type": "integer", "default": 0}},
    "resnet18_no_code": LOCAL,
    "nearly_free_no_code": LOCAL,
}
PIXELS = {"resize": [224, 224], "color": "rgb", "scale": 255}
WITHOUT_CODE: dict[str, dict[str, Any]] = {
    "resnet18_no_code": {
        "entrypoint": "samplecase.builtin:Checkpoint",
        "architecture": "resnet18",
        "weights": "weights/network.pt",
        "preprocess": {
            **PIXELS,
            "mode": "crop",
            "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225],
        },
        "postprocess": {"kind": "softmax"},
    },
    "nearly_free_no_code": {
        "entrypoint": "samplecase.builtin:ExportedProgram",
        "weights": "weights/network.pt2",
        "preprocess": {**PIXELS, "mode": "stretch"},
        "postprocess": {"kind": "softmax"},
    },
}


def package_folder(model: str, data: Path) -> Path:
    """The folder of this model, with its weights; what was made before is used again."""
    folder = data / "models" / model
    (folder / "weights").mkdir(parents=True, exist_ok=True)
    make_weights(model, folder / "weights", data)
    if model not in WITHOUT_CODE:
        shutil.copyfile(SOURCES / model / "model.py", folder / "model.py")
    (folder / "model.json").write_text(json.dumps(manifest(model), indent=2))
    return folder


def manifest(model: str) -> dict[str, Any]:
    return {
        "format": 1,
        "name": f"bench-{model.replace('_', '-')}",
        "version": "1.0.0",
        "entrypoint": "model:Model",
        "schema": {
            "inputs": {"type": "object", "properties": INPUTS[model]},
            "outputs": {"type": "object", "properties": {"predictions": {"type": "classification"}}},
        },
        "classes": list(CLASSES),
        "description": "A model of the benchmark of batch inference.",
        **WITHOUT_CODE.get(model, {}),
    }


def make_weights(model: str, folder: Path, data: Path) -> None:
    import torch

    if model.startswith("resnet18"):
        shutil.copyfile(trained_resnet18(data), folder / "network.pt")
    elif model == "nearly_free_no_code":
        torch.export.save(exported(linear()), folder / "network.pt2")
    elif model != "null":
        torch.save(linear().state_dict(), folder / "network.pt")


def linear() -> Any:
    """From the mean colour, in 0..1, to the classes, so that these share the images."""
    import torch

    torch.manual_seed(SEED)
    layer = torch.nn.Linear(3, len(CLASSES))
    with torch.no_grad():
        layer.weight.mul_(20)
        layer.bias.copy_(-layer.weight.sum(1) / 2)
    return layer.eval()


def exported(layer: Any) -> Any:
    """`float32 [batch, 3, 224, 224]` in 0..1 to logits, for any number of images."""
    import torch

    class MeanColour(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return self.layer(images.mean((2, 3)))

    sizes = ({0: torch.export.Dim("batch", min=1, max=4096)},)
    return torch.export.export(MeanColour().eval(), (torch.rand(2, 3, 224, 224),), dynamic_shapes=sizes)
