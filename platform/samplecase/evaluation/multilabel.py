"""Several labels per sample: which of them were found, and how well their scores order the samples.

Definitions as scikit-learn's for multilabel indicators: `precision_recall_fscore_support` (micro, macro, weighted),
`accuracy_score` (the share of samples whose labels are all right) and `average_precision_score` (macro).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """A label of a sample: in the ground truth, among the predictions, or both."""

    label: str
    is_actual: bool
    is_predicted: bool
    confidence: float | None = None


def match_labels(truth: Sequence[str], predictions: Mapping[str, float | None]) -> list[LabelMatch]:
    """The labels of one sample; one that stands there twice counts once."""
    labels = dict.fromkeys([*truth, *predictions])
    wanted = set(truth)
    return [
        LabelMatch(label, label in wanted, label in predictions, predictions.get(label)) for label in labels
    ]
