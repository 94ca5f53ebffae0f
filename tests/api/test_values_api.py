"""`PUT /datasets/{id}/values/`: labels that people write, with conflicts told and faults named."""

from __future__ import annotations

from typing import Any

import pytest

from datasets_app.models import Dataset, Value
from tests.fixtures_datasets import assert_counters_are_right


def put(api: Any, dataset: Any, field: str, *values: dict[str, Any]) -> Any:
    return api.put(f"/api/v1/datasets/{dataset.pk}/values/", {"field": field, "values": list(values)})


def test_values_are_written_shown_and_taken_away(
    owner_api: Any, dataset: Any, make_samples: Any, make_field: Any
) -> None:
    one, two = make_samples(dataset, 2)
    make_field(dataset, "label")
    answer = put(
        owner_api,
        dataset,
        "label",
        {"sample": one.pk, "value": "cat"},
        {"sample": two.pk, "value": {"label": "dog"}},
    )
    assert answer.status_code == 200
    assert answer.json() == {"written": 2, "conflicts": [], "revisions": {str(one.pk): 1, str(two.pk): 1}}
    shown = owner_api.get(f"/api/v1/datasets/{dataset.pk}/samples/{one.pk}/").json()
    assert shown["values"] == {"label": {"label": "cat"}}
    about = shown["provenance"]["label"]
    assert about == about | {
        "source": "human",
        "editor": "owner",
        "revision": 1,
        "job": None,
        "model_version": None,
    }

    answer = put(owner_api, dataset, "label", {"sample": one.pk, "value": None, "revision": 1})
    assert answer.json() == {"written": 1, "conflicts": [], "revisions": {str(one.pk): 0}}
    assert Value.objects.get().sample == two
    assert_counters_are_right(dataset)


def test_what_somebody_else_changed_is_a_conflict_and_stays(
    owner_api: Any, dataset: Any, make_samples: Any, make_field: Any
) -> None:
    one, two = make_samples(dataset, 2)
    make_field(dataset, "label")
    put(owner_api, dataset, "label", {"sample": one.pk, "value": "theirs", "revision": 0})
    mixed = put(
        owner_api,
        dataset,
        "label",
        {"sample": one.pk, "value": "mine", "revision": 0},
        {"sample": two.pk, "value": "mine", "revision": 0},
    )
    conflict = {"sample": one.pk, "yours": {"label": "mine"}, "theirs": {"label": "theirs"}, "revision": 1}
    assert mixed.status_code == 200
    assert mixed.json() == {"written": 1, "conflicts": [conflict], "revisions": {str(two.pk): 1}}

    alone = put(owner_api, dataset, "label", {"sample": one.pk, "value": "mine", "revision": 0})
    assert alone.status_code == 409
    assert alone.json()["conflicts"] == [conflict]
    assert alone.json()["error"]["code"] == "conflict"
    assert alone.json()["error"]["details"][0]["pointer"] == "/values/0/revision"
    assert (
        put(owner_api, dataset, "label", {"sample": one.pk, "value": "mine", "revision": 1}).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ([], "/values"),
        ([{"value": "a"}], "/values/0/sample"),
        ([{"sample": 1}], "/values/0/value"),
        ([{"sample": "x", "value": "a"}], "/values/0/sample"),
        ([{"sample": 10**30, "value": "a"}], "/values/0/sample"),
        ([{"sample": -1, "value": "a"}], "/values/0/sample"),
        ([{"sample": 1, "value": "a", "revision": -1}], "/values/0/revision"),
        ([{"sample": 1, "value": "a", "revison": 1}], "/values/0/revison"),
        ([{"sample": 1, "value": 5}], "/values/0/value"),
        ([{"sample": 1, "value": {"label": "a", "confidence": 2}}], "/values/0/value/confidence"),
        ([{"sample": 1, "value": "not a class"}], "/values/0/value/label"),
        ([{"sample": 999_999, "value": "a"}], "/values/0/sample"),
        ([{"sample": 1, "value": "a"}] * 2, "/values/1/sample"),
    ],
)
def test_a_fault_in_one_value_is_named_and_nothing_is_written(
    owner_api: Any,
    dataset: Any,
    make_samples: Any,
    make_field: Any,
    values: list[dict[str, Any]],
    pointer: str,
) -> None:
    first, second = make_samples(dataset, 2)
    make_field(dataset, "label", classes=["a", "b"])
    values = [{**each, "sample": first.pk} if each.get("sample") == 1 else each for each in values]
    if values:
        values = [*values, {"sample": second.pk, "value": "a"}]
    answer = put(owner_api, dataset, "label", *values)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"].startswith(pointer), answer.content
    assert not Value.objects.exists()


def test_a_thousand_values_are_the_most(
    owner_api: Any, dataset: Any, make_samples: Any, make_field: Any
) -> None:
    samples = make_samples(dataset, 1_001)
    make_field(dataset, "label")
    values = [{"sample": sample.pk, "value": "a", "revision": 0} for sample in samples]
    assert put(owner_api, dataset, "label", *values).status_code == 400
    assert put(owner_api, dataset, "label", *values[1:]).json()["written"] == 1_000
    assert_counters_are_right(dataset)


def test_an_unknown_field_and_a_foreign_sample_are_faults(
    owner_api: Any, owner: Any, dataset: Any, make_samples: Any, make_field: Any
) -> None:
    other = Dataset.objects.create(name="other", owner=owner)
    (foreign,) = make_samples(other, 1)
    answer = put(owner_api, dataset, "nope", {"sample": foreign.pk, "value": "a"})
    assert answer.json()["error"]["details"][0]["pointer"] == "/field"
    make_field(dataset, "label")
    answer = put(owner_api, dataset, "label", {"sample": foreign.pk, "value": "a"})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/values/0/sample"
