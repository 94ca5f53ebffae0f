"""Rows that jobs need: a dataset with samples, and a deployment that is ready, without files or processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

SCHEMA: dict[str, Any] = {
    "inputs": {"type": "object", "properties": {"image_paths": {"type": "local"}}},
    "outputs": {
        "type": "object",
        "properties": {"predictions": {"type": "classification"}, "score": {"type": "number"}},
    },
}


@pytest.fixture
def add_samples() -> Callable[..., list[int]]:
    """`add_samples(dataset, 10)`: rows of samples, named in order; returns their ids."""
    from datasets_app.models import Sample

    def add(dataset: Any, count: int, *, mime: str = "image/png") -> list[int]:
        rows = [
            Sample(
                dataset=dataset,
                name=f"{index:05}.png",
                media_sha256=f"{index:064x}",
                width=8,
                height=8,
                bytes=100,
                mime=mime,
            )
            for index in range(count)
        ]
        made = Sample.objects.bulk_create(rows)
        type(dataset).objects.filter(pk=dataset.pk).update(sample_count=count)
        return [sample.pk for sample in made]

    return add


@pytest.fixture
def make_deployment(owner: Any) -> Callable[..., Any]:
    """`make_deployment(model)`: a ready deployment of a new version, in a sandbox."""
    from models_app.models import Deployment, Version

    def make(model: Any, *, schema: dict[str, Any] = SCHEMA, **fields: Any) -> Any:
        number = model.versions.count() + 1
        version = Version.objects.create(
            model=model,
            version=f"1.{number}.0",
            sha256=f"{number:064x}",
            size=1,
            manifest={"format": 1, "name": model.name, "schema": schema},
            schema=schema,
            uploaded_by=owner,
        )
        facts = {"name": f"deployment {number}", "state": "ready", "sandbox": "bwrap", "created_by": owner}
        return Deployment.objects.create(version=version, **(facts | fields))

    return make


@pytest.fixture
def ready_deployment(model: Any, make_deployment: Callable[..., Any]) -> Any:
    return make_deployment(model)


@pytest.fixture
def make_job(dataset: Any, owner: Any, ready_deployment: Any) -> Callable[..., Any]:
    """`make_job(outputs={"predictions": "digits"})`: a running job of `owner` over all of `dataset`."""
    from jobs_app.mapping import Entry
    from jobs_app.models import Job
    from jobs_app.starting import start
    from jobs_app.submit import Order, submit
    from samplecase.contracts.states import OnExisting

    def make(
        *,
        outputs: dict[str, str] | None = None,
        samples: Sequence[int] | None = None,
        on_existing: OnExisting = OnExisting.FAIL,
        is_started: bool = True,
        user: Any = owner,
        **entry: Any,
    ) -> Any:
        wanted = outputs or {"predictions": "digits"}
        one = Entry(ready_deployment.pk, on_existing=on_existing, outputs=wanted, **entry)
        submission = submit(order=Order(dataset.pk, [one], samples=samples), acting_user=user)
        job = Job.objects.get(submission=submission)
        if is_started:
            assert start(job.pk)
            job.refresh_from_db()
        return job

    return make
