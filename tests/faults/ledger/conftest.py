"""Small chunks, ten samples, and a ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from datasets_app.models import Dataset
from jobs_app.ledger import DatabaseLedger
from samplecase.runtime.ledger import Ledger


@pytest.fixture
def ledger() -> Ledger:
    return DatabaseLedger()


@pytest.fixture(autouse=True)
def _small_chunks(settings: Any) -> None:
    settings.CHUNK_SIZE = 4


@pytest.fixture
def samples(dataset: Dataset, add_samples: Callable[..., list[int]]) -> list[int]:
    return add_samples(dataset, 10)
