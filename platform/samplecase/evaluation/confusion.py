"""Who was taken for whom: a matrix of classes, and precision, recall and F1 of each of them.

Definitions as scikit-learn's `precision_recall_fscore_support(zero_division=0)`,
https://scikit-learn.org/stable/modules/model_evaluation.html#precision-recall-f-measure-metrics
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Key of "no class" in `Pairs`: what was missed was predicted as nothing, and a ghost is nothing. No label is empty.
NOTHING = ""

# {actual: {predicted: how often}}
Pairs = dict[str, dict[str, int]]


@dataclass(frozen=True)
class ClassScore:
    """How well one label was told from the others. Ratios are 0 where they would divide by 0."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int  # how often the ground truth has it


def add_pair(pairs: Pairs, actual: str | None, predicted: str | None, number: int = 1) -> None:
    """Count what was `actual` and was `predicted`; None is nothing."""
    row = pairs.setdefault(actual or NOTHING, {})
    row[predicted or NOTHING] = row.get(predicted or NOTHING, 0) + number


def classes_in_order(pairs: Mapping[str, Mapping[str, int]], declared: Iterable[Any]) -> list[str]:
    """Every label that occurs, declared ones first and in their order; "nothing" is none."""
    occurring = set(pairs).union(*pairs.values()) - {NOTHING}
    listed = [str(label) for label in declared if label in occurring]
    return listed + sorted(occurring - set(listed))


def matrix_of(pairs: Mapping[str, Mapping[str, int]], classes: Sequence[str]) -> list[list[int]]:
    """`matrix[i][j]`: how often class i was predicted as class j."""
    return [[pairs.get(actual, {}).get(predicted, 0) for predicted in classes] for actual in classes]


def class_scores(classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> list[ClassScore]:
    """Precision, recall, F1 and support of each class of a confusion matrix (rows actual, columns predicted).

    The matrix may have rows and columns beyond the classes, of what belongs to none of them.
    """
    predicted = [sum(column) for column in zip(*matrix, strict=True)]
    scores = []
    for place, label in enumerate(classes):
        hits, support = matrix[place][place], sum(matrix[place])
        precision, recall = ratio(hits, predicted[place]), ratio(hits, support)
        f1 = ratio(2 * hits, predicted[place] + support)
        scores.append(ClassScore(label, precision, recall, f1, support))
    return scores


def summary(scores: Sequence[ClassScore], *, correct: int) -> dict[str, float]:
    """The metrics of a whole evaluation of classifications; empty when nothing could be compared."""
    total = sum(score.support for score in scores)
    return {"accuracy": correct / total, **averages(scores)} if total else {}


def averages(scores: Sequence[ClassScore]) -> dict[str, float]:
    """Macro averages, over all classes that occur, and averages weighted by support; empty without support."""
    total = sum(score.support for score in scores)
    metrics: dict[str, float] = {}
    for name in ("precision", "recall", "f1") if total else ():
        values = [(getattr(score, name), score.support) for score in scores]
        metrics[f"{name}_macro"] = sum(value for value, _ in values) / len(values)
        metrics[f"{name}_weighted"] = sum(value * support for value, support in values) / total
    return metrics


def micro(*, hits: int, predicted: int, actual: int) -> dict[str, float]:
    """Precision, recall and F1 of all labels together, whatever their class."""
    return {
        "precision_micro": ratio(hits, predicted),
        "recall_micro": ratio(hits, actual),
        "f1_micro": ratio(2 * hits, predicted + actual),
    }


def ratio(part: float, whole: float) -> float:
    """`part / whole`, and 0 where that would divide by 0."""
    return part / whole if whole else 0.0
