"""Evaluations: one field of predictions is compared with one of ground truth, slice by slice, and then measured.

What is found on each sample lies in a table of its own, and never in the people's values. Comparing and measuring
only read, so they hold no lock; what they found is stored in one transaction each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from datasets_app import bulk
from datasets_app.comparers import CROWD, IOU_THRESHOLD, Compared
from datasets_app.evaluation_slices import added, compare, merged
from datasets_app.measuring import Measured, measure
from datasets_app.models import Evaluation, EvaluationMatch, Field
from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels import FieldType
from samplecase.evaluation.regression import Errors

FORGOTTEN_AT_ONCE = 10_000
MATCH_COLUMNS = (
    *("evaluation_id", "sample_id", "actual", "predicted", "actual_id", "predicted_id"),
    *("iou", "confidence", "number", "rank", "marks", "counts"),
)
# What fields of each type are evaluated as.
EVALUATED_AS: Mapping[str, FieldType] = {
    **{type_: type_ for type_ in (FieldType.CLASSIFICATION, FieldType.CLASSIFICATIONS, FieldType.DETECTIONS)},
    FieldType.SEGMENTATION: FieldType.SEGMENTATION,
    **dict.fromkeys((FieldType.REGRESSION, FieldType.NUMBER, FieldType.INTEGER), FieldType.REGRESSION),
}


def check_fields(*, predictions: Field, ground_truth: Field) -> FieldType:
    """The type of an evaluation of these two fields. Raises `InvalidInput` where they cannot be compared."""
    if predictions.pk == ground_truth.pk:
        raise InvalidInput("A field is not compared with itself.", pointer="/ground_truth")
    for pointer, field in (("/predictions", predictions), ("/ground_truth", ground_truth)):
        if field.type not in EVALUATED_AS:
            message = f"“{field.name}” is of type {field.type}, which is not evaluated."
            raise InvalidInput(message, pointer=pointer)
    type_ = EVALUATED_AS[predictions.type]
    if EVALUATED_AS[ground_truth.type] != type_:
        message = (
            f"“{predictions.name}” is of type {predictions.type} and “{ground_truth.name}” of type "
            f"{ground_truth.type}; only fields of one type are compared."
        )
        raise InvalidInput(message, pointer="/predictions")
    return type_


def check_options(
    type_: FieldType, *, iou_threshold: float | None, crowd_attribute: str | None
) -> dict[str, Any]:
    """The options of an evaluation. Raises `InvalidInput` for those that its type has no use for."""
    given = {"iou_threshold": iou_threshold, "crowd_attribute": crowd_attribute}
    if type_ is FieldType.DETECTIONS:
        defaults = {"iou_threshold": IOU_THRESHOLD, "crowd_attribute": CROWD}
        return {name: defaults[name] if value is None else value for name, value in given.items()}
    for name, value in given.items():
        if value is not None:
            raise InvalidInput(f"Only detections have the option {name}.", pointer=f"/{name}")
    return {}


def compare_slice(evaluation: Evaluation, cursor: int, limit: int | None = None) -> tuple[int | None, int]:
    """Compare the next samples and store what was found, as part of the caller's transaction.

    Returns the next cursor, None after the last slice, and how many samples this slice saw.
    """
    found = compare(evaluation, cursor, limit)
    store(evaluation, found)
    return found.after, found.seen


def store(evaluation: Evaluation, found: Compared) -> None:
    """Add a slice to its evaluation: matches and tally together, so that a repeated slice counts once."""
    tally = evaluation.tally
    tally["samples"] = tally.get("samples", 0) + found.samples
    tally["missing"] = tally.get("missing", 0) + found.seen - found.samples
    tally["exact"] = tally.get("exact", 0) + found.exact
    tally["pairs"] = merged(tally.get("pairs", {}), found.pairs)
    tally["positives"] = added(tally.get("positives", {}), found.positives)
    if found.numbers:
        errors = Errors(**tally.get("errors", {}))
        errors.add(found.numbers)
        tally["errors"] = vars(errors)
    evaluation.versions = evaluation.versions or found.versions
    with transaction.atomic(savepoint=False):
        bulk.insert(EvaluationMatch, MATCH_COLUMNS, [(evaluation.pk, *row) for row in found.rows])
        evaluation.save(update_fields=["tally", "versions"])


def finish(evaluation: Evaluation, measured: Measured | None = None) -> None:
    """Turn what was counted into the metrics, the scores per class, the confusion and the curves, and save them."""
    for name, value in vars(measured or measure(evaluation)).items():
        setattr(evaluation, name, value)
    evaluation.samples = evaluation.tally.get("samples", 0)
    evaluation.missing = evaluation.tally.get("missing", 0)
    evaluation.save(
        update_fields=["confusion", "per_class", "metrics", "curves", "samples", "missing"],
    )


def forget_some(evaluation: Evaluation) -> bool:
    """Delete matches of an earlier count; False when there are none left. In portions, for there may be millions."""
    rows = EvaluationMatch.objects.filter(evaluation=evaluation).values_list("pk", flat=True)
    some = list(rows[:FORGOTTEN_AT_ONCE])
    for start in range(0, len(some), 500):
        EvaluationMatch.objects.filter(pk__in=some[start : start + 500]).delete()
    return bool(some)


def forget_all(evaluation: Evaluation) -> None:
    """Delete all matches, by one statement."""
    rows = EvaluationMatch.objects.filter(evaluation=evaluation)
    rows._raw_delete(rows.db)
