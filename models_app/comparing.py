"""Two versions of a model side by side: their schemas, and the files of their packages."""

from __future__ import annotations

from typing import Any

from models_app.models import Version
from samplecase.contracts.schema import parse_schema
from samplecase.contracts.schema_change import changes_between, step_of


def compare(before: Version, after: Version) -> dict[str, Any]:
    """What `after` changes. Of files the sizes are known: another content of the same size is not seen."""
    changes = changes_between(parse_schema(before.schema), parse_schema(after.schema))
    return {
        "version": after.version,
        "since": before.version,
        "step": step_of(changes),
        "changes": changes,
        "same_package": before.sha256 == after.sha256,
        "files": _files(before, after),
    }


def _files(before: Version, after: Version) -> list[dict[str, Any]]:
    old, new = ({file["name"]: file["size"] for file in version.files} for version in (before, after))
    return [
        {"name": name, "before": old.get(name), "after": new.get(name)}
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
