"""The training process, started and followed from outside: neither torch nor the engine is loaded here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import ContractError, Fault
from samplecase.training.runs.folder import RunFolder
from samplecase.training.runs.steering import ATTEMPT, read_events

POLL_SECONDS = 0.2


def start(run: RunFolder, *, accept_differences: bool = False, attempt: str = "") -> subprocess.Popen[bytes]:
    """Start the run, or go on with it, in a session of its own: what stops its follower does not stop it.

    Its event *started* has the `attempt`, so that a follower knows it from those before.
    """
    processes = run.config().processes
    command = [sys.executable, "-m"]
    if processes > 1:
        command += ["torch.distributed.run", "--standalone", "--nproc-per-node", str(processes), "-m"]
    command += ["samplecase.training", "train", str(run.path)]
    if accept_differences:
        command.append("--continue")
    surroundings = {**os.environ, ATTEMPT: attempt}
    with run.output.open("ab") as output:
        return subprocess.Popen(
            command, stdout=output, stderr=output, start_new_session=True, env=surroundings
        )


def events_of(run: RunFolder, is_over: Callable[[], bool], *, attempt: str) -> Iterator[list[dict[str, Any]]]:
    """Events of an attempt from its *started* on, until it is over; an empty list while there is nothing new.

    A resume cuts the file back before it says *started*, so no place in the file means anything earlier.
    """
    place, has_started = 0, False
    while True:
        over = is_over()
        events, read = read_events(run, since=place)
        if not has_started:
            first = next(
                (number for number, each in enumerate(events) if each.get("attempt") == attempt), None
            )
            has_started, events = first is not None, [] if first is None else events[first:]
        if has_started:
            place = read
        yield events
        if over:
            return
        if not events:
            time.sleep(POLL_SECONDS)


def refusal(run: RunFolder, *, since: int = 0) -> ContractError | None:
    """The error that the training process ended with, if it named one."""
    if not run.output.exists():
        return None
    with run.output.open("rb") as file:
        file.seek(since)
        return _error(file.read().decode(errors="replace"))


def ask(*arguments: str | Path) -> dict[str, Any]:
    """The answer of the training process to another command. Raises its refusal."""
    command = [sys.executable, "-m", "samplecase.training", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=os.environ.copy(), check=False)
    text = done.stdout.decode(errors="replace")
    if error := _error(text):
        raise error
    if done.returncode:
        raise ContractError(f"The training process ended with {done.returncode}.", code="training_failed")
    answer: dict[str, Any] = json.loads(_last(text))
    return answer


def _error(text: str) -> ContractError | None:
    """The last one that was named, wherever: starters of several processes have their say after it."""
    for line in reversed(text.splitlines()):
        try:
            found = json.loads(line)["error"]
            details: Sequence[Fault] = [Fault(each["pointer"], each["message"]) for each in found["details"]]
            return ContractError(found["message"], code=found["code"], details=details)
        except (ValueError, KeyError, TypeError):
            continue
    return None


def _last(text: str) -> str:
    return text.strip().rpartition("\n")[2]
