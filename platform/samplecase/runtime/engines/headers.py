"""What a replica's header may cost, looked at before it is parsed: in memory it is up to thirty times its size."""

from __future__ import annotations

from samplecase.runtime.shim import FrameError

RESULT = b'{"type": "result"'
MAX_REMARK_BYTES = 64 * 1024  # of a message that is no result
MAX_ELEMENTS = 2_000_000  # of a header's lists and objects: about 0.3 GiB once it is parsed


def check_header(data: bytes) -> None:
    """Raises `FrameError` for what would cost far more than any answer is worth."""
    if len(data) > MAX_REMARK_BYTES and not data.startswith(RESULT):
        raise FrameError(f"a message of {len(data)} bytes that is no result")
    elements = data.count(b",") + data.count(b"[") + data.count(b"{")
    if elements > MAX_ELEMENTS:
        raise FrameError(f"an answer of {elements} elements is over the limit")
