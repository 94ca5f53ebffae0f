"""`/models/{id}/runs/`: where a model was run, with all its jobs, of the datasets that one may see."""

from __future__ import annotations

from typing import Any

import pytest

from datasets_app.models import Dataset
from jobs_app.models import Job, Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def jobs_of(owner: Any, deployment: Any) -> Any:
    """`jobs_of(dataset, 3, done=2)`: so many finished jobs of the model there."""

    def make(dataset: Any, count: int, **facts: Any) -> None:
        submission = Submission.objects.create(owner=owner)
        shared = {"submission": submission, "owner": owner, "dataset": dataset, "kind": "inference"}
        shared |= {"version": deployment.version, "deployment": deployment, "state": "finished"}
        Job.objects.bulk_create(Job(**(shared | facts)) for _ in range(count))

    return make


def test_each_dataset_has_all_its_jobs_and_tries_do_not_count(
    owner_api: Any, dataset: Any, model: Any, jobs_of: Any
) -> None:
    jobs_of(dataset, 250, done=3)
    jobs_of(dataset, 2, done=8, dry_run=8)
    jobs_of(dataset, 2, done=8, kind="export", version=None, deployment=None)
    (row,) = owner_api.get(f"/api/v1/models/{model.pk}/runs/").json()["results"]
    assert (row["dataset"], row["name"], row["jobs"], row["samples"]) == (dataset.pk, dataset.name, 250, 750)
    assert (row["versions"], row["last_state"]) == (["1.0.0"], "finished")
    assert row["last_job"] == Job.objects.filter(dry_run=None, kind="inference").order_by("-pk")[0].pk


def test_datasets_come_page_by_page_the_newest_run_first(
    owner_api: Any, owner: Any, model: Any, jobs_of: Any
) -> None:
    datasets = [Dataset.objects.create(name=f"d{number}", owner=owner) for number in range(5)]
    for dataset in datasets:
        jobs_of(dataset, 2)
    jobs_of(datasets[1], 1)
    names, cursor = [], ""
    while cursor is not None:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = owner_api.get(f"/api/v1/models/{model.pk}/runs/", query).json()
        names += [row["name"] for row in page["results"]]
        cursor = page["next"]
        assert page["count"] == 5
    assert names == ["d1", "d4", "d3", "d2", "d0"]


def test_a_dataset_that_one_may_not_see_is_not_named(
    collaborator_api: Any, collaborator: Any, stranger_api: Any, dataset: Any, model: Any, grant: Any,
    jobs_of: Any,
) -> None:  # fmt: skip
    jobs_of(dataset, 1)
    grant(model, collaborator, "view")
    address = f"/api/v1/models/{model.pk}/runs/"
    assert collaborator_api.get(address).json() == {"results": [], "next": None, "count": 0}
    grant(dataset, collaborator, "view")
    assert collaborator_api.get(address).json()["count"] == 1
    assert stranger_api.get(address).status_code == 404
