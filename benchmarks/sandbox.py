"""What the sandbox costs: the same model and the same batches through the real engine, with it and without it.

`python benchmarks/sandbox.py [--pairs 7] [--only NAME] [--out FILE]`, with a checkout's environment and torch.

In each pair both replicas are loaded, and the work goes to one and the other in turns of a few hundred milliseconds, so
that both meet the same neighbours. CPU seconds are user and system, of the replica's processes and of this one while
it feeds it; wall is that of its turns. The figure is the median of the pairs' ratios; to reach: 3 % more CPU seconds at
most. And what starting a replica takes more.

- resnet18: reads eight JPEGs of 640×480 per batch, crops them to 224 px, ResNet18 on one thread;
- free: answers batches of eight paths without looking at them, so that only the frames are left;
- files: reads the bytes of eight files per batch and nothing else: the cost of system calls under the filter.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "platform")]

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

from samplecase.contracts.states import Sandbox  # noqa: E402
from samplecase.runtime.box_memory import descendants  # noqa: E402
from samplecase.runtime.engines.local import LocalEngine  # noqa: E402
from samplecase.runtime.engines.port import Batch, Replica, ReplicaSpec  # noqa: E402
from samplecase.runtime.interpreter import host_interpreter  # noqa: E402
from samplecase.runtime.sandbox import probe_sandbox  # noqa: E402

SIZE, PICTURES = 8, 64
TICKS = os.sysconf("SC_CLK_TCK")
RESNET = """
import numpy, torch, torchvision
from PIL import Image
class Model:
    def setup(self, device):
        torch.set_num_threads(1)
        torch.manual_seed(0)
        self.net = torchvision.models.resnet18(weights=None).eval()
    def predict(self, image_paths):
        images = [Image.open(path).convert("RGB").resize((298, 224)).crop((37, 0, 261, 224)) for path in image_paths]
        batch = torch.from_numpy(numpy.stack([numpy.asarray(each) for each in images])).permute(0, 3, 1, 2)
        with torch.inference_mode():
            best = self.net(batch.float() / 255).argmax(1)
        return {"predictions": [str(int(each)) for each in best]}
"""
FREE = """
class Model:
    def predict(self, image_paths):
        return {"predictions": ["a" for _ in image_paths]}
"""
FILES = """
class Model:
    def predict(self, image_paths):
        return {"predictions": [str(len(open(path, "rb").read())) for path in image_paths]}
"""


@dataclass(frozen=True)
class Work:
    """A model, and how many batches each of the turns has."""

    code: str
    batches: int
    turns: int


WORKS = {"resnet18": Work(RESNET, 2, 20), "free": Work(FREE, 1_500, 20), "files": Work(FILES, 1_000, 20)}


@dataclass(frozen=True)
class Run:
    """Seconds of one run at one level."""

    cpu: float
    wall: float
    start_cpu: float
    start_wall: float


def pictures(folder: Path) -> list[Path]:
    """JPEGs with smooth parts and noise, as photographs have."""
    generator = np.random.default_rng(0)
    made = []
    for number in range(PICTURES):
        coarse = generator.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        smooth = np.asarray(Image.fromarray(coarse).resize((640, 480), Image.Resampling.BICUBIC), np.int16)
        noisy = (smooth + generator.normal(0, 6, smooth.shape)).clip(0, 255).astype(np.uint8)
        path = folder / f"{number}.jpg"
        buffer = io.BytesIO()
        Image.fromarray(noisy).save(buffer, "JPEG", quality=90)
        path.write_bytes(buffer.getvalue())
        made.append(path)
    return made


def cpu_seconds(processes: Iterable[int]) -> float:
    """User and system, and of those that have ended what their parents have waited for."""
    total = 0
    for pid in processes:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(each) for each in fields[11:15])
    return total / TICKS


def spec_of(folder: Path, name: str, level: Sandbox) -> ReplicaSpec:
    package = folder / name
    package.mkdir(exist_ok=True)
    (package / "model.py").write_text(WORKS[name].code)
    schema = {
        "inputs": {"type": "object", "properties": {"image_paths": {"type": "local"}}},
        "outputs": {"type": "object", "properties": {"predictions": {"type": "string"}}},
    }
    manifest = {"entrypoint": "model:Model", "schema": schema}
    return ReplicaSpec(package, manifest, host_interpreter(Path(sys.executable)), level, threads=1)


class Side:
    """One replica of a pair, and what it has cost so far."""

    def __init__(self, engine: LocalEngine, spec: ReplicaSpec, sources: Sequence[Path]) -> None:
        others, began, own = set(descendants(os.getpid())), time.monotonic(), time.process_time()
        self._replica = engine.start_replica(spec)
        self._processes = set(descendants(os.getpid())) - others
        self._start = cpu_seconds(self._processes) + time.process_time() - own, time.monotonic() - began
        for source in sources:
            shutil.copyfile(source, self._replica.media / source.name)
            (self._replica.media / source.name).chmod(0o444)
        self._names = [f"{self._replica.media_inside}/{source.name}" for source in sources]
        ask(self._replica, self._names, 2)
        self._before = cpu_seconds(self._processes)
        self._own = self._wall = 0.0

    def turn(self, batches: int) -> None:
        began, own = time.monotonic(), time.process_time()
        ask(self._replica, self._names, batches)
        self._own += time.process_time() - own
        self._wall += time.monotonic() - began

    def end(self) -> Run:
        cpu = cpu_seconds(self._processes) - self._before + self._own
        self._replica.close()
        return Run(cpu, self._wall, *self._start)


def ask(replica: Replica, names: Sequence[str], batches: int) -> None:
    """Two batches in flight, as the executor has them."""
    flying: list[Any] = []
    for number in range(batches):
        first = number * SIZE % len(names)
        flying.append(replica.submit(Batch(SIZE, {"image_paths": names[first : first + SIZE]})))
        if len(flying) == 2:
            flying.pop(0).result()
    for each in flying:
        each.result()


def spread(figures: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(figures), 4),
        "least": round(min(figures), 4),
        "most": round(max(figures), 4),
    }


def measured(name: str, folder: Path, sources: Sequence[Path], pairs: int) -> dict[str, Any]:
    (folder / "replicas").mkdir(exist_ok=True)
    engine = LocalEngine(folder / "replicas" / name)
    runs: dict[Sandbox, list[Run]] = {Sandbox.NONE: [], Sandbox.BWRAP: []}
    work = WORKS[name]
    Side(
        engine, spec_of(folder, name, Sandbox.NONE), sources
    ).end()  # what is read from disk once, is read by now
    for pair in range(pairs):
        order = list(runs)[:: 1 if pair % 2 else -1]
        sides = {level: Side(engine, spec_of(folder, name, level), sources) for level in order}
        for turn in range(work.turns):
            for level in order[:: 1 if turn % 2 else -1]:
                sides[level].turn(work.batches)
        for level, side in sides.items():
            runs[level].append(side.end())
            print(name, pair, level.value, runs[level][-1], file=sys.stderr, flush=True)
    engine.close()
    found: dict[str, Any] = {"batches": work.batches * work.turns, "batch_size": SIZE, "pairs": pairs}
    for figure in ("cpu", "wall", "start_cpu", "start_wall"):
        boxed, bare = (
            [getattr(each, figure) for each in runs[level]] for level in (Sandbox.BWRAP, Sandbox.NONE)
        )
        found[figure] = {"with": spread(boxed), "without": spread(bare)}
        if not figure.startswith("start"):
            found[figure]["ratio"] = spread([one / other for one, other in zip(boxed, bare, strict=True)])
        else:
            found[figure]["more"] = spread([one - other for one, other in zip(boxed, bare, strict=True)])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--only", choices=WORKS)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "sandbox.json")
    options = parser.parse_args()
    report = probe_sandbox()
    if report.level is not Sandbox.BWRAP:
        sys.exit(f"there is no sandbox here: {report.why_not}")
    folder = Path(tempfile.mkdtemp(prefix="samplecase-sandbox-"))
    folder.chmod(0o755)
    (folder / "pictures").mkdir()
    try:
        sources = pictures(folder / "pictures")
        names = [options.only] if options.only else list(WORKS)
        results = {name: measured(name, folder, sources, options.pairs) for name in names}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    about = {"at": datetime.now().astimezone().isoformat(timespec="seconds"), "cores": os.cpu_count()}
    whole = {**about, "machine": platform.platform(), "results": results}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(whole, indent=2) + "\n")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
