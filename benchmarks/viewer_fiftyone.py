"""The questions of `viewer.py` put to FiftyOne, through its own Python interface; the last line is the answer as JSON.

`PYTHON benchmarks/viewer_fiftyone.py --samples N --runs N`, with the Python of an environment that has FiftyOne. Each
answer is made plain (dictionaries), as a page would be sent; no network, as with ours. First as it comes, then with
indexes on the three columns that are asked for.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.viewer import CLASSES, PAGE, samples_of

INDEXES = ("guess.label", "guess.confidence", "boxes.detections.label")


def rows(count: int) -> Iterator[Any]:
    import fiftyone as fo

    for place, (truth, guess, confidence, boxes) in enumerate(samples_of(count)):
        shapes = [fo.Detection(label=label, confidence=sure, bounding_box=box) for label, sure, box in boxes]
        yield fo.Sample(
            filepath=f"/photos/photo {place:08}.jpg",
            tags=["night"] if place % 10 == 0 else [],
            truth=fo.Classification(label=truth),
            guess=fo.Classification(label=guess, confidence=confidence),
            boxes=fo.Detections(detections=shapes),
        )


def questions(dataset: Any) -> dict[str, Callable[[int], Any]]:
    import fiftyone as fo
    from fiftyone import ViewField as F

    def narrow(turn: int) -> Any:
        label, below = CLASSES[turn % len(CLASSES)], 0.5 - turn / 1_000
        return dataset.match((F("guess.label") == label) & (F("guess.confidence") < below))

    def page(view: Any) -> list[Any]:
        return [sample.to_dict() for sample in view.limit(PAGE)]

    def facets(view: Any) -> Any:
        fields = ("truth.label", "guess.label", "boxes.detections.label")
        wanted: list[Any] = [fo.Count(), fo.CountValues("tags"), *(fo.CountValues(name) for name in fields)]
        wanted += [fo.Bounds("guess.confidence"), fo.Bounds("boxes.detections.confidence")]
        return view.aggregate(wanted)

    late = dataset.count() * 9 // 10
    return {
        "page": lambda turn: page(dataset.view()),
        "filtered page": lambda turn: page(narrow(turn)),
        "filtered page, the unsure first": lambda turn: page(narrow(turn).sort_by("guess.confidence")),
        "page at 90 %": lambda turn: page(dataset.skip(late + turn)),
        "facets": lambda turn: facets(dataset.view()),
        "facets, filtered": lambda turn: facets(narrow(turn)),
        "facets, broad and exact": lambda turn: facets(
            dataset.match(F("guess.confidence") < 0.5 - turn / 1_000)
        ),
    }


def timed(ask: Callable[[int], Any], runs: int) -> dict[str, Any]:
    """Milliseconds, after two turns that are not timed; slow questions are asked less often."""
    taken: list[float] = []
    for turn in range(-2, runs):
        begin = time.perf_counter()
        ask(turn + 2)
        if turn >= 0:
            taken.append((time.perf_counter() - begin) * 1_000)
        if sum(taken) > 20_000 and len(taken) >= 5:
            break
    p95 = sorted(taken)[max(0, -(-len(taken) * 95 // 100) - 1)]
    return {"median": round(statistics.median(taken), 1), "p95": round(p95, 1), "runs": len(taken)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    options = parser.parse_args()
    import fiftyone as fo

    fo.config.show_progress_bars = False
    dataset = fo.Dataset("viewer")
    begin = time.perf_counter()
    dataset.add_samples(rows(options.samples), dynamic=False, num_samples=options.samples)
    answer: dict[str, Any] = {"version": fo.__version__, "samples": options.samples}
    answer["populated_seconds"] = round(time.perf_counter() - begin, 1)
    for state in ("as it comes", "with three indexes"):
        if state != "as it comes":
            for field in INDEXES:
                dataset.create_index(field)
        answer[state] = {name: timed(ask, options.runs) for name, ask in questions(dataset).items()}
        print(state, json.dumps(answer[state]), file=sys.stderr, flush=True)
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
