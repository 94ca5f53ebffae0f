"""Several at once at one database, and a database that does not answer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections

from datasets_app.models import Dataset, Value
from datasets_app.registry import delete_dataset
from jobs_app import steering
from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Chunk, Job
from samplecase.runtime.ledger import Ledger, LedgerUnavailable
from tests.faults.ledger.working import (
    assert_counters_equal_rows,
    claim,
    commit,
    run_to_the_end,
)

pytestmark = pytest.mark.django_db


@contextmanager
def database_out_of_reach() -> Iterator[None]:
    """PostgreSQL: our connection is cut. SQLite: another process holds the file for longer than anyone waits."""
    if connection.vendor == "postgresql":
        other = connection.copy()
        with connection.cursor() as ours, other.cursor() as theirs:
            ours.execute("SELECT pg_backend_pid()")
            theirs.execute("SELECT pg_terminate_backend(%s)", ours.fetchone())
        other.close()
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        other.close()
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_ledgers_racing_do_every_sample_once(
    dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]
) -> None:
    add_samples(dataset, 80)
    jobs = [make_job(outputs={"predictions": name}) for name in ("a", "b")]
    faults: list[BaseException] = []

    def work() -> None:
        try:
            run_to_the_end(DatabaseLedger())
        except BaseException as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    for job in jobs:
        assert_counters_equal_rows(job)
        assert (job.state, job.done) == ("finished", 80)
        assert set(Chunk.objects.filter(job=job).values_list("attempt", flat=True)) == {1}
    assert Value.objects.count() == 160
    assert set(Value.objects.values_list("revision", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_a_thread_that_leaves_keeps_no_connection(
    ledger: Ledger, dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]
) -> None:
    add_samples(dataset, 1)
    job = make_job()
    kept: list[bool] = []

    def last_words() -> None:
        ledger.append_job_log(job=job.pk, text="that was all")
        kept.append(connection.connection is not None)
        ledger.leave()
        kept.append(connection.connection is not None)

    thread = threading.Thread(target=last_words)
    thread.start()
    thread.join()
    assert kept == [True, False]


@pytest.mark.django_db(transaction=True)
def test_a_cancel_amid_commits_leaves_exact_counters(
    dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job], owner: Any
) -> None:
    add_samples(dataset, 600)
    job = make_job()
    under_way = threading.Event()

    def work() -> None:
        ledger = DatabaseLedger()
        try:
            for _ in range(most_chunks):
                if not (found := ledger.claim_chunk(executor="here", lease_seconds=30)):
                    break
                commit(ledger, found)
                under_way.set()
        finally:
            connections.close_all()

    # They leave some of it, so that the job has not ended however long the cancel waits for its turn to write.
    most_chunks = (job.chunks.count() - 1) // 2
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert under_way.wait(60)
    ended = steering.cancel(job=job, acting_user=owner)
    written = Value.objects.count()
    for thread in threads:
        thread.join()
    assert ended.state == "cancelled"
    assert Value.objects.count() == written == ended.done
    assert_counters_equal_rows(job)


@pytest.mark.django_db(transaction=True)
def test_a_dataset_deleted_amid_commits_goes_and_nobody_waits_for_ever(
    dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job], owner: Any
) -> None:
    add_samples(dataset, 80)
    make_job(outputs={"predictions": "a"})
    make_job(outputs={"predictions": "b"})
    under_way = threading.Event()
    faults: list[BaseException] = []

    def work() -> None:
        ledger = DatabaseLedger()
        try:
            while found := ledger.claim_chunk(executor="here", lease_seconds=30):
                commit(ledger, found)
                under_way.set()
        except BaseException as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert under_way.wait(60)
    delete_dataset(acting_user=owner, dataset=dataset)
    for thread in threads:
        thread.join()
    assert faults == []
    assert not Job.objects.exists()
    assert not Value.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_said_so_and_asked_again(
    ledger: Ledger, dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]
) -> None:
    add_samples(dataset, 4)
    job = make_job()
    held = claim(ledger)
    with database_out_of_reach(), pytest.raises(LedgerUnavailable):
        commit(ledger, held)
    assert commit(ledger, held)
    assert_counters_equal_rows(job)
    assert job.state == "finished"
