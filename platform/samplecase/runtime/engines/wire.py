"""Between the port's batches and the shim's frames: what is sent, and how little is believed of what comes back."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from typing import Any

from samplecase.runtime.engines.port import (
    Answer,
    Array,
    Batch,
    BatchFailed,
    Element,
    ElementError,
    Image,
    Png,
)

REASONS = ("exception", "invalid_output", "out_of_memory", "unreadable_media")  # that a replica may give
TICK_SECONDS = 0.5
MOST_SECONDS = 24 * 3600  # of one batch


class TimedReader:
    """Reads exact counts from a pipe, and asks in between whether that takes too long."""

    def __init__(self, descriptor: int, check: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._check = check

    def read(self, count: int) -> bytes:
        pieces = bytearray()
        while len(pieces) < count:
            self._check()
            if not select.select([self._descriptor], [], [], TICK_SECONDS)[0]:
                continue
            data = os.read(self._descriptor, min(count - len(pieces), 1024 * 1024))
            if not data:
                break
            pieces += data
        return bytes(pieces)


def predict_frame(number: int, batch: Batch, timeout: float) -> tuple[dict[str, Any], list[bytes]]:
    parts: list[bytes] = []
    inputs: dict[str, Any] = {name: {"values": list(values)} for name, values in batch.values.items()}
    for name, images in batch.images.items():
        inputs[name] = {"images": [_image_reference(image, parts) for image in images]}
    # The stack of a hang is printed shortly before the replica is killed for it.
    return {
        "type": "predict",
        "id": number,
        "size": batch.size,
        "inputs": inputs,
        "stack_after": max(timeout * 0.9, timeout - 5),
    }, parts


def _image_reference(image: Image, parts: list[bytes]) -> dict[str, Any]:
    parts.append(image.data)
    return {"part": len(parts) - 1, "shape": [image.height, image.width, 3]}


def outcome_of(header: dict[str, Any], parts: list[bytes]) -> Answer | BatchFailed:
    if "error" in header:
        return BatchFailed(_reason(header["error"]["kind"]), str(header["error"]["message"]))
    answer = Answer(
        (str(name), [_element(element, parts) for element in elements])
        for name, elements in header["outputs"].items()
    )
    answer.decode_seconds, answer.model_seconds = _seconds(header, "decode"), _seconds(header, "model")
    return answer


def _reason(said: Any) -> str:
    """What only the executor can know (that a replica was killed, that an input is missing) is not taken from one."""
    return said if said in REASONS else "exception"


def _seconds(header: dict[str, Any], name: str) -> float:
    """What the replica says it took; nothing where it says what cannot be."""
    said = header.get("seconds")
    value = said.get(name) if isinstance(said, dict) else None
    return float(value) if isinstance(value, int | float) and 0 <= value < MOST_SECONDS else 0.0


def _element(element: dict[str, Any], parts: list[bytes]) -> Element:
    if "error" in element:
        return ElementError(_reason(element["reason"]), str(element["error"]))
    if "png" in element:
        return Png(parts[element["png"]])
    if "array" in element:
        height, width = (int(side) for side in element["shape"])
        return Array(parts[element["array"]], str(element["dtype"]), height, width)
    return element["value"]
