"""Each setting is in the docs, and the settings fit a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from samplecase.web import env
from samplecase.web.accounts.management.commands.settings_table import table
from samplecase.web.env import DECLARED

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_settings_is_the_one_that_is_made() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == table(), (
        "run manage.py settings_table > docs/settings.md"
    )


def test_each_setting_has_a_meaning() -> None:
    assert all(setting.meaning.endswith(".") for setting in DECLARED.values())
    assert len(DECLARED) > 20


def check(*arguments: str, tmp_path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SAMPLECASE_DATA_DIR": str(tmp_path), **settings}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the tests' own, for the sake of the browser's
    return subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_server_behind_https_passes_djangos_deployment_checks(tmp_path: Path) -> None:
    settings = {"SAMPLECASE_HTTPS": "1", "SAMPLECASE_ALLOWED_HOSTS": "samplecase.example.org"}
    done = check("--deploy", "--fail-level", "WARNING", tmp_path=tmp_path, **settings)
    assert done.returncode == 0, done.stderr


def test_debug_is_refused_where_others_reach_the_server(tmp_path: Path) -> None:
    settings = {"SAMPLECASE_DEBUG": "1", "SAMPLECASE_ALLOWED_HOSTS": "samplecase.example.org"}
    done = check(tmp_path=tmp_path, **settings)
    assert done.returncode != 0
    assert "SAMPLECASE_DEBUG is on" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAMPLECASE_WORKERS", "many"),
        ("SAMPLECASE_HTTPS", "perhaps"),
        ("SAMPLECASE_WORK_DIR", "relative/folder"),
        ("SAMPLECASE_DATABASE_URL", "mysql://localhost/x"),
        ("SAMPLECASE_IMPORT_ROOTS", "/srv/photos"),
        ("SAMPLECASE_IMPORT_ROOTS", "photos=relative"),
        ("SAMPLECASE_IMPORT_ROOTS", "photos=s3://host/bucket-without-a-key"),
    ],
)
def test_a_setting_that_cannot_be_read_stops_the_start_by_its_name(
    tmp_path: Path, name: str, value: str
) -> None:
    done = check(tmp_path=tmp_path, **{name: value})
    assert done.returncode != 0
    assert name in done.stderr


def test_a_secret_can_be_given_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    file.write_text("hidden\n")
    monkeypatch.setattr(env, "DECLARED", {})
    monkeypatch.setenv("SAMPLECASE_ODD_FILE", str(file))
    assert env.secret("ODD", "", "A test.") == "hidden"
    monkeypatch.setenv("SAMPLECASE_ODD_FILE", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match="SAMPLECASE_ODD_FILE"):
        env.secret("ODD", "", "A test.")


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    for _ in range(2):
        assert check(tmp_path=tmp_path).returncode == 0
    key = tmp_path / "secret_key"
    assert key.stat().st_mode & 0o077 == 0
    assert len(key.read_text()) > 50
