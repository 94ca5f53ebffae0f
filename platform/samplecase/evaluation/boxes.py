"""Which predicted box is which true one, on one image: COCO's rule at all of its thresholds, and ours at one.

COCO's rule is that of `evaluateImg` in
https://github.com/cocodataset/cocoapi/blob/master/PythonAPI/pycocotools/cocoeval.py
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

THRESHOLDS: tuple[float, ...] = tuple(float(each) for each in np.linspace(0.5, 0.95, 10))
# Pixels of area; a box on a border counts on both sides, as with COCO.
AREAS: dict[str, tuple[float, float]] = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
MOST = 100  # predictions per class and image that COCO looks at, the most confident ones
MARKS = len(AREAS) * len(THRESHOLDS)  # bits: area by area, in each threshold by threshold
_BYTES = MARKS // 8


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled box, in pixels: left, top, width, height."""

    label: str
    box: tuple[float, float, float, float]
    id: str = ""
    confidence: float = 1.0
    is_crowd: bool = False  # stands for many; what is found in it is neither right nor wrong

    @property
    def area(self) -> float:
        return self.box[2] * self.box[3]


@dataclass(slots=True)
class Match:
    """A true box with what was predicted for it; one of the two may be missing.

    `rank` is the prediction's place among those of its class on the image, the most confident first. `marks` says
    for each area and threshold whether COCO takes it for matched and whether it leaves it out: 2 × 40 bits, as
    hexadecimal digits; empty where COCO does not look at the prediction at all. A match that does not `count` is
    there for its marks only: the prediction lies in a crowd.
    """

    actual: Box | None
    predicted: Box | None
    iou: float | None = None
    rank: int = 0
    marks: str = ""
    counts: bool = True


def match_boxes(truth: Sequence[Box], predictions: Sequence[Box], *, threshold: float = 0.5) -> list[Match]:
    """The matches of one image at an IoU of at least `threshold`.

    1. Within each class, as COCO has it: the most confident prediction first, each takes the free true box that it
       overlaps most. What lies in a crowd is left out.
    2. What is left is matched the same way across the classes: a thing that was found and given a wrong name.
    3. What is left then was missed, or is a ghost.

    Those of a class come in the order of their rank, in which COCO sees equally confident ones.
    """
    taken: set[int] = set()
    matches: list[Match] = []
    unmatched: list[Match] = []
    for label in dict.fromkeys(each.label for each in predictions):
        ranked = _by_confidence([each for each in predictions if each.label == label])
        for match in _of_class(ranked, [each for each in truth if each.label == label], threshold):
            if match.actual is None:
                unmatched.append(match)
                continue
            matches.append(match)
            taken.add(id(match.actual))
    free = [each for each in truth if not each.is_crowd and id(each) not in taken]
    for match in sorted(unmatched, key=lambda match: -_confidence(match)):
        place, overlap = _best([iou(match.predicted, each) for each in free if match.predicted], threshold)
        if place is not None:
            match.actual, match.iou = free.pop(place), overlap
        matches.append(match)
    matches.sort(key=lambda match: match.rank)
    matches.extend(Match(each, None) for each in free)
    return matches


def iou(one: Box, other: Box) -> float:
    """Intersection over union; over the first box alone where the other one is a crowd."""
    x, y, width, height = one.box
    left, top, wide, high = other.box
    across = min(x + width, left + wide) - max(x, left)
    down = min(y + height, top + high) - max(y, top)
    if across <= 0 or down <= 0:
        return 0.0
    common = across * down
    return common / (one.area if other.is_crowd else one.area + other.area - common)


def _by_confidence(boxes: Sequence[Box]) -> list[Box]:
    return sorted(boxes, key=lambda box: -box.confidence)


def _confidence(match: Match) -> float:
    return match.predicted.confidence if match.predicted else 0.0


def _best(overlaps: Sequence[float], threshold: float) -> tuple[int | None, float]:
    place = max(range(len(overlaps)), key=overlaps.__getitem__, default=None)
    if place is None or overlaps[place] < _least(threshold):
        return None, 0.0
    return place, overlaps[place]


def _of_class(ranked: Sequence[Box], truth: Sequence[Box], threshold: float) -> list[Match]:
    overlaps = [[iou(box, other) for other in truth] for box in ranked]
    looked_at, known = overlaps[:MOST], ranked[:MOST]
    marks = _marks(looked_at, known, truth)
    crowds = [each.is_crowd for each in truth]
    order = sorted(range(len(truth)), key=crowds.__getitem__)
    found = _assigned(overlaps, [order] * len(ranked), crowds, crowds, threshold)
    return [
        Match(
            actual=None if place is None else truth[place],
            predicted=box,
            iou=None if place is None else overlaps[rank][place],
            rank=rank,
            marks=marks[rank] if rank < MOST else "",
            counts=place is None or not crowds[place],
        )
        for rank, (box, place) in enumerate(zip(ranked, found, strict=True))
    ]


def _marks(overlaps: Sequence[Sequence[float]], boxes: Sequence[Box], truth: Sequence[Box]) -> list[str]:
    """`Match.marks` of each of the boxes, which are in the order of their confidence."""
    matched, ignored = [0] * len(boxes), [0] * len(boxes)
    crowds = [each.is_crowd for each in truth]
    near = [[place for place, each in enumerate(row) if each >= THRESHOLDS[0]] for row in overlaps]
    for number, limits in enumerate(AREAS.values()):
        leaves_out = [each.is_crowd or not _within(each, limits) for each in truth]
        candidates = [sorted(places, key=leaves_out.__getitem__) for places in near]
        outside = [not _within(box, limits) for box in boxes]
        for step, threshold in enumerate(THRESHOLDS):
            bit = 1 << (MARKS - 1 - number * len(THRESHOLDS) - step)
            found = _assigned(overlaps, candidates, leaves_out, crowds, threshold)
            for rank, place in enumerate(found):
                if place is not None:
                    matched[rank] |= bit
                if outside[rank] if place is None else leaves_out[place]:
                    ignored[rank] |= bit
    return [f"{one:0{2 * _BYTES}x}{two:0{2 * _BYTES}x}" for one, two in zip(matched, ignored, strict=True)]


def _assigned(
    overlaps: Sequence[Sequence[float]],
    candidates: Sequence[Sequence[int]],
    leaves_out: Sequence[bool],
    crowds: Sequence[bool],
    threshold: float,
) -> list[int | None]:
    """For each prediction the place of its true box. Of its candidates, those that are left out come last."""
    taken: set[int] = set()
    found: list[int | None] = []
    for rank, places in enumerate(candidates):
        best, chosen = _least(threshold), None
        for place in places:
            if place in taken and not crowds[place]:
                continue
            if chosen is not None and leaves_out[place] and not leaves_out[chosen]:
                break
            if overlaps[rank][place] >= best:
                best, chosen = overlaps[rank][place], place
        if chosen is not None:
            taken.add(chosen)
        found.append(chosen)
    return found


def _least(threshold: float) -> float:
    return min(threshold, 1 - 1e-10)


def _within(box: Box, limits: tuple[float, float]) -> bool:
    return limits[0] <= box.area <= limits[1]
