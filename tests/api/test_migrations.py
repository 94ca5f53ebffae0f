"""Migrations that change rows, over rows as earlier versions wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = ("accounts", "0002_sessions_tries_and_where_audit_rows_belong")
AFTER = ("accounts", "0003_where_earlier_audit_rows_belong")


@pytest.fixture
def migrated(transactional_db: None) -> Iterator[Callable[[tuple[str, str]], Any]]:
    """Brings the database to a migration, and gives the models of that time; in the end to the newest."""

    def to(target: tuple[str, str]) -> Any:
        executor = MigrationExecutor(connection)
        executor.migrate([target])
        return MigrationExecutor(connection).loader.project_state([target]).apps

    yield to
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_earlier_audit_rows_are_told_where_they_belong(
    migrated: Callable[[tuple[str, str]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = migrated(BEFORE).get_model("accounts", "AuditEntry").objects
    rows: list[tuple[str, str, dict[str, Any], tuple[str, int | None]]] = [
        ("dataset", "7", {}, ("dataset", 7)),
        ("model", "3", {"dataset": 9}, ("model", 3)),  # its own, whatever else it names
        ("job", "31", {"dataset": 7, "model": 3}, ("dataset", 7)),
        ("version", "5", {"model": 3}, ("model", 3)),
        ("job", "32", {"dataset": "7"}, ("", None)),  # not a number: nobody's
        ("job", "33", {"dataset": True}, ("", None)),
        ("user", "1", {}, ("", None)),
        ("user", "", {"dataset": None}, ("", None)),
        ("dataset", "None", {}, ("", None)),
    ]
    more = [("job", str(number), {"dataset": number}, ("dataset", number)) for number in range(100, 1300)]
    made = {
        entries.create(
            actor_name="owner", action="x.y", object_type=kind, object_id=pk, object_name="", details=details
        ).pk: home
        for kind, pk, details, home in [*rows, *more]
    }
    entries = migrated(AFTER).get_model("accounts", "AuditEntry").objects
    found = {pk: (kind, home) for pk, kind, home in entries.values_list("pk", "home_type", "home_id")}
    assert found == made
