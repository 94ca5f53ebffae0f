"""The bare loop: the model's own functions over the files, in the ways that plain PyTorch and Pillow offer.

No server, no database, no sandbox: what is timed ends with the labels in a list. The mini-batch is everybody's. Which
way is best depends on the model and the cores, so the benchmark tries all of them and keeps the fastest:

- `one process`: a loop of predict(), torch with a thread per core;
- `reading ahead`: the same, while a thread per core reads and decodes the next mini-batches;
- `data loader`: torch's DataLoader with a worker process per core, the network in the main process on one thread;
- `data loader, threads`: the same, and the network on a thread per core;
- `processes`: a process per core, each with one thread and the whole of predict(); mini-batches are handed out as
  they come free.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from benchmarks.batch.author import loaded  # noqa: E402
from benchmarks.batch.lines import serve  # noqa: E402

CORES = os.cpu_count() or 1
Run = Callable[[list[str]], list[str]]


def batches(paths: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(paths), size):
        yield list(paths[start : start + size])


def one_process(told: dict[str, Any]) -> Run:
    author = loaded(told, CORES)

    def run(paths: list[str]) -> list[str]:
        return [label for batch in batches(paths, told["mini_batch"]) for label, _ in author.predict(batch)]

    return run


def reading_ahead(told: dict[str, Any]) -> Run:
    author = loaded(told, CORES)
    import torch

    readers = ThreadPoolExecutor(CORES)

    def run(paths: list[str]) -> list[str]:
        found: list[str] = []
        ahead: deque[list[Future[Any]]] = deque()
        waiting = batches(paths, told["mini_batch"])
        while True:
            while len(ahead) < 3 and (batch := next(waiting, None)):
                ahead.append([readers.submit(author.read, path) for path in batch])
            if not ahead:
                return found
            pixels = torch.stack([each.result() for each in ahead.popleft()])
            found += [label for label, _ in author.labels(pixels)]

    return run


class Files:
    """A data set of torch whose indices are the files' names; the author's read() is the transform."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        self._read = read

    def __getitem__(self, path: str) -> Any:
        return self._read(path)


class Chosen:
    """A sampler of torch whose files change from run to run, while the workers stay."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.paths: list[str] = []

    def __iter__(self) -> Iterator[list[str]]:
        return batches(self.paths, self._size)

    def __len__(self) -> int:
        return -(-len(self.paths) // self._size)


def data_loader(told: dict[str, Any], threads: int = 1) -> Run:
    author = loaded(told, threads)
    from torch.utils.data import DataLoader

    chosen = Chosen(told["mini_batch"])
    loader: Any = DataLoader(
        Files(author.read),  # type: ignore[arg-type]
        batch_sampler=chosen,  # type: ignore[arg-type]
        num_workers=CORES,
        prefetch_factor=2,
        persistent_workers=True,
    )

    def run(paths: list[str]) -> list[str]:
        chosen.paths = paths
        return [label for pixels in loader for label, _ in author.labels(pixels)]

    return run


_mine: Any = None


def _start_worker(told: dict[str, Any]) -> None:
    global _mine
    _mine = loaded(told, 1)


def _predict(batch: list[str]) -> list[str]:
    return [label for label, _ in _mine.predict(batch)]


def processes(told: dict[str, Any]) -> Run:
    pool = get_context("spawn").Pool(CORES, _start_worker, (told,))

    def run(paths: list[str]) -> list[str]:
        return [label for found in pool.imap(_predict, batches(paths, told["mini_batch"])) for label in found]

    return run


WAYS: dict[str, Callable[[dict[str, Any]], Run]] = {
    "one process": one_process,
    "reading ahead": reading_ahead,
    "data loader": data_loader,
    "data loader, threads": lambda told: data_loader(told, CORES),
    "processes": processes,
}


def prepare(told: dict[str, Any]) -> Run:
    run = WAYS[told["way"]](told)
    run(Path(told["warm"]).read_text().splitlines())
    return run


if __name__ == "__main__":
    serve(prepare)
