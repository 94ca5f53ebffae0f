"""How the benchmark talks to a contender's process: a line of JSON each way, whatever else that process prints."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Labels = Iterable[str]
facts: dict[str, float] = {}  # what a contender says of its last run besides
at_end: list[Callable[[], Any]] = []


def before_each(paths: list[str]) -> None:
    """What a contender does before the time is taken; replaced by who needs it."""


def serve(prepare: Callable[[dict[str, Any]], Callable[[list[str]], Labels]]) -> None:
    """The contender's side: prepare as told by the arguments, then go through each list of files.

    What it returns is asked for its labels after the time is taken: they may have to be fetched from its store.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is for the log
    sys.stdout = sys.stderr
    told = json.loads(sys.argv[1])
    run = prepare(told)
    _say(answers, {"ready": True})
    while line := sys.stdin.readline():
        paths = Path(json.loads(line)["files"]).read_text().splitlines()
        before_each(paths)
        _say(answers, {"ready": True})
        sys.stdin.readline()  # the word to begin
        found = run(paths)
        _say(answers, {"done": True, "facts": dict(facts)})
        _say(answers, {"labels": list(found)})
    for each in at_end:
        each()


def _say(answers: Any, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()
