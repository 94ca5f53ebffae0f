"""Classes of pixels: how much of what is there and what is said to be there is the same.

IoU of a class is TP / (TP + FP + FN) over all pixels of all samples, and its mean is over the classes that occur, as
in PASCAL VOC (Everingham et al. 2010, section 4.1.3) and Cityscapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from samplecase.evaluation.confusion import ratio

Array = np.ndarray[Any, np.dtype[Any]]


def pixel_pairs(truth: Array, predicted: Array) -> list[tuple[int, int, int]]:
    """`(actual, predicted, pixels)` of one sample. A prediction of another size is scaled to it, by nearest pixel."""
    same_size = fitted(predicted, truth.shape)
    joined = truth.astype(np.uint64).ravel() << np.uint64(32) | same_size.astype(np.uint64).ravel()
    pairs, numbers = np.unique(joined, return_counts=True)
    return [
        (int(pair >> np.uint64(32)), int(pair & np.uint64(0xFFFFFFFF)), int(number))
        for pair, number in zip(pairs, numbers, strict=True)
    ]


def fitted(mask: Array, shape: tuple[int, ...]) -> Array:
    """`mask` in the given height and width, each pixel that of the nearest place."""
    if mask.shape == shape:
        return mask
    rows, columns = (
        (np.arange(wanted) * 2 + 1) * given // (2 * wanted)
        for wanted, given in zip(shape, mask.shape, strict=True)
    )
    picked: Array = mask[rows[:, None], columns[None, :]]
    return picked


def ious(matrix: Sequence[Sequence[int]]) -> list[float]:
    """The IoU of each class of a square matrix of pixels (rows actual, columns predicted)."""
    predicted = [sum(column) for column in zip(*matrix, strict=True)]
    return [ratio(row[place], sum(row) + predicted[place] - row[place]) for place, row in enumerate(matrix)]


def summary(matrix: Sequence[Sequence[int]]) -> dict[str, float]:
    """Mean IoU, IoU weighted by the actual pixels, and the share of pixels that are right; empty without pixels."""
    support = [sum(row) for row in matrix]
    total = sum(support)
    if not total:
        return {}
    each = ious(matrix)
    return {
        "mean_iou": sum(each) / len(each),
        "weighted_iou": sum(iou * pixels for iou, pixels in zip(each, support, strict=True)) / total,
        "pixel_accuracy": sum(row[place] for place, row in enumerate(matrix)) / total,
    }


def mean_iou(pairs: Sequence[tuple[int, int, int]]) -> float:
    """The mean IoU of one sample, over the classes that occur on it."""
    classes = sorted({each[0] for each in pairs} | {each[1] for each in pairs})
    places = {label: place for place, label in enumerate(classes)}
    matrix = [[0] * len(classes) for _ in classes]
    for actual, predicted, pixels in pairs:
        matrix[places[actual]][places[predicted]] = pixels
    return sum(ious(matrix)) / len(classes)
