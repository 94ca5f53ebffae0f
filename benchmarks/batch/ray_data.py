"""Ray Data: from files on disk to predictions that are materialised in its object store, by `map_batches` and actors.

Ray starts its actors anew for every pass. Where nothing can be done before they are ready, the time is taken from
that moment, as our replicas and the workers of the bare loop are loaded too; `start_seconds` says what is left out.

- `as documented`: read_images, map(preprocess), and one actor with the network: its guide to batch inference;
- `preprocess in tasks`: the files' names in mini-batches, map_batches(read), and one actor with the network;
- `actors`: an actor per core, each with one thread and the whole of predict();
- `one actor`: one actor with a thread per core and the whole of predict().
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATH = [str(ROOT / "platform"), str(ROOT)]
sys.path[:0] = PATH

import ray  # noqa: E402

from benchmarks.batch import lines  # noqa: E402
from benchmarks.batch.author import loaded  # noqa: E402
from benchmarks.measuring import cpu_seconds  # noqa: E402

CORES = os.cpu_count() or 1
Batch = dict[str, Any]


class Network:
    """The model in an actor; it gets pixels, or the names of files."""

    def __init__(self, told: dict[str, Any], threads: int, ready: str) -> None:
        self._author = loaded(told, threads)
        Path(ready, str(os.getpid())).write_text(repr(time.time()))

    def __call__(self, batch: Batch) -> Batch:
        import torch

        if "pixels" in batch:
            found = self._author.labels(torch.from_numpy(batch["pixels"]))
        else:
            found = self._author.predict(batch["path"].tolist())
        labels, confidences = zip(*found, strict=True)
        return {"path": batch["path"], "label": list(labels), "confidence": list(confidences)}


class Reader:
    """The preprocessing, in the tasks before the actor."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told

    def row(self, row: Batch) -> Batch:
        from PIL import Image

        pixels = loaded(self._told, 1).preprocess(Image.fromarray(row["image"]))
        return {"path": row["path"], "pixels": pixels.numpy()}

    def batch(self, batch: Batch) -> Batch:
        import torch

        author = loaded(self._told, 1)
        pixels = torch.stack([author.read(path) for path in batch["path"].tolist()])
        return {"path": batch["path"], "pixels": pixels.numpy()}


def prepare(told: dict[str, Any]) -> Callable[[list[str]], lines.Labels]:
    ray.init(
        num_cpus=CORES,
        include_dashboard=False,
        logging_level="warning",
        runtime_env={"env_vars": {"PYTHONPATH": os.pathsep.join(PATH)}},
    )
    ray.data.DataContext.get_current().enable_progress_bars = False

    def run(paths: list[str]) -> lines.Labels:
        with tempfile.TemporaryDirectory() as ready:
            began, used = time.time(), cpu_seconds(os.getpid())
            watch = Watch(Path(ready))
            stored = WAYS[told["way"]](paths, told, ready).materialize()
            ended = time.time()
        starts, cpu = (
            (watch.moment - began, max(0.0, watch.cpu - used)) if told["way"] in WHOLE else (0.0, 0.0)
        )
        lines.facts.update(seconds=ended - began - starts, start_seconds=starts, start_cpu_seconds=cpu)
        return labels(stored)

    if told["way"] not in WHOLE:  # its tasks' processes stay, and have loaded what they need
        run(Path(told["warm"]).read_text().splitlines())
    return run


class Watch:
    """The moment at which the last actor was ready, and the CPU seconds until then."""

    def __init__(self, ready: Path) -> None:
        self.moment = self.cpu = 0.0
        self._ready = ready
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        seen = 0
        while self._ready.exists():
            with contextlib.suppress(OSError, ValueError):
                begins = [float(file.read_text()) for file in self._ready.iterdir()]
                if len(begins) > seen:
                    seen, self.moment, self.cpu = len(begins), max(begins), cpu_seconds(os.getpid())
            time.sleep(0.1)


def labels(stored: Any) -> Iterator[str]:
    for row in sorted(stored.take_all(), key=lambda row: row["path"]):
        yield row["label"]


def as_documented(paths: list[str], told: dict[str, Any], ready: str) -> Any:
    reader = Reader(told)
    images = ray.data.read_images(paths, mode="RGB", include_paths=True)
    return predicted(images.map(reader.row), told, ready, actors=1, threads=1)


def preprocess_in_tasks(paths: list[str], told: dict[str, Any], ready: str) -> Any:
    reader = Reader(told)
    read = named(paths).map_batches(reader.batch, batch_size=told["mini_batch"])
    return predicted(read, told, ready, actors=1, threads=1)


def actors(paths: list[str], told: dict[str, Any], ready: str) -> Any:
    return predicted(named(paths), told, ready, actors=CORES, threads=1)


def one_actor(paths: list[str], told: dict[str, Any], ready: str) -> Any:
    return predicted(named(paths), told, ready, actors=1, threads=CORES)


def named(paths: list[str]) -> Any:
    return ray.data.from_items([{"path": path} for path in paths])


def predicted(data: Any, told: dict[str, Any], ready: str, *, actors: int, threads: int) -> Any:
    return data.map_batches(
        Network,
        fn_constructor_args=(told, threads, ready),
        batch_size=told["mini_batch"],
        compute=ray.data.ActorPoolStrategy(size=actors),
        num_cpus=threads,
    )


WAYS: dict[str, Callable[[list[str], dict[str, Any], str], Any]] = {
    "as documented": as_documented,
    "preprocess in tasks": preprocess_in_tasks,
    "actors": actors,
    "one actor": one_actor,
}
WHOLE = {"actors", "one actor"}  # nothing is done before the actors are ready

if __name__ == "__main__":
    lines.serve(prepare)
