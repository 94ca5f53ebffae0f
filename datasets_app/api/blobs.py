"""Answers that carry bytes of the blob store: our own content type, no sniffing, nothing that may run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags
from rest_framework.request import Request

from samplecase.contracts.errors import NotFound
from samplecase.storage.port import BlobNotFound
from samplecase.web.rest.blobs import blob_store

BLOCK = 256 * 1024
# The bytes under an address never change, but only who may see the sample may keep them.
KEPT = "private, max-age=31536000, immutable"
HEADERS = {
    "Cache-Control": KEPT,
    "Vary": "Authorization, Cookie",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "bytes",
}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z", re.ASCII)


def blob_answer(request: Request, *, key: str, tag: str, mime: str, name: str) -> HttpResponseBase:
    """200, 206 for a range, 304 or 416. Raises `NotFound` (`media_gone`) where the store has lost the blob."""
    headers = {**HEADERS, "ETag": f'"{tag}"', "Content-Type": mime}
    if f'"{tag}"' in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers=headers)
    headers["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    try:
        size = blob_store().stat(key).size
        part = _range(request, size, tag)
        if part is None:
            return _streamed(blob_store().open(key), headers, size, 200)
        first, last = part
        if first > last:
            return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        length = last - first + 1
        return _streamed(blob_store().open(key, offset=first, length=length), headers, length, 206)
    except BlobNotFound:
        raise NotFound("The blob store has lost these bytes.", code="media_gone") from None


def _streamed(stream: BinaryIO, headers: dict[str, str], length: int, status: int) -> HttpResponseBase:
    headers = {**headers, "Content-Length": str(length)}
    return StreamingHttpResponse(_Blocks(stream), status=status, headers=headers)


class _Blocks:
    """A stream in blocks. Unlike a generator it is closed with its answer even if nobody read any of it (HEAD)."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        while block := self._stream.read(BLOCK):
            yield block

    def close(self) -> None:
        self._stream.close()


def _range(request: Request, size: int, tag: str) -> tuple[int, int] | None:
    """First and last byte that one `Range` asks for, None for all of it; first > last: there is no such part."""
    found = _RANGE.match(request.headers.get("Range", ""))
    if (
        found is None
        or found.groups() == ("", "")
        or request.headers.get("If-Range", f'"{tag}"') != f'"{tag}"'
    ):
        return None
    start, end = found.groups()
    if not start:
        return (max(0, size - int(end)), size - 1) if int(end) else (1, 0)
    first, last = int(start), min(int(end), size - 1) if end else size - 1
    return (first, last) if first < size and first <= (int(end) if end else last) else (1, 0)
