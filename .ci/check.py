"""Every check of the sources, each by its own tool; reads only, unless it is told to fix."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = [sys.executable, "-m"]
FRONTEND = ROOT / "frontend"
OPENAPI = FRONTEND / "openapi.json"
TYPES = FRONTEND / "src" / "api" / "schema.gen.ts"

Failures = list[str]


def run(*command: str | Path, cwd: Path = ROOT, **surroundings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **surroundings},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def step(name: str, failures: Failures, *command: str | Path, cwd: Path = ROOT, **surroundings: str) -> None:
    """Run one tool; its output is shown only when it complains."""
    done = run(*command, cwd=cwd, **surroundings)
    print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name}", flush=True)
    if done.returncode != 0:
        print(done.stdout)
        failures.append(name)


def describe_api(openapi: Path, types: Path, *, scratch: Path) -> subprocess.CompletedProcess[str]:
    """Write the API's description and the page's types of it."""
    done = run(
        sys.executable,
        "manage.py",
        "spectacular",
        "--format",
        "openapi-json",
        "--fail-on-warn",
        "--validate",
        "--file",
        openapi,
        SAMPLECASE_DATA_DIR=str(scratch),
    )
    if done.returncode != 0:
        return done
    return run("npx", "--no-install", "openapi-typescript", openapi, "-o", types, cwd=FRONTEND)


def same(made: Path, kept: Path) -> bool:
    return made.exists() and kept.exists() and filecmp.cmp(made, kept, shallow=False)


def compare_api(failures: Failures, scratch: Path) -> None:
    """The described API and the page's types are those of the code."""
    openapi, types = scratch / "openapi.json", scratch / "schema.gen.ts"
    done = describe_api(openapi, types, scratch=scratch)
    pairs = ((openapi, OPENAPI), (types, TYPES))
    stale = [
        kept
        for made, kept in pairs
        if not (made.exists() and kept.exists() and filecmp.cmp(made, kept, False))
    ]
    print(f"{'FAIL' if done.returncode or stale else 'ok  '} API description", flush=True)
    if done.returncode:
        print(done.stdout)
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not what the code says: make fix")
    if done.returncode or stale:
        failures.append("API description")


def check(scratch: Path) -> Failures:
    failures: Failures = []
    step("ruff format", failures, *PYTHON, "ruff", "format", "--check", ".")
    step("ruff", failures, *PYTHON, "ruff", "check", "--quiet", ".")
    step("mypy", failures, *PYTHON, "mypy", SAMPLECASE_DATA_DIR=str(scratch))
    step("import contracts", failures, Path(sys.executable).parent / "lint-imports")
    step(
        "migrations",
        failures,
        sys.executable,
        "manage.py",
        "makemigrations",
        "--check",
        "--dry-run",
        SAMPLECASE_DATA_DIR=str(scratch),
    )
    compare_api(failures, scratch)
    step("architecture and documentation", failures, *PYTHON, "pytest", "-q", "tests/architecture")
    step("page", failures, "npm", "run", "--silent", "check", cwd=FRONTEND)
    return failures


def fix(scratch: Path) -> Failures:
    failures: Failures = []
    step("ruff", failures, *PYTHON, "ruff", "check", "--quiet", "--fix", ".")
    step("ruff format", failures, *PYTHON, "ruff", "format", ".")
    done = describe_api(OPENAPI, TYPES, scratch=scratch)
    if done.returncode:
        print(done.stdout)
        failures.append("API description")
    step("page", failures, "npm", "run", "--silent", "fix", cwd=FRONTEND)
    return failures


def main() -> int:
    scratch = Path(tempfile.mkdtemp(prefix="samplecase-check-"))
    try:
        failures = fix(scratch) if "--fix" in sys.argv[1:] else check(scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"{len(failures)} failed: {', '.join(failures)}" if failures else "all good")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
