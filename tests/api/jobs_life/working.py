"""What is done with jobs through the ledger and over REST, and what has to be true of them then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rest_framework.test import APIClient

from datasets_app.models import Field, LabelClass, LabelIndex, Value
from datasets_app.values import NewValue, write_values
from jobs_app import tasks
from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Chunk, Job, SampleError
from samplecase.contracts.jobs import ChunkClaim, SampleResult
from samplecase.contracts.states import Outcome, Source
from samplecase.web.accounts.models import User

URL = "/api/v1/jobs/"
ACTIONS = ("pause", "resume", "cancel", "retry", "undo")
SUBJECT_OF = {"label": "3", "confidence": 0.5}


def claim(ledger: DatabaseLedger) -> ChunkClaim:
    found = ledger.claim_chunk(executor="here", lease_seconds=30)
    assert found is not None
    return found


def answers(found: ChunkClaim, *, failing: Iterable[int] = (), label: str = "3") -> list[SampleResult]:
    bad = set(failing)
    return [
        SampleResult(each.id, Outcome.ERROR, reason="exception", message="ValueError")
        if each.id in bad
        else SampleResult(each.id, Outcome.DONE, {"predictions": {"label": label, "confidence": 0.5}})
        for each in found.samples
    ]


def commit(ledger: DatabaseLedger, found: ChunkClaim, results: list[SampleResult]) -> bool:
    return ledger.commit(chunk=found.chunk, fence=found.fence, results=results)


def work(ledger: DatabaseLedger, *, failing: Iterable[int] = (), label: str = "3") -> list[int]:
    """Do what can be claimed; return the samples that a model was given."""
    given: list[int] = []
    while found := ledger.claim_chunk(executor="here", lease_seconds=30):
        given += [each.id for each in found.samples]
        assert commit(ledger, found, answers(found, failing=failing, label=label))
    return given


def act(api: APIClient, job: Job, action: str, status: int = 200) -> dict[str, Any]:
    answer = api.post(f"{URL}{job.pk}/{action}/")
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    job.refresh_from_db()
    return body


def undone(api: APIClient, job: Job) -> dict[str, Any]:
    assert act(api, job, "undo")["state"] == "undoing"
    tasks.undo(job.pk)
    shown: dict[str, Any] = api.get(f"{URL}{job.pk}/").json()
    assert shown["state"] == "undone"
    return shown


def assert_counters_equal_rows(job: Job) -> None:
    job.refresh_from_db()
    marks = Counter("".join(Chunk.objects.filter(job=job).values_list("outcomes", flat=True)))
    assert (job.done, job.failed, job.cancelled) == (marks["d"], marks["e"], marks["c"])
    assert job.skipped == sum(marks[mark] for mark in "hxgs")
    assert job.total == marks.total()
    assert SampleError.objects.filter(job=job).count() == marks["e"]
    assert job.open_chunks == Chunk.objects.filter(job=job, state__in=["pending", "claimed"]).count()


def assert_field_counters_equal_rows(field: Field) -> None:
    field.refresh_from_db()
    assert field.value_count == Value.objects.filter(field=field).count()
    labels = Counter(LabelIndex.objects.filter(field=field).values_list("label_class__name", flat=True))
    counted = LabelClass.objects.filter(field=field, count__gt=0).values_list("name", "count")
    assert dict(counted) == dict(labels)


def write(field: Field, sample: int, label: str, source: Source, user: User | None = None) -> None:
    rows = [NewValue(sample, {"label": label})]
    write_values(field=field, rows=rows, source=source, acting_user=user)
