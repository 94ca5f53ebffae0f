"""What all sections share: the running product, the files, who is made to run a model, and whose turn it is."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.batch.contenders import Child, Contender, Run, Unusable
from benchmarks.batch.images import label_of
from benchmarks.batch.ours import Ours, Product
from benchmarks.measuring import short, spread, turns

HERE = Path(__file__).resolve().parent
PEERS = HERE.parents[1] / ".venv-peers" / "bin" / "python"
CORES = os.cpu_count() or 1
OURS, BARE, RAY, FIFTYONE = "Samplecase", "bare loop", "Ray Data", "FiftyOne"
AS_IT_COMES = ", as it comes"
TRIED_IMAGES = 192  # for finding somebody's best way; a model that is nearly free gets more
TRIES = 2


@dataclass
class Bench:
    """The running product, the images, what was asked for, and who cannot run here."""

    options: argparse.Namespace
    data: Path
    paths: list[Path]
    product: Product
    unusable: dict[str, str] = field(default_factory=dict)

    def file_list(self, name: str, paths: Sequence[Path]) -> Path:
        file = self.data / f"{name}-{len(paths)}.txt"
        file.write_text("\n".join(map(str, paths)))
        return file

    @property
    def log(self) -> Path:
        return self.data / "contenders.log"


@dataclass(frozen=True)
class Network:
    """A model that contenders run: its folder, its mini-batch, and the plan of a package without code."""

    name: str
    folder: Path
    mini_batch: int
    tricks: dict[str, Any] | None = None


def child(
    bench: Bench, name: str, script: str, way: str, network: Network, *, python: Path, rests: bool
) -> Child:
    told = {
        "way": way,
        "folder": str(network.folder),
        "mini_batch": network.mini_batch,
        "tricks": network.tricks,
        "warm": str(bench.file_list("warm", bench.paths[: 2 * network.mini_batch * CORES])),
        "data": str(bench.data),
    }
    return Child(name, python, HERE / script, told, log=bench.log, rests=rests)


def bare_loop(bench: Bench, network: Network, way: str) -> Child:
    return child(bench, BARE, "bare.py", way, network, python=Path(sys.executable), rests=True)


def ray_data(bench: Bench, network: Network, way: str, name: str = RAY) -> Child:
    return child(bench, name, "ray_data.py", way, network, python=PEERS, rests=False)


def fiftyone(bench: Bench, network: Network, way: str, name: str = FIFTYONE) -> Child:
    return child(bench, name, "fiftyone_apply.py", way, network, python=PEERS, rests=True)


RAY_WAYS = ("actors", "one actor", "preprocess in tasks")
RAY_AS_IT_COMES = "as documented"


def fiftyone_ways() -> list[str]:
    """Workers of its loader, and threads of torch."""
    pairs = ((0, CORES), (1, 1), (CORES, 1), (CORES, CORES))
    return [f"{workers} workers, {threads} threads" for workers, threads in pairs]


Make = Callable[[Bench, Network, str], Child]


def best_way(
    bench: Bench, network: Network, make: Make, ways: Sequence[str]
) -> tuple[str | None, dict[str, Any]]:
    """Every way over a part of the images: the fastest, or None where none runs, and the figures of all."""
    few = bench.paths[: TRIED_IMAGES if network.name.startswith("resnet18") else 5 * TRIED_IMAGES]
    files = bench.file_list("tried", few)
    rates: dict[str, list[float]] = {way: [] for way in ways}
    tried = {way: make(bench, network, way) for way in ways}
    # Those that take long to start one after the other, the others in turn.
    orders = [ways] if all(each.starts_soon for each in tried.values()) else [[way] for way in ways]
    for order in orders:
        with closing([tried[way] for way in order]):
            for _, way in turns(order, TRIES):
                with usable(bench, f"{tried[way].name}, {way}, {network.name}"):
                    rates[way].append(len(few) / tried[way].run(files, len(few)).seconds)
    found = {way: spread(each) for way, each in rates.items() if each}
    best = max(found, key=lambda way: found[way]["most"], default=None)
    say(f"The best way of {tried[ways[0]].name} with {network.name}: {best}")
    return best, found


@contextlib.contextmanager
def usable(bench: Bench, who: str) -> Iterator[None]:
    """Who cannot run is left out, with the reason; the others go on."""
    try:
        yield
    except Unusable as reason:
        say(f"{who} is left out: {reason}")
        bench.unusable.setdefault(who, str(reason))


@contextlib.contextmanager
def closing(contenders: Sequence[Contender]) -> Iterator[None]:
    try:
        yield
    finally:
        for each in contenders:
            each.close()


def in_turn(bench: Bench, contenders: Sequence[Contender], files: Path, count: int) -> dict[str, list[Run]]:
    """Everybody's runs, in the order in which they were named; who fails once takes no further part."""
    by_name = {each.name: each for each in contenders}
    runs: dict[str, list[Run]] = {name: [] for name in by_name}
    with closing(contenders):
        for turn, name in turns(list(by_name), bench.options.runs):
            if name not in runs:
                continue
            try:
                run = by_name[name].run(files, count)
            except Unusable as reason:
                if name in (OURS, BARE):
                    raise
                say(f"{name} is left out: {reason}")
                bench.unusable[name] = str(reason)
                del runs[name]
                continue
            runs[name].append(run)
            say(f"  run {turn + 1} {name}: {count / run.seconds:.1f} per second, {run.cpu:.1f} CPU seconds")
    return runs


def summaries(runs: dict[str, list[Run]]) -> dict[str, Any]:
    reference = next(iter(runs.values()))[-1].labels
    return {name: summary(each, reference) for name, each in runs.items()}


def summary(runs: Sequence[Run], reference: Sequence[str]) -> dict[str, Any]:
    """Spreads of all figures; how many labels are those of the first contender, and how many are true."""
    seconds, labels = [run.seconds for run in runs], runs[-1].labels
    facts = {name: spread([run.facts[name] for run in runs]) for name in runs[0].facts}
    found = {
        "seconds": spread(seconds),
        "every_seconds": [short(each) for each in seconds],
        "cpu_seconds": spread([run.cpu for run in runs]),
        **facts,
    }
    if labels and reference:
        found["labels_as_the_first"] = share(labels, reference)
        found["labels_true"] = share(labels, [label_of(index) for index in range(len(labels))])
    return found


def share(labels: Sequence[str], others: Sequence[str]) -> float:
    return short(sum(one == other for one, other in zip(labels, others, strict=True)) / len(labels))


def deployed(bench: Bench, network: Network, over: int, name: str = OURS, **more: Any) -> Ours:
    """A deployment that is run over a dataset; `more` goes into the request that makes it."""
    say(f"Deploying {network.name} …")
    made = bench.product.deploy(
        f"{network.name} {name}", network.folder, mini_batch=network.mini_batch, replicas=CORES, **more
    )
    return Ours(
        name, bench.product, dataset=over, deployment=made, mini_batch=network.mini_batch, replicas=CORES
    )


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
