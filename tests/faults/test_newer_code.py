"""An upgrade under a running job: the newer code goes on with what the older one began, and beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.fault_world import World
from tests.fixtures_server import ROOT
from tests.honesty import assert_honest

SOURCES = ("platform", "datasets_app", "models_app", "jobs_app")
MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("jobs_app", "{last}")]
    operations = [
        migrations.RunSQL(f"ALTER TABLE jobs_app_{table} ADD COLUMN later integer NOT NULL DEFAULT 0")
        for table in ("job", "chunk")
    ]
"""
STARTS = '"executor %s starts"'


def newer_code(folder: Path) -> Path:
    """This checkout with one more migration, and an executor that says that it is newer."""
    for name in SOURCES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", folder)
    migrations = folder / "jobs_app" / "migrations"
    last = max(path.stem for path in migrations.glob("[0-9]*.py"))
    (migrations / "9999_later.py").write_text(MIGRATION.replace("{last}", last))
    executor = folder / "platform" / "samplecase" / "runtime" / "executor.py"
    code = executor.read_text()
    assert STARTS in code
    executor.write_text(code.replace(STARTS, '"newer executor %s starts"'))
    return folder


def test_a_job_that_older_code_began_is_finished_by_newer(world: World, tmp_path: Path) -> None:
    code = world.code
    try:
        with world.api() as api:
            job = world.submit(api, pause=0.03)
            world.half_way(job)
            for process in (world.executor, world.worker):
                assert process is not None
                process.terminate()
            for process in (world.executor, world.worker):
                assert process is not None
                assert process.wait(timeout=30) in (0, -15)
            world.code = newer_code(tmp_path / "newer")
            world.manage("manage.py", "migrate", "-v", "0")
            world.bring_up()
            assert world.end_of(job) == "finished", world.logs()
            assert "newer executor" in world.logs()
            assert assert_honest(world, job)["done"] == len(world.samples)
            # The web server is the older one still, over the newer tables.
            following = world.submit(api)
            assert world.end_of(following) == "finished", world.logs()
            assert_honest(world, following)
            world.kill_everything()
            world.bring_up()
            facts = api.get(f"/jobs/{job}/").raise_for_status().json()
            assert (facts["state"], facts["done"]) == ("finished", len(world.samples))
    finally:
        world.kill_everything()
        world.code = code
