"""Average precision: COCO's of boxes, over all images, and scikit-learn's of labels with a score.

COCO's as `accumulate` and `summarize` in
https://github.com/cocodataset/cocoapi/blob/master/PythonAPI/pycocotools/cocoeval.py
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from samplecase.evaluation.boxes import AREAS, MARKS, THRESHOLDS, Box

RECALLS = np.linspace(0.0, 1.0, 101)
LIMITS = (1, 10, 100)  # most predictions per class and image
_MARK_BYTES = 2 * MARKS // 8
_LEFT_OUT = bytes(_MARK_BYTES // 2) + b"\xff" * (_MARK_BYTES // 2)

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass
class Ranked:
    """All predictions of a class, image by image, in each the most confident first."""

    scores: Array
    ranks: Array
    marks: bytes | bytearray  # `packed` of each of them


@dataclass
class ClassPrecision:
    """Of one class: `ap[area][threshold]` and `ar[area, limit][threshold]`; areas without true boxes are not there."""

    ap: dict[str, list[float]] = field(default_factory=dict)
    ar: dict[tuple[str, int], list[float]] = field(default_factory=dict)


def packed(marks: str) -> bytes:
    """`Match.marks` as bytes; what COCO does not look at is left out everywhere."""
    return bytes.fromhex(marks) if marks else _LEFT_OUT


def area_counts(truth: Sequence[Box]) -> list[int]:
    """How many of these true boxes COCO counts in each area."""
    return [sum(low <= box.area <= high for box in truth if not box.is_crowd) for low, high in AREAS.values()]


def class_precision(predictions: Ranked, positives: Sequence[int]) -> ClassPrecision:
    """COCO's precision and recall of one class, of which there are `positives` true boxes in each area."""
    order = np.argsort(-predictions.scores, kind="stable")
    ranks = predictions.ranks[order]
    marks = np.frombuffer(predictions.marks, dtype=np.uint8).reshape(len(ranks), _MARK_BYTES)[order]
    found = ClassPrecision()
    for number, area in enumerate(AREAS):
        if not positives[number]:
            continue
        for limit in LIMITS:
            recalls, precisions = [], []
            for step in range(len(THRESHOLDS)):
                column = number * len(THRESHOLDS) + step
                counts = (ranks < limit) & ~_bit(marks, MARKS + column)
                hits = _bit(marks, column)[counts]
                recalls.append(float(hits.sum()) / positives[number])
                if limit == LIMITS[-1]:
                    precisions.append(float(precision_curve(hits, positives[number])[1].mean()))
            found.ar[area, limit] = recalls
            if precisions:
                found.ap[area] = precisions
    return found


def precision_curve(hits: Array, positives: int) -> tuple[float, Array]:
    """The recall that is reached, and the precision at each of `RECALLS`: the best at that recall or above it.

    `hits` says of each prediction, the most confident first, whether it is right.
    """
    if not len(hits) or not positives:
        return 0.0, np.zeros(len(RECALLS))
    right = np.cumsum(hits, dtype=np.float64)
    recall = right / positives
    precision = right / (np.arange(1, len(hits) + 1) + np.spacing(1))
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, RECALLS, side="left")
    reached = places < len(precision)
    curve = np.zeros(len(RECALLS))
    curve[reached] = precision[places[reached]]
    return float(recall[-1]), curve


def coco_metrics(classes: Mapping[str, ClassPrecision]) -> dict[str, float]:
    """COCO's twelve figures, each over the classes that have true boxes in that area; none where no class has."""
    names: dict[str, list[float]] = {}
    for each in classes.values():
        for area, values in each.ap.items():
            suffix = "" if area == "all" else f"_{area}"
            names.setdefault(f"map{suffix}", []).append(_mean(values))
            if area == "all":
                names.setdefault("map_50", []).append(values[0])
                names.setdefault("map_75", []).append(values[5])
        for (area, limit), values in each.ar.items():
            if area == "all":
                names.setdefault(f"mar_{limit}", []).append(_mean(values))
            elif limit == LIMITS[-1]:
                names.setdefault(f"mar_{area}", []).append(_mean(values))
    return {name: _mean(values) for name, values in names.items()}


def average_precision(scores: Array, hits: Array, *, positives: int, others: int) -> float:
    """Σ (Rₙ - Rₙ₋₁) Pₙ over the distinct scores, as scikit-learn's `average_precision_score`.

    `others` are samples for which the label was not predicted; they have the score 0, and may be positives too.
    """
    if not positives:
        return 0.0
    order = np.argsort(-scores, kind="stable")
    sorted_scores = np.append(scores[order], np.zeros(1 if others else 0))
    right = np.append(hits[order].astype(np.float64), [positives - float(hits.sum())] if others else [])
    size = np.append(np.ones(len(scores)), [float(others)] if others else [])
    ends = np.append(np.nonzero(np.diff(sorted_scores))[0], len(sorted_scores) - 1)
    right, size = np.cumsum(right)[ends], np.cumsum(size)[ends]
    return float(np.sum(np.diff(right / positives, prepend=0.0) * right / size))


def _bit(marks: Array, column: int) -> Array:
    """One bit of each prediction. They stay packed, 10 bytes each, for there may be millions of them."""
    bits: Array = (marks[:, column // 8] >> (7 - column % 8) & 1).astype(bool)
    return bits


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
