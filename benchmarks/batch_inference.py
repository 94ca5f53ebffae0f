"""Batch inference beside its limit and its peers: the same images and network, in one run, everybody in turn.

`python benchmarks/batch_inference.py [--images 2000] [--runs 5] [--only SECTION …]`; see benchmarks/README.md. Prints a
table and writes JSON to benchmarks/results/batch_inference.json. No figure is asserted: each is reported beside the
one wanted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from benchmarks import measuring  # noqa: E402
from benchmarks.batch import plan, report  # noqa: E402


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--images", type=int, default=2000, help="how many images (default: 2000)")
    parser.add_argument(
        "--values", type=int, default=20_000, help="values of the null model (default: 20000)"
    )
    parser.add_argument("--runs", type=int, default=5, help="how often everybody has his turn (default: 5)")
    parser.add_argument("--mini-batch", type=int, default=32, help="everybody's mini-batch (default: 32)")
    parser.add_argument("--only", nargs="+", choices=plan.SECTIONS, default=list(plan.SECTIONS))
    parser.add_argument(
        "--ours-alone", action="store_true", help="bare loop and Samplecase only, without peers"
    )
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "samplecase-bench")
    parser.add_argument("--out", type=Path, default=measuring.RESULTS / "batch_inference.json")
    return parser.parse_args()


def main() -> None:
    chosen = options()
    chosen.data.mkdir(parents=True, exist_ok=True)
    found = plan.measured(chosen)
    found["figures"] = report.figures(found)
    measuring.write_results(chosen.out, found)
    report.show(found)


if __name__ == "__main__":
    main()
