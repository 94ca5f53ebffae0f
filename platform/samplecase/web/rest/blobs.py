"""The blob store of the settings, opened once per process."""

from __future__ import annotations

import functools

from django.conf import settings

from samplecase.storage import open_store
from samplecase.storage.port import BlobStore


def blob_store() -> BlobStore:
    """The store that `SAMPLECASE_BLOB_URL` names."""
    return _opened(settings.BLOB_URL)


@functools.cache
def _opened(url: str) -> BlobStore:
    return open_store(url)
