"""What the database's side of batch inference costs: claim and commit, beside a bare `executemany` of the same rows.

`python benchmarks/write_back.py [--runs 5] [--samples 20000] [--million] [--out FILE]`, with a checkout's environment
and no other settings. One process, SQLite with the product's own settings, a fresh copy of the database per run.

- ours: the real ledger claims and commits every chunk of a job that the real service submitted. The results are made
  up beforehand; the time of making them, and of checking them as a model's output, is not in it (`check` says it).
- bare: `sqlite3.executemany` of the rows that ours left behind (values, and labels where there are any), into the same
  tables with the same indices and constraints, in a file with the same settings, committed in the same groups.
- million (on request): a submit over a million samples and a cancel of that job, in seconds; and the peak memory of
  the process that claims and commits all of 100,000 and of 1,000,000 samples.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

LABELS = [f"class {number}" for number in range(10)]
BOXES = 5
LEASE = 600.0
TABLES = ("datasets_app_value", "datasets_app_labelindex")


def _number(dice: random.Random) -> Any:
    return dice.random()


def _classification(dice: random.Random) -> Any:
    return {"label": dice.choice(LABELS), "confidence": dice.random()}


def _detections(dice: random.Random) -> Any:
    return [
        {
            **_classification(dice),
            "bounding_box": [dice.random() / 2, dice.random() / 2, dice.random() / 2, dice.random() / 2],
        }
        for _ in range(BOXES)
    ]


MAKERS: dict[str, Callable[[random.Random], Any]] = {
    "number": _number,
    "classification": _classification,
    "detections": _detections,
}


@dataclass
class Clock:
    """CPU seconds and wall seconds of what ran in `with` blocks."""

    cpu: float = 0.0
    wall: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.cpu += time.process_time() - cpu
        self.wall += time.perf_counter() - wall


@dataclass
class Run:
    """The clocks of one run over all samples."""

    claim: Clock = field(default_factory=Clock)
    commit: Clock = field(default_factory=Clock)
    check: Clock = field(default_factory=Clock)
    bare: Clock = field(default_factory=Clock)


# The world ---------------------------------------------------------------------------------------------------------


def set_up(folder: Path) -> Path:
    """Point Django at a new database in `folder`, with all tables; returns the file."""
    os.environ["SAMPLECASE_DATA_DIR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "samplecase.web.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.db import connection

    return Path(str(connection.settings_dict["NAME"]))


def populate(samples: int) -> None:
    """A user, a dataset with rows of samples, and one ready deployment per type."""
    from datasets_app.models import Dataset, Sample
    from models_app.models import Deployment, Model, Version
    from samplecase.web.accounts.models import User

    user = User.objects.create(username="ann")
    dataset = Dataset.objects.create(name="photos", owner=user, sample_count=samples)
    for start in range(0, samples, 10_000):
        Sample.objects.bulk_create(
            Sample(
                dataset=dataset,
                name=f"{number:07}.jpg",
                media_sha256=f"{number:064x}",
                width=640,
                height=480,
                bytes=50_000,
                mime="image/jpeg",
            )
            for number in range(start, min(start + 10_000, samples))
        )
    model = Model.objects.create(name="null", slug="null", owner=user)
    for number, type_ in enumerate(MAKERS):
        version = Version.objects.create(
            model=model,
            version=f"1.{number}.0",
            sha256=f"{number:064x}",
            size=1,
            manifest={"format": 1, "name": "null", "schema": schema_of(type_)},
            schema=schema_of(type_),
            uploaded_by=user,
        )
        Deployment.objects.create(
            version=version, name=type_, state="ready", sandbox="bwrap", created_by=user, mini_batch=64
        )


def schema_of(type_: str) -> dict[str, Any]:
    return {
        "inputs": {"type": "object", "properties": {"image_paths": {"type": "local"}}},
        "outputs": {"type": "object", "properties": {"predictions": {"type": type_}}},
    }


def submitted(type_: str, field_name: str) -> int:
    """A running job over all samples."""
    from datasets_app.models import Dataset
    from jobs_app.mapping import Entry
    from jobs_app.models import Job
    from jobs_app.starting import start
    from jobs_app.submit import Order, submit
    from models_app.models import Deployment
    from samplecase.web.accounts.models import User

    entry = Entry(Deployment.objects.get(name=type_).pk, outputs={"predictions": field_name})
    order = Order(Dataset.objects.get().pk, [entry])
    submission = submit(order=order, acting_user=User.objects.get())
    job = Job.objects.get(submission=submission)
    if not start(job.pk):
        raise RuntimeError("the job did not start")
    return int(job.pk)


def put_copy(source: Path, target: Path) -> None:
    """`source`, with all that was committed to it, as the file `target`."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    with sqlite3.connect(source) as origin, sqlite3.connect(target) as copy:
        origin.backup(copy)
    origin.close()
    copy.close()


# The two sides -----------------------------------------------------------------------------------------------------


def drive(run: Run, type_: str) -> list[int]:
    """Claim and commit until nothing is left; returns the sizes of the groups."""
    from jobs_app.ledger import DatabaseLedger
    from samplecase.contracts.jobs import SampleResult
    from samplecase.contracts.labels import OutputChecker
    from samplecase.contracts.schema import parse_schema
    from samplecase.contracts.states import Outcome

    ledger = DatabaseLedger()
    checker = OutputChecker(parse_schema(schema_of(type_)))
    dice = random.Random(3)
    groups = []
    while True:
        with run.claim.running():
            claim = ledger.claim_chunk(executor="here", lease_seconds=LEASE)
        if claim is None:
            return groups
        raw = [MAKERS[type_](dice) for _ in claim.samples]
        with run.check.running():
            values = [checker.check("predictions", each) for each in raw]
        results = [
            SampleResult(sample.id, Outcome.DONE, {"predictions": value})
            for sample, value in zip(claim.samples, values, strict=True)
        ]
        with run.commit.running():
            if not ledger.commit(chunk=claim.chunk, fence=claim.fence, results=results):
                raise RuntimeError("the claim was lost")
        groups.append(len(results))


def copy_rows(run: Run, *, of: Path, to: Path, groups: Sequence[int]) -> None:
    """The rows that ours left in `of`, by bare statements into `to`, in which there are none yet."""
    from django.conf import settings

    with sqlite3.connect(of) as source:
        columns = {table: _columns(source, table) for table in TABLES}
        classes = source.execute("SELECT * FROM datasets_app_labelclass").fetchall()
        read = {table: f"SELECT {', '.join(columns[table])} FROM {table} ORDER BY id" for table in TABLES}
        values, labels = (source.execute(read[table]).fetchall() for table in TABLES)
    source.close()
    target = sqlite3.connect(to, isolation_level=None)
    target.executescript(settings.DATABASES["default"]["OPTIONS"]["init_command"])
    for row in classes:
        target.execute(f"INSERT INTO datasets_app_labelclass VALUES ({_marks(row)})", row)
    insert_value, insert_label = (
        f"INSERT INTO {table} ({', '.join(columns[table])}) VALUES ({_marks(columns[table])})"
        for table in TABLES
    )
    per_value = len(labels) // len(values)
    batches, start = [], 0
    for size in groups:
        end = start + size
        batches.append((values[start:end], labels[start * per_value : end * per_value]))
        start = end
    with run.bare.running():
        for some_values, some_labels in batches:
            target.execute("BEGIN IMMEDIATE")
            target.executemany(insert_value, some_values)
            target.executemany(insert_label, some_labels)
            target.execute("COMMIT")
    target.close()


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})") if name != "id"]


def _marks(row: Sequence[Any]) -> str:
    return ", ".join("?" * len(row))


def one_run(type_: str, database: Path, template: Path) -> Run:
    from django.db import connections

    connections.close_all()
    put_copy(template, database)
    submitted(type_, "found")
    bare = database.with_name("bare.sqlite3")
    put_copy(database, bare)
    run = Run()
    groups = drive(run, type_)
    connections.close_all()
    copy_rows(run, of=database, to=bare, groups=groups)
    return run


# Figures -----------------------------------------------------------------------------------------------------------


def spread(values: Sequence[float], digits: int = 2) -> dict[str, Any]:
    return {
        "median": round(statistics.median(values), digits),
        "least": round(min(values), digits),
        "most": round(max(values), digits),
    }


def figures(runs: Sequence[Run], samples: int) -> dict[str, Any]:
    def micros(of: Callable[[Run], float]) -> dict[str, Any]:
        return spread([of(run) / samples * 1e6 for run in runs])

    return {
        "ours": {
            "values per second": spread(
                [samples / (run.claim.wall + run.commit.wall) for run in runs], digits=0
            ),
            "CPU µs per value": micros(lambda run: run.claim.cpu + run.commit.cpu),
            "of these claim": micros(lambda run: run.claim.cpu),
            "of these commit": micros(lambda run: run.commit.cpu),
        },
        "check": {"CPU µs per value": micros(lambda run: run.check.cpu)},
        "bare": {
            "values per second": spread([samples / run.bare.wall for run in runs], digits=0),
            "CPU µs per value": micros(lambda run: run.bare.cpu),
        },
        "ours / bare, wall": spread(
            [run.bare.wall / (run.claim.wall + run.commit.wall) for run in runs], digits=3
        ),
        "ours / bare, CPU": spread(
            [run.bare.cpu / (run.claim.cpu + run.commit.cpu) for run in runs], digits=3
        ),
    }


def compare(samples: int, runs: int, types: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="samplecase-write-back-") as folder:
        database = set_up(Path(folder))
        populate(samples)
        template = database.with_name("template.sqlite3")
        put_copy(database, template)
        found: dict[str, list[Run]] = {type_: [] for type_ in types}
        for number in range(runs + 1):
            for type_ in types:
                run = one_run(type_, database, template)
                if number:  # the first one warms up
                    found[type_].append(run)
        return {type_: figures(found[type_], samples) for type_ in types}


# A million ---------------------------------------------------------------------------------------------------------


def million() -> dict[str, Any]:
    return {f"{samples:,} samples": large(samples) for samples in (100_000, 1_000_000)}


def large(samples: int) -> dict[str, Any]:
    """Each step in a process of its own, so that the peaks of memory are its own."""
    with tempfile.TemporaryDirectory(prefix="samplecase-million-") as folder:
        steps = {}
        for step in ("populate", "submit", "drive", "cancel"):
            command = [
                sys.executable,
                __file__,
                "--step",
                step,
                "--folder",
                folder,
                "--samples",
                str(samples),
            ]
            steps[step] = json.loads(subprocess.check_output(command))
        return steps


def take_step(step: str, folder: Path, samples: int) -> dict[str, Any]:
    set_up(folder)
    run, clock = Run(), Clock()
    idle = peak()
    if step == "populate":
        populate(samples)
    elif step == "submit":
        with clock.running():
            submitted("classification", "found")
    elif step == "drive":
        with clock.running():
            drive(run, "classification")
    elif step == "cancel":
        cancel_one(clock)
    facts = {"seconds": round(clock.wall, 2), "peak MiB": peak(), "of these before": idle}
    if step == "drive":
        facts["values per second"] = round(samples / (run.claim.wall + run.commit.wall))
    return facts


def cancel_one(clock: Clock) -> None:
    """Cancel a job of which nothing is done yet: all its chunks are open."""
    from jobs_app.models import Job
    from jobs_app.steering import cancel
    from samplecase.web.accounts.models import User

    job = Job.objects.get(pk=submitted("classification", "other"))
    with clock.running():
        cancel(job=job, acting_user=User.objects.get())


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--samples", type=int, default=20_000)
    options.add_argument("--types", nargs="+", choices=list(MAKERS), default=list(MAKERS))
    options.add_argument("--million", action="store_true", help="a million samples too; takes minutes")
    options.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "write_back.json")
    options.add_argument("--step", help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.step:
        print(json.dumps(take_step(chosen.step, chosen.folder, chosen.samples)))
        return
    found: dict[str, Any] = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "samples": chosen.samples,
        "runs": chosen.runs,
        "types": compare(chosen.samples, chosen.runs, chosen.types),
    }
    if chosen.million:
        found["million"] = million()
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(found, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
