"""`/datasets/`: who sees, makes, changes and deletes datasets, and what is left when one is gone."""

from __future__ import annotations

from typing import Any

import pytest

from datasets_app.evaluation import compare_slice
from datasets_app.fields import delete_field
from datasets_app.models import (
    Dataset,
    Evaluation,
    Field,
    LabelClass,
    LabelIndex,
    Sample,
    Value,
    ValueHistory,
)
from samplecase.web.accounts.models import AuditEntry

LIST = "/api/v1/datasets/"


def url(dataset: Any, rest: str = "") -> str:
    return f"{LIST}{dataset.pk}/{rest}"


def test_a_dataset_is_made_with_its_facts_and_belongs_to_its_maker(owner_api: Any, owner: Any) -> None:
    body = {"name": "digits", "description": "Written by hand.", "tags": ["demo", "demo", "small"]}
    answer = owner_api.post(LIST, body)
    assert answer.status_code == 201
    made = answer.json()
    assert made == made | {
        "name": "digits",
        "description": "Written by hand.",
        "tags": ["demo", "small"],
        "sample_count": 0,
        "fields": [],
        "access": "owner",
        "owner": "owner",
    }
    assert owner_api.get(f"{LIST}{made['id']}/").json() == made
    entry = AuditEntry.objects.get(action="dataset.create")
    assert (entry.actor, entry.object_id) == (owner, str(made["id"]))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "taken"}, "/name"),
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": None}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": "x", "tags": "a"}, "/tags"),
        ({"name": "x", "tags": ["a", 1, {}]}, "/tags/2"),
        ({"name": "x", "tags": [f"t{number}" for number in range(101)]}, "/tags"),
        ({"name": "x", "sample_count": 5}, "/sample_count"),
        ({"name": "x", "descripton": ""}, "/descripton"),
    ],
)
def test_a_dataset_with_a_fault_is_refused_at_its_place(
    owner_api: Any, owner: Any, body: dict[str, Any], pointer: str
) -> None:
    Dataset.objects.create(name="taken", owner=owner)
    answer = owner_api.post(LIST, body)
    assert answer.status_code == 400
    assert pointer in [each["pointer"] for each in answer.json()["error"]["details"]]
    assert Dataset.objects.count() == 1


def test_a_taken_name_is_refused_also_when_renaming(owner_api: Any, dataset: Any, owner: Any) -> None:
    Dataset.objects.create(name="taken", owner=owner)
    answer = owner_api.patch(url(dataset), {"name": "taken"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "name_taken"
    assert owner_api.patch(url(dataset), {"name": dataset.name}).status_code == 200


def test_each_sees_what_was_shared_and_his_right_on_it(
    dataset: Any, collaborator: Any, grant: Any, owner_api: Any, collaborator_api: Any, stranger_api: Any
) -> None:
    grant(dataset, collaborator, "label")
    for api, access in ((owner_api, "owner"), (collaborator_api, "label")):
        (listed,) = api.get(LIST).json()["results"]
        assert listed == api.get(url(dataset)).json()
        assert listed["access"] == access
    assert stranger_api.get(LIST).json() == {"results": [], "next": None, "count": 0}


READS = ("", "samples/", "fields/", "facets/")
CHANGES = {
    # method, address and body, and the least right that it needs
    "rename": ("patch", "", {"name": "other"}, "edit"),
    "delete": ("delete", "", None, "edit"),
    "add a field": ("post", "fields/", {"name": "x", "type": "string"}, "label"),
    "change a field": ("patch", "fields/label/", {"classes": ["a"]}, "label"),
    "rename a field": ("patch", "fields/label/", {"name": "y"}, "edit"),
    "delete a field": ("delete", "fields/label/", None, "edit"),
    "restore a field": ("post", "fields/gone/restore/", None, "edit"),
    "write values": ("put", "values/", {"field": "label", "values": [{"sample": 0, "value": "a"}]}, "label"),
    "tag a sample": ("patch", "samples/0/", {"tags": ["a"]}, "label"),
    "rename a sample": ("patch", "samples/0/", {"name": "a.png"}, "edit"),
    "delete a sample": ("delete", "samples/0/", None, "edit"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("held", [None, "view", "label", "edit", "owner", "anonymous"])
def test_every_change_needs_its_right(
    change: str,
    held: str | None,
    dataset: Any,
    make_samples: Any,
    make_field: Any,
    owner: Any,
    collaborator: Any,
    grant: Any,
    client_of: Any,
    anonymous_api: Any,
) -> None:
    (sample,) = make_samples(dataset, 1)
    make_field(dataset, "label")
    delete_field(acting_user=owner, field=make_field(dataset, "gone"))
    method, rest, body, needed = CHANGES[change]
    if rest.startswith("samples/"):
        rest = f"samples/{sample.pk}/"
    if rest == "values/":
        body = {"field": "label", "values": [{"sample": sample.pk, "value": "a"}]}
    if held in {"view", "label", "edit"}:
        grant(dataset, collaborator, held)
    api = anonymous_api if held == "anonymous" else client_of(owner if held == "owner" else collaborator)
    before = AuditEntry.objects.count()
    answer = getattr(api, method)(url(dataset, rest), body)
    order = ["view", "label", "edit", "owner"]
    if held == "anonymous":
        assert answer.status_code == 401
    elif held is None:
        assert answer.status_code == 404
    elif order.index(held) < order.index(needed):
        assert answer.status_code == 403
    else:
        assert answer.status_code in {200, 201, 204}, answer.content
        return
    assert AuditEntry.objects.count() == before
    assert not Value.objects.exists()


@pytest.mark.parametrize("rest", READS)
def test_reading_needs_the_right_to_view(
    rest: str,
    dataset: Any,
    collaborator: Any,
    grant: Any,
    collaborator_api: Any,
    stranger_api: Any,
    superuser_api: Any,
    anonymous_api: Any,
) -> None:
    grant(dataset, collaborator, "view")
    assert collaborator_api.get(url(dataset, rest)).status_code == 200
    assert superuser_api.get(url(dataset, rest)).status_code == 200
    assert stranger_api.get(url(dataset, rest)).status_code == 404
    assert anonymous_api.get(url(dataset, rest)).status_code == 401


def test_a_dataset_is_polled_by_its_etag(owner_api: Any, dataset: Any) -> None:
    first = owner_api.get(url(dataset))
    again = owner_api.get(url(dataset), HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304
    owner_api.patch(url(dataset), {"description": "new"})
    assert owner_api.get(url(dataset), HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_datasets_are_searched_by_name(owner_api: Any, owner: Any) -> None:
    for name in ("Cats", "dogs", "wildcats"):
        Dataset.objects.create(name=name, owner=owner)
    names = [each["name"] for each in owner_api.get(LIST, {"search": "cat"}).json()["results"]]
    assert names == ["Cats", "wildcats"]


def test_deleting_a_dataset_takes_all_that_is_in_it_and_nothing_else(
    owner_api: Any, owner: Any, dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    other = Dataset.objects.create(name="other", owner=owner)
    for each in (dataset, other):
        samples = make_samples(each, 4)
        truth, pred = make_field(each, "truth"), make_field(each, "pred")
        for field in (truth, pred, pred):
            write(field, dict.fromkeys(samples, "a"))
        evaluation = Evaluation.objects.create(
            dataset=each, type="classification", predictions="pred", ground_truth="truth"
        )
        compare_slice(evaluation, 0)
        delete_field(acting_user=owner, field=truth)
    assert owner_api.delete(url(dataset)).status_code == 204
    assert owner_api.get(url(dataset)).status_code == 404
    left = {Sample: 4, Value: 8, ValueHistory: 4, LabelIndex: 8, LabelClass: 2, Evaluation: 1, Dataset: 1}
    assert {table: table.objects.count() for table in left} == left
    assert Field.with_deleted.count() == 2
    assert AuditEntry.objects.get(action="dataset.delete").details["samples"] == 4


def test_deleting_a_large_dataset_does_not_go_row_by_row(
    owner_api: Any,
    dataset: Any,
    make_samples: Any,
    make_field: Any,
    write: Any,
    django_assert_max_num_queries: Any,
) -> None:
    samples = make_samples(dataset, 600)
    write(make_field(dataset, "label"), dict.fromkeys(samples, "a"))
    with django_assert_max_num_queries(60):
        assert owner_api.delete(url(dataset)).status_code == 204
    assert not Sample.objects.exists()
