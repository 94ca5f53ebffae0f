"""What versions are called."""

from __future__ import annotations

from collections.abc import Collection

from models_app.models import Version
from models_app.pointing import Tombstone


def named_versions(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """The model's name and the version of those that are there, or have left a tombstone."""
    rows = Version.objects.filter(pk__in=ids).order_by().values_list("pk", "model__name", "version")
    found = {pk: (name, version) for pk, name, version in rows}
    missing = [pk for pk in ids if pk not in found]
    if missing:
        stones = Tombstone.objects.filter(pk__in=missing).order_by()
        names = stones.values_list("pk", "model__name", "model_name", "version")
        found.update({pk: (name or last, version) for pk, name, last, version in names})
    return found
