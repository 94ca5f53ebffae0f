"""The end of uploads: removed by who sent them, given up after their time, and what is left of them in the store."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from samplecase.storage.port import BlobNotFound
from samplecase.web.rest.blobs import blob_store
from samplecase.web.uploads.models import PREFIX, Upload, UploadPart

MOST_AT_ONCE = 200  # uploads that one sweep gives up
GRACE_SECONDS = 3600  # for parts that are stored and not recorded yet
SWEEP_SECONDS = 60.0  # after which a sweep leaves the rest to the next one
GIVEN_UP = datetime(1970, 1, 1, tzinfo=UTC)  # the expiry of an upload whose parts are being deleted


def remove(upload: Upload) -> None:
    """The rows first: a part that nobody names can be swept, one that is named has to be there."""
    with transaction.atomic():
        # Nobody records another part meanwhile.
        held = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if held is None:
            return
        keys = [*held.parts.values_list("key", flat=True)]
        held.delete()
    for key in keys:
        blob_store().delete(key)


def sweep() -> int:
    """Give up uploads whose time is over, and delete parts of which no upload speaks. Returns how many of both."""
    ends_at = time.monotonic() + SWEEP_SECONDS
    count = 0
    for upload in Upload.objects.filter(expires_at__lt=timezone.now()).order_by("expires_at")[:MOST_AT_ONCE]:
        count += _give_up(upload)
        if time.monotonic() > ends_at:
            return count
    return count + _delete_unspoken_of(ends_at)


def _give_up(upload: Upload) -> bool:
    """Unless somebody went on with it meanwhile.

    1. Hold it, and mark it in one step with the question whether its time is over: from then on nobody prolongs it.
    2. Delete its parts and then its rows, so that whoever is killed in between leaves what the next sweep goes on with.
    """
    holder = upload.take_turn()
    if not holder:
        return False
    expired = Upload.objects.filter(pk=upload.pk, holder=holder, expires_at__lt=timezone.now())
    if not expired.update(expires_at=GIVEN_UP):
        upload.end_turn(holder)
        return False
    for key in upload.parts.values_list("key", flat=True):
        blob_store().delete(key)
    remove(upload)
    return True


def _delete_unspoken_of(ends_at: float) -> int:
    """What killed processes left: stored, and never recorded; or recorded, and its row deleted."""
    count = 0
    for name, keys in groupby(blob_store().list(PREFIX), key=lambda key: key.split("/")[1]):
        count += _delete_of(name, keys)
        if count and time.monotonic() > ends_at:  # never in vain: the next one gets further
            break
    return count


def _delete_of(name: str, keys: Iterable[str]) -> int:
    """The keys of one upload that are no part of it, while nobody adds to it."""
    try:
        parts = UploadPart.objects.filter(upload__public_id=UUID(name))
    except ValueError:
        return 0
    unrecorded = set(keys) - set(parts.values_list("key", flat=True))
    old = {key for key in unrecorded if _age(key) > GRACE_SECONDS}
    if not old:
        return 0
    upload = Upload.objects.filter(public_id=UUID(name)).first()
    holder = upload.take_turn() if upload else ""
    if upload and not holder:
        return 0
    # Whoever had it before has lost it, and records nothing any more; what he recorded until then stays.
    left = sorted(old - set(parts.values_list("key", flat=True)))
    for key in left:
        blob_store().delete(key)
    if upload:
        upload.end_turn(holder)
    return len(left)


def _age(key: str) -> float:
    try:
        return time.time() - blob_store().stat(key).modified
    except BlobNotFound:
        return 0.0
