"""What the ledger asks of the database for each chunk: little, and as little at the end of a large job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from datasets_app.models import Dataset, Field, LabelClass, Value
from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Chunk, Job
from samplecase.contracts.jobs import ChunkClaim, SampleResult
from samplecase.contracts.states import OnExisting, Outcome
from samplecase.web.prepared import Prepared, PreparedUpdate

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> DatabaseLedger:
    return DatabaseLedger()


def claim(ledger: DatabaseLedger) -> ChunkClaim:
    found = ledger.claim_chunk(executor="here", lease_seconds=30)
    assert found is not None
    return found


def commit(ledger: DatabaseLedger, found: ChunkClaim) -> None:
    label = {"label": "3", "confidence": 0.5}
    results = [SampleResult(each.id, Outcome.DONE, {"predictions": label}) for each in found.samples]
    assert ledger.commit(chunk=found.chunk, fence=found.fence, results=results)


def statements_of_one_chunk(ledger: DatabaseLedger) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        commit(ledger, claim(ledger))
    return [each["sql"] for each in captured.captured_queries]


def test_a_chunk_costs_as_many_statements_however_many_samples_it_has(
    dataset: Dataset,
    add_samples: Callable[..., list[int]],
    make_job: Any,
    settings: Any,
    ledger: DatabaseLedger,
) -> None:
    samples = add_samples(dataset, 200)
    counts = set()
    for size in (10, 50):
        settings.CHUNK_SIZE = size
        make_job(samples=samples, outputs={"predictions": f"field_{size}"})
        statements_of_one_chunk(ledger)  # of the first one some are only now built, and the label is new
        counts.add(len(statements_of_one_chunk(ledger)))
        Job.objects.update(state="cancelled")
    assert len(counts) == 1
    assert counts.pop() <= 32


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is in the tables")
def test_no_statement_of_a_chunk_goes_through_a_whole_dataset_or_job(
    dataset: Dataset,
    add_samples: Callable[..., list[int]],
    make_job: Any,
    settings: Any,
    ledger: DatabaseLedger,
) -> None:
    settings.CHUNK_SIZE = 10
    add_samples(dataset, 40)
    make_job()
    while found := ledger.claim_chunk(executor="here", lease_seconds=30):
        commit(ledger, found)
    Value.objects.update(origin="of another version")
    make_job(on_existing=OnExisting.REPLACE)  # which reads, keeps and removes what is there
    plans = {text: _plan(text) for text in statements_of_one_chunk(ledger) if not _is_bulk(text)}
    assert any("DELETE" in text for text in plans)
    for text, steps in plans.items():
        walks = [step for step in steps if step.startswith("SCAN") and "json_each" not in step]
        assert not [step for step in walks if step != "SCAN CONSTANT ROW"], text
        assert not [step for step in steps if step.endswith(("(dataset_id=?)", "(job_id=?)", "(field_id=?)"))
                    and "jobfield" not in step], (text, steps)  # fmt: skip


def _is_bulk(text: str) -> bool:
    return text.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) or " times: " in text[:20]


def _plan(text: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.cursor.connection.set_trace_callback(None)
        rows = cursor.cursor.connection.execute(f"EXPLAIN QUERY PLAN {text}").fetchall()
    return [row[3] for row in rows]


class TestPrepared:
    """A query that is built once."""

    def test_its_arguments_stand_where_they_stood_when_it_was_built(
        self, dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Any, settings: Any
    ) -> None:
        settings.CHUNK_SIZE = 1
        add_samples(dataset, 3)
        job = make_job()
        ask = Prepared(
            lambda first, job, last: (
                Chunk.objects.filter(index__gte=first, job=job, index__lte=last)
                .order_by("index")
                .values_list("index")
            )
        )
        assert ask(0, job.pk, 1) == [(0,), (1,)]
        assert ask(2, job.pk, 9) == [(2,)]
        assert ask(0, job.pk + 1, 9) == []

    def test_an_update_takes_numbers_and_texts_and_counts_its_rows(self, dataset: Dataset) -> None:
        field = Field.objects.create(dataset=dataset, name="label", type="classification")
        made = LabelClass.objects.create(field=field, name="a")
        change = PreparedUpdate(
            lambda name, more, pk: (
                LabelClass.objects.filter(pk=pk),
                {"name": name, "count": F("count") + more},
            )
        )
        assert change("b", 3, made.pk) == 1
        assert change("c %s", 4, made.pk) == 1
        assert change("d", 1, made.pk + 1) == 0
        made.refresh_from_db()
        assert (made.name, made.count) == ("c %s", 7)

    def test_an_argument_without_a_place_is_a_mistake(self, dataset: Dataset) -> None:
        ask = Prepared(lambda pk, other: Dataset.objects.filter(pk=pk).values_list("pk"))
        with pytest.raises(ValueError, match="no place"):
            ask(dataset.pk, 1)
