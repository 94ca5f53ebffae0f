"""What must hold of every job once nothing more happens to it, whatever happened before."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from tests.fault_world import World, eventually, leftovers, orphans
from tests.worlds import FINAL

NO_SENTENCE = re.compile(r"Traceback|File \"|^\w+(Error|Exception)\b")


def assert_honest(world: World, job: int) -> dict[str, Any]:
    """Every sample ended exactly once and everything that counts says so; returns the job's row.

    1. The job has ended, with a reason that a person understands, and holds no field and no chunk.
    2. Outcomes, counters, errors, values, label rows and label counts agree.
    3. No process and no folder is left of it.
    """
    row = _job(world, job)
    _assert_ended(world, row)
    marks = _marks(world, job)
    _assert_counted(world, row, marks)
    for (field,) in world.query("SELECT field_id FROM jobs_app_jobfield WHERE job_id = %s", job):
        _assert_values(world, job, field, marks)
    assert eventually(lambda: orphans(world)) == []
    assert eventually(lambda: leftovers(world)) == []
    return row


COLUMNS = ("id", "state", "reason", "error_code", "error_message", "open_chunks")
COUNTERS = ("total", "done", "failed", "skipped", "cancelled")


def _job(world: World, job: int) -> dict[str, Any]:
    names = (*COLUMNS, *COUNTERS)
    found = world.query(f"SELECT {', '.join(names)} FROM jobs_app_job WHERE id = %s", job)
    return dict(zip(names, found[0], strict=True))


def _assert_ended(world: World, row: dict[str, Any]) -> None:
    assert row["state"] in FINAL, row
    if row["state"] == "failed":
        assert row["error_code"] == row["reason"] != "", row
        assert len(row["error_message"]) > 10, row
        assert not NO_SENTENCE.search(row["error_message"]), row["error_message"]
    statement = "SELECT count(*) FROM jobs_app_jobfield WHERE job_id = %s AND is_open"
    assert world.query(statement, row["id"]) == [(0,)]
    statement = "SELECT count(*) FROM jobs_app_chunk WHERE job_id = %s AND state IN ('pending', 'claimed')"
    assert world.query(statement, row["id"]) == [(0,)]
    assert row["open_chunks"] == 0


def _marks(world: World, job: int) -> dict[int, str]:
    """The outcome of each sample; that none comes twice is part of it."""
    marks: dict[int, str] = {}
    chunks = 'SELECT sample_ids, outcomes FROM jobs_app_chunk WHERE job_id = %s ORDER BY "index"'
    for ids, outcomes in world.query(chunks, job):
        ids = json.loads(ids) if isinstance(ids, str) else ids
        assert not marks.keys() & set(ids)
        marks |= dict(zip(ids, outcomes, strict=True))
    return marks


def _assert_counted(world: World, row: dict[str, Any], marks: dict[int, str]) -> None:
    counted = Counter(marks.values())
    assert counted["."] == 0
    assert row["total"] == len(marks)
    assert (row["done"], row["failed"], row["cancelled"]) == (counted["d"], counted["e"], counted["c"])
    assert row["skipped"] == sum(counted[mark] for mark in "hxgs")
    errors = world.query(
        "SELECT sample, reason, message FROM jobs_app_sampleerror WHERE job_id = %s", row["id"]
    )
    assert sorted(sample for sample, _, _ in errors) == sorted(
        sample for sample, mark in marks.items() if mark == "e"
    )
    assert all(reason and len(message) > 10 for _, reason, message in errors), errors


def _assert_values(world: World, job: int, field: int, marks: dict[int, str]) -> None:
    """Those of the field: one per sample done, made for that sample, and counted as often as there are rows."""
    rows = world.query(
        "SELECT sample_id, label, revision, source, job FROM datasets_app_value WHERE field_id = %s", field
    )
    mine = {sample: (label, revision) for sample, label, revision, source, by in rows if by == job}
    alive = {sample for (sample,) in world.query("SELECT id FROM datasets_app_sample")}
    assert set(mine) == {sample for sample, mark in marks.items() if mark == "d"} & alive
    assert all(label == str(sample) for sample, (label, _) in mine.items())
    history = world.query(
        "SELECT count(*) FROM datasets_app_valuehistory WHERE field_id = %s AND data IS NOT NULL", field
    )
    if all(source == "model" for _, _, _, source, _ in rows):
        assert {revision for _, revision in mine.values()} <= {1}, "a value was written twice"
        assert history == [(0,)]
    assert world.query("SELECT value_count FROM datasets_app_field WHERE id = %s", field) == [(len(rows),)]
    labels = world.query("SELECT count(*) FROM datasets_app_labelindex WHERE field_id = %s", field)
    counts = world.query(
        "SELECT coalesce(sum(count), 0) FROM datasets_app_labelclass WHERE field_id = %s", field
    )
    assert labels == [(int(counts[0][0]),)] == [(sum(label is not None for _, label, *_ in rows),)]
