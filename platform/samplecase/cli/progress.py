"""Progress bars of jobs that are followed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from samplecase.client.jobs import RESTING
from samplecase.contracts.errors import Unavailable

if TYPE_CHECKING:
    from samplecase.client import Client
    from samplecase.client.types import Job


def to_stderr() -> Console:
    """Bars are for the person at the terminal; what programs read goes to stdout."""
    return Console(stderr=True)


WAITING = {"turn": "its turn", "executor": "an executor"}


def bars(*, quiet: bool = False) -> Progress:
    """One line per job: its name, bar, samples, rate and state."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[state]}"),
        console=to_stderr(),
        disable=quiet,
    )


def follow(
    client: Client,
    jobs: Sequence[Job],
    *,
    names: Mapping[int, str],
    quiet: bool = False,
    patience: float | None = None,
) -> list[Job]:
    """Show the jobs until each has ended or is paused, and return them as they ended, in order.

    Raises `Unavailable` when nothing moves for `patience` seconds.
    """
    latest = {job["id"]: job for job in jobs}
    moved_at, seen = time.monotonic(), -1
    with bars(quiet=quiet) as progress:
        tasks = {
            job["id"]: progress.add_task(names[job["id"]], total=job["total"], rate="", state="")
            for job in jobs
        }
        while True:
            for job_id, task in tasks.items():
                if latest[job_id]["state"] not in RESTING:
                    latest[job_id] = client.jobs.get(job_id)
                job = latest[job_id]
                rate = f"{job['rate']:.0f}/s" if job["rate"] else ""
                progress.update(
                    task, completed=ended(job), total=job["total"], rate=rate, state=describe(job)
                )
            if all(job["state"] in RESTING for job in latest.values()):
                return [latest[job["id"]] for job in jobs]
            if (now := sum(ended(job) for job in latest.values())) != seen:
                moved_at, seen = time.monotonic(), now
            if patience is not None and time.monotonic() - moved_at > patience:
                raise Unavailable(f"No sample was done for {patience:g} s. Is an executor running?")
            time.sleep(0.3)


def ended(job: Job) -> int:
    """How many samples of the job are accounted for."""
    return job["done"] + job["failed"] + job["skipped"] + job["cancelled"]


def describe(job: Job) -> str:
    """The state, with the reason where there is one and with how many samples failed."""
    parts = [f"waiting for {WAITING[job['waiting_for']]}" if job["waiting_for"] else job["state"]]
    if job["error"]:
        parts.append(job["error"]["message"])
    elif job["reason"]:
        parts.append(job["reason"])
    if job["failed"]:
        parts.append(f"{job['failed']} failed")
    return ", ".join(parts)
