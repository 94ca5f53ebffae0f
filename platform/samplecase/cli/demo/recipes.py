"""The recipe's scripts, each run in a process of its own, and the files that they draw."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from samplecase.contracts.errors import Unavailable

RECIPE = Path(__file__).resolve().parent / "recipe"


def run_recipe(script: str, *arguments: str | Path) -> str:
    """Run one script of the recipe with this interpreter; returns what it printed."""
    command = [sys.executable, "-m", "samplecase.cli.lifeline", str(os.getpid()), str(RECIPE / script)]
    command += map(str, arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(
            f"{script} failed; the demo needs pip install 'samplecase[demo]'.\n{done.stderr[-2000:]}"
        )
    return done.stdout.strip()


class Drawn:
    """Files in a folder, drawn when they are first asked for: a second demo needs none."""

    def __init__(self, folder: Path, draw: Callable[[], object]) -> None:
        self._folder, self._draw = folder, draw

    def folder(self) -> Path:
        if not self._folder.is_dir():
            self._draw()
        return self._folder
