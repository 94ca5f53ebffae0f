"""The shape of the sources: what may import what, and what must not be loaded at start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "torchvision", "ray", "timm", "sklearn", "scipy", "optuna", "matplotlib"}


def python(code: str, *, cwd: Path = ROOT, **surroundings: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "samplecase.web.settings"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**environment, **surroundings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_folder_platform_does_not_hide_the_standard_module() -> None:
    folder = ROOT / "platform"
    assert not [path.name for path in folder.iterdir() if path.suffix == ".py"]
    done = python("import platform; print(platform.system())", PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_imports_point_down() -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ]
    path = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(
        [*command, "--no-cache"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "start",
    [
        "import samplecase.web.wsgi",
        "import samplecase.cli.main",
        "import samplecase.client",
        "import samplecase.runtime.executor",
    ],
)
def test_no_process_of_ours_loads_the_heavy_libraries_at_start(start: str) -> None:
    done = python(f"{start}\nimport sys\nprint(*sorted({HEAVY!r} & set(sys.modules)))")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_the_engines_start_without_django() -> None:
    engines = (
        "contracts",
        "evaluation",
        "projection",
        "storage",
        "packages",
        "runtime",
        "training",
        "client",
    )
    imports = "".join(f"import samplecase.{name}\n" for name in engines)
    done = python(f"{imports}import sys\nprint('django' in sys.modules)")
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr


@pytest.mark.django_db
def test_models_and_migrations_agree(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=1)
    assert "No changes detected" in capsys.readouterr().out
