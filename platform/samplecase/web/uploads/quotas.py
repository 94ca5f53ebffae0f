"""How much one person may have under way, and how much may be stored for one. 0 in the settings: any amount."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Sum

from samplecase.contracts.errors import TooLarge
from samplecase.web.accounts.models import User
from samplecase.web.uploads.holdings import stored_bytes, waiting_bytes
from samplecase.web.uploads.models import Upload, UploadQuerySet


def refuse_beyond_quotas(*, owner: User, length: int) -> None:
    """Before another upload of `length` bytes begins. Raises `TooLarge`, with a code for each limit.

    The caller holds the owner's row, so that two that begin at once are counted one after the other.
    """
    under_way = _under_way(owner)
    most = settings.MAX_UPLOADS_PER_USER
    if most > 0 and under_way.count() >= most:
        raise TooLarge(
            f"You have {most:,} uploads under way, which is the most "
            "(SAMPLECASE_MAX_UPLOADS_PER_USER); finish or remove one.",
            code="too_many_uploads",
            pointer="/Upload-Length",
        )
    waiting = _bytes(under_way)
    files = waiting_bytes(owner)
    most = settings.MAX_UPLOAD_BYTES_PER_USER
    if 0 < most < waiting + files + length:
        kept = f", {files:,} of them files of imports, which go after a day" if files else ""
        raise TooLarge(
            f"With this your uploads under way would have {waiting + files + length:,} bytes{kept}; at most "
            f"{most:,} are allowed (SAMPLECASE_MAX_UPLOAD_BYTES_PER_USER). Finish or remove one.",
            code="upload_quota",
            pointer="/Upload-Length",
        )
    refuse_beyond_storage(owner=owner, more=waiting + length, pointer="/Upload-Length")


def refuse_beyond_storage(*, owner: User, more: int, pointer: str | None = None) -> None:
    """Before `more` bytes are stored for the owner of a model or dataset. Raises `TooLarge` (`storage_quota`)."""
    most = settings.MAX_STORED_BYTES_PER_USER
    if most <= 0 or not more:
        return
    stored = stored_bytes(owner)
    if stored + more > most:
        raise TooLarge(
            f"With this, {stored + more:,} bytes would be stored for {owner}; at most {most:,} are allowed "
            "(SAMPLECASE_MAX_STORED_BYTES_PER_USER).",
            code="storage_quota",
            pointer=pointer,
        )


def _under_way(owner: User) -> UploadQuerySet:
    return Upload.objects.of(owner).filter(used_at=None)


def _bytes(uploads: UploadQuerySet) -> int:
    # What a blob holds already takes no place of its own.
    return uploads.filter(key="").aggregate(sum=Sum("length"))["sum"] or 0
