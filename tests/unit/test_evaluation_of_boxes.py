"""Boxes: what pycocotools says of the same boxes, to 1e-6, and which box is taken for which."""

from __future__ import annotations

import contextlib
import io
import random
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from samplecase.evaluation.boxes import Box, match_boxes
from samplecase.evaluation.precision import Ranked, area_counts, class_precision, coco_metrics, packed

SIZE = 400  # pixels of a side
Image = tuple[list[Box], list[Box]]  # true and predicted boxes
# pycocotools' `stats`, in its order.
NAMES = [
    *("map", "map_50", "map_75", "map_small", "map_medium", "map_large"),
    *("mar_1", "mar_10", "mar_100", "mar_small", "mar_medium", "mar_large"),
]


def ours(images: list[Image]) -> tuple[dict[str, float], dict[str, float]]:
    """COCO's figures, and the AP of each class."""
    rows: dict[str, list[Any]] = {}
    positives: dict[str, list[int]] = {}
    for truth, predictions in images:
        for match in match_boxes(truth, predictions):
            if match.predicted:
                rows.setdefault(match.predicted.label, []).append(
                    (match.predicted.confidence, match.rank, match.marks)
                )
        for label in {each.label for each in truth}:
            counted = area_counts([each for each in truth if each.label == label])
            before = positives.setdefault(label, [0] * 4)
            positives[label] = [one + two for one, two in zip(before, counted, strict=True)]
    classes = {}
    for label, counts in positives.items():
        scores, ranks, marks = zip(*rows[label], strict=True) if label in rows else ((), (), ())
        found = Ranked(np.array(scores), np.array(ranks, dtype=int), b"".join(map(packed, marks)))
        classes[label] = class_precision(found, counts)
    ap = {label: float(np.mean(each.ap["all"])) for label, each in classes.items() if "all" in each.ap}
    return coco_metrics(classes), ap


def theirs(images: list[Image]) -> tuple[dict[str, float], dict[str, float]]:
    labels = sorted({box.label for truth, found in images for box in [*truth, *found]})
    number = {label: place + 1 for place, label in enumerate(labels)}
    annotations: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for place, (truth, predictions) in enumerate(images):
        for box in truth:
            facts = {"image_id": place + 1, "category_id": number[box.label], "bbox": list(box.box)}
            annotations.append(
                {**facts, "id": len(annotations) + 1, "area": box.area, "iscrowd": int(box.is_crowd)}
            )
        for box in predictions:
            facts = {"image_id": place + 1, "category_id": number[box.label], "bbox": list(box.box)}
            results.append({**facts, "score": box.confidence})
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "info": {},
            "images": [{"id": place + 1, "width": SIZE, "height": SIZE} for place in range(len(images))],
            "categories": [{"id": number[label], "name": label} for label in labels],
            "annotations": annotations,
        }
        coco.createIndex()
        judged = COCOeval(coco, coco.loadRes(results), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    metrics = {name: value for name, value in zip(NAMES, judged.stats, strict=True) if value > -1}
    precision = judged.eval["precision"][:, :, :, 0, 2]  # threshold, recall, class
    ap = {label: precision[:, :, place].mean() for place, label in enumerate(labels)}
    return metrics, {label: float(value) for label, value in ap.items() if value > -1}


def images_of(seed: int, *, crowds: bool = False, ties: bool = False, many: bool = False) -> list[Image]:
    """True boxes of all sizes, predictions that are near them, doubled, of another class, missing or invented."""
    choose = random.Random(seed)
    images: list[Image] = []
    for _ in range(4 if many else 25):
        truth = [a_box(choose, is_crowd=crowds and choose.random() < 0.2) for _ in range(choose.randrange(8))]
        found = []
        for box in truth:
            for _ in range(choose.randrange(40) if many else choose.choice([0, 1, 1, 1, 2, 3])):
                found.append(moved(choose, box))
        found += [a_box(choose) for _ in range(choose.randrange(3))]
        if ties:
            found = [Box(box.label, box.box, confidence=choose.choice([0.25, 0.5, 0.75])) for box in found]
        choose.shuffle(found)
        images.append((truth, found))
    return images


def a_box(choose: random.Random, *, is_crowd: bool = False) -> Box:
    width, height = (choose.choice([8.0, 20.0, 32.0, 60.0, 96.0, 150.0]) for _ in range(2))
    left, top = choose.uniform(0, SIZE - width), choose.uniform(0, SIZE - height)
    place = (left, top, width, height)
    return Box(choose.choice("abcd"), place, confidence=choose.random(), is_crowd=is_crowd)


def moved(choose: random.Random, box: Box) -> Box:
    left, top, width, height = box.box
    by = choose.choice([0.0, 0.03, 0.1, 0.3])
    place = (
        left + choose.uniform(-by, by) * width,
        top + choose.uniform(-by, by) * height,
        width * (1 + choose.uniform(-by, by)),
        height * (1 + choose.uniform(-by, by)),
    )
    label = box.label if choose.random() < 0.85 else choose.choice("abcde")
    return Box(label, place, confidence=choose.random())


WORLDS: dict[str, dict[str, bool]] = {
    "plain": {},
    "with crowds": {"crowds": True},
    "with equal confidences": {"ties": True},
    "with more than a hundred predictions": {"many": True},
    "with all of it": {"crowds": True, "ties": True, "many": True},
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("world", WORLDS)
def test_the_figures_are_those_of_pycocotools(world: str, seed: int) -> None:
    images = images_of(seed, **WORLDS[world])
    metrics, ap = ours(images)
    expected, expected_ap = theirs(images)
    assert metrics == pytest.approx(expected, abs=1e-6)
    assert ap == pytest.approx(expected_ap, abs=1e-6)
    assert metrics["map"] > 0


def test_perfect_predictions_are_perfect() -> None:
    images: list[Image] = [(truth, truth) for truth, _ in images_of(1) if truth]
    metrics, ap = ours(images)
    assert [*ap.values()] == pytest.approx([1.0] * len(ap))
    assert metrics["map"] == metrics["map_50"] == pytest.approx(1.0)


def box(
    label: str, left: float, *, confidence: float = 1.0, is_crowd: bool = False, width: float = 40
) -> Box:
    return Box(label, (left, 10.0, width, 40.0), confidence=confidence, is_crowd=is_crowd)


def pairs(truth: list[Box], found: list[Box], threshold: float = 0.5) -> list[tuple[str | None, str | None]]:
    matches = match_boxes(truth, found, threshold=threshold)
    return [
        (each.actual and each.actual.label, each.predicted and each.predicted.label)
        for each in matches
        if each.counts
    ]


def test_a_box_of_another_class_is_a_confusion_and_not_a_miss_and_a_ghost() -> None:
    assert pairs([box("cat", 0)], [box("dog", 2)]) == [("cat", "dog")]


def test_a_box_of_its_own_class_comes_first_even_if_another_fits_better() -> None:
    assert sorted(pairs([box("cat", 0)], [box("dog", 0), box("cat", 10, confidence=0.1)]), key=str) == [
        ("cat", "cat"),
        (None, "dog"),
    ]


def test_what_is_found_twice_is_a_ghost_the_second_time() -> None:
    found = [box("cat", 1, confidence=0.4), box("cat", 0, confidence=0.9)]
    matches = match_boxes([box("cat", 0)], found)
    assert [(each.actual is not None, each.predicted) for each in matches] == [
        (True, found[1]),
        (False, found[0]),
    ]


def test_what_nobody_predicted_was_missed() -> None:
    assert pairs([box("cat", 0), box("cat", 200)], [box("cat", 0)]) == [("cat", "cat"), ("cat", None)]


def test_what_lies_in_a_crowd_is_neither_right_nor_wrong() -> None:
    crowd = box("cat", 0, width=200, is_crowd=True)
    assert pairs([crowd], [box("cat", 10), box("cat", 60)]) == []
    assert pairs([crowd], []) == []


def test_the_threshold_decides_what_belongs_together() -> None:
    truth, found = [box("cat", 0)], [box("cat", 20)]  # a third in common
    assert pairs(truth, found, 0.3) == [("cat", "cat")]
    assert pairs(truth, found, 0.5) == [(None, "cat"), ("cat", None)]
