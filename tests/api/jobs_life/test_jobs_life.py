"""Jobs beside and after others: nothing is computed twice, everybody has his turn, and counters hold."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from datasets_app.models import Dataset, Field, Value
from jobs_app import tasks
from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Chunk, Job, JobField
from samplecase.contracts.jobs import ChunkClaim
from samplecase.contracts.states import OnExisting, Source
from samplecase.web.accounts.models import User
from tests.api.jobs_life.working import (
    ACTIONS,
    URL,
    act,
    answers,
    assert_counters_equal_rows,
    assert_field_counters_equal_rows,
    claim,
    commit,
    undone,
    work,
    write,
)

pytestmark = pytest.mark.django_db


# What is the same is not computed again ------------------------------------------------------------------------------


def test_a_rerun_of_the_same_version_over_the_same_inputs_asks_the_model_for_nothing_that_is_there(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    make_job: Callable[..., Job],
    owner: User,
) -> None:
    first = make_job(samples=samples[:6])
    work(ledger, failing=samples[4:5])
    write(Field.objects.get(name="digits"), samples[0], "corrected", Source.HUMAN, owner)
    again = make_job(on_existing=OnExisting.REPLACE)
    assert work(ledger, label="again") == [samples[4], *samples[6:]]
    assert_counters_equal_rows(again)
    assert "".join(Chunk.objects.filter(job=again).values_list("outcomes", flat=True)) == "hsssdsdddd"
    assert (again.state, again.skipped) == ("finished", 5)
    assert undone(owner_api, again)["undo"] == {"restored": 5, "kept": 0}
    assert Value.objects.filter(job=first.pk).count() == 4


def test_another_version_output_or_input_is_another_value(
    ledger: DatabaseLedger,
    dataset: Dataset,
    samples: list[int],
    make_job: Callable[..., Job],
    ready_deployment: Any,
) -> None:
    versions = type(ready_deployment.version).objects
    schema = ready_deployment.version.schema | {
        "inputs": {
            "type": "object",
            "properties": {
                "image_paths": {"type": "local"},
                "hint": {"type": "classification"},
                "size": {"type": "integer", "default": 3},
            },
        }
    }
    versions.update(schema=schema)
    ready_deployment.version.refresh_from_db()
    hint = Field.objects.create(dataset=dataset, name="hint", type="classification")
    write(hint, samples[0], "a", Source.IMPORT)

    def given(**entry: Any) -> list[int]:
        make_job(samples=samples[:3], on_existing=OnExisting.REPLACE, **entry)
        return work(ledger)

    by_field = {"inputs": {"hint": "hint"}}
    assert given(**by_field) == samples[:3]
    assert given(**by_field) == []
    write(hint, samples[0], "b", Source.IMPORT)
    assert given(**by_field) == samples[:1]
    assert given(inputs={"size": {"constant": 5}}) == samples[:3]
    assert given(inputs={"size": {"constant": 5}}) == []
    assert given() == samples[:3]
    assert given(inputs={"size": {"constant": 3}}) == []  # its default
    versions.update(sha256="f" * 64)
    ready_deployment.version.refresh_from_db()
    assert given() == samples[:3]
    outputs = {"type": "object", "properties": {"predictions": {"type": "classification", "enum": ["3"]}}}
    versions.update(schema=schema | {"outputs": outputs})  # the same zip, with another schema beside it
    ready_deployment.version.refresh_from_db()
    assert given() == samples[:3]
    assert given() == []


def test_a_sample_is_run_again_if_one_of_its_fields_has_another_value(
    ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    make_job(samples=samples[:2])
    work(ledger)
    make_job(
        samples=samples[:2],
        outputs={"predictions": "digits", "score": "score"},
        on_existing=OnExisting.REPLACE,
    )
    assert work(ledger) == samples[:2]


# Limits and turns ----------------------------------------------------------------------------------------------------


def test_a_user_has_only_so_many_unfinished_jobs(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    settings: Any,
    samples: list[int],
    make_job: Callable[..., Job],
    order: Callable[..., dict[str, Any]],
) -> None:
    settings.MAX_JOBS_PER_USER = 2
    ended = make_job()
    work(ledger, failing=samples[:1])
    jobs = [make_job(outputs={"predictions": name}) for name in ("a", "b")]
    refused = owner_api.post(URL, order(entries=[{**order()["entries"][0], "outputs": {"predictions": "c"}}]))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "too_many_jobs")
    assert act(owner_api, ended, "retry", 409)["error"]["code"] == "too_many_jobs"
    act(owner_api, jobs[0], "pause")
    assert act(owner_api, ended, "retry", 409)["error"]["code"] == "too_many_jobs"
    act(owner_api, jobs[0], "cancel")
    act(owner_api, ended, "retry")


def test_users_take_turns_and_then_each_ones_jobs(
    ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job], superuser: User
) -> None:
    mine = [make_job(outputs={"predictions": f"field_{index}"}).pk for index in range(2)]
    other = make_job(outputs={"predictions": "other"}, user=superuser).pk
    served = [claim(ledger).job for _ in range(6)]
    assert served == [mine[0], other, mine[1], other, mine[0], other]


# Whatever the order --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_counters_equal_the_rows_whatever_people_and_executors_do(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    dataset: Dataset,
    samples: list[int],
    make_job: Callable[..., Job],
    owner: User,
    settings: Any,
    seed: int,
) -> None:
    dice = random.Random(seed)
    settings.ERROR_THRESHOLD = dice.choice([0, 2, 50])
    settings.CHUNK_SIZE = dice.choice([1, 3, 4])
    field = Field.objects.create(dataset=dataset, name="digits", type="classification")
    for sample in dice.sample(samples, 3):
        write(field, sample, "imported", Source.IMPORT)
    job = make_job(on_existing=dice.choice([OnExisting.SKIP, OnExisting.REPLACE]), is_started=False)
    held: list[ChunkClaim] = []
    for _ in range(60):
        match dice.choice(
            ["action", "action", "claim", "claim", "commit", "commit", "lapse", "edit", "start"]
        ):
            case "action":
                owner_api.post(f"{URL}{job.pk}/{dice.choice(ACTIONS[:4])}/")
            case "claim":
                found = ledger.claim_chunk(executor="here", lease_seconds=30)
                held += [found] if found else []
            case "commit" if held:
                found = dice.choice(held)
                failing = [each.id for each in found.samples if dice.random() < 0.4]
                results = answers(found, failing=failing)
                commit(ledger, found, dice.sample(results, dice.randint(0, len(results))))
            case "lapse":
                Chunk.objects.filter(state="claimed").update(
                    lease_until=timezone.now() - timedelta(seconds=1)
                )
            case "edit":
                write(field, dice.choice(samples), "human", Source.HUMAN, owner)
            case "start":
                tasks.start_job(job.pk)
        assert_counters_equal_rows(job)
        assert_field_counters_equal_rows(field)
        assert JobField.objects.filter(is_open=True).exists() == (
            job.state in {"queued", "running", "paused"}
        )
    humans = set(Value.objects.filter(source="human").values_list("sample", "label"))
    if job.state in {"queued", "running", "paused"}:
        act(owner_api, job, "cancel")
    undone(owner_api, job)
    assert not Value.objects.filter(job=job.pk).exists()
    assert humans <= set(Value.objects.values_list("sample", "label"))
    assert_field_counters_equal_rows(field)
