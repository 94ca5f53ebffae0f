"""The files of `deploy/` name settings and commands that exist, and a job runs with exactly these."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer
import yaml

from samplecase.cli.main import app
from samplecase.web.env import DECLARED
from tests.fixtures_server import MAKE_OWNER, Installation, free_port, wait_for
from tests.worlds import deployed, images, package, submitted

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
OURS = ("migrate", "web", "worker", "executor")
SECRETS = ("SECRET_KEY", "DATABASE_URL", "BLOB_URL")
MODEL = """
class Model:
    def predict(self, image_paths):
        return {"predictions": ["one" for _ in image_paths]}
"""


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def example() -> dict[str, str]:
    lines = (DEPLOY / "samplecase.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))  # type: ignore[misc]


def test_every_variable_is_a_setting() -> None:
    known = {*DECLARED, *(f"SAMPLECASE_{name}_FILE" for name in SECRETS)}
    services = compose()["services"]
    named = {name for service in OURS for name in services[service]["environment"]}
    assert {*named, *example()} <= known
    assert {f"SAMPLECASE_{name}_FILE" for name in SECRETS} <= named


def test_every_command_is_one_of_the_command_line() -> None:
    commands = set(typer.main.get_group(app).commands)
    for service in OURS:
        program, command, *_ = compose()["services"][service]["command"]
        assert program == "samplecase"
        assert command in commands


def test_every_secret_is_made_and_every_volume_declared(tmp_path: Path) -> None:
    whole = compose()
    script = tmp_path / "make-secrets.sh"
    script.write_bytes((DEPLOY / "make-secrets.sh").read_bytes())
    for _ in range(2):
        subprocess.run(["sh", str(script)], check=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert {each["file"] for each in whole["secrets"].values()} == {f"secrets/{name}" for name in made}
    assert {name for each in whole["services"].values() for name in each.get("secrets", [])} == set(made)
    assert urlsplit(made["database_url"]).password == made["postgres_password"]
    assert urlsplit(made["blob_url"]).password == made["minio_password"]
    assert {urlsplit(made[name]).hostname for name in ("database_url", "blob_url")} <= set(whole["services"])
    mounts = [mount for each in whole["services"].values() for mount in each.get("volumes", [])]
    assert {mount.split(":")[0] for mount in mounts} == set(whole["volumes"])


def test_every_version_is_pinned() -> None:
    bases = re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    external = [each["image"] for each in compose()["services"].values()]
    for image in (*bases, *external):
        assert re.search(r":(RELEASE\.)?\d+[.-]\d+", image), image


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    root = DEPLOY.parent
    kept = {line[1:] for line in (root / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copies = re.findall(r"^COPY (?!--)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    for source in (name for line in copies for name in line.split()):
        assert (root / source).exists(), source
        assert Path(source).parts[0] in kept, source


class Composed(Installation):
    """What compose would start, with other hosts, folders and ports."""

    def command(self, service: str) -> list[str]:
        return [
            str(self.port) if word == "8000" else word
            for word in compose()["services"][service]["command"][1:]
        ]


@pytest.fixture
def composed(tmp_path: Path, postgres_server: Any, s3_server: Any) -> Iterator[Composed]:
    secrets = {
        "secret_key": "a key of this test, long enough to be one",
        "database_url": postgres_server.new_database("composed"),
        "blob_url": s3_server.url("composed"),
    }
    for name, text in secrets.items():
        (tmp_path / name).write_text(text)
    data = tmp_path / "data"
    data.mkdir()
    given = {**example(), **compose()["services"]["executor"]["environment"]}
    moved = {
        name: value.replace("/run/secrets", str(tmp_path)).replace("/var/lib/samplecase", str(data))
        for name, value in given.items()
    }
    installation = Composed(data=data, port=free_port(), settings=moved)
    try:
        yield installation
    finally:
        installation.stop()


@pytest.mark.postgres
@pytest.mark.s3
def test_a_job_runs_with_what_the_files_say(composed: Composed) -> None:
    migrated = composed.start(*composed.command("migrate"))
    assert migrated.wait(timeout=120) == 0, composed.logs()
    composed.token = composed.manage("-c", MAKE_OWNER)
    for service in ("web", "worker", "executor"):
        composed.start(*composed.command(service))
    wait_until_up(composed)
    with composed.api() as api:
        # As the proxy that ends TLS would: the example has HTTPS on.
        api.headers["X-Forwarded-Proto"] = "https"
        dataset = api.post("/datasets/", json={"name": "few"}).raise_for_status().json()["id"]
        files = [("files", (name, content, "image/png")) for name, content in images(6).items()]
        api.post(f"/datasets/{dataset}/samples/", files=files).raise_for_status()
        deployment = deployed(composed, api, package(MODEL))
        job = submitted(composed, api, dataset=dataset, deployment=deployment)
    assert (job["state"], job["done"]) == ("finished", 6)
    assert not list(composed.data.glob("*.sqlite3"))
    assert not (composed.data / "blobs").exists()


def wait_until_up(composed: Composed) -> None:
    """By the health check of compose itself."""
    check = compose()["services"]["web"]["healthcheck"]["test"]
    assert check[:2] == ["CMD", "python"]
    command = [sys.executable, *(word.replace(":8000", f":{composed.port}") for word in check[2:])]

    def is_healthy() -> bool:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    wait_for(is_healthy, seconds=60, what=f"the health check; {composed.logs()}")
