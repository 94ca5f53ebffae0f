"""What evaluations say afterwards: whether they are still true, and what they found on one sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Q

from datasets_app.conditions import bad_filter
from datasets_app.models import Dataset, Evaluation, EvaluationMatch, Field, Sample
from samplecase.contracts.labels import FieldType

VERDICTS: Mapping[str, Q] = {
    "tp": Q(actual=F("predicted")),
    "fp": Q(predicted__isnull=False) & (Q(actual__isnull=True) | ~Q(actual=F("predicted"))),
    "fn": Q(actual__isnull=False) & (Q(predicted__isnull=True) | ~Q(actual=F("predicted"))),
}
SIDES = ("predictions", "ground_truth")
JUDGED = frozenset({FieldType.CLASSIFICATION, FieldType.CLASSIFICATIONS, FieldType.DETECTIONS})

FieldVersions = Mapping[str, list[int]]


def field_versions(dataset: Dataset | int) -> FieldVersions:
    """Field -> its id, and how often its values were changed."""
    rows = Field.objects.filter(dataset=dataset).values_list("name", "pk", "changes")
    return {name: [pk, changes] for name, pk, changes in rows}


def is_stale(evaluation: Evaluation, now: FieldVersions) -> bool:
    """Whether values of one of the fields have changed since they were read, or the field is gone."""
    if not evaluation.versions:
        return bool(evaluation.metrics)  # counted before anybody noted what was read
    return any(now.get(getattr(evaluation, side)) != evaluation.versions.get(side) for side in SIDES)


def verdict_condition(evaluation: Evaluation, verdict: Any, at: str) -> Q:
    """The matches that are right (tp), predicted in vain (fp), or not found (fn)."""
    if not isinstance(verdict, str) or verdict not in VERDICTS:
        raise bad_filter(at, f"This is one of {', '.join(VERDICTS)}.")
    if evaluation.type not in JUDGED:
        raise bad_filter(at, f"An evaluation of type {evaluation.type} judges no labels.")
    return VERDICTS[verdict]


def results_on(sample: Sample) -> list[dict[str, Any]]:
    """What each evaluation found on the sample, newest first."""
    rows = EvaluationMatch.objects.filter(sample=sample, counts=True).select_related("evaluation")
    found: dict[int, dict[str, Any]] = {}
    for row in rows.order_by("-evaluation", "pk"):
        if row.evaluation_id not in found:
            found[row.evaluation_id] = _empty(row.evaluation)
        _count(found[row.evaluation_id], row)
    return list(found.values())


def _empty(evaluation: Evaluation) -> dict[str, Any]:
    facts = {name: getattr(evaluation, name) for name in ("type", *SIDES)}
    counts = {"tp": 0, "fp": 0, "fn": 0} if evaluation.type in JUDGED else {}
    return {"evaluation": evaluation.pk, **facts, **counts, "labels": []}


def _count(found: dict[str, Any], row: EvaluationMatch) -> None:
    label: dict[str, Any] = {name: getattr(row, name) for name in ("actual", "predicted")}
    if "tp" in found:
        is_right = row.actual == row.predicted
        label["actual_is"] = None if row.actual is None else "tp" if is_right else "fn"
        label["predicted_is"] = None if row.predicted is None else "tp" if is_right else "fp"
        for verdict in {label["actual_is"], label["predicted_is"]} - {None}:
            found[verdict] += 1
    for name in ("actual_id", "predicted_id", "iou", "confidence", "number"):
        label[name] = getattr(row, name)
    found["labels"].append(label)
