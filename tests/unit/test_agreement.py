"""When the outputs of a plan count as those of the plain network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from samplecase.contracts.plans import TOLERANCE, Plan, Tricks
from samplecase.runtime.checking.agreement import Agreement, Comparer
from samplecase.runtime.checking.search import changes, layouts
from samplecase.runtime.engines.port import Array, ElementError

SIZE = (640, 480)


def compared(kind: str, plain: Any, other: Any, **block: Any) -> Agreement:
    manifest = {"postprocess": {"kind": kind, "score_threshold": 0.5, "max": 100, **block}}
    agreement = Agreement()
    Comparer(manifest, TOLERANCE).add(agreement, plain, other, SIZE)
    return agreement


def scored(**scores: float) -> dict[str, Any]:
    best = max(scores, key=lambda label: scores[label])
    return {"label": best, "confidence": scores[best], "scores": scores}


@pytest.mark.parametrize(
    ("plain", "other", "agrees", "changed"),
    [
        (scored(cat=0.9, dog=0.1), scored(cat=0.909, dog=0.091), True, 0),
        (scored(cat=0.9, dog=0.1), scored(cat=0.911, dog=0.089), False, 0),
        # Another label is allowed only where the plain network itself hardly tells them apart.
        (scored(cat=0.505, dog=0.495), scored(cat=0.497, dog=0.503), True, 1),
        (scored(cat=0.511, dog=0.489), scored(cat=0.499, dog=0.501), False, 1),
        (scored(cat=0.6, dog=0.4), scored(cat=0.4, dog=0.6), False, 1),
        (scored(cat=0.9, dog=0.1), scored(cat=float("nan"), dog=0.1), False, 0),
        # As a job gets it, without the scores.
        (scored(cat=0.9, dog=0.1), {"label": "cat", "confidence": 0.905}, True, 0),
        (scored(cat=0.9, dog=0.1), {"label": "cat", "confidence": 0.8}, False, 0),
        (scored(cat=0.9, dog=0.1), ElementError("exception", ""), False, 0),
        (ElementError("unreadable_media", ""), ElementError("unreadable_media", ""), True, 0),
        (scored(cat=0.9, dog=0.1), None, False, 0),
    ],
)
def test_one_label_for_each_sample(plain: Any, other: Any, agrees: bool, changed: int) -> None:
    found = compared("softmax", plain, other)
    assert (not found.fault, found.changed) == (agrees, changed), found


def labels(**scores: float) -> list[dict[str, Any]]:
    return [{"label": label, "confidence": score} for label, score in scores.items()]


@pytest.mark.parametrize(
    ("plain", "other", "agrees"),
    [
        (labels(a=0.9, b=0.6), labels(a=0.895, b=0.607), True),
        (labels(a=0.9, b=0.6), labels(a=0.9, b=0.62), False),
        (labels(a=0.9, b=0.505), labels(a=0.9), True),  # a hair's breadth over the threshold
        (labels(a=0.9), labels(a=0.9, b=0.55), False),
        ([], [], True),
    ],
)
def test_several_labels_for_each_sample(plain: Any, other: Any, agrees: bool) -> None:
    assert (not compared("sigmoid", plain, other).fault) is agrees


def box(left: float, top: float, confidence: float = 0.9, label: str = "cat") -> dict[str, Any]:
    """A box whose corner lies at this pixel."""
    return {
        "label": label, "confidence": confidence, "bounding_box": [left / 640, top / 480, 100 / 640, 100 / 480]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("plain", "other", "agrees"),
    [
        ([box(10, 10)], [box(10.9, 10.9, 0.905)], True),
        ([box(10, 10)], [box(11.2, 10)], False),
        ([box(10, 10)], [box(10, 11.2)], False),
        ([box(10, 10)], [box(10, 10, 0.88)], False),
        ([box(10, 10)], [box(10, 10, label="dog")], False),
        ([box(10, 10), box(200, 200)], [box(200, 200.5), box(10.5, 10)], True),
        ([box(10, 10), box(12, 10)], [box(10, 10), box(12, 10)], True),
        ([box(10, 10)], [], False),
        ([], [box(10, 10)], False),
        ([box(10, 10, 0.505)], [], True),
    ],
)
def test_boxes(plain: Any, other: Any, agrees: bool) -> None:
    assert (not compared("detections", plain, other).fault) is agrees


def array(values: Any, dtype: str) -> Array:
    pixels = np.asarray(values, dtype=dtype)
    return Array(pixels.tobytes(), dtype, *pixels.shape)


def test_numbers_vectors_and_masks() -> None:
    assert not compared("embedding", [3.0, 4.0], [3.02, 4.02]).fault
    assert compared("embedding", [3.0, 4.0], [3.2, 4.0]).fault
    assert compared("embedding", [3.0, 4.0], [3.0]).fault
    assert not compared("raw", 200.0, 201.0).fault
    assert compared("raw", 200.0, 204.0).fault
    classes = np.zeros((20, 20), np.uint8)
    assert not compared("raw", array(classes, "uint8"), array(classes, "uint8")).fault
    moved = classes.copy()
    moved[:3] = 1
    assert "15.0%" in compared("raw", array(classes, "uint8"), array(moved, "uint8")).fault


def test_a_plan_survives_its_way_through_the_database() -> None:
    plan = Plan(Tricks(graph="frozen", precision="bf16", decode="torch"), 16, 2, 1)
    assert Plan.of(plan.as_json()) == plan
    for other in (None, {}, {"graph": "plain"}, "plan"):
        assert Plan.of(other) is None


def test_bfloat16_is_proposed_only_where_it_is_allowed() -> None:
    plain = Plan(Tricks(), 1, 1, 1)
    for allowed in (True, False):
        proposed = [each.to(plain) for each in changes(is_bf16_allowed=allowed, layouts=[(2, 1)])]
        assert any(plan.tricks.precision == "bf16" for plan in proposed) is allowed


@pytest.mark.parametrize(
    ("available", "cores", "expected"),
    [
        (1, 1, [(1, 1)]),
        (2, 2, [(2, 1), (1, 2)]),
        (1, 2, [(1, 2)]),
        (8, 8, [(8, 1), (4, 2), (2, 4), (1, 8)]),
    ],
)
def test_layouts_use_all_cores(available: int, cores: int, expected: list[tuple[int, int]]) -> None:
    assert layouts(available, cores) == expected
