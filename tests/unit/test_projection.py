"""Laying out vectors without a database: limits, the child process, and what lies within a drawn line."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest

from samplecase.projection import fitting, methods
from samplecase.projection.fitting import FitFailed, fit
from samplecase.projection.methods import Method, fitted_on, missing
from samplecase.projection.plane import LARGEST, Plane, as_vectors
from samplecase.projection.polygons import Loop, chosen, inside

SQUARE = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]
# A star whose arms cross in the middle: by the even-odd rule its middle is outside.
STAR = [(0.0, 3.0), (1.8, -2.4), (-2.9, 0.9), (2.9, 0.9), (-1.8, -2.4)]


def at(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, dtype=np.float32)


def always() -> bool:
    return True


@pytest.mark.parametrize(
    ("corners", "point", "is_inside"),
    [
        (SQUARE, (1, 1), True),
        (SQUARE, (3, 1), False),
        (SQUARE, (-1, 1), False),
        (SQUARE[::-1], (1, 1), True),
        (STAR, (0, 0), False),
        (STAR, (0, 2), True),
        ([(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)], (2, 3), False),
        ([(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)], (0.5, 2), True),
    ],
)
def test_points_lie_within_what_was_drawn(
    corners: list[tuple[float, float]], point: tuple[float, float], is_inside: bool
) -> None:
    assert inside(at(point), corners).tolist() == [is_inside]


def test_a_polygon_of_triangles_holds_what_one_of_them_holds() -> None:
    """The sign test of a convex polygon is another way to the same answer."""
    choose = random.Random(3)
    corners = [(float(np.cos(a)), float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, 12, endpoint=False)]
    points = at(*[(choose.uniform(-1.2, 1.2), choose.uniform(-1.2, 1.2)) for _ in range(2_000)])
    sides = [
        (x2 - x1) * (points[:, 1] - y1) - (y2 - y1) * (points[:, 0] - x1) > 0
        for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True)
    ]
    assert (inside(points, corners) == np.all(sides, axis=0)).all()


def test_loops_are_taken_one_after_the_other() -> None:
    points = at((0.5, 0.5), (1.5, 1.5), (5, 5))
    part = Loop([(1, 1), (2, 1), (2, 2), (1, 2)], adds=False)
    assert chosen(points, [Loop(SQUARE), part]).tolist() == [True, False, False]
    assert chosen(points, [part, Loop(SQUARE)]).tolist() == [True, True, False]
    assert chosen(points, []).tolist() == [False, False, False]


def test_what_is_fitted_is_bounded_by_numbers_and_by_vectors() -> None:
    assert fitted_on(Method.PCA, vectors=1_000, dimension=64) == 1_000
    assert fitted_on(Method.PCA, vectors=10**7, dimension=2) == 200_000
    assert fitted_on(Method.PCA, vectors=10**7, dimension=65_536) == 512
    assert fitted_on(Method.UMAP, vectors=10**7, dimension=64) == 20_000


def test_numbers_beyond_single_precision_stay_finite() -> None:
    vectors = as_vectors([[1e300, -1e300], [0.5, 1.5]])
    assert vectors.dtype == np.float32
    assert vectors.tolist()[0] == pytest.approx([LARGEST, -LARGEST])
    assert vectors.tolist()[1] == [0.5, 1.5]


def test_the_plane_is_that_of_scikit_learn(tmp_path: Path) -> None:
    from sklearn.decomposition import PCA

    vectors = np.random.default_rng(7).normal(size=(60, 8)).astype(np.float32) * np.arange(
        1, 9, dtype=np.float32
    )
    np.save(tmp_path / "vectors.npy", vectors)
    found = fit(Method.PCA, tmp_path, goes_on=always)
    assert found is not None
    theirs = PCA(n_components=2).fit(vectors)
    points = Plane.unpacked(Plane(found["mean"], found["axes"]).packed()).place(vectors)
    expected = theirs.transform(vectors)
    for axis in (0, 1):
        sign = np.sign(expected[0, axis] * points[0, axis])
        assert points[:, axis] * sign == pytest.approx(expected[:, axis], rel=1e-3, abs=1e-3)
    assert found["explained"] == pytest.approx(theirs.explained_variance_ratio_, rel=1e-3)


@pytest.mark.parametrize(
    "vectors", [np.ones((5, 4)), np.arange(6.0).reshape(6, 1)], ids=["all alike", "one number each"]
)
def test_flat_vectors_have_points_too(tmp_path: Path, vectors: np.ndarray) -> None:
    np.save(tmp_path / "vectors.npy", vectors.astype(np.float32))
    found = fit(Method.PCA, tmp_path, goes_on=always)
    assert found is not None
    points = Plane(found["mean"], found["axes"]).place(vectors.astype(np.float32))
    assert np.isfinite(points).all()
    assert points[:, 1].tolist() == pytest.approx([0.0] * len(vectors), abs=1e-6)


def test_a_child_that_nobody_wants_any_more_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child.py"
    child.write_text("import os, sys, pathlib, time\n"
                     "pathlib.Path(sys.argv[2], 'pid').write_text(str(os.getpid()))\ntime.sleep(600)\n")  # fmt: skip
    monkeypatch.setattr(fitting, "CHILD", child)
    pid = tmp_path / "pid"
    assert fit(Method.PCA, tmp_path, goes_on=lambda: not (pid.exists() and pid.read_text())) is None
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child.py"
    child.write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setattr(fitting, "CHILD", child)
    monkeypatch.setattr(fitting, "SECONDS", 0)
    with pytest.raises(FitFailed, match="more than 0 seconds") as failed:
        fit(Method.PCA, tmp_path, goes_on=always)
    assert failed.value.code == "fit_too_long"


def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "vectors.npy").write_bytes(b"no array")
    with pytest.raises(FitFailed, match="PCA failed"):
        fit(Method.PCA, tmp_path, goes_on=always)


def test_a_method_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing(Method.PCA) == ""
    monkeypatch.setattr(methods, "find_spec", lambda name: None)
    assert "pip install 'samplecase[umap]'" in missing(Method.UMAP)
    assert "pip install 'samplecase[embeddings]'" in missing(Method.PCA)
