"""How soon a job goes on after its executor was killed, and what a cancelled job still writes.

`python benchmarks/recovery.py [--runs 5] [--leases 2 15] [--out FILE]`, with a checkout's environment and no other
settings.

- claimed: seconds from SIGKILL of the executor that holds a job's only chunk until another executor has claimed it, by
  the leases of the suite (2 s) and of a user (15 s). This is the promise: lease + 1 s.
- first value: seconds from the same SIGKILL until a sample more is done. The model is loaded anew in it, and asked for
  one image, so a slow model adds its own time.
- cancel: seconds from the request to its answer (the promise: 2 s), and from that answer to the job's last value: 0 or
  less, as everything was written before.
- beside another: seconds from the submit of four samples until the first of them is done, while a job that takes far
  longer has every replica; and how much of that one was left then. One image of the model is part of the figure.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from tests.fault_world import World  # noqa: E402
from tests.fixtures_server import free_port  # noqa: E402

PAUSE = 0.1  # seconds that the model needs per image; of one image they are part of the figure


def world_with(lease: int) -> World:
    data = Path(tempfile.mkdtemp(prefix="samplecase-recovery-"))
    settings = {"SAMPLECASE_LEASE_SECONDS": str(lease), "SAMPLECASE_CHUNK_SIZE": "256"}
    world = World(data=data, port=free_port(), settings=settings)
    world.create()
    world.bring_up()
    world.populate(mini_batch=1)
    return world


def recovery(world: World) -> tuple[float, float]:
    """The chunk that holds the whole job is the killed executor's; the other one waits for its lease."""
    rescuer = world.start("executor")
    time.sleep(5)  # until it looks for work
    rescuer.send_signal(signal.SIGSTOP)
    with world.api() as api:
        job = world.submit(api, pause=PAUSE)
    world.half_way(job, at_least=1)
    rescuer.send_signal(signal.SIGCONT)
    time.sleep(random.random())  # anywhere between two renewals of the lease
    assert world.executor is not None
    os.kill(world.executor.pid, signal.SIGKILL)
    killed = time.monotonic()
    world.executor.wait()
    before = done(world, job)
    claimed = since(killed, lambda: fence(world, job) > 1)
    value = since(killed, lambda: done(world, job) > before)
    world.executor = rescuer
    world.end_of(job)
    return claimed, value


def since(start: float, condition: Callable[[], bool]) -> float:
    while not condition():
        time.sleep(0.01)
    return time.monotonic() - start


def fence(world: World, job: int) -> int:
    return int(world.query("SELECT max(attempt) FROM jobs_app_chunk WHERE job_id = %s", job)[0][0])


def done(world: World, job: int) -> int:
    return int(world.query("SELECT done FROM jobs_app_job WHERE id = %s", job)[0][0])


def cancel(world: World) -> tuple[float, float]:
    """Seconds from the acknowledgement to the last write, and from the request to the acknowledgement."""
    with world.api() as api:
        job = world.submit(api, pause=PAUSE)
        world.half_way(job, at_least=8)
        asked = time.time()
        api.post(f"/jobs/{job}/cancel/").raise_for_status()
        acknowledged = time.time()
    time.sleep(3)
    last = world.query("SELECT max(written_at) FROM datasets_app_value WHERE job = %s", job)[0][0]
    written = datetime.fromisoformat(f"{last}+00:00").timestamp()
    return written - acknowledged, acknowledged - asked


def beside(world: World) -> tuple[float, float]:
    """Seconds to the first value of a small job, and the share of the long one that was still to be done."""
    with world.api() as api:
        long = world.submit(api, pause=PAUSE * 4)
        world.half_way(long, at_least=4)
        begin = time.monotonic()
        small = world.submit(api, pause=PAUSE, samples=list(world.samples.values())[:4])
        first = since(begin, lambda: done(world, small) > 0)
        left = 1 - done(world, long) / len(world.samples)
        world.end_of(small)
        api.post(f"/jobs/{long}/cancel/").raise_for_status()
    return first, left


def figures(values: list[float]) -> dict[str, Any]:
    return {
        "median": round(statistics.median(values), 3),
        "least": round(min(values), 3),
        "most": round(max(values), 3),
        "runs": len(values),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--leases", type=int, nargs="+", default=[2, 15])
    options.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "recovery.json")
    chosen = options.parse_args()
    found: dict[str, Any] = {"cores": os.cpu_count(), "python": platform.python_version(), "recovery": {}}
    for lease in chosen.leases:
        world = world_with(lease)
        try:
            seconds = [recovery(world) for _ in range(chosen.runs)]
            found["recovery"][f"lease {lease} s"] = {
                "claimed": {**figures([claimed for claimed, _ in seconds]), "promised": lease + 1},
                "first value": figures([value for _, value in seconds]),
            }
            if lease == chosen.leases[0]:
                cancels = [cancel(world) for _ in range(chosen.runs)]
                found["cancel"] = {
                    "last write after acknowledgement": figures([late for late, _ in cancels]),
                    "acknowledged after": {**figures([took for _, took in cancels]), "promised": 2},
                }
                others = [beside(world) for _ in range(chosen.runs)]
                found["beside another"] = {
                    "first value": figures([first for first, _ in others]),
                    "share of the long job that was left": figures([left for _, left in others]),
                }
        finally:
            world.stop()
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
