"""How vectors are laid out, what each way needs, and how many vectors it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec


class Method(StrEnum):
    """A way to lay vectors out on a plane."""

    PCA = "pca"
    UMAP = "umap"


@dataclass(frozen=True)
class Needs:
    """What a method needs, and its limits in vectors."""

    title: str
    module: str
    extra: str
    least: int
    most_fitted: int  # evenly drawn, of more
    places_others: bool  # those that it was not fitted on too


NEEDS: Mapping[Method, Needs] = {
    Method.PCA: Needs("PCA", "sklearn", "embeddings", 3, 200_000, places_others=True),
    Method.UMAP: Needs("UMAP", "umap", "umap", 10, 20_000, places_others=False),
}
# Numbers that are held at once while a plane is fitted: 128 MiB in single precision.
MOST_NUMBERS = 2**25


def missing(method: Method) -> str:
    """What to install where the method cannot be used, as a sentence; empty where it can."""
    needs = NEEDS[method]
    if find_spec(needs.module) is not None:
        return ""
    package = {"sklearn": "scikit-learn", "umap": "umap-learn"}[needs.module]
    return (
        f"{needs.title} needs {package}, which this server lacks: "
        f"pip install 'samplecase[{needs.extra}]', then restart it."
    )


def fitted_on(method: Method, *, vectors: int, dimension: int) -> int:
    """How many of `vectors` the plane is fitted on."""
    needs = NEEDS[method]
    return min(vectors, needs.most_fitted, max(needs.least, MOST_NUMBERS // dimension))
