"""`/datasets/{id}/views/`: saved, shared with the dataset, and honest about what no longer fits."""

from __future__ import annotations

from typing import Any

import pytest

FILTER = {"field": "pred.confidence", "op": "lt", "value": 0.5}


@pytest.fixture
def world(dataset: Any, make_field: Any, collaborator: Any, grant: Any) -> Any:
    make_field(dataset, "pred")
    grant(dataset, collaborator, "label")
    return dataset


def url(dataset: Any, rest: str = "") -> str:
    return f"/api/v1/datasets/{dataset.pk}/views/{rest}"


def save(api: Any, dataset: Any, **facts: Any) -> Any:
    return api.post(url(dataset), {"name": "unsure", **facts})


def test_a_view_is_saved_listed_changed_and_deleted(owner_api: Any, world: Any) -> None:
    answer = save(owner_api, world, filter=FILTER, sort="-pred.confidence", fields=["pred"])
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made == {
        **{"id": made["id"], "name": "unsure", "filter": FILTER, "sort": "-pred.confidence"},
        **{"fields": ["pred"], "created_by": "owner", "created_at": made["created_at"], "problem": None},
    }
    assert owner_api.get(url(world)).json() == {"results": [made], "next": None, "count": 1}
    assert owner_api.get(url(world, f"{made['id']}/")).json() == made
    changed = owner_api.patch(url(world, f"{made['id']}/"), {"filter": None, "fields": None}).json()
    assert changed == {**made, "filter": None, "fields": None}
    assert owner_api.delete(url(world, f"{made['id']}/")).status_code == 204
    assert owner_api.get(url(world, f"{made['id']}/")).status_code == 404


def test_only_a_name_is_needed_and_it_is_had_once_in_a_dataset(
    owner_api: Any, world: Any, owner: Any
) -> None:
    from datasets_app.models import Dataset

    made = save(owner_api, world).json()
    assert (made["filter"], made["sort"], made["fields"]) == (None, None, None)
    again = save(owner_api, world)
    assert again.status_code == 400
    assert again.json()["error"]["code"] == "name_taken"
    assert again.json()["error"]["details"][0]["pointer"] == "/name"
    other = save(owner_api, world, name="other").json()
    taken = owner_api.patch(url(world, f"{other['id']}/"), {"name": "unsure"})
    assert taken.json()["error"]["details"][0]["pointer"] == "/name"
    assert save(owner_api, Dataset.objects.create(name="another", owner=owner)).status_code == 201


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"filter": {"field": "nope", "op": "exists"}}, "/filter/field"),
        ({"filter": []}, "/filter"),
        ({"sort": "nope"}, "/sort"),
        ({"sort": "-compare:pred"}, "/sort"),
        ({"fields": ["pred", "nope"]}, "/fields/1"),
        ({"fields": "pred"}, "/fields"),
        ({"name": ""}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"created_by": "me"}, "/created_by"),
    ],
)
def test_a_view_that_does_not_fit_is_refused_at_its_place(
    owner_api: Any, world: Any, facts: Any, pointer: str
) -> None:
    answer = save(owner_api, world, **facts)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == pointer


def test_a_view_of_a_field_that_was_renamed_or_deleted_says_so(owner_api: Any, world: Any) -> None:
    save(owner_api, world, filter=FILTER)
    save(owner_api, world, name="sorted", sort="pred.confidence")
    save(owner_api, world, name="shown", fields=["pred"])
    save(owner_api, world, name="plain")
    address = f"/api/v1/datasets/{world.pk}/fields/pred/"
    assert owner_api.patch(address, {"name": "guess"}).status_code == 200
    problems = {each["name"]: each["problem"] for each in owner_api.get(url(world)).json()["results"]}
    assert "“pred”" in problems["unsure"]
    assert "“pred.confidence”" in problems["sorted"]
    assert "“pred”" in problems["shown"]
    assert problems["plain"] is None
    owner_api.patch(f"/api/v1/datasets/{world.pk}/fields/guess/", {"name": "pred"})
    assert {each["problem"] for each in owner_api.get(url(world)).json()["results"]} == {None}


def test_views_are_changed_by_who_made_them_or_may_edit(
    owner_api: Any, collaborator_api: Any, stranger_api: Any, world: Any, stranger: Any, grant: Any
) -> None:
    own = save(collaborator_api, world, name="own").json()["id"]
    owners = save(owner_api, world, name="owners").json()["id"]
    assert collaborator_api.patch(url(world, f"{own}/"), {"name": "mine"}).status_code == 200
    for call in (collaborator_api.delete, lambda address: collaborator_api.patch(address, {"name": "x"})):
        assert call(url(world, f"{owners}/")).status_code == 403
    assert owner_api.patch(url(world, f"{own}/"), {"name": "ours"}).status_code == 200
    assert stranger_api.get(url(world)).status_code == 404
    grant(world, stranger, "view")
    assert stranger_api.get(url(world)).json()["count"] == 2
    assert save(stranger_api, world, name="x").status_code == 403
    assert stranger_api.delete(url(world, f"{own}/")).status_code == 403


def test_a_view_is_found_in_its_own_dataset_only(owner_api: Any, world: Any, owner: Any) -> None:
    from datasets_app.models import Dataset

    made = save(owner_api, world).json()["id"]
    other = Dataset.objects.create(name="another", owner=owner)
    assert owner_api.get(url(other, f"{made}/")).status_code == 404
