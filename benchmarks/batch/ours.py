"""Samplecase as a person has it: `samplecase up` in a fresh data folder, all through REST, jobs timed to the end.

A run's time is from before POST /jobs/ until the job's `finished_at`, which the database writes in the transaction
of the last value. CPU seconds are those of the server, its worker, its executor and all replicas.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.batch.contenders import Run, Unusable
from benchmarks.measuring import commands, cpu_seconds, settle

if TYPE_CHECKING:
    from samplecase.client import Client

OUTPUT = "predictions"
IDLE_SECONDS = 10
LOOK_SECONDS = 0.5
WARM_BATCHES = 2  # per replica


class Product:
    """A running server with a client, and its database to look into."""

    def __init__(self, client: Client, server: Any, data_dir: Path) -> None:
        self.client = client
        self.pid: int = server.process.pid
        self.database = data_dir / "samplecase.sqlite3"
        self._fields = 0

    def fresh_field(self) -> str:
        """What the same version has made already is not computed again, so every run writes a field of its own."""
        self._fields += 1
        return f"run_{self._fields}"

    def upload(self, name: str, paths: Sequence[Path]) -> int:
        dataset = self.client.datasets.create(name)["id"]
        self.client.datasets.add(dataset, paths)
        settle(self.pid)
        return dataset

    def deploy(self, name: str, folder: Path, *, mini_batch: int, replicas: int, **more: Any) -> int:
        """A ready deployment of the package in `folder`; `more` goes into the request as it is."""
        from samplecase.packages import pack_folder

        package = folder.parent / f"{folder.name}.zip"
        pack_folder(folder, package)
        model = self.client.models.create(name)["id"]
        self.client.models.push(model, package)
        body = {"model": model, "name": name, "model_type": "inference", "mini_batch": mini_batch}
        made = self.client.transport.post("deployments/", {**body, "num_replicas": replicas, **more})
        settled = self.client.deployments.wait_ready(made["id"])
        if settled["state"] != "ready":
            raise Unusable(f"the deployment of {name} is {settled['state']}: {settled['reason']}")
        return settled["id"]

    def measured(self, deployment: int) -> dict[str, Any]:
        """What Deploy has found out: speed, and the plan of a tuning."""
        return dict(self.client.deployments.get(deployment)["measured"] or {})

    def wait_until_cold(self) -> None:
        """Until no replica is loaded any more."""
        deadline = time.monotonic() + IDLE_SECONDS * 4
        while any("shim.py" in command for command in commands(self.pid)):
            if time.monotonic() > deadline:
                raise Unusable("a replica stays loaded")
            time.sleep(0.5)

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the live database answers; `values` by place, or one mapping by name."""
        given = values[0] if values and isinstance(values[0], dict) else values
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            return database.execute(sql, given).fetchall()


@contextlib.contextmanager
def running(data: Path) -> Iterator[Product]:
    """The product in a data folder of its own under `data`, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="server-", dir=data) as folder:
        os.environ["SAMPLECASE_DATA_DIR"] = folder
        # Each timed job comes after a small one, so this only says how soon a cold start can be timed again.
        os.environ["SAMPLECASE_REPLICA_IDLE_SECONDS"] = str(IDLE_SECONDS)
        from samplecase.cli.demo.serving import running_server, some_free_port
        from samplecase.client import Client

        with running_server(some_free_port()) as server, Client(server.url, token=server.token) as client:
            try:
                yield Product(client, server, Path(folder))
            except Exception:
                print(server.log.read_text(errors="replace")[-4000:], file=sys.stderr)
                raise


class Ours:
    """One deployment over one dataset; a run is a job whose replicas a small job before has warmed up."""

    def __init__(
        self, name: str, product: Product, *, dataset: int, deployment: int, mini_batch: int, replicas: int
    ) -> None:
        self.name = name
        self._product = product
        self._dataset = dataset
        self.deployment = deployment
        self._few = WARM_BATCHES * mini_batch * replicas
        self._samples = [each[0] for each in self._rows("id")]

    def _rows(self, column: str) -> list[tuple[Any, ...]]:
        table = "datasets_app_sample"
        return self._product.query(
            f"SELECT {column} FROM {table} WHERE dataset_id = ? ORDER BY id", self._dataset
        )

    def run(self, files: Path, count: int) -> Run:
        self.job(self._samples[: self._few])
        settle(self._product.pid, patience_seconds=10)
        return self.job(None)

    def job(self, samples: Sequence[int] | None) -> Run:
        """One job, over all samples where none are named."""
        client, field, pid = self._product.client, self._product.fresh_field(), self._product.pid
        used, began = cpu_seconds(pid), time.time()
        entry: Any = {"deployment": self.deployment, "outputs": {OUTPUT: field}}
        (submitted,) = client.jobs.submit(self._dataset, [entry], samples=samples)["jobs"]
        accepted = time.time()
        *_, job = client.jobs.follow(submitted["id"], every=LOOK_SECONDS)
        used = cpu_seconds(pid) - used
        if job["state"] != "finished" or job["done"] != job["total"]:
            raise Unusable(
                f"the job is {job['state']}, {job['done']} of {job['total']} samples done: {job['reason']}"
            )
        first, last, finished, labels = self._written(job["id"], field)
        ended = max(last, finished)
        facts = {
            "submit_seconds": accepted - began,
            "first_value_seconds": first - began,
            "working_seconds": ended - stamp(job["started_at"]),
        }
        return Run(ended - began, used, labels, {name: round(value, 3) for name, value in facts.items()})

    def cold(self) -> Run:
        """A small job that has to load the model first."""
        self._product.wait_until_cold()
        settle(self._product.pid, patience_seconds=10)
        return self.job(self._samples[: self._few])

    def warm(self) -> Run:
        """The same small job, with the model loaded."""
        self.job(self._samples[: self._few])
        settle(self._product.pid, patience_seconds=10)
        return self.job(self._samples[: self._few])

    def _written(self, job: int, field: str) -> tuple[float, float, float, list[str]]:
        ((first, last),) = self._product.query(
            "SELECT min(written_at), max(written_at) FROM datasets_app_value WHERE job = ?", job
        )
        ((finished,),) = self._product.query("SELECT finished_at FROM jobs_app_job WHERE id = ?", job)
        labels = self._product.query(
            "SELECT label FROM datasets_app_value WHERE job = ? ORDER BY sample_id", job
        )
        return stamp(first), stamp(last), stamp(finished), [each[0] for each in labels]

    def close(self) -> None:
        """The server stays; its replicas end by themselves."""


def stamp(text: str | None) -> float:
    """Seconds since 1970 of a moment as the database or the API writes it."""
    if text is None:
        raise Unusable("the job has no such moment")
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
