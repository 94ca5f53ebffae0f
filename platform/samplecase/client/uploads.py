"""Large files in pieces, by tus 1.0: each with its checksum, and gone on with after whatever broke off."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from samplecase.client.transport import BUSY, ApiError, ServerUnreachable, Transport, read
from samplecase.client.types import ResumableUpload

LARGE = 8 * 2**20  # bytes from which on a file is sent in pieces
PIECE = 16 * 2**20
LEAST_PIECE = 2**20  # to which they shrink, where a connection carries no larger ones
PATIENCE = 16  # tries in a row that may fail: about five minutes
LONGEST_PAUSE = 30.0  # seconds
VERSION = {"Tus-Resumable": "1.0.0"}
OFFSET_TYPE = "application/offset+octet-stream"
# Another request is at work, or was quicker; bytes were damaged on their way; or the server has trouble.
LOCKED = 423
PASSING = frozenset({409, LOCKED, 460, 500, *BUSY})
# The last piece is answered when the whole was read again.
LAST_TIMEOUT = httpx.Timeout(60, read=1800)

# Is told the file's name, what is done with it (`reading`, then `sending`), and how many of how many bytes are done.
Watch = Callable[[str, str, int, int], None]


def unwatched(name: str, phase: str, done: int, total: int) -> None:
    """Nobody looks."""


@dataclass
class Sending:
    """A file on its way, and how far it is."""

    name: str
    file: BinaryIO
    size: int
    piece: int
    address: str = ""
    offset: int = 0


class Uploads:
    """What one may send before it is used, as `upload`, by versions, samples and imports."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> Iterator[ResumableUpload]:
        """Yours, the newest first."""
        return self._transport.pages("uploads/")

    def remove(self, upload: str) -> None:
        """Give one up, with all that came of it."""
        self._transport.request("DELETE", f"uploads/{upload}/", headers=VERSION)

    @contextmanager
    def sent(self, file: Path | BinaryIO, *, name: str = "", watch: Watch = unwatched) -> Iterator[str]:
        """As `send`, for a block that uses it; of a file that it is told to be wrong, nothing stays on the server."""
        upload = self.send(file, name=name, watch=watch)
        try:
            yield upload
        except ApiError as error:
            if _is_of_file(error):
                with suppress(ApiError, ServerUnreachable):
                    self.remove(upload)
            raise

    def send(self, file: Path | BinaryIO, *, name: str = "", watch: Watch = unwatched) -> str:
        """Send a file, from where an earlier try of whatever process broke off; returns the upload's id.

        A connection that fails is tried again for about five minutes. Raises `ApiError` and `ServerUnreachable`.
        """
        if isinstance(file, Path):
            with file.open("rb") as opened:
                return self.send(opened, name=name or file.name, watch=watch)
        sending = Sending(name, file, file.seek(0, 2), PIECE)
        digest = _digest(sending, watch)
        upload = self._begin(sending, digest)
        failures = 0
        while sending.offset < sending.size:
            watch(name, "sending", sending.offset, sending.size)
            try:
                self._add(sending)
                failures = 0
            except (ServerUnreachable, ApiError) as error:
                failures += 1
                if failures > PATIENCE or getattr(error, "status", 503) not in PASSING:
                    raise
                self._transport.pause(failures, most=LONGEST_PAUSE)
                sending.piece = max(sending.piece // 2, min(sending.piece, LEAST_PIECE))
                self._find_place(sending, error)
                if sending.offset == sending.size:  # all of it came, and may still be read as a whole
                    upload = self._begin(sending, digest)
        watch(name, "sending", sending.size, sending.size)
        return upload

    def _begin(self, sending: Sending, sha256: str) -> str:
        said = {"filename": sending.name, "sha256": sha256}
        pairs = [f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items()]
        headers = {**VERSION, "Upload-Length": str(sending.size), "Upload-Metadata": ",".join(pairs)}
        # Under one digest it is one upload, however often it is begun.
        begun: Any = self._patiently("POST", "uploads/", headers=headers, repeatable=True)
        sending.address, sending.offset = f"uploads/{begun['id']}/", int(begun["offset"])
        return str(begun["id"])

    def _patiently(self, *request: str, **how: Any) -> Any:
        """Wait while another request reads the upload as a whole."""
        for attempt in range(1, PATIENCE + 1):
            try:
                return self._transport.request(*request, **how)
            except ApiError as error:
                if error.status != LOCKED:
                    raise
            self._transport.pause(attempt, most=LONGEST_PAUSE)
        return self._transport.request(*request, **how)

    def _add(self, sending: Sending) -> None:
        sending.file.seek(sending.offset)
        piece = sending.file.read(sending.piece)
        checksum = base64.b64encode(hashlib.sha256(piece).digest()).decode()
        headers = {
            **VERSION,
            "Content-Type": OFFSET_TYPE,
            "Upload-Offset": str(sending.offset),
            "Upload-Checksum": f"sha256 {checksum}",
        }
        is_last = sending.offset + len(piece) == sending.size
        how: dict[str, Any] = {"timeout": LAST_TIMEOUT} if is_last else {}
        answer = self._transport.answer("PATCH", sending.address, headers=headers, content=piece, **how)
        read(answer)
        sending.offset = int(answer.headers["Upload-Offset"])

    def _find_place(self, sending: Sending, reason: Exception) -> None:
        """Where it goes on; an upload that is gone is gone for the reason before."""
        try:
            answer = self._transport.answer("HEAD", sending.address, headers=VERSION)
        except ServerUnreachable:
            return  # the next piece is tried where the last one was, and told where it belongs
        if answer.status_code == 404:
            raise reason
        if answer.is_success:
            sending.offset = int(answer.headers["Upload-Offset"])


def _is_of_file(error: ApiError) -> bool:
    """Whether the bytes are at fault, and not what was said beside them."""
    places = [fault.pointer for fault in error.details]
    is_inside = any(place == "/upload" or (place and not place.startswith("/")) for place in places)
    return error.status == 400 and (error.code == "no_image" or is_inside)


def _digest(sending: Sending, watch: Watch) -> str:
    sending.file.seek(0)
    counted, done = hashlib.sha256(), 0
    while block := sending.file.read(4 * 2**20):
        counted.update(block)
        done += len(block)
        watch(sending.name, "reading", done, sending.size)
    return counted.hexdigest()
