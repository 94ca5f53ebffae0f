"""Each kind of act that the audit log records can be chosen on its page."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("platform/samplecase/web", "datasets_app", "models_app", "jobs_app")
FILTERS = ROOT / "frontend/src/features/audit/AuditFilters.tsx"


def test_every_kind_that_is_recorded_is_offered() -> None:
    source = "".join(path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py"))
    recorded = set(re.findall(r'action\s*=\s*f?"([a-z]+)\.', source))
    offered = set(re.findall(r'value: "([a-z]+)"', FILTERS.read_text()))
    assert {"alias", "job", "user"} <= recorded
    assert recorded <= offered
