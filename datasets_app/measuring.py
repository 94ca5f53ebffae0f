"""From what the slices of an evaluation have counted to its metrics, class by class: nothing is written here.

Memory holds one class at a time, some 75 bytes for each of its predictions: five million of them fit into 400 MB.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from datasets_app.evaluation_slices import field_of
from datasets_app.models import Evaluation, EvaluationMatch, Field
from samplecase.contracts.labels import FieldType
from samplecase.evaluation import confusion, segmentation
from samplecase.evaluation.confusion import NOTHING, ClassScore
from samplecase.evaluation.precision import (
    ClassPrecision,
    Ranked,
    average_precision,
    class_precision,
    coco_metrics,
    packed,
    precision_curve,
)
from samplecase.evaluation.regression import Errors

AT_ONCE = 5_000  # rows that are read at once


@dataclass
class Measured:
    """The results of an evaluation. The class None of the confusion stands for nothing: missed, or a ghost."""

    metrics: dict[str, float] = field(default_factory=dict)
    per_class: list[dict[str, Any]] = field(default_factory=list)
    confusion: dict[str, Any] = field(default_factory=lambda: {"classes": [], "matrix": []})
    curves: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Predictions:
    """All predictions of one class: how sure each is, whether it is right, and whether it counts."""

    ranked: Ranked
    hits: Any
    counts: Any


def measure(evaluation: Evaluation) -> Measured:
    """Raises `NotFound` when the field of the ground truth is gone."""
    truth = field_of(evaluation, evaluation.ground_truth)
    return _MEASURES[FieldType(evaluation.type)](evaluation, truth)


def _classification(evaluation: Evaluation, truth: Field) -> Measured:
    """Macro averages are over all classes that occur, as scikit-learn's with `zero_division=0` have them."""
    pairs = evaluation.tally.get("pairs", {})
    classes = confusion.classes_in_order(pairs, truth.classes)
    matrix = confusion.matrix_of(pairs, classes)
    scores = confusion.class_scores(classes, matrix)
    correct = sum(matrix[place][place] for place in range(len(classes)))
    return Measured(
        metrics=confusion.summary(scores, correct=correct),
        per_class=[vars(score) for score in scores],
        confusion={"classes": classes, "matrix": matrix},
    )


def _classifications(evaluation: Evaluation, truth: Field) -> Measured:
    found, scores = _with_nothing(evaluation, truth)
    compared, precisions = evaluation.tally.get("samples", 0), []
    for row in found.per_class:
        if not row["support"]:
            continue
        predictions = _predictions(evaluation, row["label"])
        others = compared - len(predictions.hits)
        row["ap"] = average_precision(
            predictions.ranked.scores, predictions.hits, positives=row["support"], others=others
        )
        precisions.append(row["ap"])
        found.curves.append(_curve(row["label"], predictions, row["support"]))
    if scores:
        found.metrics = {
            "subset_accuracy": evaluation.tally.get("exact", 0) / compared,
            **({"map": sum(precisions) / len(precisions)} if precisions else {}),
            **found.metrics,
        }
    return found


def _detections(evaluation: Evaluation, truth: Field) -> Measured:
    found, _ = _with_nothing(evaluation, truth)
    positives = evaluation.tally.get("positives", {})
    classes: dict[str, ClassPrecision] = {}
    for row in found.per_class:
        counts = positives.get(row["label"], [0])
        if not counts[0]:
            continue
        predictions = _predictions(evaluation, row["label"])
        judged = classes[row["label"]] = class_precision(predictions.ranked, counts)
        row["ap"] = sum(judged.ap["all"]) / len(judged.ap["all"])
        row["ap_50"] = judged.ap["all"][0]
        found.curves.append(_curve(row["label"], predictions, row["support"]))
    found.metrics = {**coco_metrics(classes), **found.metrics}
    return found


def _segmentation(evaluation: Evaluation, truth: Field) -> Measured:
    pairs = evaluation.tally.get("pairs", {})
    classes = confusion.classes_in_order(pairs, truth.classes)
    matrix = confusion.matrix_of(pairs, classes)
    scores = confusion.class_scores(classes, matrix)
    return Measured(
        metrics=segmentation.summary(matrix),
        per_class=[
            {**vars(score), "iou": iou} for score, iou in zip(scores, segmentation.ious(matrix), strict=True)
        ],
        confusion={"classes": classes, "matrix": matrix},
    )


def _regression(evaluation: Evaluation, truth: Field) -> Measured:
    return Measured(metrics=Errors(**evaluation.tally.get("errors", {})).metrics())


def _with_nothing(evaluation: Evaluation, truth: Field) -> tuple[Measured, list[ClassScore]]:
    """Confusion, scores and averages where labels may also be missed or made up."""
    pairs = evaluation.tally.get("pairs", {})
    classes = confusion.classes_in_order(pairs, truth.classes)
    matrix = confusion.matrix_of(pairs, [*classes, NOTHING])
    scores = confusion.class_scores(classes, matrix)
    hits = sum(matrix[place][place] for place in range(len(classes)))
    actual = sum(score.support for score in scores)
    predicted = sum(sum(row[:-1]) for row in matrix)
    metrics = confusion.micro(hits=hits, predicted=predicted, actual=actual) if scores else {}
    found = Measured(
        metrics=metrics | confusion.averages(scores),
        per_class=[vars(score) for score in scores],
        confusion={"classes": [*classes, None], "matrix": matrix}
        if classes
        else {"classes": [], "matrix": []},
    )
    return found, scores


def _predictions(evaluation: Evaluation, label: str) -> Predictions:
    """In the order in which they were found: sample by sample, the most confident of each first."""
    rows = EvaluationMatch.objects.filter(evaluation=evaluation, predicted=label).order_by("pk")
    confidences, ranks, hits, counts, marks = array("d"), array("i"), bytearray(), bytearray(), bytearray()
    columns = ("confidence", "rank", "actual", "counts", "marks")
    for confidence, rank, actual, is_counted, digits in rows.values_list(*columns).iterator(AT_ONCE):
        confidences.append(1.0 if confidence is None else confidence)
        ranks.append(rank)
        hits.append(actual == label)
        counts.append(is_counted)
        marks += packed(digits)
    ranked = Ranked(np.asarray(confidences), np.asarray(ranks), marks)
    return Predictions(ranked, *(np.frombuffer(each, dtype=bool) for each in (hits, counts)))


def _curve(label: str, predictions: Predictions, positives: int) -> dict[str, Any]:
    """The precision at 101 recalls, with the evaluation's own IoU threshold."""
    scores, hits = predictions.ranked.scores[predictions.counts], predictions.hits[predictions.counts]
    _, curve = precision_curve(hits[np.argsort(-scores, kind="stable")], positives)
    return {"label": label, "precision": _rounded(curve)}


def _rounded(values: Any) -> Sequence[float]:
    return [round(float(value), 6) for value in values]


_MEASURES: dict[FieldType, Callable[[Evaluation, Field], Measured]] = {
    FieldType.CLASSIFICATION: _classification,
    FieldType.CLASSIFICATIONS: _classifications,
    FieldType.DETECTIONS: _detections,
    FieldType.SEGMENTATION: _segmentation,
    FieldType.REGRESSION: _regression,
}
