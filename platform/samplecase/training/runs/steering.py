"""A run seen and steered from outside: control file, events, heartbeat, and the state that these amount to."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import Conflict, ContractError
from samplecase.contracts.states import JobState
from samplecase.training.runs.files import write_json
from samplecase.training.runs.folder import RunFolder

ATTEMPT = "SAMPLECASE_TRAINING_ATTEMPT"  # what the starter calls this start, in the process's environment
BEAT_SECONDS = 2.0
SILENT_SECONDS = 15.0  # a heart that has not beaten for so long does not beat


class Order(StrEnum):
    """What a run is told."""

    PAUSE = "pause"  # finish the step, write a checkpoint, end
    CANCEL = "cancel"  # the same, and do not go on


_ENDS = {
    "finished": JobState.FINISHED,
    "paused": JobState.PAUSED,
    "cancelled": JobState.CANCELLED,
    "failed": JobState.FAILED,
}


def note_failure(run: RunFolder, error: Exception) -> None:
    """Said by a process that is not the first one, which alone writes events."""
    facts = {"message": told(error), "attempt": os.environ.get(ATTEMPT, "")}
    write_json(run.failure, facts)


def told(error: Exception) -> str:
    """An error in one sentence."""
    return error.message if isinstance(error, ContractError) else f"{type(error).__name__}: {error}"


@dataclass(frozen=True)
class RunStatus:
    """Where a run stands, by its files alone."""

    state: JobState
    epoch: int = 0  # finished ones
    epochs: int = 0
    pid: int | None = None
    message: str = ""


def give_order(run: RunFolder, order: Order) -> None:
    """Tell the run; it answers by its state."""
    write_json(run.control, {"order": order})


def given_order(run: RunFolder) -> Order | None:
    """What it was told and has not yet done."""
    try:
        return Order(json.loads(run.control.read_text())["order"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None  # what is no order is none


def clear_order(run: RunFolder) -> None:
    run.control.unlink(missing_ok=True)


def read_events(run: RunFolder, *, since: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Events from a place in the file, and the place to go on from. A half line is left for the next time."""
    if not run.events.exists():
        return [], 0
    with run.events.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        place = file.seek(min(since, end))
        # Not to whatever is the end by then: a resume cuts the file back and goes on, and lines of both would be mixed.
        lines = file.read(end - place).split(b"\n")
    read = place + sum(len(line) + 1 for line in lines[:-1])
    return [json.loads(line) for line in lines[:-1] if line], read


def status(run: RunFolder, *, attempt: str | None = None) -> RunStatus:
    """The state: what its last event says, unless it says *running* and nothing runs.

    With an `attempt` only its own events count: one that is over without any has failed.
    """
    events, _ = read_events(run)
    epochs = int(run.config().epochs)
    done = max((int(each["epoch"]) for each in events if each["event"] == "epoch"), default=0)
    turns = [each for each in events if each["event"] in ("started", *_ENDS)]
    if attempt is not None:
        turns = [each for each in turns if each.get("attempt") == attempt]
    last = turns[-1] if turns else None
    if last is None and attempt is None:
        return RunStatus(JobState.QUEUED, done, epochs)
    if last is None:
        message = _failure(run, attempt) or "Its process ended before it had started."
        return RunStatus(JobState.FAILED, done, epochs, message=message)
    if last["event"] != "started":
        return RunStatus(_ENDS[last["event"]], done, epochs, message=str(last.get("message", "")))
    pid = _beating(run.heartbeat)
    if pid is None and (message := _failure(run, last.get("attempt"))):
        return RunStatus(JobState.FAILED, done, epochs, message=message)
    if pid is None:
        return RunStatus(JobState.INTERRUPTED, done, epochs, message="Its process is gone.")
    return RunStatus(JobState.PAUSING if given_order(run) else JobState.RUNNING, done, epochs, pid)


def _failure(run: RunFolder, attempt: str | None) -> str:
    """What another process than the first one failed with in this attempt."""
    try:
        facts = json.loads(run.failure.read_text())
    except (FileNotFoundError, ValueError):
        return ""
    return str(facts["message"]) if facts["attempt"] == attempt else ""


def _beating(file: Path) -> int | None:
    """The process whose heart beats."""
    try:
        beat = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    if time.time() - float(beat["at"]) > SILENT_SECONDS:
        return None
    if beat["host"] == socket.gethostname() and _birth(int(beat["pid"])) != beat["birth"]:
        return None
    return int(beat["pid"])


def _birth(pid: int) -> str:
    """When a process began, in the kernel's ticks: a number that came again is another process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    except OSError:
        return ""


@contextmanager
def alone(run: RunFolder) -> Iterator[None]:
    """One process leads a run. Raises `Conflict` while another one does; it lets go however that one ends."""
    with (run.path / "run.lock").open("w") as lock:
        try:
            fcntl.lockf(
                lock, fcntl.LOCK_EX | fcntl.LOCK_NB
            )  # not inherited by the processes that read images
        except OSError:
            raise Conflict(f"{run.path} is running already.", code="running") from None
        yield


class Heart:
    """Beats in a thread of its own while the block runs, also through a step that takes minutes."""

    def __init__(self, run: RunFolder) -> None:
        self._file = run.heartbeat
        self._facts = {"pid": os.getpid(), "host": socket.gethostname(), "birth": _birth(os.getpid())}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Heart:
        self._write()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._file.unlink(missing_ok=True)

    def _beat(self) -> None:
        while not self._is_over.wait(BEAT_SECONDS):
            self._write()

    def _write(self) -> None:
        half = self._file.with_suffix(".half")
        half.write_text(json.dumps({**self._facts, "at": time.time()}))
        half.replace(self._file)
