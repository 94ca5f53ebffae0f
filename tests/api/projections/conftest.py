"""Vectors in two groups, and projections of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from rest_framework.test import APIClient

from datasets_app import vectors
from datasets_app.models import Dataset, Field
from datasets_app.values import NewValue, write_values
from jobs_app.models import Job
from jobs_app.tasks import project, start_job
from samplecase.contracts.states import Source
from tests.api.projections.projecting import WIDTH, Run


@pytest.fixture
def url(dataset: Dataset) -> str:
    return f"/api/v1/datasets/{dataset.pk}/projections/"


@pytest.fixture
def cloud() -> np.ndarray:
    """Twelve vectors in two groups, far from each other."""
    found = np.random.default_rng(5).normal(size=(12, WIDTH))
    found[6:] += 20
    return found.astype(np.float32)


@pytest.fixture
def samples(dataset: Dataset, add_samples: Callable[..., list[int]], cloud: np.ndarray) -> list[int]:
    """Fourteen samples; the first twelve have a vector, and a label that says their group."""
    made = add_samples(dataset, 14)
    field = Field.objects.create(dataset=dataset, name="vector", type="embedding", dimension=WIDTH)
    rows = [NewValue(pk, vector.tolist()) for pk, vector in zip(made, cloud, strict=False)]
    write_values(field=field, rows=rows, source=Source.MODEL, job=1)
    labels = Field.objects.create(dataset=dataset, name="truth", type="classification")
    named = [NewValue(pk, {"label": "near" if place < 6 else "far"}) for place, pk in enumerate(made[:11])]
    write_values(field=labels, rows=named, source=Source.IMPORT)
    return made


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "BLOCK_SAMPLES", 5)


@pytest.fixture
def computed(owner_api: APIClient, url: str, samples: list[int]) -> Run:
    """`computed(method="pca")`: a projection whose job is finished."""

    def run(**order: Any) -> dict[str, Any]:
        answer = owner_api.post(url, {"field": "vector", **order})
        assert answer.status_code == 202, answer.content
        made = answer.json()
        start_job(made["job"])
        while Job.objects.running().filter(pk=made["job"]).exists():  # it hands over where the host is slow
            project(made["job"])
        shown: dict[str, Any] = owner_api.get(f"{url}{made['id']}/").json()
        assert shown["state"] == "finished", shown
        return shown

    return run


@pytest.fixture
def ordered(owner_api: APIClient, url: str, samples: list[int]) -> dict[str, Any]:
    """A projection that nobody works on yet."""
    made: dict[str, Any] = owner_api.post(url, {"field": "vector"}).json()
    return made
