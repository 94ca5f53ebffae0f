"""What a job costs as it grows: rate, and the memory of the executor, over ten thousand to a million samples.

`python benchmarks/growth.py [--sizes 10000 100000 1000000] [--out FILE]`, with a checkout's environment.

One server with a null model that reads no file, so that nothing but the ledger, the replicas' frames and the write-back
is at work. The samples are copies of one row, put into the database while the server rests. Memory is the resident set
of the executor (and of the web process, which submits), looked at twice a second: its median in the first and in the
last fifth of the job, and its peak. Flat is what is wanted: what stays in memory is the chunks at work, not the job.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from benchmarks.batch import networks  # noqa: E402
from benchmarks.batch.images import dots  # noqa: E402
from benchmarks.batch.ours import Ours, Product, running  # noqa: E402
from benchmarks.measuring import machine, process_with, resident_mib, write_results  # noqa: E402

LOOK_SECONDS = 0.5
MINI_BATCH = 128
REPLICAS = 2
COPIED = "name, media_sha256, width, height, bytes, mime, tags, created_at"


def measured(sizes: list[int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="samplecase-growth-") as folder, running(Path(folder)) as product:
        package = networks.package_folder("null", Path(folder))
        deployment = product.deploy("null", package, mini_batch=MINI_BATCH, replicas=REPLICAS)
        for size in sizes:
            found[f"{size:,} samples"] = of_size(product, deployment, size, Path(folder))
    return found


def of_size(product: Product, deployment: int, size: int, folder: Path) -> dict[str, Any]:
    dataset = product.upload(f"{size} dots", dots(folder, 1))
    multiply(product.database, dataset, size)
    ours = Ours(
        "ours", product, dataset=dataset, deployment=deployment, mini_batch=MINI_BATCH, replicas=REPLICAS
    )
    with watching(product.pid, "executor") as executor, watching(product.pid, "web") as web:
        run = ours.run(folder, size)
    working = run.facts["working_seconds"]
    return {
        "values per second": round(size / working),
        "submit seconds": run.facts["submit_seconds"],
        "CPU seconds per 1,000 values": round(run.cpu / size * 1000, 4),
        "executor MiB": summary(executor),
        "web MiB": summary(web),
    }


def multiply(database: Path, dataset: int, size: int) -> None:
    """Copy the one sample of a dataset until there are `size`."""
    with contextlib.closing(sqlite3.connect(database, timeout=60)) as rows:
        rows.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            f" INSERT INTO datasets_app_sample (dataset_id, {COPIED})"
            f" SELECT dataset_id, printf('%07d.png', i), {COPIED.partition(', ')[2]} FROM datasets_app_sample, n"
            " WHERE dataset_id = ?",
            (size - 1, dataset),
        )
        rows.execute("UPDATE datasets_app_dataset SET sample_count = ? WHERE id = ?", (size, dataset))
        rows.commit()


@contextlib.contextmanager
def watching(server: int, word: str) -> Iterator[list[float]]:
    """Collects the resident MiB of the server's process whose command has `word`, until the block ends."""
    pid, seen, is_over = process_with(server, word), [], threading.Event()

    def look() -> None:
        while not is_over.wait(LOOK_SECONDS):
            seen.append(resident_mib(pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        is_over.set()
        watcher.join()


def summary(seen: list[float]) -> dict[str, float]:
    fifth = max(1, len(seen) // 5)
    return {
        "first fifth": round(statistics.median(seen[:fifth]), 1),
        "last fifth": round(statistics.median(seen[-fifth:]), 1),
        "peak": round(max(seen), 1),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "growth.json")
    chosen = options.parse_args()
    began = time.monotonic()
    found = {"machine": machine(), "sizes": measured(chosen.sizes)}
    found["seconds"] = round(time.monotonic() - began)
    write_results(chosen.out, found)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
