"""FiftyOne: `apply_model` over a dataset in its MongoDB, from files on disk to a saved field of classifications.

The samples are in its database before the time is taken, as they are in ours. The network is a TorchImageModel with
the author's own preprocessing as its transforms.

A way is `as it comes` (its own number of workers, torch's own number of threads), or names the DataLoader's workers and
the network's threads: `2 workers, 1 threads`.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from benchmarks.batch import lines  # noqa: E402
from benchmarks.batch.author import Author, loaded  # noqa: E402

AS_IT_COMES = "as it comes"
FIELD = "predictions"


def prepare(told: dict[str, Any]) -> Callable[[list[str]], lines.Labels]:
    home = tempfile.mkdtemp(prefix="fiftyone-", dir=told["data"])
    os.environ.update(
        FIFTYONE_DATABASE_DIR=f"{home}/database",
        FIFTYONE_DEFAULT_DATASET_DIR=f"{home}/datasets",
        FIFTYONE_DO_NOT_TRACK="true",
        FIFTYONE_DATABASE_VALIDATION="false",
        HOME=home,
    )
    import fiftyone
    import torch

    threads = torch.get_num_threads()
    workers, threads = (None, threads) if told["way"] == AS_IT_COMES else numbers_in(told["way"])
    applied = as_fiftyone_model(loaded(told, threads))
    fiftyone.config.show_progress_bars = False
    datasets: dict[tuple[str, ...], Any] = {}

    def run(paths: list[str]) -> lines.Labels:
        dataset = datasets[tuple(paths)]
        dataset.apply_model(
            applied,
            label_field=FIELD,
            batch_size=told["mini_batch"],
            num_workers=workers,
            skip_failures=False,
        )
        return labels(dataset)

    def ready(paths: list[str]) -> None:
        """The samples without predictions."""
        dataset = datasets.setdefault(tuple(paths), fiftyone.Dataset())
        if not len(dataset):
            dataset.add_samples([fiftyone.Sample(filepath=path) for path in paths])
        elif dataset.has_sample_field(FIELD):
            dataset.delete_sample_field(FIELD)

    lines.before_each = ready
    lines.at_end.append(lambda: shutil.rmtree(home, ignore_errors=True))
    warm = Path(told["warm"]).read_text().splitlines()
    ready(warm)
    run(warm)
    return run


def numbers_in(way: str) -> tuple[int, int]:
    workers, threads = (int(part.split()[0]) for part in way.split(", "))
    return workers, threads


def as_fiftyone_model(author: Author) -> Any:
    import torch
    from fiftyone.utils import torch as fiftyone_torch

    class Network(torch.nn.Module):
        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return author.logits(pixels)

    config = {
        "model": Network(),
        "transforms": author.preprocess,
        "ragged_batches": False,
        "output_processor_cls": fiftyone_torch.ClassifierOutputProcessor,
        "classes": author.classes,
    }
    return fiftyone_torch.TorchImageModel(fiftyone_torch.TorchImageModelConfig(config))


def labels(dataset: Any) -> Iterator[str]:
    pairs = zip(*dataset.values(["filepath", f"{FIELD}.label"]), strict=True)
    for _, label in sorted(pairs):
        yield label


if __name__ == "__main__":
    lines.serve(prepare)
