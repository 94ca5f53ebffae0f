"""A filter without the conditions on one field, so that the field's own filter does not hide its other labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def without_own(document: Any, name: str) -> Any:
    """The parts of a filter's outermost `and` that are not about `name` alone; None where nothing is left.

    `name` is a field's, or a column's of samples. The filter was found valid before.
    """
    if document is None:
        return None
    parts = document.get("and", [document])
    kept = [part for part in parts if _names(part) != {name}]
    if len(kept) == len(parts):
        return document
    return {"and": kept} if kept else None


def narrowed(document: Any) -> Collection[str]:
    """The names that have a part of their own."""
    parts = [] if document is None else document.get("and", [document])
    return {next(iter(names)) for names in map(_names, parts) if len(names) == 1}


def _names(part: Mapping[str, Any]) -> set[str]:
    """The fields and columns that a condition is about."""
    for key in ("and", "or"):
        if key in part:
            return set().union(*map(_names, part[key]))
    if "not" in part:
        return _names(part["not"])
    if "match" in part:
        return {part["match"]}
    if "compare" in part:
        return {*part["compare"]}
    if "evaluation" in part:
        return {"", f"evaluation {part['evaluation']}"}  # of its two fields, and so never one's own
    if "projection" in part:
        return {"", f"projection {part['projection']}"}
    if "review" in part:
        return {"", f"review {part['review']}"}
    return {str(part["field"]).partition(".")[0]}
