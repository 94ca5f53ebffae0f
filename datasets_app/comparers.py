"""Comparing the two values of one sample, type by type: what is counted, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datasets_app.masks import class_pixels
from samplecase.contracts.labels import FieldType
from samplecase.evaluation.boxes import Box, Match, match_boxes
from samplecase.evaluation.confusion import Pairs, add_pair
from samplecase.evaluation.multilabel import match_labels
from samplecase.evaluation.precision import area_counts
from samplecase.evaluation.segmentation import mean_iou, pixel_pairs

IOU_THRESHOLD = 0.5
CROWD = "iscrowd"  # the attribute that COCO's files have

# What is stored of a match, without its evaluation: the columns of `EvaluationMatch` from `sample` on.
Row = tuple[int, str | None, str | None, str | None, str | None, float | None, float | None, float | None,
            int, str, bool]  # fmt: skip


@dataclass
class Compared:
    """What a slice adds to its evaluation. `after` is the cursor of the next one, None after the last."""

    after: int | None = None
    seen: int = 0
    samples: int = 0
    exact: int = 0  # samples on which everything is right
    pairs: Pairs = field(default_factory=dict)
    positives: dict[str, list[int]] = field(default_factory=dict)  # of boxes: class -> how many in each area
    numbers: list[tuple[float, float]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    versions: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """A sample, and how its labels are to be compared."""

    sample: int
    width: int
    height: int
    options: Mapping[str, Any]
    classes: Sequence[str]  # of the ground truth


Comparer = Callable[[Compared, Place, Any, Any], None]


def _classification(found: Compared, place: Place, actual: Any, predicted: Any) -> None:
    one, other = actual["label"], predicted["label"]
    found.exact += one == other
    add_pair(found.pairs, one, other)
    found.rows.append(
        (place.sample, one, other, None, None, None, predicted.get("confidence"), None, 0, "", True)
    )


def _classifications(found: Compared, place: Place, actual: Any, predicted: Any) -> None:
    scores: dict[str, float | None] = {}
    for each in predicted:
        scores[each["label"]] = max(scores.get(each["label"]) or 0.0, each.get("confidence", 1.0))
    ids = [{each["label"]: each["id"] for each in side} for side in (actual, predicted)]
    matches = match_labels([each["label"] for each in actual], scores)
    found.exact += all(each.is_actual and each.is_predicted for each in matches)
    for each in matches:
        one = each.label if each.is_actual else None
        other = each.label if each.is_predicted else None
        add_pair(found.pairs, one, other)
        one_id, other_id = (side.get(each.label) for side in ids)
        found.rows.append(
            (place.sample, one, other, one_id, other_id, None, each.confidence, None, 0, "", True)
        )


def _detections(found: Compared, place: Place, actual: Any, predicted: Any) -> None:
    threshold = place.options.get("iou_threshold", IOU_THRESHOLD)
    truth = _boxes(actual, place, place.options.get("crowd_attribute", CROWD))
    matches = match_boxes(truth, _boxes(predicted, place), threshold=threshold)
    for label in {each.label for each in truth}:
        counted = area_counts([each for each in truth if each.label == label])
        before = found.positives.get(label, [0] * len(counted))
        found.positives[label] = [one + two for one, two in zip(before, counted, strict=True)]
    counting = [each for each in matches if each.counts]
    found.exact += all(
        each.actual and each.predicted and each.actual.label == each.predicted.label for each in counting
    )
    for each in counting:
        add_pair(found.pairs, *_names(each))
    found.rows += [_row(place.sample, each) for each in matches]


def _names(match: Match) -> tuple[str | None, str | None]:
    return match.actual.label if match.actual else None, match.predicted.label if match.predicted else None


def _row(sample: int, match: Match) -> Row:
    actual_id = match.actual.id if match.actual else None
    predicted_id = match.predicted.id if match.predicted else None
    confidence = match.predicted.confidence if match.predicted else None
    ids = (actual_id, predicted_id)
    facts = (match.iou, confidence, None, match.rank, match.marks, match.counts)
    return (sample, *_names(match), *ids, *facts)


def _boxes(labels: Any, place: Place, crowd: str | None = None) -> list[Box]:
    """In pixels. A prediction without a confidence is a certain one."""
    made = []
    for each in labels:
        x, y, width, height = each["bounding_box"]
        made.append(
            Box(
                label=each["label"],
                box=(x * place.width, y * place.height, width * place.width, height * place.height),
                id=each["id"],
                confidence=each.get("confidence", 1.0),
                is_crowd=crowd is not None and bool(each.get("attributes", {}).get(crowd)),
            )
        )
    return made


def _segmentation(found: Compared, place: Place, actual: Any, predicted: Any) -> None:
    """A pixel's value is the place of its class in the ground truth's list, as far as that goes."""
    pairs = pixel_pairs(class_pixels(actual), class_pixels(predicted))
    found.exact += all(one == other for one, other, _ in pairs)
    overlap = mean_iou(pairs)
    for one, other, pixels in pairs:
        names = _class_name(place.classes, one), _class_name(place.classes, other)
        add_pair(found.pairs, *names, pixels)
        found.rows.append((place.sample, *names, None, None, overlap, None, float(pixels), 0, "", True))


def _class_name(classes: Sequence[str], value: int) -> str:
    return classes[value] if value < len(classes) else str(value)


def _regression(found: Compared, place: Place, actual: float, predicted: float) -> None:
    found.exact += actual == predicted
    found.numbers.append((actual, predicted))
    found.rows.append((place.sample, None, None, None, None, None, None, predicted - actual, 0, "", True))


COMPARERS: dict[FieldType, Comparer] = {
    FieldType.CLASSIFICATION: _classification,
    FieldType.CLASSIFICATIONS: _classifications,
    FieldType.DETECTIONS: _detections,
    FieldType.SEGMENTATION: _segmentation,
    FieldType.REGRESSION: _regression,
}
