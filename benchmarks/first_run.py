"""From submit to values: the demo's job through the product, beside a bare loop over the same network and files.

Needs a data folder in which `make demo` has run (SAMPLECASE_DATA_DIR, by default .samplecase of the checkout). Writes
JSON to benchmarks/results/first_run.json.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]
os.environ.setdefault("SAMPLECASE_DATA_DIR", str(ROOT / ".samplecase"))

from benchmarks.measuring import RESULTS, machine, ratios, spread, write_results  # noqa: E402
from samplecase.cli.demo.serving import running_server  # noqa: E402
from samplecase.client import Client  # noqa: E402
from samplecase.client.types import Entry  # noqa: E402

MODEL, DATASET, FIELD, BATCH = "digits-cnn", "digits", "bench_first_run", 32
RUNS = 5


def through_the_product(client: Client, dataset: int, deployment: int) -> dict[str, float]:
    """One job over the whole dataset: seconds to the first value and to the end, and samples per second."""
    began = time.perf_counter()
    first = None
    # A field of its own, for what the same version has made already is not computed again.
    entry: Entry = {"deployment": deployment, "outputs": {"predictions": FIELD}}
    (submitted,) = client.jobs.submit(dataset, [entry])["jobs"]
    for job in client.jobs.follow(submitted["id"], every=0.05):
        if first is None and job["done"]:
            first = time.perf_counter() - began
    whole = time.perf_counter() - began
    if job["state"] != "finished" or job["failed"]:
        sys.exit(f"the job is {job['state']}, {job['failed']} samples failed")
    client.transport.delete(f"datasets/{dataset}/fields/{FIELD}/")
    worked = datetime.fromisoformat(job["finished_at"]) - datetime.fromisoformat(job["started_at"])  # type: ignore[arg-type]
    return {
        "first_value_seconds": round(first or whole, 3),
        "seconds": round(whole, 3),
        "samples_per_second": round(job["done"] / worked.total_seconds(), 1),
    }


def bare_loop(model: Any, images: list[str]) -> float:
    """Samples per second of the packed model alone, called in the same mini-batches in this process."""
    began = time.perf_counter()
    for start in range(0, len(images), BATCH):
        model.predict(images[start : start + BATCH])
    return len(images) / (time.perf_counter() - began)


def loaded(package: Path, folder: str) -> Any:
    """The packed model in this process, on one thread: what one replica has. Several collapse beside other work."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)  # our own package, made by the demo
    os.chdir(folder)
    sys.path.insert(0, folder)
    import model  # type: ignore[import-not-found]
    import torch

    torch.set_num_threads(1)
    made = model.Model()
    made.setup("cpu")
    return made


def measured() -> dict[str, Any]:
    """Product and bare loop in turn, so that both meet the same neighbours; medians, and the least and the most."""
    blobs = Path(os.environ["SAMPLECASE_DATA_DIR"]) / "blobs"
    with (
        running_server(8000) as server,
        Client(server.url, token=server.token) as client,
        tempfile.TemporaryDirectory() as folder,
    ):
        dataset, found = client.datasets.find(DATASET), client.models.find(MODEL)
        if dataset is None or found is None:
            sys.exit("Run make demo CHECK=1 first.")
        ready = [each for each in client.deployments.list(model=found["id"]) if each["state"] == "ready"]
        sha256 = found["versions"][0]["sha256"]
        model = loaded(blobs / "packages" / sha256[:2] / f"{sha256}.zip", folder)
        images = sorted(str(path) for path in (blobs / "media").rglob("*") if path.is_file())
        cold = through_the_product(client, dataset["id"], ready[0]["id"])
        warm, loops = [], []
        for _ in range(RUNS):
            warm.append(through_the_product(client, dataset["id"], ready[0]["id"]))
            loops.append(bare_loop(model, images))
        os.chdir(ROOT)
    rates = [each["samples_per_second"] for each in warm]
    return {
        "cold": cold,
        "warm": {name: spread([each[name] for each in warm]) for name in warm[0]},
        "bare_loop_samples_per_second": spread(loops),
        "warm_to_bare_loop": ratios(rates, loops),
        "samples": len(images),
        "machine": machine(),
    }


if __name__ == "__main__":
    answer = measured()
    write_results(RESULTS / "first_run.json", answer)
    print(json.dumps(answer, indent=2))
