"""What the viewer asks of the server, on a large dataset: pages and facets, on SQLite and on PostgreSQL.

`python benchmarks/viewer.py [--samples 1000000] [--runs 30] [--databases sqlite postgresql] [--out FILE]`, with a
checkout's environment and no other settings. A dataset of rows without bytes: three label fields, `truth` and `guess`
(a classification each, of 10 classes, nine in ten agree) and `boxes` (5 detections). Each question goes through the
whole of the application (sign-in, rights, statements, JSON), without a network, and is asked with other labels each
time, after two that are not timed.

With `--fiftyone PYTHON`, the Python of an environment that has FiftyOne, the same rows are put into it and the same
questions asked through its own Python interface (`viewer_fiftyone.py`), as it comes and with three indexes made by
hand.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

CLASSES = [f"class {number}" for number in range(10)]
BOXES = 5
GROUP = 5_000
PAGE = 50
# p95 in milliseconds, on two cores and with 1,000,000 samples
WANTED = {
    "page": 100,
    "filtered page": 100,
    "page at 90 %": 100,
    "facets": 50,
    "facets, filtered": 700,
    "facets, broad": 300,
    "facets, broad and exact": 5_000,
}


# The rows ----------------------------------------------------------------------------------------------------------


def samples_of(count: int) -> Iterator[tuple[str, str, float, list[tuple[str, float, list[float]]]]]:
    """`(truth, guess, its confidence, boxes)` of each sample, the same for everybody."""
    dice = random.Random(7)
    for _ in range(count):
        truth = dice.choice(CLASSES)
        guess = truth if dice.random() < 0.9 else dice.choice(CLASSES)
        boxes = [
            (dice.choice(CLASSES), dice.random(), [dice.random() / 2 for _ in range(4)]) for _ in range(BOXES)
        ]
        yield truth, guess, dice.random(), boxes


def populate(count: int) -> tuple[Any, Any]:
    """A user and a dataset, written as rows; counters and all."""
    from django.db import connection, transaction

    from datasets_app.models import Dataset, Field, LabelClass
    from samplecase.web.accounts.models import User

    user = User.objects.create(username="ann")
    dataset = Dataset.objects.create(name="photos", owner=user, sample_count=count, changes=1)
    fields = {
        name: Field.objects.create(dataset=dataset, name=name, type=kind, value_count=count, changes=1)
        for name, kind in (
            *(("truth", "classification"), ("guess", "classification"), ("boxes", "detections")),
        )
    }
    classes = {
        name: {label: LabelClass.objects.create(field=field, name=label) for label in CLASSES}
        for name, field in fields.items()
    }
    rows = samples_of(count)
    for start in range(0, count, GROUP):
        with transaction.atomic():
            size = min(GROUP, count - start)
            _write_group(dataset, fields, classes, start, [next(rows) for _ in range(size)])
    for each in LabelClass.objects.all():
        each.count = _rows_of_class(each)
        each.save()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return user, dataset


def _rows_of_class(label_class: Any) -> int:
    from datasets_app.models import LabelIndex

    return LabelIndex.objects.filter(label_class=label_class).count()


def _write_group(dataset: Any, fields: Any, classes: Any, start: int, rows: list[Any]) -> None:
    from django.utils import timezone

    from datasets_app import bulk
    from datasets_app.models import LabelIndex, Sample, Value
    from datasets_app.value_rows import LABEL_COLUMNS, VALUE_COLUMNS

    now = bulk.moment(timezone.now())
    columns = ("dataset_id", "name", "media_sha256", "width", "height", "bytes", "mime", "tags", "created_at")
    bulk.insert(
        Sample,
        columns,
        [
            (
                *(dataset.pk, f"photo {n:08}.jpg", f"{n:064x}", 640 + n % 640, 480, 50_000 + n % 9_973),
                *("image/jpeg", '["night"]' if n % 10 == 0 else "[]", now),
            )
            for n in range(start, start + len(rows))
        ],
    )
    ids = list(Sample.objects.order_by("-pk").values_list("pk", flat=True)[: len(rows)])[::-1]
    values: list[tuple[Any, ...]] = []
    labels: list[tuple[Any, ...]] = []

    def put(name: str, sample: int, data: Any, found: list[tuple[str, float | None]], source: str) -> None:
        best = max(found, key=lambda each: each[1] or 0.0)
        job = None if source == "human" else 3
        values.append(
            (fields[name].pk, sample, json.dumps(data), *best, None, source, job, None, "", None, 1, now)
        )
        labels.extend(
            (fields[name].pk, classes[name][label].pk, sample, confidence, place)
            for place, (label, confidence) in enumerate(found)
        )

    for sample, (truth, guess, confidence, boxes) in zip(ids, rows, strict=True):
        put("truth", sample, {"label": truth}, [(truth, None)], "human")
        data = {"label": guess, "confidence": confidence}
        put("guess", sample, data, [(guess, confidence)], "model")
        shapes = [
            {"id": f"{sample:08}{place}", "label": label, "confidence": sure, "bounding_box": box}
            for place, (label, sure, box) in enumerate(boxes)
        ]
        put("boxes", sample, shapes, [(label, sure) for label, sure, _ in boxes], "model")
    values.sort(key=lambda row: (row[0], row[1]))
    bulk.insert(Value, VALUE_COLUMNS, values)
    bulk.insert(LabelIndex, LABEL_COLUMNS, labels)


# The questions -----------------------------------------------------------------------------------------------------


def unsure(label: str, below: float = 0.5) -> dict[str, Any]:
    """About one in twenty samples."""
    where = [
        {"field": "label", "op": "eq", "value": label},
        {"field": "confidence", "op": "lt", "value": below},
    ]
    return {"match": "guess", "where": where}


def boxed(label: str) -> dict[str, Any]:
    return {"field": "boxes.label", "op": "eq", "value": label}


def questions(dataset: Any) -> dict[str, Callable[[int], tuple[str, dict[str, Any]]]]:
    """Name -> of a turn, `(address, query)`."""
    from datasets_app.models import Sample, Value
    from samplecase.web.rest.pagination import SignedCursor

    address = f"/api/v1/datasets/{dataset.pk}"
    at = dataset.sample_count * 9 // 10
    late = Sample.objects.order_by("pk").values_list("pk", flat=True)[at]
    rows = Value.objects.filter(field__name="guess").order_by("confidence", "sample")
    unsure_late = list(rows.values_list("confidence", "sample")[at])

    def page(**query: Any) -> tuple[str, dict[str, Any]]:
        return f"{address}/samples/", {"limit": PAGE, **query}

    def facets(**query: Any) -> tuple[str, dict[str, Any]]:
        return f"{address}/facets/", query

    def cursor(position: list[Any], sort: str) -> str:
        return SignedCursor.encode(position, bound_to=["samples", dataset.pk, None, sort])

    def label(turn: int) -> str:
        return CLASSES[turn % len(CLASSES)]

    def near(turn: int) -> float:
        return 0.5 - turn / 1_000

    def broad(turn: int) -> str:
        return json.dumps({"field": "guess.confidence", "op": "lt", "value": near(turn)})

    def narrow(turn: int) -> str:
        return json.dumps(unsure(label(turn), near(turn)))

    def crowd(turn: int) -> str:
        return json.dumps({"and": [unsure(label(turn), near(turn)), boxed(label(turn + 1))]})

    return {
        "page": lambda turn: page(),
        "filtered page": lambda turn: page(filter=narrow(turn)),
        "filtered page, two fields": lambda turn: page(filter=crowd(turn)),
        "filtered page, the unsure first": lambda turn: page(filter=narrow(turn), sort="guess.confidence"),
        "page at 90 %": lambda turn: page(cursor=cursor([late + turn, late + turn], "id")),
        "page at 90 % of the unsure first": lambda turn: page(
            cursor=cursor(unsure_late, "guess.confidence"), sort="guess.confidence"
        ),
        "page by width": lambda turn: page(sort="-width"),
        "page, the most disagreeing first": lambda turn: page(sort="-compare:truth,guess"),
        "page of those that disagree": lambda turn: page(
            filter='{"compare": ["truth", "guess"], "is": "disagree"}'
        ),
        "facets": lambda turn: facets(),
        "facets, filtered": lambda turn: facets(filter=narrow(turn)),
        "facets, filtered and faceted": lambda turn: facets(filter=crowd(turn), faceted="true"),
        "facets, broad": lambda turn: facets(filter=broad(turn)),
        "facets, broad and exact": lambda turn: facets(filter=broad(turn), exact="true"),
    }


def measure(samples: int, runs: int, only: list[str]) -> dict[str, Any]:
    """In this process, on the database of the environment."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.test import Client

    begin = time.perf_counter()
    user, dataset = populate(samples)
    populated = time.perf_counter() - begin
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    begin = time.perf_counter()
    first = client.get(f"/api/v1/datasets/{dataset.pk}/facets/", {"exact": "true"})
    assert first.status_code == 200, first.content
    counted = time.perf_counter() - begin
    found: dict[str, Any] = {}
    for name, ask in questions(dataset).items():
        if only and name not in only:
            continue
        found[name] = _timed(client, ask, runs)
        print(f"  {name:38} {json.dumps(found[name])}", file=sys.stderr, flush=True)
    return {
        "samples": samples,
        "populated_seconds": round(populated, 1),
        "first_exact_facets_seconds": round(counted, 2),
        "questions": found,
    }


def _timed(client: Any, ask: Callable[[int], tuple[str, dict[str, Any]]], runs: int) -> dict[str, Any]:
    """Milliseconds. A question that takes seconds is asked less often."""
    taken: list[float] = []
    size, answer = 0, None
    for turn in range(-2, runs):
        address, query = ask(turn + 2)
        begin = time.perf_counter()
        answer = client.get(address, query)
        content = answer.content
        seconds = time.perf_counter() - begin
        assert answer.status_code == 200, content
        size = len(content)
        if turn >= 0:
            taken.append(seconds * 1_000)
        if sum(taken) > 20_000 and len(taken) >= 5:
            break
    shown: dict[str, Any] = {
        "median": round(statistics.median(taken), 1),
        "p95": round(sorted(taken)[max(0, -(-len(taken) * 95 // 100) - 1)], 1),
        "runs": len(taken),
        "bytes": size,
    }
    data = answer.json() if answer is not None else {}
    if "total" in data:
        shown |= {"total": data["total"], "exact": data["exact"]}
    return shown


# The databases -----------------------------------------------------------------------------------------------------


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """The settings that point to a new database of this kind."""
    with tempfile.TemporaryDirectory(prefix="samplecase-viewer-") as folder:
        settings = {"SAMPLECASE_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "samplecase.web.settings"}
        if kind == "sqlite":
            yield settings
            return
        from tests.fixtures_postgres import running_postgres

        with running_postgres() as server:
            yield {**settings, "SAMPLECASE_DATABASE_URL": server.new_database("viewer")}


def ours(kind: str, options: argparse.Namespace) -> dict[str, Any]:
    with database(kind) as settings:
        command = [sys.executable, __file__, "--here", "--samples", str(options.samples)]
        command += ["--runs", str(options.runs), *(["--only", *options.only] if options.only else [])]
        environment = {**os.environ, **settings, "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}"}
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout))


def fiftyone(python: str, options: argparse.Namespace) -> dict[str, Any]:
    script = str(Path(__file__).with_name("viewer_fiftyone.py"))
    command = [python, script, "--samples", str(options.samples), "--runs", str(options.runs)]
    with tempfile.TemporaryDirectory(prefix="samplecase-viewer-") as folder:
        environment = {**os.environ, "FIFTYONE_DATABASE_DIR": folder, "FIFTYONE_DO_NOT_TRACK": "true"}
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--databases", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--only", nargs="*", default=[], help="only these questions")
    parser.add_argument("--fiftyone", help="the Python of an environment that has FiftyOne")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "viewer.json")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.samples, options.runs, options.only)))
        return 0
    from benchmarks.measuring import machine, write_results

    answer: dict[str, Any] = {"machine": machine(), "wanted_p95_ms": WANTED}
    for kind in options.databases:
        print(kind, file=sys.stderr, flush=True)
        answer[kind] = ours(kind, options)
    if options.fiftyone:
        answer["fiftyone"] = fiftyone(options.fiftyone, options)
    write_results(options.out, answer)
    print(json.dumps(answer, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
