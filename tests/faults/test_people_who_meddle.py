"""What people and the queue do to a running job: cancel it, delete under it, submit and ring twice or in vain."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.fault_world import MODEL, SCHEMA, World
from tests.fixtures_server import wait_for
from tests.honesty import assert_honest
from tests.worlds import deployed, package

RING = """
import sys, django; django.setup()
from django_q.tasks import async_task
for _ in range(3):
    async_task("jobs_app.tasks.start_job", int(sys.argv[1]))
"""
CANCELS = [*range(2), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 40))]


@pytest.mark.parametrize("seed", CANCELS)
def test_nothing_is_written_after_a_cancel_was_acknowledged(world: World, seed: int) -> None:
    delay = random.Random(seed).uniform(0, 4)
    with world.api() as api:
        job = world.submit(api, pause=0.04)
        time.sleep(delay)
        answer = api.post(f"/jobs/{job}/cancel/")
        written = traces(world, job)
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == "cancelled"
        following = world.submit(api, samples=list(world.samples.values())[:16])
        assert world.end_of(following) == "finished"
    row = assert_honest(world, job)
    assert traces(world, job) == written
    assert row["cancelled"] == row["total"] - row["done"] > 0


def traces(world: World, job: int) -> list[Any]:
    """All that a job could still write, but its log."""
    return [
        world.query("SELECT id, sample_id, revision FROM datasets_app_value WHERE job = %s ORDER BY id", job),
        world.query("SELECT id, state, outcomes FROM jobs_app_chunk WHERE job_id = %s ORDER BY id", job),
        world.query("SELECT state, done, failed, skipped, cancelled FROM jobs_app_job WHERE id = %s", job),
        world.query("SELECT id FROM jobs_app_sampleerror WHERE job_id = %s", job),
    ]


def test_a_cancel_of_a_job_that_is_over_changes_nothing(world: World) -> None:
    with world.api() as api:
        job = world.submit(api, samples=list(world.samples.values())[:8])
        assert world.end_of(job) == "finished"
        before = traces(world, job)
        assert api.post(f"/jobs/{job}/cancel/").status_code == 409
    assert traces(world, job) == before
    assert_honest(world, job)


def test_many_doorbells_start_a_job_once(world: World) -> None:
    with world.api() as api:
        job = world.submit(api, pause=0.03)
        world.half_way(job)
        started = world.query("SELECT started_at FROM jobs_app_job WHERE id = %s", job)
        world.manage("-c", RING, str(job))
        assert world.end_of(job) == "finished"
        world.change(
            "DELETE FROM django_q_ormq"
        )  # what a killed worker held is rung again after minutes only
        world.manage("-c", RING, str(job))
        wait_for(lambda: _rings(world) == 0, seconds=90, what="the bells to be heard")
    assert world.query("SELECT started_at FROM jobs_app_job WHERE id = %s", job) == started
    assert assert_honest(world, job)["done"] == len(world.samples)


def _rings(world: World) -> int:
    return int(world.query("SELECT count(*) FROM django_q_ormq")[0][0])


def test_a_lost_doorbell_costs_a_delay_only(world: World) -> None:
    world.kill(world.worker)  # nobody is there to hear it
    with world.api() as api:
        job = world.submit(api)
        world.change("DELETE FROM django_q_ormq")
        assert world.end_of(job) == "finished", world.logs()
    assert assert_honest(world, job)["done"] == len(world.samples)


@pytest.mark.parametrize("has_key", [True, False])
def test_a_double_submit_is_one_job(world: World, has_key: bool) -> None:
    order = world.order(pause=0.02)
    headers = {"Idempotency-Key": f"twice-{world.fields}"} if has_key else {}

    def send(_: int) -> Any:
        with world.api() as api:
            return api.post("/jobs/", json=order, headers=headers)

    world.kill(
        world.executor
    )  # a job that is over by the time of the last request would be refused in other words
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(send, range(6)))
    world.bring_up()
    taken = {answer.json()["jobs"][0]["id"] for answer in answers if answer.status_code == 201}
    refused = {answer.json()["error"]["code"] for answer in answers if answer.status_code != 201}
    assert len(taken) == 1
    assert refused == (set() if has_key else {"field_busy"})
    (job,) = taken
    assert world.end_of(job) == "finished"
    assert_honest(world, job)


def test_samples_are_deleted_under_a_running_job(world: World) -> None:
    with world.api() as api:
        dataset = world.dataset
        try:
            world.dataset = world.new_dataset(api, "fewer and fewer")
            samples = sorted(world.samples.values())
            job = world.submit(api, pause=0.03)
            world.half_way(job)
            for sample in (samples[0], *samples[-3:]):
                api.delete(f"/datasets/{world.dataset}/samples/{sample}/").raise_for_status()
            assert world.end_of(job) == "finished", world.logs()
            row = assert_honest(world, job)
            assert (row["skipped"], row["failed"]) == (3, 0)
        finally:
            world.dataset = dataset
            _relearn(world, api)


def _relearn(world: World, api: Any) -> None:
    page = api.get(f"/datasets/{world.dataset}/samples/", params={"limit": 500}).json()["results"]
    world.samples = {each["name"]: each["id"] for each in page}


def test_the_field_is_deleted_under_a_running_job(world: World) -> None:
    with world.api() as api:
        job = world.submit(api, pause=0.03)
        world.half_way(job)
        field = f"field_{world.fields}"
        api.delete(f"/datasets/{world.dataset}/fields/{field}/").raise_for_status()
        assert world.end_of(job) == "failed"
        row = assert_honest(world, job)
        assert row["reason"] == "field_gone"
        assert row["cancelled"] > 0
        # Deleting is undoable: the values come back as they were.
        api.post(f"/datasets/{world.dataset}/fields/{field}/restore/").raise_for_status()
    assert_honest(world, job)


def test_the_dataset_is_deleted_under_a_running_job(world: World) -> None:
    with world.api() as api:
        dataset = world.dataset
        try:
            world.dataset = world.new_dataset(api, "short lived")
            job = world.submit(api, pause=0.03)
            world.half_way(job)
            api.delete(f"/datasets/{world.dataset}/").raise_for_status()
        finally:
            gone, world.dataset = world.dataset, dataset
            _relearn(world, api)
        following = world.submit(api)
        assert world.end_of(following) == "finished", world.logs()
    assert_honest(world, following)
    assert world.query("SELECT id FROM jobs_app_job WHERE id = %s", job) == []
    assert world.query("SELECT id FROM jobs_app_chunk WHERE job_id = %s", job) == []
    assert world.query("SELECT id FROM datasets_app_field WHERE dataset_id = %s", gone) == []
    assert world.query("SELECT id FROM datasets_app_value WHERE job = %s", job) == []


def _stop(api: Any, deployment: int) -> Any:
    return api.post(f"/deployments/{deployment}/stop/")


def _delete_deployment(api: Any, deployment: int) -> Any:
    return api.delete(f"/deployments/{deployment}/")


def _delete_model(api: Any, deployment: int) -> Any:
    model = api.get(f"/deployments/{deployment}/").json()["model"]
    return api.delete(f"/models/{model['id'] if isinstance(model, dict) else model}/")


@pytest.mark.parametrize("meddle", [_stop, _delete_deployment, _delete_model])
def test_the_model_goes_under_a_running_job(world: World, meddle: Callable[[Any, int], Any]) -> None:
    deployment = world.deployment
    with world.api() as api:
        try:
            world.deployment = deployed(
                world, api, package(MODEL, schema=SCHEMA), mini_batch=8, model_name=meddle.__name__
            )
            job = world.submit(api, pause=0.03)
            world.half_way(job)
            answer = meddle(api, world.deployment)
        finally:
            world.deployment = deployment
        assert answer.status_code in {200, 204, 409}, answer.text
        state = world.end_of(job)
    row = assert_honest(world, job)
    # It is refused and the job goes on; or what was claimed before ends, and at the next claim the job says why.
    assert state == "finished" or (answer.status_code != 409 and row["reason"] == "deployment_stopped"), row
