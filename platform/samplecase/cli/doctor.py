"""What an installation needs, looked at one by one: each finding says what to do where something is missing."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

LIMITED_BY = "limited by rlimits, file systems of fixed size and a watch over the memory of each whole box"
State = Literal["ok", "absent", "broken"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `absent` costs a feature, `broken` stops the product."""

    check: str
    state: State
    detail: str

    def as_row(self) -> dict[str, str]:
        return {"check": self.check, "state": self.state, "detail": self.detail}


def examine() -> Iterator[Finding]:
    """Look at everything, in the order in which a start needs it."""
    from samplecase.cli import local

    try:
        local.start_django()
    except Exception as error:
        yield Finding("settings", "broken", str(error))
        return
    yield Finding("settings", "ok", f"data folder {local.data_dir()}")
    for check, look in CHECKS.items():
        yield _looked(check, look)


def _looked(check: str, look: Callable[[], tuple[State, str]]) -> Finding:
    try:
        state, detail = look()
    except Exception as error:
        return Finding(check, "broken", f"{type(error).__name__}: {error}")
    return Finding(check, state, detail)


def _database() -> tuple[State, str]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    planned = MigrationExecutor(connection)
    pending = planned.migration_plan(planned.loader.graph.leaf_nodes())
    if pending:
        return "absent", f"{connection.vendor}, {len(pending)} migrations to do: samplecase up does them"
    return "ok", str(connection.vendor)


def _blobs() -> tuple[State, str]:
    from samplecase.web.rest.blobs import blob_store

    store = blob_store()
    store.check()
    return "ok", type(store).__name__


def _sandbox() -> tuple[State, str]:
    from samplecase.contracts.states import Sandbox
    from samplecase.runtime.sandbox import probe_sandbox

    report = probe_sandbox()
    return ("ok" if report.level == Sandbox.BWRAP else "absent"), report.why_not or f"bwrap, {LIMITED_BY}"


def _torch() -> tuple[State, str]:
    from django.conf import settings

    python = settings.HOST_PYTHON or sys.executable
    told = "import torch; print('torch', torch.__version__, 'cuda' if torch.cuda.is_available() else 'cpu')"
    done = subprocess.run([python, "-c", told], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return "ok", done.stdout.strip()
    return "absent", "models that need torch cannot run: pip install 'samplecase[torch]'"


def _environments() -> tuple[State, str]:
    from samplecase.runtime.conda import maker

    if importlib.util.find_spec("uv") is None and not shutil.which("uv"):
        return "absent", "no environments of a model's own: pip install uv"
    conda = maker()
    if conda is None:
        return "ok", "uv; conda environments need micromamba on the PATH, or: pip install 'samplecase[conda]'"
    return "ok", f"uv, {conda}"


def _page() -> tuple[State, str]:
    from django.contrib.staticfiles import finders

    if finders.find("samplecase/manifest.json"):
        return "ok", "built"
    return "absent", "the page is not built: make page"


CHECKS: dict[str, Callable[[], tuple[State, str]]] = {
    "database": _database,
    "blob store": _blobs,
    "sandbox": _sandbox,
    "host interpreter": _torch,
    "environments": _environments,
    "page": _page,
}
