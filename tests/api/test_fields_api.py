"""`/datasets/{id}/fields/`: typed columns, and a deletion that can be undone."""

from __future__ import annotations

from typing import Any

import pytest

from datasets_app.models import Evaluation, Field
from samplecase.contracts.labels import FIELD_TYPES


def url(dataset: Any, rest: str = "") -> str:
    return f"/api/v1/datasets/{dataset.pk}/fields/{rest}"


def test_a_field_of_every_type_is_made_and_listed(owner_api: Any, dataset: Any) -> None:
    for kind in sorted(FIELD_TYPES):
        body: dict[str, Any] = {"name": f"f_{kind}", "type": kind}
        if kind == "embedding":
            body["dimension"] = 16
        answer = owner_api.post(url(dataset), body)
        assert answer.status_code == 201, answer.content
    listed = owner_api.get(url(dataset)).json()
    assert [each["type"] for each in listed] == sorted(FIELD_TYPES)
    assert listed == owner_api.get(f"/api/v1/datasets/{dataset.pk}/").json()["fields"]
    assert set(listed[0]) == {
        *("name", "type", "classes", "colors", "attributes", "dimension", "created_by_job", "value_count")
    }


def test_a_field_carries_classes_colors_and_attributes(owner_api: Any, dataset: Any) -> None:
    facts = {
        "classes": ["b", "a"],
        "colors": {"a": "#00ff7F"},
        "attributes": {"occluded": {"type": "boolean"}},
    }
    owner_api.post(url(dataset), {"name": "label", "type": "classification", **facts})
    changed = owner_api.patch(url(dataset, "label/"), {"classes": ["a", "b", "c"]}).json()
    assert changed == changed | {**facts, "classes": ["a", "b", "c"]}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "label", "type": "string"}, "/name"),  # there is one
        ({"name": "tags", "type": "string"}, "/name"),
        ({"name": "Upper", "type": "string"}, "/name"),
        ({"name": "a" * 64, "type": "string"}, "/name"),
        ({"name": "a.b", "type": "string"}, "/name"),
        ({"type": "string"}, "/name"),
        ({"name": "x", "type": "image"}, "/type"),
        ({"name": "x"}, "/type"),
        ({"name": "x", "type": "embedding"}, "/dimension"),
        ({"name": "x", "type": "string", "dimension": 3}, "/dimension"),
        ({"name": "x", "type": "embedding", "dimension": 0}, "/dimension"),
        ({"name": "x", "type": "classification", "classes": ["a", "a"]}, "/classes"),
        ({"name": "x", "type": "classification", "classes": "ab"}, "/classes"),
        ({"name": "x", "type": "classification", "colors": {"a": "red; } body {"}}, "/colors/a"),
        ({"name": "x", "type": "classification", "attributes": []}, "/attributes"),
        ({"name": "x", "type": "string", "value_count": 3}, "/value_count"),
    ],
)
def test_a_field_with_a_fault_is_refused_at_its_place(
    owner_api: Any, dataset: Any, make_field: Any, body: dict[str, Any], pointer: str
) -> None:
    make_field(dataset, "label")
    answer = owner_api.post(url(dataset), body)
    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["error"]["details"]] == [pointer]
    assert Field.objects.count() == 1


def test_a_type_is_for_good(owner_api: Any, dataset: Any, make_field: Any) -> None:
    make_field(dataset, "label")
    answer = owner_api.patch(url(dataset, "label/"), {"type": "string"})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/type"


def test_the_classes_of_masks_keep_their_numbers(
    owner_api: Any, dataset: Any, make_samples: Any, make_field: Any
) -> None:
    (sample,) = make_samples(dataset, 1)
    make_field(dataset, "mask", "segmentation", classes=["background", "road", "sky"])

    def named(*classes: str) -> Any:
        return owner_api.patch(url(dataset, "mask/"), {"classes": classes})

    assert named("background", "sky", "road").status_code == 200, "nothing is painted yet"
    runs = {"size": [sample.height, sample.width], "runs": f"1 {sample.height * sample.width}"}
    body = {"field": "mask", "values": [{"sample": sample.pk, "value": runs}]}
    assert owner_api.put(f"/api/v1/datasets/{dataset.pk}/values/", body).status_code == 200
    for classes in (["background", "road", "sky"], ["background"], ["new", "background", "sky", "road"]):
        answer = named(*classes)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "classes_moved")
        assert answer.json()["error"]["details"][0]["pointer"] == "/classes"
    assert named("background", "heaven", "road", "tree").status_code == 200


def test_a_renamed_field_keeps_its_values_and_evaluations(
    owner_api: Any, dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    (sample,) = make_samples(dataset, 1)
    write(make_field(dataset, "pred"), {sample: "a"})
    make_field(dataset, "truth")
    made = Evaluation.objects.create(
        dataset=dataset, type="classification", predictions="pred", ground_truth="truth"
    )
    assert owner_api.patch(url(dataset, "pred/"), {"name": "truth"}).status_code == 400
    assert owner_api.patch(url(dataset, "pred/"), {"name": "better"}).json()["name"] == "better"
    shown = owner_api.get(f"/api/v1/datasets/{dataset.pk}/samples/{sample.pk}/").json()
    assert shown["values"]["better"]["label"] == "a"
    made.refresh_from_db()
    assert made.predictions == "better"


def test_a_deleted_field_is_gone_everywhere_and_comes_back_whole(
    owner_api: Any, dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    (sample,) = make_samples(dataset, 1)
    write(make_field(dataset, "label"), {sample: "a"})
    page = f"/api/v1/datasets/{dataset.pk}/samples/"
    before = owner_api.get(page).json()

    assert owner_api.delete(url(dataset, "label/")).status_code == 204
    assert owner_api.get(url(dataset)).json() == []
    assert owner_api.get(page).json()["results"][0]["values"] == {}
    assert owner_api.get(page, {"sort": "label"}).status_code == 400
    assert owner_api.get(f"/api/v1/datasets/{dataset.pk}/facets/").json()["fields"] == {}
    assert owner_api.delete(url(dataset, "label/")).status_code == 404

    assert owner_api.post(url(dataset, "label/restore/")).json()["value_count"] == 1
    assert owner_api.get(page).json() == before
    assert owner_api.post(url(dataset, "label/restore/")).status_code == 404


def test_a_name_in_use_again_cannot_be_restored_over(owner_api: Any, dataset: Any, make_field: Any) -> None:
    make_field(dataset, "label")
    owner_api.delete(url(dataset, "label/"))
    assert owner_api.post(url(dataset), {"name": "label", "type": "string"}).status_code == 201
    answer = owner_api.post(url(dataset, "label/restore/"))
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "name_taken"
