"""Fits a plane in a child process, so that no server or worker loads what that takes, and it can be given up."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from samplecase.contracts.errors import ContractError
from samplecase.projection.methods import NEEDS, Method

CHILD = Path(__file__).with_name("child.py")
SECONDS = 80  # that fitting may take; a worker's task has two minutes
BEAT = 0.5  # seconds between two looks


class FitFailed(ContractError):
    """The plane could not be fitted."""

    code = "fit_failed"


def fit(method: Method, folder: Path, *, goes_on: Callable[[], bool]) -> dict[str, Any] | None:
    """What `child` writes for the `vectors.npy` in `folder`; None as soon as `goes_on` says no.

    Raises `FitFailed` when the child fails or takes too long.
    """
    log = folder / "log.txt"
    with log.open("wb") as output:
        # -P: nothing beside the child's own file is taken for a library.
        process = subprocess.Popen(
            [sys.executable, "-P", str(CHILD), method.value, str(folder)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={**os.environ, "NUMBA_CACHE_DIR": str(folder), "PYTHONWARNINGS": "ignore"},
        )
    try:
        if not _ended(process, method, goes_on):
            return None
    finally:
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
    made = folder / "plane.npz"
    if process.returncode != 0 or not made.exists():
        raise FitFailed(f"{NEEDS[method].title} failed: {_last_line(log, process.returncode)}")
    with np.load(made) as found:
        return {name: found[name] for name in found.files}


def _ended(process: subprocess.Popen[bytes], method: Method, goes_on: Callable[[], bool]) -> bool:
    """Wait for the process; False if it is no longer wanted."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            process.wait(BEAT)
        except subprocess.TimeoutExpired:
            if not goes_on():
                return False
            if time.monotonic() > end:
                raise too_long(method) from None
        else:
            return True


def too_long(method: Method) -> FitFailed:
    """What to do about it."""
    other = ", or use PCA" if method is not Method.PCA else ""
    message = f"It took more than {SECONDS} seconds; narrow it down by a filter{other}."
    return FitFailed(message, code="fit_too_long")


def _last_line(log: Path, code: int) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:500] if lines else f"it ended with code {code}, perhaps for want of memory."
