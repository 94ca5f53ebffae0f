"""How the packages of the demo are laid out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LICENSE = "CC-BY-4.0"


def manifest(name: str, classes: list[str], *, output: str, **more: Any) -> dict[str, Any]:
    """A `model.json` of a model that takes an image and gives `predictions` of the type `output`."""
    return {
        "format": 1,
        "name": name,
        "version": "1.0.0",
        "schema": {
            "inputs": {"type": "object", "properties": {"image_paths": {"type": "local"}}},
            "outputs": {"type": "object", "properties": {"predictions": {"type": output}}},
        },
        "classes": classes,
        "license": LICENSE,
        **more,
    }


def lay_out(folder: Path, recipe: str, model_json: dict[str, Any]) -> None:
    """The folder of a package: the recipe's files and the manifest; the weights come beside them."""
    shutil.copytree(HERE / recipe, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "model.json").write_text(json.dumps(model_json, indent=2) + "\n")
    (folder / "weights").mkdir(exist_ok=True)
