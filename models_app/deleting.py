"""Deleting versions: what values refer to leaves a tombstone, and bytes that no version has are released."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from models_app import stored_packages
from models_app.aliases import follow_newest
from models_app.guards import have_written, refuse_while_needed
from models_app.models import Deployment, Version
from models_app.pointing import Tombstone
from models_app.stages import held, refuse_used
from samplecase.web.accounts.models import User, record


@transaction.atomic
def delete_version(*, acting_user: User, version: Version) -> None:
    """Delete a version with its stopped and failed deployments.

    Raises `NotFound` if somebody else was first, and `Conflict` while it is deployed (`deployed`), an alias set by hand
    means it (`aliased`) or an unfinished job needs one of its deployments (`in_use`).
    """
    version = held(version)
    model, sha256 = version.model, version.sha256
    refuse_used(version, "deleted")
    follow_newest(acting_user=acting_user, model=model, besides=version)
    refuse_while_needed(Deployment.objects.select_for_update().filter(version=version))
    buried = bury([version], acting_user=acting_user)
    record(
        actor=acting_user,
        action="version.delete",
        subject=version,
        model=model.pk,
        sha256=sha256,
        tombstone=bool(buried),
    )
    version.delete()
    transaction.on_commit(lambda: stored_packages.discard_unneeded([sha256]))


def bury(versions: Collection[Version], *, acting_user: User) -> list[Tombstone]:
    """Tombstones for those of the versions, which are about to be deleted, that values refer to."""
    written = have_written([version.pk for version in versions])
    stones = [
        Tombstone(
            id=version.pk,
            model=version.model,
            model_name=version.model.name,
            version=version.version,
            sha256=version.sha256,
            digest=version.digest,
            deleted_by=acting_user,
        )
        for version in versions
        if version.pk in written
    ]
    return Tombstone.objects.bulk_create(stones)
