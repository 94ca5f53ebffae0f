"""The limit of write-back: a bare `executemany` of the rows that a job has left, with the same tables and indices."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.batch.contenders import Run, Unusable
from benchmarks.batch.ours import Product

ROWS = {
    "datasets_app_value": "SELECT * FROM datasets_app_value WHERE job = :job",
    "datasets_app_labelindex": "SELECT * FROM datasets_app_labelindex WHERE field_id = "
    "(SELECT field_id FROM datasets_app_value WHERE job = :job LIMIT 1)",
}
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")  # as the product sets them


class ExecuteMany:
    """Writes the rows of the newest finished job over `dataset` into an empty database on the same disk."""

    name = "executemany"

    def __init__(self, product: Product, dataset: int) -> None:
        self._product = product
        self._dataset = dataset

    def run(self, files: Path, count: int) -> Run:
        rows = self._rows(count)
        with (
            tempfile.TemporaryDirectory(dir=self._product.database.parent) as folder,
            contextlib.closing(sqlite3.connect(Path(folder) / "bare.sqlite3", isolation_level=None)) as bare,
        ):
            prepare(bare, self._product)
            began, used = time.perf_counter(), time.process_time()
            insert(bare, rows)
            return Run(time.perf_counter() - began, time.process_time() - used, [], {})

    def _rows(self, count: int) -> dict[str, list[tuple[Any, ...]]]:
        newest = "SELECT max(id) FROM jobs_app_job WHERE dataset_id = ? AND done = ?"
        ((job,),) = self._product.query(newest, self._dataset, count)
        if job is None:
            raise Unusable("there is no finished job whose rows could be written")
        return {table: self._product.query(sql, {"job": job}) for table, sql in ROWS.items()}

    def close(self) -> None:
        """Nothing of it stays."""


def prepare(bare: sqlite3.Connection, product: Product) -> None:
    """The product's tables and indices, and how it has SQLite write."""
    tables = ", ".join(f"'{table}'" for table in ROWS)
    found = product.query(
        f"SELECT sql FROM sqlite_master WHERE tbl_name IN ({tables}) AND sql NOT NULL ORDER BY type = 'index'"
    )
    for statement in [*(f"PRAGMA {each}" for each in PRAGMAS), *(each[0] for each in found)]:
        bare.execute(statement)


def insert(bare: sqlite3.Connection, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    """All rows in one transaction."""
    bare.execute("BEGIN IMMEDIATE")
    for table, records in rows.items():
        places = ", ".join("?" * len(records[0]))
        bare.executemany(f"INSERT INTO {table} VALUES ({places})", records)
    bare.execute("COMMIT")
