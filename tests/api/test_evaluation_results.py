"""What evaluations of each type find, leave on the samples, and answer as filters; refreshing and deleting them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from datasets_app import evaluation, evaluation_slices
from datasets_app.models import Dataset, Evaluation, EvaluationMatch, Field, Sample
from jobs_app.models import Job
from jobs_app.tasks import evaluate, start_job
from samplecase.storage.port import mask_key
from samplecase.web.accounts.models import User
from samplecase.web.rest.blobs import blob_store

pytestmark = pytest.mark.django_db

ASKED = {"predictions": "found", "ground_truth": "truth"}


def box(label: str, left: float, confidence: float | None = None, **facts: Any) -> dict[str, Any]:
    sure = {} if confidence is None else {"confidence": confidence}
    return {"label": label, "bounding_box": [left, 0.1, 0.2, 0.5], **sure, **facts}


# Per sample: what is there, and what was found.
BOXES: list[tuple[Any, Any]] = [
    ([box("cat", 0.0), box("dog", 0.5)], [box("cat", 0.0, 0.9), box("dog", 0.5, 0.8)]),  # both right
    ([box("cat", 0.0)], [box("dog", 0.01, 0.7)]),  # a wrong name
    ([box("cat", 0.0)], []),  # missed
    ([], [box("dog", 0.3, 0.6)]),  # made up
    ([], []),  # rightly nothing
    ([box("cat", 0.0, attributes={"iscrowd": True})], [box("cat", 0.0, 0.95)]),  # in a crowd
    ([box("cat", 0.0)], None),  # never looked at
]


@pytest.fixture
def url(dataset: Dataset) -> str:
    return f"/api/v1/datasets/{dataset.pk}/"


@pytest.fixture
def fill(dataset: Dataset, make_samples: Any, make_field: Any, write: Any) -> Callable[..., list[Sample]]:
    """`fill("detections", [(true, found), …])`: a sample of each pair, in two fields of that type."""

    def made(type_: str, rows: list[tuple[Any, Any]], found_type: str = "", **facts: Any) -> list[Sample]:
        samples: list[Sample] = make_samples(dataset, len(rows))
        for place, (name, kind) in enumerate((("truth", type_), ("found", found_type or type_))):
            values = {sample: row[place] for sample, row in zip(samples, rows, strict=True)}
            write(make_field(dataset, name, kind, **facts), values, "human" if name == "truth" else "model")
        return samples

    return made


def count(job: int) -> None:
    start_job(job)
    evaluate(job)


def evaluated(api: APIClient, url: str, **asked: Any) -> dict[str, Any]:
    answer = api.post(f"{url}evaluations/", ASKED | asked)
    assert answer.status_code == 202, answer.content
    count(answer.json()["job"])
    shown: dict[str, Any] = api.get(f"{url}evaluations/{answer.json()['id']}/").json()
    assert shown["state"] == "finished", Job.objects.get(pk=shown["job"]).error_message
    return shown


def places(api: APIClient, url: str, samples: list[Sample], **leaf: Any) -> list[int]:
    """The places of the samples that a filter finds."""
    from json import dumps

    answer = api.get(f"{url}samples/", {"filter": dumps(leaf)})
    assert answer.status_code == 200, answer.content
    number = {sample.pk: place for place, sample in enumerate(samples)}
    return sorted(number[each["id"]] for each in answer.json()["results"])


def test_boxes_are_right_taken_for_others_missed_or_made_up(
    owner_api: APIClient, url: str, fill: Any
) -> None:
    samples = fill("detections", BOXES)
    shown = evaluated(owner_api, url)
    assert (shown["type"], shown["samples"], shown["missing"]) == ("detections", 6, 1)
    assert shown["options"] == {"iou_threshold": 0.5, "crowd_attribute": "iscrowd"}
    assert shown["confusion"] == {
        "classes": ["cat", "dog", None],
        "matrix": [[1, 1, 1], [0, 1, 0], [0, 1, 0]],
    }
    cat, dog = shown["per_class"]
    assert (cat["label"], cat["precision"], cat["recall"], cat["support"]) == (
        "cat",
        1.0,
        pytest.approx(1 / 3),
        3,
    )
    assert (dog["label"], dog["precision"], dog["recall"], dog["support"]) == (
        "dog",
        pytest.approx(1 / 3),
        1.0,
        1,
    )
    # Worked out by hand: cat's precision is 1 up to a recall of 1/3 (34 of 101 places); dog's first one is right.
    assert cat["ap"] == pytest.approx(34 / 101)
    assert dog["ap"] == pytest.approx(1.0)
    assert shown["metrics"]["map"] == pytest.approx((34 / 101 + 1) / 2)
    assert shown["metrics"]["precision_micro"] == pytest.approx(2 / 4)
    assert [each["label"] for each in shown["curves"]] == ["cat", "dog"]
    assert {len(each["precision"]) for each in shown["curves"]} == {101}

    def found(**leaf: Any) -> list[int]:
        return places(owner_api, url, samples, evaluation=shown["id"], **leaf)

    assert found(actual="cat", predicted="cat") == [0]
    assert found(actual="cat", predicted="dog") == [1]
    assert found(actual="cat", predicted=None) == [2]
    assert found(actual=None, predicted="dog") == [3]
    assert found(**{"is": "tp"}) == [0]
    assert found(**{"is": "fp"}) == [1, 3]
    assert found(**{"is": "fn"}) == [1, 2]
    assert found(predicted="dog") == [0, 1, 3]
    assert found() == [0, 1, 2, 3]


def test_each_cell_of_the_confusion_finds_its_samples(owner_api: APIClient, url: str, fill: Any) -> None:
    samples = fill("detections", BOXES)
    shown = evaluated(owner_api, url)
    classes = shown["confusion"]["classes"]
    for actual, row in zip(classes, shown["confusion"]["matrix"], strict=True):
        for predicted, number in zip(classes, row, strict=True):
            leaf = {"evaluation": shown["id"], "actual": actual, "predicted": predicted}
            assert len(places(owner_api, url, samples, **leaf)) == number


def test_a_sample_tells_what_was_found_on_it(owner_api: APIClient, url: str, fill: Any) -> None:
    samples = fill("detections", BOXES)
    shown = evaluated(owner_api, url)
    sample = owner_api.get(f"{url}samples/{samples[1].pk}/").json()
    (found,) = sample["evaluations"]
    assert (found["evaluation"], found["tp"], found["fp"], found["fn"]) == (shown["id"], 0, 1, 1)
    (label,) = found["labels"]
    assert (label["actual"], label["actual_is"], label["predicted"], label["predicted_is"]) == (
        "cat", "fn", "dog", "fp",
    )  # fmt: skip
    assert label["actual_id"] == sample["values"]["truth"][0]["id"]
    assert label["predicted_id"] == sample["values"]["found"][0]["id"]
    assert label["iou"] == pytest.approx(0.19 / 0.21)
    assert label["confidence"] == 0.7
    assert owner_api.get(f"{url}samples/{samples[4].pk}/").json()["evaluations"] == []
    assert "evaluations" not in owner_api.get(f"{url}samples/").json()["results"][0]


def test_the_threshold_and_the_attribute_of_crowds_are_options(
    owner_api: APIClient, url: str, fill: Any
) -> None:
    fill("detections", [BOXES[1], BOXES[5]])
    strict = evaluated(owner_api, url, iou_threshold=0.95)
    assert strict["confusion"]["matrix"] == [[0, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert strict["options"]["iou_threshold"] == 0.95
    without = evaluated(owner_api, url, crowd_attribute="group")
    assert without["confusion"]["matrix"] == [[1, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_lists_of_labels_are_compared_label_by_label(owner_api: APIClient, url: str, fill: Any) -> None:
    rows = [
        ([{"label": "day"}, {"label": "rain"}], [{"label": "day", "confidence": 0.9}]),
        ([{"label": "day"}], [{"label": "day", "confidence": 0.8}]),
        ([], [{"label": "rain", "confidence": 0.4}]),
    ]
    samples = fill("classifications", rows)
    shown = evaluated(owner_api, url)
    assert shown["metrics"]["subset_accuracy"] == pytest.approx(1 / 3)
    assert shown["metrics"]["f1_micro"] == pytest.approx(2 * 2 / (3 + 3))
    assert shown["metrics"]["map"] == pytest.approx((1 + 1 / 3) / 2)
    assert shown["confusion"] == {
        "classes": ["day", "rain", None],
        "matrix": [[2, 0, 0], [0, 0, 1], [0, 1, 0]],
    }
    leaf = {"evaluation": shown["id"], "actual": "rain", "predicted": None}
    assert places(owner_api, url, samples, **leaf) == [0]


def mask(rows: list[list[int]]) -> dict[str, Any]:
    """A value of a segmentation, its pixels in the blob store."""
    pixels = np.array(rows, dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    digest = hashlib.sha256(file.getvalue()).hexdigest()
    blob_store().put(mask_key(digest), io.BytesIO(file.getvalue()))
    return {"mask": digest, "width": pixels.shape[1], "height": pixels.shape[0]}


def test_masks_are_compared_pixel_by_pixel(owner_api: APIClient, url: str, fill: Any) -> None:
    rows = [
        (mask([[0, 0, 1, 1]]), mask([[0, 1, 1, 1]])),
        (mask([[0, 0, 0, 2]]), mask([[0, 2]])),  # scaled: 0 0 2 2
    ]
    samples = fill("segmentation", rows, classes=["ground", "road"])
    shown = evaluated(owner_api, url)
    assert shown["confusion"]["classes"] == ["ground", "road", "2"]
    assert shown["confusion"]["matrix"] == [[3, 1, 1], [0, 2, 0], [0, 0, 1]]
    assert [each["iou"] for each in shown["per_class"]] == pytest.approx([3 / 5, 2 / 3, 1 / 2])
    assert shown["metrics"]["mean_iou"] == pytest.approx((3 / 5 + 2 / 3 + 1 / 2) / 3)
    assert shown["metrics"]["pixel_accuracy"] == pytest.approx(6 / 8)
    leaf = {"evaluation": shown["id"], "actual": "ground", "predicted": "road"}
    assert places(owner_api, url, samples, **leaf) == [0]


def test_a_mask_whose_pixels_are_lost_fails_the_job_and_says_so(
    owner_api: APIClient, url: str, fill: Any
) -> None:
    lost = {"mask": "0" * 64, "width": 2, "height": 1}
    fill("segmentation", [(lost, mask([[0, 1]]))])
    made = owner_api.post(f"{url}evaluations/", ASKED).json()
    count(made["job"])
    job = owner_api.get(f"/api/v1/jobs/{made['job']}/").json()
    assert (job["state"], job["error"]["code"]) == ("failed", "mask_gone")
    shown = owner_api.get(f"{url}evaluations/{made['id']}/").json()
    assert (shown["state"], shown["error"]) == ("failed", job["error"]["message"])


@pytest.mark.parametrize("kinds", [("number", "number"), ("integer", "regression")])
def test_numbers_of_all_kinds_are_compared(
    owner_api: APIClient, url: str, fill: Any, kinds: tuple[str, str]
) -> None:
    samples = fill(kinds[0], [(1, 2), (2, 2), (4, 3), (9, None)], kinds[1])
    shown = evaluated(owner_api, url)
    assert (shown["type"], shown["samples"], shown["missing"]) == ("regression", 3, 1)
    assert shown["metrics"] == pytest.approx(
        {"mae": 2 / 3, "rmse": (2 / 3) ** 0.5, "r2": 1 - 2 / (14 / 3), "bias": 0}
    )
    (found,) = owner_api.get(f"{url}samples/{samples[2].pk}/").json()["evaluations"]
    assert found["labels"][0]["number"] == -1


@pytest.mark.parametrize("type_", ["classifications", "detections", "segmentation", "number"])
def test_an_evaluation_of_nothing_has_no_metrics(
    owner_api: APIClient, url: str, fill: Any, type_: str
) -> None:
    fill(type_, [(None, None)])
    shown = evaluated(owner_api, url)
    assert (shown["metrics"], shown["per_class"], shown["curves"]) == ({}, [], [])
    assert shown["confusion"] == {"classes": [], "matrix": []}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"iou_threshold": 0}, "/iou_threshold"),
        ({"iou_threshold": 1.5}, "/iou_threshold"),
        ({"iou_threshold": "x"}, "/iou_threshold"),
        ({"crowd_attribute": ""}, "/crowd_attribute"),
        ({"predictions": "size"}, "/predictions"),
        ({"predictions": "meta"}, "/predictions"),
        ({"predictions": "size", "ground_truth": "height_m", "iou_threshold": 0.5}, "/iou_threshold"),
        ({"predictions": "size", "ground_truth": "height_m", "crowd_attribute": "x"}, "/crowd_attribute"),
    ],
)
def test_faulty_options_are_refused_at_their_place(
    owner_api: APIClient, dataset: Dataset, url: str, fill: Any, make_field: Any,
    change: dict[str, Any], pointer: str,
) -> None:  # fmt: skip
    fill("detections", BOXES[:1])
    for name, type_ in {"size": "number", "height_m": "integer", "meta": "object"}.items():
        make_field(dataset, name, type_)
    answer = owner_api.post(f"{url}evaluations/", ASKED | change)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("leaf", "pointer"),
    [
        ({"is": "wrong"}, "/filter/is"),
        ({"is": None}, "/filter/is"),
        ({"actual": 1}, "/filter/actual"),
        ({"predicted": ["cat"]}, "/filter/predicted"),
        ({"label": "cat"}, "/filter"),
    ],
)
def test_a_faulty_filter_by_results_is_named_by_its_place(
    owner_api: APIClient, url: str, fill: Any, leaf: dict[str, Any], pointer: str
) -> None:
    from json import dumps

    fill("detections", BOXES[:1])
    shown = evaluated(owner_api, url)
    answer = owner_api.get(f"{url}samples/", {"filter": dumps({"evaluation": shown["id"], **leaf})})
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"] == pointer


def test_numbers_are_not_right_or_wrong(owner_api: APIClient, url: str, fill: Any) -> None:
    from json import dumps

    fill("number", [(1, 2)])
    shown = evaluated(owner_api, url)
    answer = owner_api.get(f"{url}samples/", {"filter": dumps({"evaluation": shown["id"], "is": "tp"})})
    assert answer.status_code == 400


# Stale and refreshed -------------------------------------------------------------------------------------------------


def correct(api: APIClient, url: str, sample: Sample, value: Any) -> None:
    body = {"field": "truth", "values": [{"sample": sample.pk, "value": value}]}
    assert api.put(f"{url}values/", body).status_code == 200


def test_a_change_makes_it_stale_and_refreshing_counts_it_again(
    owner_api: APIClient, url: str, fill: Any
) -> None:
    samples = fill("classification", [("a", "a"), ("a", "b"), ("b", "b")])
    before = evaluated(owner_api, url)
    assert (before["stale"], before["metrics"]["accuracy"]) == (False, pytest.approx(2 / 3))
    cell = {"evaluation": before["id"], "actual": "a", "predicted": "b"}
    assert places(owner_api, url, samples, **cell) == [1]
    correct(owner_api, url, samples[1], {"label": "b"})
    stale = owner_api.get(f"{url}evaluations/{before['id']}/").json()
    assert (stale["stale"], stale["metrics"]) == (True, before["metrics"])
    assert places(owner_api, url, samples, **cell) == [1]  # as it was counted
    answer = owner_api.post(f"{url}evaluations/{before['id']}/refresh/")
    assert answer.status_code == 202, answer.content
    assert answer.json()["id"] == before["id"]
    assert answer.json()["job"] != before["job"]
    waiting = owner_api.get(f"{url}evaluations/{before['id']}/").json()
    assert (waiting["state"], waiting["metrics"]) == ("queued", before["metrics"])
    count(answer.json()["job"])
    after = owner_api.get(f"{url}evaluations/{before['id']}/").json()
    assert (after["stale"], after["state"], after["metrics"]["accuracy"]) == (False, "finished", 1.0)
    assert (after["samples"], after["done"], after["total"]) == (3, 3, 3)
    assert places(owner_api, url, samples, **cell) == []
    assert EvaluationMatch.objects.count() == 3


def test_deleting_a_sample_or_a_field_makes_it_stale(
    owner_api: APIClient, url: str, fill: Any, dataset: Dataset
) -> None:
    samples = fill("detections", BOXES)
    made = evaluated(owner_api, url)
    assert owner_api.delete(f"{url}samples/{samples[0].pk}/").status_code == 204
    address = f"{url}evaluations/{made['id']}/"
    assert owner_api.get(address).json()["stale"]
    count(owner_api.post(f"{address}refresh/").json()["job"])
    assert not owner_api.get(address).json()["stale"]
    assert owner_api.delete(f"{url}fields/found/").status_code == 204
    assert owner_api.get(address).json()["stale"]
    refused = owner_api.post(f"{address}refresh/")
    assert (refused.status_code, refused.json()["error"]["details"][0]["pointer"]) == (400, "/predictions")


def test_an_evaluation_that_was_counted_before_anybody_noted_the_values_is_stale(
    owner_api: APIClient, url: str, fill: Any
) -> None:
    fill("classification", [("a", "a")])
    made = evaluated(owner_api, url)
    Evaluation.objects.update(versions={})
    assert owner_api.get(f"{url}evaluations/{made['id']}/").json()["stale"]


def test_what_is_being_counted_is_not_refreshed(owner_api: APIClient, url: str, fill: Any) -> None:
    fill("classification", [("a", "a")])
    made = owner_api.post(f"{url}evaluations/", ASKED).json()
    answer = owner_api.post(f"{url}evaluations/{made['id']}/refresh/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "evaluation_busy")
    assert owner_api.post(f"/api/v1/jobs/{made['job']}/cancel/").status_code == 200
    again = owner_api.post(f"{url}evaluations/{made['id']}/refresh/").json()
    count(again["job"])
    assert owner_api.get(f"{url}evaluations/{made['id']}/").json()["samples"] == 1


def test_a_refresh_forgets_in_portions_and_counts_nothing_twice(
    owner_api: APIClient, url: str, fill: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs_app.evaluating import _slice

    monkeypatch.setattr(evaluation, "FORGOTTEN_AT_ONCE", 2)
    monkeypatch.setitem(evaluation_slices.SLICES, "detections", 2)
    fill("detections", BOXES)
    before = evaluated(owner_api, url)
    again = owner_api.post(f"{url}evaluations/{before['id']}/refresh/").json()
    start_job(again["job"])
    rounds = 0
    while _slice(again["job"]):
        rounds += 1
    assert rounds == 6  # three portions are forgotten, three slices counted before the last
    after = owner_api.get(f"{url}evaluations/{before['id']}/").json()
    assert {name: after[name] for name in ("metrics", "per_class", "confusion", "curves")} == {
        name: before[name] for name in ("metrics", "per_class", "confusion", "curves")
    }


def test_a_slice_that_another_task_has_counted_meanwhile_is_thrown_away(
    owner_api: APIClient, url: str, fill: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a worker sleeps while it compares, and its task comes to a second one."""
    from jobs_app import evaluating

    monkeypatch.setitem(evaluation_slices.SLICES, "detections", 3)
    fill("detections", BOXES)
    made = owner_api.post(f"{url}evaluations/", ASKED).json()
    start_job(made["job"])
    sleeper = Job.objects.select_related("evaluation__dataset").get(pk=made["job"])
    assert evaluating._slice(made["job"])
    assert not evaluating._count(sleeper, sleeper.evaluation)
    evaluate(made["job"])
    shown = owner_api.get(f"{url}evaluations/{made['id']}/").json()
    assert (shown["samples"], shown["missing"], shown["done"]) == (6, 1, 7)
    assert EvaluationMatch.objects.count() == 6


# Who may -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("right", "status"), [(None, 404), ("view", 403), ("label", 403), ("edit", 204)])
def test_others_delete_it_with_edit_only(
    owner_api: APIClient, collaborator_api: APIClient, collaborator: User, stranger_api: APIClient,
    dataset: Dataset, grant: Any, url: str, fill: Any, right: str | None, status: int,
) -> None:  # fmt: skip
    fill("classification", [("a", "a")])
    made = evaluated(owner_api, url)
    if right:
        grant(dataset, collaborator, right)
    assert collaborator_api.delete(f"{url}evaluations/{made['id']}/").status_code == status
    assert stranger_api.delete(f"{url}evaluations/{made['id']}/").status_code == 404
    assert Evaluation.objects.exists() == (status != 204)
    assert EvaluationMatch.objects.exists() == (status != 204)


def test_who_made_it_deletes_it_with_its_jobs(
    collaborator_api: APIClient, collaborator: User, dataset: Dataset, grant: Any, url: str, fill: Any
) -> None:
    fill("classification", [("a", "a")])
    grant(dataset, collaborator, "label")
    made = collaborator_api.post(f"{url}evaluations/", ASKED).json()
    start_job(made["job"])
    assert collaborator_api.delete(f"{url}evaluations/{made['id']}/").status_code == 204
    evaluate(made["job"])
    assert not Job.objects.exists()
    assert collaborator_api.get(f"{url}evaluations/{made['id']}/").status_code == 404
    assert collaborator_api.delete(f"{url}evaluations/{made['id']}/").status_code == 404


@pytest.mark.parametrize(("right", "status"), [(None, 404), ("view", 403), ("label", 202)])
def test_a_refresh_needs_label(
    owner_api: APIClient, collaborator_api: APIClient, collaborator: User, stranger_api: APIClient,
    dataset: Dataset, grant: Any, url: str, fill: Any, right: str | None, status: int,
) -> None:  # fmt: skip
    fill("classification", [("a", "a")])
    made = evaluated(owner_api, url)
    if right:
        grant(dataset, collaborator, right)
    address = f"{url}evaluations/{made['id']}/refresh/"
    assert stranger_api.post(address).status_code == 404
    assert collaborator_api.post(address).status_code == status
    seen = collaborator_api.get(f"{url}evaluations/{made['id']}/")
    assert seen.status_code == (200 if right else 404)
    if right:
        assert seen.json()["created_by"] == "owner"


def test_an_evaluation_of_another_dataset_is_not_found_there(
    owner_api: APIClient, owner: User, url: str, fill: Any
) -> None:
    fill("classification", [("a", "a")])
    made = evaluated(owner_api, url)
    other = Dataset.objects.create(name="other", owner=owner)
    address = f"/api/v1/datasets/{other.pk}/evaluations/{made['id']}/"
    assert owner_api.get(address).status_code == 404
    assert owner_api.delete(address).status_code == 404
    assert owner_api.post(f"{address}refresh/").status_code == 404


def test_a_dataset_goes_with_its_results(owner_api: APIClient, url: str, fill: Any) -> None:
    fill("detections", BOXES)
    evaluated(owner_api, url)
    Field.objects.filter(name="found").update(deleted_at=timezone.now())
    assert owner_api.delete(url).status_code == 204
    assert not EvaluationMatch.objects.exists()
