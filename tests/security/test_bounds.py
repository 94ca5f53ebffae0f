"""What is small to send must not be large to work on or to show."""

from __future__ import annotations

import json
from typing import Any

import pytest


def test_a_filter_of_as_many_tags_as_it_may_name_is_answered(
    owner_api: Any, dataset: Any, make_samples: Any
) -> None:
    """SQLite refuses a thousand conditions in a row, and took seconds for that."""
    from datasets_app.filters import parse_filter
    from datasets_app.models import Sample

    sample, *_ = make_samples(dataset, 3)
    sample.tags = ["last"]
    sample.save()
    leaf = {"field": "tags", "op": "in", "value": [*map(str, range(999)), "last"]}
    for document in (leaf, {"or": [leaf] * 20}):
        found = Sample.objects.filter(parse_filter(document, dataset), dataset=dataset)
        assert [each.pk for each in found] == [sample.pk]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("attributes", {"x" * 100_000: 1}),
        ("attributes", {"x": ["y" * 10] * 10_000}),
        ("colors", {"x" * 256: "#ffffff"}),
        ("colors", {str(number): "#ffffff" for number in range(10_001)}),
    ],
)
def test_what_comes_with_every_answer_about_a_dataset_is_bounded(
    owner_api: Any, dataset: Any, make_field: Any, key: str, value: Any
) -> None:
    make_field(dataset, "kind")
    address = f"/api/v1/datasets/{dataset.pk}/fields/"
    for answer in (
        owner_api.post(address, {"name": "more", "type": "classification", key: value}, format="json"),
        owner_api.patch(f"{address}kind/", {key: value}, format="json"),
    ):
        assert answer.status_code == 400
        assert answer.json()["error"]["details"][0]["pointer"] == f"/{key}"
    assert len(json.dumps(owner_api.get(f"/api/v1/datasets/{dataset.pk}/").json())) < 10_000
