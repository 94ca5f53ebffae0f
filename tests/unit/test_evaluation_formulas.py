"""Labels, pixels and numbers: what scikit-learn says of the same, and what a plain reading gives."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    jaccard_score,
    mean_absolute_error,
    precision_recall_fscore_support,
    r2_score,
    root_mean_squared_error,
)

from samplecase.evaluation import segmentation
from samplecase.evaluation.confusion import Pairs, add_pair, averages, class_scores, matrix_of, micro
from samplecase.evaluation.multilabel import match_labels
from samplecase.evaluation.precision import average_precision, precision_curve
from samplecase.evaluation.regression import Errors


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("steps", [4, 1000])
def test_the_average_precision_is_that_of_scikit_learn(seed: int, steps: int) -> None:
    choose = random.Random(seed)
    truth = [choose.random() < 0.4 for _ in range(200)]
    scores = [choose.choice([0.0, choose.randrange(1, steps) / steps]) for _ in truth]
    given = [place for place, score in enumerate(scores) if score > 0 or choose.random() < 0.3]
    ap = average_precision(
        np.array([scores[place] for place in given]),
        np.array([truth[place] for place in given]),
        positives=sum(truth),
        others=len(truth) - len(given),
    )
    assert ap == pytest.approx(average_precision_score(truth, scores))


def test_an_average_precision_of_nothing_is_nothing() -> None:
    nothing = np.array([])
    assert average_precision(nothing, nothing, positives=0, others=3) == 0.0
    assert average_precision(nothing, nothing, positives=1, others=2) == pytest.approx(1 / 2)


def test_labels_are_counted_as_scikit_learn_counts_them() -> None:
    choose = random.Random(5)
    truth = [{label for label in "abc" if choose.random() < 0.4} for _ in range(60)]
    found = [{label for label in "abcd" if choose.random() < 0.4} for _ in truth]
    pairs: Pairs = {}
    for actual, predicted in zip(truth, found, strict=True):
        for each in match_labels(sorted(actual), dict.fromkeys(sorted(predicted), 0.5)):
            add_pair(pairs, each.label if each.is_actual else None, each.label if each.is_predicted else None)
    matrix = matrix_of(pairs, [*"abcd", ""])
    scores = class_scores([*"abcd"], matrix)
    hits = sum(matrix[place][place] for place in range(4))
    metrics = averages(scores) | micro(hits=hits, predicted=sum(map(len, found)), actual=sum(map(len, truth)))
    indicators = [[[label in each for label in "abcd"] for each in side] for side in (truth, found)]
    for average in ("micro", "macro", "weighted"):
        expected = precision_recall_fscore_support(
            *map(np.array, indicators), average=average, zero_division=0
        )
        for name, value in zip(("precision", "recall", "f1"), expected, strict=False):
            assert metrics[f"{name}_{average}"] == pytest.approx(value)


def test_a_label_that_stands_twice_counts_once() -> None:
    assert [(each.is_actual, each.is_predicted) for each in match_labels(["a", "a"], {"a": 1.0})] == [
        (True, True)
    ]


def test_pixels_are_counted_as_scikit_learn_counts_them() -> None:
    choose = np.random.default_rng(3)
    truth, found = (choose.integers(0, 4, (2, 30, 20)) for _ in range(2))
    pairs: Pairs = {}
    for one, other in zip(truth, found, strict=True):
        for actual, predicted, pixels in segmentation.pixel_pairs(one, other):
            add_pair(pairs, str(actual), str(predicted), pixels)
    matrix = matrix_of(pairs, [*"0123"])
    expected = jaccard_score(truth.ravel(), found.ravel(), average=None)
    assert segmentation.ious(matrix) == pytest.approx(list(expected))
    metrics = segmentation.summary(matrix)
    assert metrics["mean_iou"] == pytest.approx(expected.mean())
    assert metrics["weighted_iou"] == pytest.approx(
        jaccard_score(truth.ravel(), found.ravel(), average="weighted")
    )
    assert metrics["pixel_accuracy"] == pytest.approx((truth == found).mean())


def test_a_smaller_mask_is_scaled_by_its_nearest_pixels() -> None:
    small = np.array([[1, 2], [3, 4]], dtype=np.uint8)
    assert segmentation.fitted(small, (4, 4)).tolist() == [
        [1, 1, 2, 2],
        [1, 1, 2, 2],
        [3, 3, 4, 4],
        [3, 3, 4, 4],
    ]
    assert segmentation.fitted(segmentation.fitted(small, (4, 4)), (2, 2)).tolist() == small.tolist()


def test_the_mean_iou_of_one_sample_is_over_its_own_classes() -> None:
    assert segmentation.mean_iou([(0, 0, 6), (1, 0, 2)]) == pytest.approx((6 / 8 + 0) / 2)


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_numbers_are_measured_as_scikit_learn_measures_them(offset: float) -> None:
    choose = random.Random(2)
    truth = [offset + choose.gauss(0, 3) for _ in range(500)]
    found = [value + choose.gauss(0.5, 1) for value in truth]
    errors = Errors()
    for start in range(0, 500, 7):
        errors.add(zip(truth[start : start + 7], found[start : start + 7], strict=True))
    metrics = errors.metrics()
    assert metrics["mae"] == pytest.approx(mean_absolute_error(truth, found))
    assert metrics["rmse"] == pytest.approx(root_mean_squared_error(truth, found))
    assert metrics["r2"] == pytest.approx(r2_score(truth, found), abs=1e-6)
    assert metrics["bias"] == pytest.approx(np.mean(np.array(found) - np.array(truth)))


@pytest.mark.parametrize(("pairs", "r2"), [([(2, 2), (2, 2)], 1.0), ([(2, 3), (2, 1)], 0.0)])
def test_r2_of_a_constant_truth(pairs: Any, r2: float) -> None:
    errors = Errors()
    errors.add(pairs)
    assert errors.metrics()["r2"] == r2
    assert Errors().metrics() == {}


def test_a_curve_is_the_best_precision_at_each_recall_or_above() -> None:
    recall, curve = precision_curve(np.array([True, False, True]), 4)
    assert recall == 0.5
    assert (curve[0], curve[25], curve[26], curve[50], curve[51]) == pytest.approx((1, 1, 2 / 3, 2 / 3, 0))
    assert precision_curve(np.array([]), 3)[0] == 0.0
