"""Evaluations of classifications: what scikit-learn says of the same labels, and slices that add up."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from datasets_app.evaluation import check_fields, compare_slice, finish
from datasets_app.fields import delete_field
from datasets_app.models import Evaluation
from samplecase.contracts.errors import InvalidInput, NotFound


def evaluated(dataset: Any, *, limit: int = 7, filter: Any = None) -> Evaluation:
    evaluation = Evaluation.objects.create(
        dataset=dataset, type="classification", predictions="pred", ground_truth="truth", filter=filter
    )
    cursor: int | None = 0
    seen = 0
    while cursor is not None:
        stored = Evaluation.objects.get(pk=evaluation.pk)  # as each slice finds it in the database
        cursor, counted = compare_slice(stored, cursor, limit)
        seen += counted
    evaluation.refresh_from_db()
    finish(evaluation)
    evaluation.refresh_from_db()
    assert seen == (evaluation.samples or 0) + (evaluation.missing or 0)
    return evaluation


@pytest.mark.parametrize(("seed", "predicted_labels"), [(1, "abc"), (2, "abcx"), (3, "c"), (4, "xyz")])
def test_metrics_are_those_of_scikit_learn(
    dataset: Any, make_samples: Any, make_field: Any, write: Any, seed: int, predicted_labels: str
) -> None:
    choose = random.Random(seed)
    samples = make_samples(dataset, 50)
    truth = [choose.choice("abc") for _ in samples]
    pred = [choose.choice(predicted_labels) for _ in samples]
    write(make_field(dataset, "truth"), dict(zip(samples, truth, strict=True)), "human")
    write(make_field(dataset, "pred"), dict(zip(samples, pred, strict=True)))
    evaluation = evaluated(dataset)

    classes = sorted({*truth, *pred})
    assert evaluation.confusion == {"classes": classes, "matrix": confusion_matrix(truth, pred).tolist()}
    assert (evaluation.samples, evaluation.missing) == (50, 0)
    assert evaluation.metrics["accuracy"] == pytest.approx(accuracy_score(truth, pred))
    for average in ("macro", "weighted"):
        scores = precision_recall_fscore_support(truth, pred, average=average, zero_division=0)
        for name, expected in zip(("precision", "recall", "f1"), scores, strict=False):
            assert evaluation.metrics[f"{name}_{average}"] == pytest.approx(expected)
    per_class = precision_recall_fscore_support(truth, pred, labels=classes, zero_division=0)
    for place, row in enumerate(evaluation.per_class):
        assert row == {
            "label": classes[place],
            "precision": pytest.approx(per_class[0][place]),
            "recall": pytest.approx(per_class[1][place]),
            "f1": pytest.approx(per_class[2][place]),
            "support": per_class[3][place],
        }


def test_samples_without_both_values_are_counted_as_missing(
    dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    both, only_truth, only_pred, _, outside = make_samples(dataset, 5)
    write(make_field(dataset, "truth"), {both: "a", only_truth: "a", outside: "b"}, "human")
    write(make_field(dataset, "pred"), {both: "a", only_pred: "a", outside: "a"})
    without_last = {"field": "id", "op": "lt", "value": outside.pk}
    evaluation = evaluated(dataset, limit=2, filter=without_last)
    assert (evaluation.samples, evaluation.missing) == (1, 3)
    assert evaluation.metrics["accuracy"] == 1.0


def test_an_evaluation_of_nothing_has_no_metrics(dataset: Any, make_samples: Any, make_field: Any) -> None:
    make_samples(dataset, 2)
    make_field(dataset, "truth"), make_field(dataset, "pred")
    evaluation = evaluated(dataset)
    assert (evaluation.metrics, evaluation.per_class) == ({}, [])
    assert evaluation.confusion == {"classes": [], "matrix": []}
    assert (evaluation.samples, evaluation.missing) == (0, 2)


def test_declared_classes_keep_their_order(
    dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    one, two = make_samples(dataset, 2)
    write(
        make_field(dataset, "truth", classes=["small", "middle", "large"]),
        {one: "large", two: "small"},
        "human",
    )
    write(make_field(dataset, "pred"), {one: "huge", two: "small"})
    assert evaluated(dataset).confusion["classes"] == ["small", "large", "huge"]


def test_a_deleted_field_ends_the_evaluation(
    dataset: Any, make_samples: Any, make_field: Any, owner: Any
) -> None:
    make_samples(dataset, 1)
    make_field(dataset, "truth")
    delete_field(acting_user=owner, field=make_field(dataset, "pred"))
    with pytest.raises(NotFound) as caught:
        evaluated(dataset)
    assert caught.value.code == "field_gone"


def test_only_two_different_classifications_are_compared(dataset: Any, make_field: Any) -> None:
    truth, boxes = make_field(dataset, "truth"), make_field(dataset, "boxes", "detections")
    assert check_fields(predictions=make_field(dataset, "pred"), ground_truth=truth) == "classification"
    for predictions, ground_truth, pointer in (
        (truth, truth, "/ground_truth"),
        (boxes, truth, "/predictions"),
    ):
        with pytest.raises(InvalidInput) as caught:
            check_fields(predictions=predictions, ground_truth=ground_truth)
        assert caught.value.details[0].pointer == pointer
