"""Masks and heat maps: from what a replica sent to a stored PNG and the facts that stand in the value."""

from __future__ import annotations

import hashlib
import io
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from samplecase.runtime.engines.port import Array, Png
from samplecase.runtime.media import MAX_PIXELS
from samplecase.storage.port import mask_key

MASK_MODES = {"1": np.uint8, "L": np.uint8, "P": np.uint8, "I;16": np.uint16}
FULL_SCALE = 65535


class InvalidMask(Exception):
    """What the model returned is no mask; the message says why."""


class MaskStore(Protocol):
    """What is needed of a blob store to keep masks."""

    def exists(self, key: str) -> bool: ...

    def put(self, key: str, source: BinaryIO) -> int: ...


def store_mask(element: Array | Png, blobs: MaskStore) -> dict[str, Any]:
    """Store it under the hash of its PNG; return `{"mask": sha256, "width", "height", "range"?}`.

    uint8 and uint16 are kept as they are. float32 becomes 16 bit; `range` [lowest, highest] gives its scale
    back. Raises `InvalidMask`.
    """
    array, span = _of_array(element) if isinstance(element, Array) else (_of_png(element), None)
    buffer = io.BytesIO()
    Pillow.fromarray(array).save(buffer, "PNG")
    sha256 = hashlib.sha256(buffer.getbuffer()).hexdigest()
    if not blobs.exists(mask_key(sha256)):
        buffer.seek(0)
        blobs.put(mask_key(sha256), buffer)
    height, width = array.shape
    facts = {"mask": sha256, "width": int(width), "height": int(height)}
    return facts if span is None else {**facts, "range": span}


def _of_array(element: Array) -> tuple[NDArray[Any], list[float] | None]:
    if element.dtype not in ("uint8", "uint16", "float32"):
        raise InvalidMask(f"expected uint8, uint16 or float32, not {element.dtype}")
    if not (element.height > 0 and element.width > 0 and element.height * element.width <= MAX_PIXELS):
        raise InvalidMask(f"a mask of {element.width} × {element.height} pixels is not allowed")
    try:
        array = np.frombuffer(element.data, np.dtype(element.dtype).newbyteorder("<"))
        array = array.reshape(element.height, element.width)
    except ValueError as error:
        raise InvalidMask(f"the array does not have its shape: {error}") from error
    return _scaled(array) if element.dtype == "float32" else (array, None)


def _scaled(array: NDArray[Any]) -> tuple[NDArray[Any], list[float]]:
    if not np.isfinite(array).all():
        raise InvalidMask("the heat map holds values that are not finite")
    low, high = float(array.min()), float(array.max())
    relative = (array.astype(np.float64) - low) / (high - low) if high > low else np.zeros(array.shape)
    return np.round(relative * FULL_SCALE).astype(np.uint16), [low, high]


def _of_png(element: Png) -> NDArray[Any]:
    try:
        with Pillow.open(io.BytesIO(element.data), formats=("PNG",)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InvalidMask(f"a mask of {image.width} × {image.height} pixels is not allowed")
            if image.mode not in MASK_MODES:
                raise InvalidMask(f"expected a PNG with one channel of 8 or 16 bits, not mode {image.mode}")
            return np.asarray(image).astype(MASK_MODES[image.mode])
    except InvalidMask:
        raise
    except Exception as error:  # decoders raise nearly anything on hostile files
        raise InvalidMask(f"the file is no PNG: {error}") from error
