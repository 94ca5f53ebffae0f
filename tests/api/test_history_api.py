"""`GET /datasets/{id}/samples/{sid}/history/`: who wrote what and when, and who replaced it."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def sample(dataset: Any, make_samples: Any, make_field: Any, write: Any, owner: Any, version: Any) -> Any:
    """A model wrote, the owner corrected, then took it away, and wrote again."""
    (sample,) = make_samples(dataset, 1)
    field = make_field(dataset, "pred")
    write(field, {sample: {"label": "a", "confidence": 0.4}}, job=7, model_version=version.pk)
    write(field, {sample: "b"}, "human", acting_user=owner)
    write(field, {sample: None}, "human", acting_user=owner)
    write(field, {sample: "c"}, "human", acting_user=owner)
    write(make_field(dataset, "note", "string"), {sample: "x"}, job=8)
    return sample


def history(api: Any, sample: Any, **query: Any) -> Any:
    return api.get(f"/api/v1/datasets/{sample.dataset_id}/samples/{sample.pk}/history/", query)


def test_the_present_value_comes_first_then_the_earlier_ones(
    owner_api: Any, sample: Any, version: Any
) -> None:
    rows = history(owner_api, sample, field="pred").json()["results"]
    assert [(row["value"], row["revision"]) for row in rows] == [
        ({"label": "c"}, 3),
        ({"label": "b"}, 2),
        ({"label": "a", "confidence": 0.4}, 1),
    ]
    now, corrected, predicted = rows
    assert (now["until"], now["replaced_by"], now["user"]) == (None, None, "owner")
    assert corrected["replaced_by"] == {"user": "owner", "job": None}
    assert predicted == {
        **{"field": "pred", "value": {"label": "a", "confidence": 0.4}, "source": "model", "user": None},
        **{"job": 7, "model": {"name": version.model.name, "version": version.version}, "revision": 1},
        **{"written_at": predicted["written_at"], "until": predicted["until"]},
        "replaced_by": {"user": "owner", "job": None},
    }
    assert predicted["written_at"] <= predicted["until"] <= corrected["until"]


def test_without_a_field_it_is_that_of_all(owner_api: Any, sample: Any) -> None:
    rows = history(owner_api, sample).json()["results"]
    assert {row["field"] for row in rows} == {"pred", "note"}
    assert [row["until"] is None for row in rows] == [True, True, False, False]


def test_a_sample_says_which_model_wrote_its_values(owner_api: Any, sample: Any, version: Any) -> None:
    from datasets_app.models import Field, Value

    Value.objects.filter(field=Field.objects.get(name="note")).update(model_version=version.pk)
    address = f"/api/v1/datasets/{sample.dataset_id}/samples/{sample.pk}/"
    about = owner_api.get(address).json()["provenance"]
    assert about["note"]["model"] == {"name": version.model.name, "version": version.version}
    assert about["note"]["job"] == 8
    assert (about["pred"]["model"], about["pred"]["editor"]) == (None, "owner")
    Value.objects.update(model_version=10**9)
    assert owner_api.get(address).json()["provenance"]["note"]["model"] is None


def test_what_is_not_there_is_said(
    owner_api: Any, collaborator_api: Any, stranger_api: Any, sample: Any, collaborator: Any, grant: Any
) -> None:
    answer = history(owner_api, sample, field="nope")
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/field"
    assert history(stranger_api, sample).status_code == 404
    grant(sample.dataset, collaborator, "view")
    assert history(collaborator_api, sample).status_code == 200
    address = f"/api/v1/datasets/{sample.dataset_id}/samples/{sample.pk + 1}/history/"
    assert owner_api.get(address).status_code == 404
