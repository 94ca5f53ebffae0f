"""Whether the outputs of a plan agree with those of the plain network in single precision."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from samplecase.contracts.plans import Tolerance
from samplecase.runtime.engines.port import Array, Element, ElementError

Size = tuple[int, int]  # width, height of the displayed image
SHARE_OF_PIXELS = 0.01  # of a segmentation, that may be of another class


@dataclass
class Agreement:
    """What the comparison of some samples found."""

    compared: int = 0
    disagreeing: int = 0
    changed: int = 0  # samples with another best label, those within the margin included
    score: float = 0.0  # the largest difference met
    pixels: float = 0.0
    first: str = ""  # what was wrong with the first sample that disagrees

    def as_json(self) -> dict[str, Any]:
        return {
            "compared": self.compared,
            "disagreeing": self.disagreeing,
            "labels_changed": self.changed,
            "largest_score_difference": round(self.score, 5),
            "largest_box_difference": round(self.pixels, 3),
        }

    @property
    def fault(self) -> str:
        """Why the outputs do not agree; empty when they do."""
        if not self.disagreeing:
            return ""
        return f"{self.disagreeing} of {self.compared} samples disagree: {self.first}"


@dataclass
class _Pair:
    """One sample's comparison while it is made."""

    tolerance: Tolerance
    faults: list[str] = field(default_factory=list)
    changed: bool = False
    score: float = 0.0
    pixels: float = 0.0

    def see_score(self, difference: float, of: str) -> None:
        self.score = max(self.score, difference)
        if not difference <= self.tolerance.score:  # also where it is no number
            self.faults.append(f"{of} differs by {difference:.3g}, over {self.tolerance.score:g}")


class Comparer:
    """Compares answers by what the package's `postprocess` block makes of the network's outputs."""

    def __init__(self, manifest: Mapping[str, Any], tolerance: Tolerance) -> None:
        self._tolerance = tolerance
        block = manifest["postprocess"]
        self._threshold = block["score_threshold"]
        self._most = block["max"]
        self._compare: Callable[[_Pair, Any, Any, Size], None] = {
            "softmax": self._classification,
            "sigmoid": self._classifications,
            "detections": self._detections,
        }.get(block["kind"], self._numbers)

    def add(self, agreement: Agreement, plain: Element, other: Element, size: Size) -> None:
        """Count one sample: what the plain network gave for it, and what the plan gave."""
        pair = _Pair(self._tolerance)
        if isinstance(plain, ElementError) or isinstance(other, ElementError):
            if not (isinstance(plain, ElementError) and isinstance(other, ElementError)):
                fails = "the plain network" if isinstance(plain, ElementError) else "the plan"
                pair.faults.append(f"{fails} alone gives no answer")
        elif (plain is None) != (other is None):
            pair.faults.append("one of them finds nothing")
        elif plain is not None:
            self._compare(pair, plain, other, size)
        agreement.compared += 1
        agreement.disagreeing += bool(pair.faults)
        agreement.changed += pair.changed
        agreement.score = max(agreement.score, pair.score if math.isfinite(pair.score) else 0.0)
        agreement.pixels = max(agreement.pixels, pair.pixels)
        if pair.faults and not agreement.first:
            agreement.first = pair.faults[0]

    def _classification(self, pair: _Pair, plain: Any, other: Any, size: Size) -> None:
        scores = plain["scores"]
        if plain["label"] != other["label"]:
            pair.changed = True
            best = sorted(scores.values(), reverse=True)
            margin = best[0] - best[1] if len(best) > 1 else best[0]
            if not margin < pair.tolerance.margin:
                pair.faults.append(f"the best label is another, with a margin of {margin:.3g}")
        found = other.get("scores")
        if found is None:  # as a job gets it
            floor = min(scores.values())
            pair.see_score(abs(scores.get(other["label"], floor) - other["confidence"]), "a score")
        else:
            _compare_scores(pair, scores, found)

    def _classifications(self, pair: _Pair, plain: Any, other: Any, size: Size) -> None:
        one, two = ({each["label"]: each["confidence"] for each in value} for value in (plain, other))
        floor = self._threshold
        for label in one.keys() | two.keys():
            known = [scores[label] for scores in (one, two) if label in scores]
            missing = [max(known[0] - floor, 0.0)] if len(known) == 1 else []
            pair.see_score(missing[0] if missing else abs(known[0] - known[1]), "a score")
            pair.changed |= (one.get(label, 0) >= floor) != (two.get(label, 0) >= floor)

    def _detections(self, pair: _Pair, plain: Any, other: Any, size: Size) -> None:
        left = list(other)
        for box in plain:
            match = min(
                (each for each in left if each["label"] == box["label"]),
                key=lambda each, box=box: _moved(box, each, size),  # type: ignore[misc]
                default=None,
            )
            if match is not None and self._is_same(pair, box, match, size):
                left.remove(match)
            else:
                self._unmatched(pair, box, len(other))
        for box in left:
            self._unmatched(pair, box, len(plain))

    def _is_same(self, pair: _Pair, box: Any, match: Any, size: Size) -> bool:
        moved = _moved(box, match, size)
        difference = abs(box["confidence"] - match["confidence"])
        if moved > pair.tolerance.pixels or difference > pair.tolerance.score:
            return False
        pair.pixels, pair.score = max(pair.pixels, moved), max(pair.score, difference)
        return True

    def _unmatched(self, pair: _Pair, box: Any, count: int) -> None:
        """A box that only one of them found may be one that a hair's breadth kept in or out."""
        above = box["confidence"] - self._threshold
        if above > pair.tolerance.score and count < self._most:
            pair.changed = True
            pair.faults.append(
                f"a box with a score of {box['confidence']:.3g} has no other within "
                f"{pair.tolerance.pixels:g} px and {pair.tolerance.score:g}"
            )

    def _numbers(self, pair: _Pair, plain: Any, other: Any, size: Size) -> None:
        if isinstance(plain, Array) and plain.dtype != "float32":
            one, two = (np.frombuffer(each.data, each.dtype) for each in (plain, other))
            share = float((one != two).mean()) if one.shape == two.shape else 1.0
            pair.score = share
            if share > SHARE_OF_PIXELS:
                pair.faults.append(f"{share:.1%} of the pixels are of another class")
            return
        one, two = (_vector(each) for each in (plain, other))
        if one.shape != two.shape:
            pair.faults.append("the output has another shape")
            return
        scale = max(float(np.linalg.norm(one)), 1e-6)
        pair.see_score(float(np.linalg.norm(one - two)) / scale, "the output, relative to its size,")


def _vector(value: Any) -> Any:
    if isinstance(value, Array):
        return np.frombuffer(value.data, value.dtype).astype(np.float64)
    return np.asarray(value, dtype=np.float64).ravel()


def _compare_scores(pair: _Pair, one: Mapping[str, float], two: Mapping[str, float]) -> None:
    """Only the best scores are told: of a label that is not among them it is known that it is below all of them."""
    floors = [min(scores.values()) for scores in (one, two)]
    for label in one.keys() | two.keys():
        values = [scores.get(label) for scores in (one, two)]
        if None not in values:
            pair.see_score(abs(one[label] - two[label]), "a score")
            continue
        known, floor = (values[0], floors[1]) if values[1] is None else (values[1], floors[0])
        pair.see_score(max((known or 0.0) - floor, 0.0), "a score")


def _moved(box: Any, other: Any, size: Size) -> float:
    """By how many pixels of the image the farthest side of the box lies elsewhere."""
    return max(
        abs(one - two) * side
        for one, two, side in zip(_corners(box), _corners(other), (*size, *size), strict=True)
    )


def _corners(box: Any) -> Sequence[float]:
    left, top, width, height = box["bounding_box"]
    return left, top, left + width, top + height
