"""Small chunks, ten samples, and a ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from datasets_app.models import Dataset
from jobs_app.ledger import DatabaseLedger


@pytest.fixture(autouse=True)
def _small_chunks(settings: Any) -> None:
    settings.CHUNK_SIZE = 4


@pytest.fixture
def samples(dataset: Dataset, add_samples: Callable[..., list[int]]) -> list[int]:
    return add_samples(dataset, 10)


@pytest.fixture
def ledger() -> DatabaseLedger:
    return DatabaseLedger()


@pytest.fixture
def order(dataset: Dataset, ready_deployment: Any, samples: list[int]) -> Callable[..., dict[str, Any]]:
    def make(**changes: Any) -> dict[str, Any]:
        entry = {"deployment": ready_deployment.pk, "outputs": {"predictions": "digits"}}
        return {"dataset": dataset.pk, "entries": [entry], **changes}

    return make
