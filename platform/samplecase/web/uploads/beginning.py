"""The beginning of an upload: anew, where an earlier one broke off, or whole at once where its bytes are known."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q

from samplecase.contracts.errors import TooLarge
from samplecase.storage.port import BlobNotFound
from samplecase.web.accounts.models import User
from samplecase.web.rest.blobs import blob_store
from samplecase.web.uploads.headers import Metadata
from samplecase.web.uploads.holdings import known_key
from samplecase.web.uploads.models import MOST_PARTS, Upload, UploadPart, lasting_until
from samplecase.web.uploads.quotas import refuse_beyond_quotas


def begin(*, acting_user: User, length: int, metadata: Metadata) -> Upload:
    """An upload of `length` bytes.

    Under a digest that was said before it is the same upload again, as far as it came. Bytes that the user may read
    anyway are whole at once; of anybody else's nothing is told, and all of it has to be sent.

    Raises `TooLarge` beyond the limits.
    """
    if length > settings.MAX_UPLOAD_BYTES:
        raise TooLarge(
            f"An upload has at most {settings.MAX_UPLOAD_BYTES:,} bytes (SAMPLECASE_MAX_UPLOAD_BYTES).",
            pointer="/Upload-Length",
        )
    key = _known(acting_user, metadata.sha256, length) if metadata.sha256 else ""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=acting_user.pk)
        earlier = _earlier(acting_user, metadata, length) if metadata.sha256 else None
        if earlier is not None and earlier.used_at is None:
            return _revived(earlier, metadata)
        refuse_beyond_quotas(owner=acting_user, length=0 if key else length)
        if earlier is not None:
            return _revived(earlier, metadata)
        return Upload.objects.create(
            owner=acting_user,
            name=metadata.name,
            metadata=metadata.text,
            length=length,
            expected_sha256=metadata.sha256,
            expires_at=lasting_until(),
            **({"offset": length, "sha256": metadata.sha256, "key": key} if key else {}),
        )


def _earlier(owner: User, metadata: Metadata, length: int) -> Upload | None:
    same = Upload.objects.of(owner).filter(expected_sha256=metadata.sha256, length=length, key="")
    full = UploadPart.objects.values("upload").annotate(parts=Count("pk")).filter(parts__gte=MOST_PARTS)
    able = same.filter(Q(offset=F("length")) | ~Q(pk__in=full.filter(upload__owner=owner).values("upload")))
    # Until the end of the transaction nobody removes it, or has more of it recorded.
    return able.select_for_update().order_by("-offset", "pk").first()


def _revived(upload: Upload, metadata: Metadata) -> Upload:
    upload.name, upload.metadata = metadata.name, metadata.text
    upload.expires_at, upload.used_at = lasting_until(), None
    upload.save(update_fields=["name", "metadata", "expires_at", "used_at"])
    return upload


def _known(user: User, sha256: str, length: int) -> str:
    key = known_key(user, sha256)
    if key is None:
        return ""
    try:
        return key if blob_store().stat(key).size == length else ""
    except BlobNotFound:
        return ""
