"""What versions are called."""

from __future__ import annotations

from collections.abc import Collection

from models_app.models import Version


def named_versions(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """The model's name and the version of those that are there."""
    rows = Version.objects.filter(pk__in=ids).order_by().values_list("pk", "model__name", "version")
    return {pk: (name, version) for pk, name, version in rows}
