"""The process that fits a plane: `python child.py METHOD FOLDER`. It needs no module of ours.

Reads `vectors.npy` (float32 [n, d]) in the folder and writes `plane.npz` there: of PCA `mean` [d], `axes` [2, d] and
`explained` [2]; of UMAP `points` [n, 2]. Ends when its standard input does: whoever started it is gone then.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

SEED = 51  # of what a method draws, so that the same vectors give the same picture
NEIGHBOURS = 15


def pca(vectors: Any) -> dict[str, Any]:
    """The two directions of greatest variance; of flat data some are zero."""
    import numpy as np
    from sklearn.decomposition import PCA

    found = PCA(n_components=min(2, *vectors.shape), random_state=SEED).fit(vectors)
    axes = np.zeros((2, vectors.shape[1]))
    axes[: len(found.components_)] = found.components_
    explained = np.zeros(2)
    explained[: len(found.components_)] = np.nan_to_num(found.explained_variance_ratio_)
    return {"mean": found.mean_, "axes": np.nan_to_num(axes), "explained": explained}


def umap(vectors: Any) -> dict[str, Any]:
    """Neighbours stay neighbours. With a seed it works on one core, and twice the same."""
    from umap import UMAP

    neighbours = min(NEIGHBOURS, len(vectors) - 1)
    # The spectral start needs more vectors than it has dimensions to solve for.
    start = "spectral" if len(vectors) > 4 * NEIGHBOURS else "random"
    return {
        "points": UMAP(n_neighbors=neighbours, init=start, random_state=SEED, n_jobs=1).fit_transform(vectors)
    }


def _end_with_parent() -> None:
    # Not through sys.stdin: a thread that waits within it keeps the interpreter from ending.
    os.read(0, 1)
    os._exit(1)


def main() -> None:
    import numpy as np

    threading.Thread(target=_end_with_parent, daemon=True).start()
    method, folder = sys.argv[1], Path(sys.argv[2])
    with np.errstate(all="ignore"):
        found = {"pca": pca, "umap": umap}[method](np.load(folder / "vectors.npy"))
    with (folder / "plane.part").open("wb") as file:
        np.savez(file, **found)
    (folder / "plane.part").rename(folder / "plane.npz")


if __name__ == "__main__":
    main()
