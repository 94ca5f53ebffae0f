"""What is measured, section by section: who takes part in which comparison."""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.batch import bare, networks
from benchmarks.batch.bench import (
    AS_IT_COMES,
    BARE,
    FIFTYONE,
    OURS,
    PEERS,
    RAY,
    RAY_AS_IT_COMES,
    RAY_WAYS,
    Bench,
    Network,
    bare_loop,
    best_way,
    deployed,
    fiftyone,
    fiftyone_ways,
    in_turn,
    ray_data,
    say,
    summaries,
)
from benchmarks.batch.contenders import Contender
from benchmarks.batch.images import dots, images
from benchmarks.batch.ours import Ours, running
from benchmarks.batch.written import ExecuteMany
from benchmarks.measuring import machine, spread

PLAIN = ("resnet18", "nearly_free", "nearly_free_image")
TUNED = {
    "resnet18_tuned": "resnet18",
    "nearly_free_tuned": "nearly_free",
}  # and the same network, written by hand
SECTIONS = (*PLAIN, *TUNED, "null", "first_value")
BF16 = f"{OURS}, bf16"


def measured(options: argparse.Namespace) -> dict[str, Any]:
    data: Path = options.data.resolve()
    paths = images(data, options.images)
    found: dict[str, Any] = {
        "machine": machine(),
        "images": options.images,
        "bytes_per_image": spread([path.stat().st_size for path in paths]),
        "mini_batch": options.mini_batch,
        "runs": options.runs,
        "as it comes": {},
        "tuned": {},
    }
    folders = {model: networks.package_folder(model, data) for model in networks.INPUTS}
    with running(data) as product:
        bench = Bench(options, data, paths, product)
        if not PEERS.exists():
            bench.unusable["peers"] = "they are not installed: make peers"
        say("Uploading …")
        dataset = product.upload("photographs", paths)
        for model in chosen(options, PLAIN):
            network = Network(model, folders[model], options.mini_batch)
            found["as it comes"][model] = as_it_comes(bench, network, dataset)
        for section in chosen(options, TUNED):
            found["tuned"][section] = tuned(bench, TUNED[section], folders, dataset)
        if chosen(options, ("null", "first_value")):
            found |= null_model(bench, folders["null"])
        found["left out"] = bench.unusable
    return found


def chosen(options: argparse.Namespace, sections: Sequence[str] | dict[str, str]) -> list[str]:
    return [section for section in sections if section in options.only]


def as_it_comes(bench: Bench, network: Network, dataset: int) -> dict[str, Any]:
    """The plain network everywhere: the author's own predict in ours, his functions in everybody else's."""
    ours = deployed(bench, network, dataset)
    cold = ours.cold()
    contenders, tried = beside(bench, network)
    if network.name != "nearly_free_image" and has_peers(bench):
        contenders += plain_peers(bench, network)
    return {
        "tried": tried,
        "cold": {"seconds": cold.seconds, **cold.facts},
        "contenders": everybody(bench, [contenders[0], ours, *contenders[1:]]),
    }


def beside(bench: Bench, network: Network) -> tuple[list[Contender], dict[str, Any]]:
    """The bare loop and the peers, each in the best way that it has for this network."""
    makers = {BARE: (bare_loop, tuple(bare.WAYS))}
    if network.name != "nearly_free_image" and has_peers(bench):
        makers |= {RAY: (ray_data, RAY_WAYS), FIFTYONE: (fiftyone, tuple(fiftyone_ways()))}
    contenders: list[Contender] = []
    tried = {}
    for name, (make, ways) in makers.items():
        best, figures = best_way(bench, network, make, ways)
        tried[name] = {"best": best, "per_second": figures}
        if best is not None:
            contenders.append(make(bench, network, best))
    return contenders, tried


def plain_peers(bench: Bench, network: Network) -> list[Contender]:
    """The peers with nothing chosen for them."""
    return [
        ray_data(bench, network, RAY_AS_IT_COMES, RAY + AS_IT_COMES),
        fiftyone(bench, network, "as it comes", FIFTYONE + AS_IT_COMES),
    ]


def has_peers(bench: Bench) -> bool:
    return PEERS.exists() and not bench.options.ours_alone


def everybody(bench: Bench, contenders: Sequence[Contender]) -> dict[str, Any]:
    return summaries(in_turn(bench, contenders, bench.file_list("all", bench.paths), len(bench.paths)))


def tuned(bench: Bench, model: str, folders: dict[str, Path], dataset: int) -> dict[str, Any]:
    """The package without code, as Deploy tunes it; the same plan for everybody; and FiftyOne as it comes.

    One set of turns serves two comparisons, which the report keeps apart: *equal tuning*, in which the bare loop and
    the peers have our network, reading and mini-batch, each in its best way; and *what a user gets*, Deploy's result
    beside FiftyOne with the plain network.
    """
    if importlib.util.find_spec("samplecase.packages.runner") is None:
        bench.unusable[f"{model}, tuned"] = "this Samplecase does not tune"
        return {}
    network = Network(f"{model}_no_code", folders[f"{model}_no_code"], bench.options.mini_batch)
    ours = deployed(bench, network, dataset, dataset=dataset)
    measured = bench.product.measured(ours.deployment)
    plan = measured.get("plan") or {}
    equal = replace(network, tricks=plan, mini_batch=plan.get("mini_batch", network.mini_batch))
    say(f"Deploy's plan: {plan or 'the plain network'}")
    contenders, tried = beside(bench, equal)
    rounded = deployed(bench, network, dataset, BF16, dataset=dataset, allow_bf16=True)
    more: list[Contender] = [rounded]
    if has_peers(bench):
        plain = Network(model, folders[model], bench.options.mini_batch)
        more.append(fiftyone(bench, plain, "as it comes", FIFTYONE + AS_IT_COMES))
    return {
        "deploy": measured,
        "deploy with bf16": bench.product.measured(rounded.deployment),
        "tried": tried,
        "contenders": everybody(bench, [contenders[0], ours, *contenders[1:], *more]),
    }


def null_model(bench: Bench, folder: Path) -> dict[str, Any]:
    """Values per second beside a bare executemany, and the time to the first value of a model without torch."""
    found: dict[str, Any] = {}
    count: int = bench.options.values
    files = dots(bench.data, count)
    dataset = bench.product.upload("dots", files)
    ours = deployed(bench, Network("null", folder, bench.options.mini_batch), dataset)
    if "first_value" in bench.options.only:
        found["first value"] = first_values(ours, bench.options.runs)
    if "null" in bench.options.only:
        contenders: list[Contender] = [ours, ExecuteMany(bench.product, dataset)]
        runs = in_turn(bench, contenders, bench.file_list("dots", files), count)
        found["values"] = {"count": count, "contenders": summaries(runs)}
    return found


def first_values(ours: Ours, runs: int) -> dict[str, Any]:
    cold = [ours.cold() for _ in range(runs)]
    warm = [ours.warm() for _ in range(runs)]
    return {
        name: spread([run.facts["first_value_seconds"] for run in each])
        for name, each in {"cold": cold, "warm": warm}.items()
    }
