"""What a commit may write over, and what a claim need not give to a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from datasets_app.models import Dataset, Field, Sample, Value
from datasets_app.values import NewValue, write_values
from jobs_app.models import Chunk, Job, SampleError
from samplecase.contracts.jobs import SampleResult
from samplecase.contracts.states import OnExisting, Outcome, Source
from samplecase.runtime.ledger import Ledger
from tests.faults.ledger.working import (
    assert_counters_equal_rows,
    claim,
    commit,
    results,
    run_to_the_end,
)

pytestmark = pytest.mark.django_db


def write(field: str, sample: int, label: str, source: Source, user: Any = None) -> None:
    found = Field.objects.get(name=field)
    write_values(field=found, rows=[NewValue(sample, {"label": label})], source=source, acting_user=user)


def test_a_persons_value_is_never_overwritten(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job], owner: Any
) -> None:
    job = make_job(samples=samples[:4], on_existing=OnExisting.REPLACE)
    write("digits", samples[0], "human", Source.HUMAN, owner)  # before the claim
    held = claim(ledger)
    assert [each.id for each in held.samples] == samples[1:4]
    write("digits", samples[1], "human", Source.HUMAN, owner)  # while the model works
    assert commit(ledger, held)
    assert dict(Value.objects.values_list("sample", "label")) == {
        samples[0]: "human", samples[1]: "human", samples[2]: "3", samples[3]: "3",
    }  # fmt: skip
    assert Chunk.objects.get(job=job).outcomes == "hhdd"
    assert_counters_equal_rows(job)
    assert (job.state, job.skipped) == ("finished", 2)


def test_skip_leaves_the_values_that_are_there_and_replace_does_not(
    ledger: Ledger, dataset: Dataset, samples: list[int], make_job: Callable[..., Job]
) -> None:
    Field.objects.create(dataset=dataset, name="digits", type="classification")
    write("digits", samples[0], "old", Source.IMPORT)
    job = make_job(samples=samples[:2], on_existing=OnExisting.SKIP)
    run_to_the_end(ledger)
    assert Chunk.objects.get(job=job).outcomes == "xd"
    Value.objects.update(origin="of another version")
    again = make_job(samples=samples[:2], on_existing=OnExisting.REPLACE)
    held = claim(ledger)
    assert commit(ledger, held, results(held, "new"))
    assert_counters_equal_rows(again)
    assert set(Value.objects.values_list("label", flat=True)) == {"new"}


def test_a_sample_is_done_if_one_of_its_fields_could_be_written(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job], owner: Any
) -> None:
    job = make_job(samples=samples[:1], outputs={"predictions": "digits", "score": "score"})
    write("digits", samples[0], "human", Source.HUMAN, owner)
    held = claim(ledger)
    value = {"predictions": {"label": "3"}, "score": 0.25}
    assert commit(ledger, held, [SampleResult(samples[0], Outcome.DONE, value)])
    assert_counters_equal_rows(job)
    assert job.done == 1
    assert dict(Value.objects.values_list("field__name", "data")) == {
        "digits": {"label": "human"}, "score": 0.25,
    }  # fmt: skip


def test_samples_that_are_deleted_meanwhile_are_skipped(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(samples=samples[:3])
    Sample.objects.filter(pk=samples[0]).delete()
    held = claim(ledger)
    Sample.objects.filter(pk=samples[1]).delete()
    assert commit(ledger, held)
    assert Chunk.objects.get(job=job).outcomes == "ggd"
    assert_counters_equal_rows(job)
    assert job.state == "finished"


def test_a_job_whose_samples_all_keep_their_values_ends_without_a_model(
    ledger: Ledger, dataset: Dataset, samples: list[int], make_job: Callable[..., Job]
) -> None:
    Field.objects.create(dataset=dataset, name="digits", type="classification")
    for sample in samples:
        write("digits", sample, "old", Source.IMPORT)
    job = make_job(on_existing=OnExisting.SKIP)
    assert ledger.claim_chunk(executor="here", lease_seconds=30) is None
    assert_counters_equal_rows(job)
    assert (job.state, job.skipped) == ("finished", 10)


def test_inputs_come_from_fields_constants_and_defaults_and_a_missing_one_is_an_error(
    ledger: Ledger,
    dataset: Dataset,
    samples: list[int],
    make_job: Callable[..., Job],
    ready_deployment: Any,
) -> None:
    schema = ready_deployment.version.schema | {
        "inputs": {
            "type": "object",
            "required": ["hint"],
            "properties": {
                "image_paths": {"type": "local"},
                "hint": {"type": "classification"},
                "size": {"type": "integer"},
                "mode": {"type": "string", "default": "fast"},
            },
        }
    }
    type(ready_deployment.version).objects.update(schema=schema)
    ready_deployment.version.refresh_from_db()
    Field.objects.create(dataset=dataset, name="truth", type="classification")
    write("truth", samples[0], "7", Source.IMPORT)
    job = make_job(samples=samples[:2], inputs={"hint": "truth", "size": {"constant": 3}})
    held = claim(ledger)
    assert [(each.id, each.inputs) for each in held.samples] == [
        (samples[0], {"hint": {"label": "7"}, "size": 3, "mode": "fast"})
    ]
    assert commit(ledger, held)
    error = SampleError.objects.get(job=job)
    assert (error.sample, error.reason) == (samples[1], "missing_input")
    assert "hint" in error.message
    assert_counters_equal_rows(job)
