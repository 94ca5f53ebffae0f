"""Builds the page into the wheel, so that users of the wheel need no Node."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = Path("platform/samplecase/static/samplecase")


class FrontendHook(BuildHookInterface[Any]):
    """SAMPLECASE_WEB=auto (default: build when the bundle is missing) | build | skip. Editable builds are skipped."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        mode = os.environ.get("SAMPLECASE_WEB", "auto")
        if mode not in {"auto", "build", "skip"}:
            raise ValueError(f"SAMPLECASE_WEB is {mode!r}; it is one of auto, build, skip")
        if version == "editable" or mode == "skip":
            return
        root = Path(self.root)
        if mode == "build" or not (root / BUNDLE / "manifest.json").exists():
            npm = shutil.which("npm")
            if npm is None:
                raise RuntimeError(
                    "npm is needed to build the page: install Node 20, or set SAMPLECASE_WEB=skip"
                )
            for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
                subprocess.run([npm, *command], cwd=root / "frontend", check=True)
        build_data["artifacts"].append(f"/{BUNDLE.as_posix()}/**")
