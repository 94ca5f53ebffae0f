"""What comes into a dataset: uploads, thumbnails and values in bulk, each beside its bare loop in the same turn.

`python benchmarks/ingest.py [--images 1000] [--values 20000] [--runs 5] [--out FILE]`, with a checkout's environment.
Everything goes through REST to a running `samplecase up` (SQLite, a folder of blobs).

- upload: photographs (640 × 480 JPEGs) until they are samples. Beside it two loops in one process: *hash and store*
  reads a file, hashes it and writes it under its digest, forced to disk as ours is; *and look* decodes it too, as
  ours does so that no damaged file becomes a sample. To reach: 0.5 × of the first.
- thumbnails: the first request of each sample's thumbnail, four at a time. Beside it a Pillow loop in one process that
  makes the same files. To reach: 0.9 ×.
- values: classifications, a thousand per request. Beside it an `executemany` of the very rows that this left, in the
  same tables with the same indices. To reach: 0.3 ×.

Each turn has files that the server has never seen: a photograph's bytes with the number of the turn at their end.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from benchmarks import measuring  # noqa: E402
from benchmarks.batch import images, ours, written  # noqa: E402

WANTED = {"upload": 0.5, "thumbnails": 0.9, "values": 0.3}
MAX_PIXELS = 100_000_000
THUMBNAIL = 256
AT_ONCE = 4
CLASSES = [f"class {number}" for number in range(10)]


def fresh(sources: Sequence[Path], folder: Path, turn: int) -> list[Path]:
    """Copies that differ from those of every other turn, in a folder of their own."""
    home = folder / f"turn-{turn}"
    home.mkdir()
    made = []
    for source in sources:
        path = home / source.name
        path.write_bytes(source.read_bytes() + f"turn {turn}".encode())
        made.append(path)
    return made


def timed(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


# Uploads -------------------------------------------------------------------------------------------------------------


def hash_and_store(files: Sequence[Path], folder: Path, *, looks: bool = False) -> None:
    from datasets_app.images import inspect

    for file in files:
        content = file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if looks:
            inspect(io.BytesIO(content), max_pixels=MAX_PIXELS)
        place = folder / digest[:2]
        place.mkdir(exist_ok=True)
        part = place / f".{digest}"
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(place / digest)


def pillow_loop(files: Sequence[Path], folder: Path) -> None:
    from datasets_app.images import thumbnail

    for file in files:
        with file.open("rb") as stream:
            made = thumbnail(stream, size=THUMBNAIL, max_pixels=MAX_PIXELS)
        (folder / f"{file.stem}.webp").write_bytes(made)


def thumbnails(client: Any, addresses: Sequence[str]) -> None:
    def ask(address: str) -> None:
        client.transport.stream(address, io.BytesIO())

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(ask, addresses))


# Values --------------------------------------------------------------------------------------------------------------


def bare_values(product: ours.Product, dataset: int, name: str, folder: Path) -> float:
    """Seconds of an `executemany` of the rows of that field."""
    ((field,),) = product.query(
        "SELECT id FROM datasets_app_field WHERE dataset_id = ? AND name = ?", dataset, name
    )
    queries = {table: f"SELECT * FROM {table} WHERE field_id = ?" for table in written.ROWS}
    rows = {table: product.query(sql, field) for table, sql in queries.items()}
    with contextlib.closing(sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)) as bare:
        written.prepare(bare, product)
        return timed(lambda: written.insert(bare, rows))


# All of it -----------------------------------------------------------------------------------------------------------


def measure(data: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    seconds: dict[str, list[float]] = {}
    sources = images.images(data, chosen.images)
    with ours.running(data) as product:
        written_to = _dataset_of_rows(product, chosen.values, data)
        for turn in range(-1, chosen.runs):  # the first is not counted
            with tempfile.TemporaryDirectory(dir=data) as folder:
                for name, taken in one_turn(product, sources, written_to, Path(folder), turn):
                    if turn >= 0:
                        seconds.setdefault(name, []).append(taken)
            print(f"  turn {turn + 1} of {chosen.runs}", file=sys.stderr, flush=True)
    return shown(seconds, chosen)


def one_turn(
    product: ours.Product, sources: Sequence[Path], rows: tuple[int, list[int]], folder: Path, turn: int
) -> list[tuple[str, float]]:
    client = product.client
    files = fresh(sources, folder, turn)
    loop, looking, small = (folder / name for name in ("loop", "looking", "small"))
    for place in (loop, looking, small):
        place.mkdir()
    dataset = client.datasets.create(f"turn {turn}")["id"]
    found = [("upload", timed(lambda: client.datasets.add(dataset, files)))]
    found.append(("hash and store", timed(lambda: hash_and_store(files, loop))))
    found.append(("hash, look and store", timed(lambda: hash_and_store(files, looking, looks=True))))
    measuring.settle(product.pid)
    samples = [each["id"] for each in client.datasets.samples(dataset, fields=[])]
    addresses = [f"datasets/{dataset}/samples/{each}/thumbnail/?size={THUMBNAIL}" for each in samples]
    found.append(("thumbnails", timed(lambda: thumbnails(client, addresses))))
    found.append(("Pillow loop", timed(lambda: pillow_loop(files, small))))
    labelled, ids = rows
    field = client.datasets.create_field(labelled, f"turn_{turn + 1}", type="classification")
    values = [(each, {"label": CLASSES[each % 10], "confidence": 0.5}) for each in ids]
    found.append(("values", timed(lambda: client.datasets.put_values(labelled, field["name"], values))))
    found.append(("executemany", bare_values(product, labelled, field["name"], folder)))
    return found


def _dataset_of_rows(product: ours.Product, count: int, data: Path) -> tuple[int, list[int]]:
    """A dataset of pictures of four pixels, and the ids of its samples."""
    dataset = product.upload("rows", images.dots(data, count))
    return dataset, [each["id"] for each in product.client.datasets.samples(dataset, fields=[])]


def shown(seconds: dict[str, list[float]], chosen: argparse.Namespace) -> dict[str, Any]:
    def ratio(ours_: str, theirs: str) -> dict[str, float]:
        return measuring.ratios(seconds[theirs], seconds[ours_])

    counts = {"values": chosen.values, "executemany": chosen.values}
    return {
        "wanted": WANTED,
        "images": chosen.images,
        "values": chosen.values,
        "per_second": {
            name: measuring.spread([counts.get(name, chosen.images) / each for each in taken])
            for name, taken in seconds.items()
        },
        "ratios": {
            "upload / hash and store": ratio("upload", "hash and store"),
            "upload / hash, look and store": ratio("upload", "hash, look and store"),
            "thumbnails / Pillow loop": ratio("thumbnails", "Pillow loop"),
            "values / executemany": ratio("values", "executemany"),
        },
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=1_000)
    parser.add_argument("--values", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "samplecase-bench")
    parser.add_argument("--out", type=Path, default=measuring.RESULTS / "ingest.json")
    chosen = parser.parse_args()
    chosen.data.mkdir(parents=True, exist_ok=True)
    answer = {"machine": measuring.machine(), **measure(chosen.data, chosen)}
    measuring.write_results(chosen.out, answer)
    print(json.dumps(answer, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
