"""`POST /datasets/{id}/bulk/`: many samples at once, with right counters, and undone as far as nobody else came."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from datasets_app import bulk_actions
from datasets_app.models import BulkAction, BulkPart, Dataset, Sample, Value, ValueHistory
from tests.fixtures_datasets import assert_counters_are_right


@pytest.fixture
def samples(dataset: Any, make_samples: Any, make_field: Any, write: Any, monkeypatch: Any) -> list[Sample]:
    """Seven samples, in groups of three; four with a model's label, one with a person's."""
    monkeypatch.setattr(bulk_actions, "GROUP", 3)
    samples: list[Sample] = make_samples(dataset, 7)
    field = make_field(dataset, "pred")
    write(field, {each: {"label": "a", "confidence": 0.3} for each in samples[:4]}, job=5)
    write(field, {samples[4]: "b"}, "human")
    many = make_field(dataset, "many", "classifications")
    write(many, {samples[0]: [{"label": "x", "confidence": 0.5}, {"label": "y"}]})
    make_field(dataset, "size", "number")
    return samples


def act(api: Any, where: list[Sample], **body: Any) -> Any:
    return api.post(f"/api/v1/datasets/{where[0].dataset_id}/bulk/", body)


def undo(api: Any, samples: list[Sample], token: Any) -> Any:
    return api.post(f"/api/v1/datasets/{samples[0].dataset_id}/bulk/undo/", {"undo": token})


def ids(samples: list[Sample]) -> list[int]:
    return [sample.pk for sample in samples]


def tags() -> list[list[str]]:
    return list(Sample.objects.order_by("pk").values_list("tags", flat=True))


def labels(field: str = "pred") -> dict[int, Any]:
    rows = Value.objects.filter(field__name=field).order_by("sample").values_list("sample", "data")
    return {
        sample: data["label"] if isinstance(data, dict) else [each["label"] for each in data]
        for sample, data in rows
    }


def test_tags_are_added_removed_and_undone(owner_api: Any, samples: list[Sample]) -> None:
    Sample.objects.filter(pk=samples[0].pk).update(tags=["seen", "old"])
    before = tags()
    done = act(owner_api, samples, action="tag", samples=ids(samples), tags=["new", "seen"]).json()
    assert (done["changed"], done["skipped"]) == (7, [])
    assert tags() == [["seen", "old", "new"], *[["new", "seen"]] * 6]
    again = act(owner_api, samples, action="tag", samples=ids(samples), tags=["new"]).json()
    assert again == {
        "changed": 0,
        "skipped": [{"reason": "unchanged", "count": 7}],
        "undo": None,
        "job": None,
    }
    removed = act(owner_api, samples, action="untag", samples=ids(samples[:2]), tags=["seen"]).json()
    assert tags()[:2] == [["old", "new"], ["new"]]
    assert undo(owner_api, samples, removed["undo"]).json() == {"restored": 2, "kept": 0}
    Sample.objects.filter(pk=samples[6].pk).update(tags=[])
    assert undo(owner_api, samples, done["undo"]).json() == {"restored": 6, "kept": 1}
    assert [sorted(each) for each in tags()] == [sorted(each) for each in before]
    assert not BulkAction.objects.exists()
    assert not BulkPart.objects.exists()


def test_a_label_is_set_as_a_persons_value_and_undone(
    owner_api: Any, samples: list[Sample], write: Any, owner: Any
) -> None:
    before = labels()
    done = act(owner_api, samples, action="set_label", samples=ids(samples), field="pred", label="b").json()
    assert (done["changed"], done["skipped"]) == (6, [{"reason": "unchanged", "count": 1}])
    assert set(labels().values()) == {"b"}
    assert set(Value.objects.filter(field__name="pred").values_list("source", flat=True)) == {"human"}
    assert Value.objects.filter(field__name="pred", editor=owner).count() == 6
    assert ValueHistory.objects.filter(field__name="pred").count() == 4
    assert_counters_are_right(samples[0].dataset)
    field = Value.objects.filter(field__name="pred")[0].field
    write(field, {samples[0]: "c"}, "human")
    write(field, {samples[6]: None}, "human")
    assert undo(owner_api, samples, done["undo"]).json() == {"restored": 4, "kept": 2}
    assert labels() == {**before, samples[0].pk: "c"}
    restored = Value.objects.get(field=field, sample=samples[1])
    assert (restored.source, restored.job, restored.confidence, restored.revision) == ("model", 5, 0.3, 3)
    assert_counters_are_right(samples[0].dataset)
    assert undo(owner_api, samples, done["undo"]).status_code == 404


def test_what_a_model_said_is_a_persons_once_he_sets_it_too(owner_api: Any, samples: list[Sample]) -> None:
    body = {"samples": ids(samples[:2]), "field": "pred", "label": "a"}
    assert act(owner_api, samples, action="set_label", **body).json()["changed"] == 2
    assert act(owner_api, samples, action="set_label", **body).json()["changed"] == 0


def test_a_label_joins_the_others_of_a_list(owner_api: Any, samples: list[Sample]) -> None:
    body = {"samples": ids(samples[:2]), "field": "many", "label": "z"}
    done = act(owner_api, samples, action="set_label", **body).json()
    assert labels("many") == {samples[0].pk: ["x", "y", "z"], samples[1].pk: ["z"]}
    kept = Value.objects.get(field__name="many", sample=samples[0]).data
    assert kept[0]["confidence"] == 0.5
    assert len({each["id"] for each in kept}) == 3
    assert_counters_are_right(samples[0].dataset)
    gone = act(owner_api, samples, action="clear_label", samples=ids(samples), field="many", label="x").json()
    assert (gone["changed"], labels("many")[samples[0].pk]) == (1, ["y", "z"])
    for token in (gone["undo"], done["undo"]):
        assert undo(owner_api, samples, token).json()["kept"] == 0
    assert labels("many") == {samples[0].pk: ["x", "y"]}
    assert_counters_are_right(samples[0].dataset)


def test_labels_are_cleared_and_come_back(owner_api: Any, samples: list[Sample], write: Any) -> None:
    before = labels()
    body = {"filter": {"field": "pred", "op": "exists"}, "field": "pred"}
    done = act(owner_api, samples, action="clear_label", **body).json()
    assert (done["changed"], labels()) == (5, {})
    assert_counters_are_right(samples[0].dataset)
    write(samples[0].dataset.fields.get(name="pred"), {samples[2]: "since"}, "human")
    assert undo(owner_api, samples, done["undo"]).json() == {"restored": 4, "kept": 1}
    assert labels() == {**before, samples[2].pk: "since"}
    assert_counters_are_right(samples[0].dataset)


def test_deleting_is_final_and_takes_edit(
    owner_api: Any, collaborator_api: Any, samples: list[Sample], collaborator: Any, grant: Any
) -> None:
    grant(samples[0].dataset, collaborator, "label")
    body = {"action": "delete", "filter": {"field": "pred", "op": "eq", "value": "a"}}
    assert act(collaborator_api, samples, **body).status_code == 403
    assert act(owner_api, samples, **body).json() == {"changed": 4, "skipped": [], "undo": None, "job": None}
    assert Sample.objects.count() == 3
    assert_counters_are_right(samples[0].dataset)
    gone = act(owner_api, samples, action="delete", samples=ids(samples[:5])).json()
    assert (gone["changed"], gone["skipped"]) == (1, [{"reason": "gone", "count": 4}])


def test_a_sample_of_another_dataset_is_not_touched(
    owner_api: Any, samples: list[Sample], owner: Any, make_samples: Any
) -> None:
    from datasets_app.models import Dataset

    (foreign,) = make_samples(Dataset.objects.create(name="other", owner=owner), 1)
    chosen = [foreign.pk, samples[5].pk]
    for body in (
        {"action": "tag", "tags": ["x"]},
        {"action": "set_label", "field": "pred", "label": "q"},
        {"action": "clear_label", "field": "pred"},
        {"action": "delete"},
    ):
        done = act(owner_api, samples, samples=chosen, **body).json()
        assert (done["changed"], done["skipped"]) == (1, [{"reason": "gone", "count": 1}]), body
    foreign.refresh_from_db()
    assert foreign.tags == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/action"),
        ({"action": "explode", "samples": [1]}, "/action"),
        ({"action": "delete"}, "/samples"),
        ({"action": "delete", "samples": [1], "filter": {"field": "id", "op": "exists"}}, "/samples"),
        ({"action": "delete", "samples": [0]}, "/samples/0"),
        ({"action": "delete", "samples": ["x"]}, "/samples/0"),
        ({"action": "delete", "filter": {"field": "nope", "op": "exists"}}, "/filter/field"),
        ({"action": "tag", "samples": [1]}, "/tags"),
        ({"action": "set_label", "samples": [1]}, "/field"),
        ({"action": "set_label", "samples": [1], "field": "nope", "label": "a"}, "/field"),
        ({"action": "set_label", "samples": [1], "field": "size", "label": "a"}, "/field"),
        ({"action": "set_label", "samples": [1], "field": "pred"}, "/label"),
        ({"action": "set_label", "samples": [1], "field": "closed", "label": "c"}, "/label"),
    ],
)
def test_what_cannot_be_done_is_refused_at_its_place(
    owner_api: Any, samples: list[Sample], make_field: Any, body: dict[str, Any], pointer: str
) -> None:
    make_field(samples[0].dataset, "closed", classes=["a", "b"])
    answer = act(owner_api, samples, **body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"].startswith(pointer)
    assert not BulkAction.objects.exists()


def test_undo_is_for_who_did_it_or_may_edit(
    owner_api: Any,
    collaborator_api: Any,
    stranger_api: Any,
    samples: list[Sample],
    collaborator: Any,
    stranger: Any,
    grant: Any,
) -> None:
    dataset = samples[0].dataset
    body = {"action": "tag", "samples": ids(samples), "tags": ["x"]}
    assert act(stranger_api, samples, **body).status_code == 404
    grant(dataset, collaborator, "view")
    assert act(collaborator_api, samples, **body).status_code == 403
    grant(dataset, collaborator, "label")
    grant(dataset, stranger, "label")
    token = act(collaborator_api, samples, **body).json()["undo"]
    assert undo(stranger_api, samples, token).status_code == 403
    assert undo(owner_api, samples, token).json() == {"restored": 7, "kept": 0}
    assert undo(owner_api, samples, str(uuid4())).status_code == 404
    assert undo(owner_api, samples, "x").status_code == 400


def test_what_was_done_days_ago_is_forgotten(owner_api: Any, samples: list[Sample]) -> None:
    body = {"action": "tag", "samples": ids(samples)}
    token = act(owner_api, samples, **body, tags=["x"]).json()["undo"]
    made = BulkAction.objects.get()
    BulkAction.objects.update(created_at=made.created_at - bulk_actions.KEPT_FOR * 2)
    act(owner_api, samples, **body, tags=["y"])
    assert undo(owner_api, samples, token).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["bulk", "single", "undo"])
def test_tags_wait_for_who_has_the_dataset_and_nobody_waits_for_ever(
    owner_api: Any, samples: list[Sample], way: str
) -> None:
    """An import, and a deletion, take the dataset first and its samples after it."""
    done = act(owner_api, samples, action="tag", samples=ids(samples), tags=["old"]).json()
    answers: list[Any] = []
    begun = threading.Event()

    def change() -> None:
        begun.set()
        try:
            if way == "bulk":
                answers.append(act(owner_api, samples, action="tag", samples=ids(samples), tags=["new"]))
            elif way == "undo":
                answers.append(undo(owner_api, samples, done["undo"]))
            else:
                path = f"/api/v1/datasets/{samples[0].dataset_id}/samples/{samples[0].pk}/"
                answers.append(owner_api.patch(path, {"tags": ["new"]}))
        finally:
            connection.close()

    other = threading.Thread(target=change)
    with transaction.atomic():
        list(Dataset.objects.select_for_update(no_key=True).filter(pk=samples[0].dataset_id))
        other.start()
        begun.wait()
        time.sleep(
            0.3
        )  # long enough to come to the lock; if it is not there yet, nothing is shown, and nothing fails
        Sample.objects.filter(pk=samples[0].pk).update(tags=["imported"])
    other.join()
    assert [answer.status_code for answer in answers] == [200]
    assert "imported" in tags()[0] or way == "single"
