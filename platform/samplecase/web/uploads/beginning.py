"""The beginning of an upload: anew, where an earlier one broke off, or whole at once where its bytes are known."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from samplecase.contracts.errors import TooLarge
from samplecase.storage.port import BlobNotFound
from samplecase.web.accounts.models import User
from samplecase.web.rest.blobs import blob_store
from samplecase.web.uploads.headers import Metadata
from samplecase.web.uploads.holdings import known_key
from samplecase.web.uploads.models import Upload, lasting_until
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
        if metadata.sha256 and (earlier := _earlier(acting_user, metadata, length)):
            return earlier
        refuse_beyond_quotas(owner=acting_user, length=0 if key else length)
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
    # Until the end of the transaction nobody removes it, or has more of it recorded.
    found = same.select_for_update().order_by("-offset", "pk").first()
    if found is not None:
        found.name, found.metadata = metadata.name, metadata.text
        found.expires_at, found.used_at = lasting_until(), None
        found.save(update_fields=["name", "metadata", "expires_at", "used_at"])
    return found


def _known(user: User, sha256: str, length: int) -> str:
    key = known_key(user, sha256)
    if key is None:
        return ""
    try:
        return key if blob_store().stat(key).size == length else ""
    except BlobNotFound:
        return ""
