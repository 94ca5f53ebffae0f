"""Five samples that a model has labelled, and reviewers."""

from __future__ import annotations

from typing import Any

import pytest

from datasets_app.models import Sample
from tests.api.reviews.reviewing import (
    CONFIDENCES,
)


@pytest.fixture
def samples(dataset: Any, make_samples: Any, make_field: Any, write: Any) -> list[Sample]:
    """Six samples, the first five with what a model said; `truth` is there and empty."""
    made = list(make_samples(dataset, 6))
    guess = make_field(dataset, "guess", classes=["cat", "dog"], colors={"cat": "#ff0000"})
    make_field(dataset, "truth")
    said = [{"label": "cat"} | ({} if each is None else {"confidence": each}) for each in CONFIDENCES]
    write(guess, dict(zip(made[:5], said, strict=True)))
    return made


@pytest.fixture
def reviewers(dataset: Any, collaborator: Any, grant: Any) -> None:
    grant(dataset, collaborator, "label")
