"""A model in a process of its own: the author's code, or the network of a package without code, tuned or not."""

from __future__ import annotations

import functools
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any


class Author:
    """What every contender needs of a model: `preprocess(image)`, `read(path)`, `logits(pixels)` and `labels(pixels)`.

    Pixels are tensors as `read` gives them, stacked to a mini-batch.
    """

    classes: list[str]

    def preprocess(self, image: Any) -> Any:
        """A Pillow image as the network's input, or as what is made into it."""
        raise NotImplementedError

    def read(self, path: str) -> Any:
        raise NotImplementedError

    def logits(self, pixels: Any) -> Any:
        raise NotImplementedError

    def labels(self, pixels: Any) -> list[tuple[str, float]]:
        raise NotImplementedError

    def predict(self, paths: list[str]) -> list[tuple[str, float]]:
        import torch

        return self.labels(torch.stack([self.read(path) for path in paths]))


class Written(Author):
    """The author's own module, as it is packed."""

    def __init__(self, folder: str) -> None:
        os.chdir(folder)
        sys.path.insert(0, folder)
        module = importlib.import_module("model")
        self._model = module.Model()
        self._model.setup("cpu")
        self.preprocess, self.read = module.preprocess, module.read
        self.logits = self._model.logits
        self.classes = list(module.CLASSES)

    def labels(self, pixels: Any) -> list[tuple[str, float]]:
        return [(each["label"], each["confidence"]) for each in self._model.answer(pixels)["predictions"]]


class WithoutCode(Author):
    """A package of weights under the plan that Deploy has found: the product's own reading and network, without it."""

    def __init__(self, folder: str, tricks: dict[str, Any]) -> None:
        from samplecase.packages.runner import tuned

        manifest = json.loads(Path(folder, "model.json").read_text())
        self._tuned = tuned(folder, manifest, tricks)
        self.classes = manifest["classes"]

    def preprocess(self, image: Any) -> Any:
        import numpy

        return self.read(numpy.asarray(image))

    def read(self, path: Any) -> Any:
        import torch

        return torch.from_numpy(self._tuned.read(path).copy())

    def logits(self, pixels: Any) -> Any:
        return self._tuned.network(self._tuned.batch(list(pixels.numpy())))

    def labels(self, pixels: Any) -> list[tuple[str, float]]:
        confidence, best = self.logits(pixels).softmax(1).max(1)
        pairs = zip(best.tolist(), confidence.tolist(), strict=True)
        return [(self.classes[index], sure) for index, sure in pairs]


def loaded(told: dict[str, Any], threads: int) -> Author:
    """The model that a contender is told to run, on so many threads of torch."""
    return _loaded(told["folder"], json.dumps(told.get("tricks")), threads)


@functools.cache
def _loaded(folder: str, tricks: str, threads: int) -> Author:
    import torch

    torch.set_num_threads(threads)
    chosen = json.loads(tricks)
    return Written(folder) if chosen is None else WithoutCode(folder, chosen)
