"""Segmentations that people paint: runs of classes, as they are sent and read, and the pixels that are stored."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from datasets_app import bulk
from datasets_app.masks import class_pixels, find_mask
from datasets_app.models import Field, Sample
from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels.reading import Reader, pointer_to, shown
from samplecase.runtime.engines.port import Array
from samplecase.runtime.masks import store_mask
from samplecase.runtime.media import MAX_PIXELS
from samplecase.web.rest.blobs import blob_store

MOST_RUNS = 1_000_000
GREATEST_CLASS = 65_535
VOID = 255  # of a field with fewer classes: what is none of them and counts for none
_FOREIGN = re.compile(r"[^0-9 ]|[0-9]{10}")  # ten digits are more than any image has pixels


class Runs(NamedTuple):
    """A class for each pixel: runs of one class each, row after row from the top left."""

    height: int
    width: int
    classes: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def store(self) -> dict[str, Any]:
        """Put the pixels into the blob store; returns the value that names them."""
        kind = "<u1" if self.classes.max() < 256 else "<u2"
        pixels = np.repeat(self.classes.astype(kind), self.lengths)
        array = Array(pixels.tobytes(), pixels.dtype.name, self.height, self.width)
        return store_mask(array, blob_store())


class PaintedReader:
    """Reads what people send for one segmentation field: runs, or the address of a mask that stood there earlier."""

    def __init__(self, field: Field, samples: Collection[int]) -> None:
        self._field = field
        columns, fitting = ("id", "width", "height"), {"dataset_id": field.dataset_id}
        found = bulk.chosen(Sample, sorted(set(samples)), columns, fitting)
        self._sizes = {pk: (height, width) for pk, width, height in found}
        self._pixels = 0

    def read(self, sample: int, raw: Any, at: str) -> Runs | Mapping[str, Any] | None:
        """Runs to be stored, or a value. None for a sample that is not there, which whoever writes finds as well.

        Raises `InvalidInput` with every fault.
        """
        if sample not in self._sizes:
            return None
        reader = Reader()
        if isinstance(raw, dict) and "url" in raw:
            value: Any = self._earlier(sample, raw, at, reader)
        else:
            value = self._runs(sample, raw, at, reader)
        if reader.faults:
            raise InvalidInput(reader.faults[0].message, code="invalid_value", details=reader.faults)
        return value  # type: ignore[no-any-return]

    def _earlier(self, sample: int, raw: Any, at: str, reader: Reader) -> Mapping[str, Any] | None:
        found = reader.members(raw, at, required=["url"], optional=["width", "height"]) or {}
        edition = str(found.get("url", "")).rpartition("?v=")[2]
        mask = find_mask(field=self._field, sample=sample, edition=edition)
        if mask is None:
            reader.fault(pointer_to(at, "url"), "no mask of this sample has ever had this address")
        return mask

    def _runs(self, sample: int, raw: Any, at: str, reader: Reader) -> Runs | None:
        found = reader.members(raw, at, required=["size", "runs"], optional=[])
        if not found or reader.faults:
            return None
        height, width = self._sizes[sample]
        if found["size"] != [height, width]:
            message = f"must be the sample's [height, width], {[height, width]}, not {shown(found['size'])}"
            reader.fault(pointer_to(at, "size"), message)
            return None
        if height * width > MAX_PIXELS:
            reader.fault(pointer_to(at, "size"), f"a mask has at most {MAX_PIXELS:,} pixels; this is larger")
            return None
        self._pixels += height * width
        if self._pixels > settings.MAX_IMAGE_PIXELS:
            limit = f"{settings.MAX_IMAGE_PIXELS:,}"
            reader.fault(pointer_to(at, "size"), f"one request has at most {limit} pixels; send fewer values")
            return None
        return self._checked(height, width, found["runs"], pointer_to(at, "runs"), reader)

    def _checked(self, height: int, width: int, raw: Any, at: str, reader: Reader) -> Runs | None:
        pairs = _pairs(raw, at, reader)
        if pairs is None:
            return None
        classes, lengths = pairs[:, 0], pairs[:, 1]
        known = self._field.classes
        greatest = len(known) - 1 if known else GREATEST_CLASS
        if (lengths == 0).any():
            reader.fault(at, "each length must be at least 1")
        elif lengths.sum() != height * width:
            reader.fault(
                at, f"must add up to the {height * width:,} pixels of the size, not to {lengths.sum():,}"
            )
        elif (foreign := classes[(classes > greatest) & (classes != VOID)]).size:
            reader.fault(
                at,
                f"{foreign.max()} is none of the classes of “{self._field}”, which are 0 to {greatest}, and"
                f" {VOID} for what is none of them",
            )
        return Runs(height, width, classes, lengths)


def runs_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """A stored segmentation as people send it. Raises `InvalidInput` (`too_many_runs`) for one of nothing but noise."""
    pixels = class_pixels(data)
    flat = pixels.astype(np.uint8 if pixels.dtype == np.bool_ else pixels.dtype).ravel()
    begins = flat[1:] != flat[:-1]
    # Counted first: the places of noise would take eight times the pixels' memory, twice.
    if (count := int(np.count_nonzero(begins)) + 1) > MOST_RUNS:
        message = f"The mask has {count:,} runs; at most {MOST_RUNS:,} can be painted on."
        raise InvalidInput(message, code="too_many_runs")
    starts = np.concatenate(([0], np.flatnonzero(begins) + 1))
    lengths = np.diff(starts, append=flat.size)
    pairs = np.stack((flat[starts].astype(np.int64), lengths), axis=1)
    return {"size": list(pixels.shape), "runs": " ".join(map(str, pairs.ravel().tolist()))}


def _pairs(raw: Any, at: str, reader: Reader) -> NDArray[np.int64] | None:
    """Class and length of each run."""
    is_plain = isinstance(raw, str) and not _FOREIGN.search(raw)
    # Counted before it is taken apart: a text of sixteen megabytes would become half a gigabyte of small ones.
    if is_plain and (spaces := raw.count(" ")) >= 2 * MOST_RUNS:
        reader.fault(at, f"must be at most {MOST_RUNS:,} runs, not {(spaces + 1) // 2:,}")
        return None
    numbers = raw.split(" ") if is_plain else []
    if not numbers or len(numbers) % 2 or "" in numbers:
        reader.fault(
            at, f'must be class and length in turn, divided by single spaces, as "0 12 3 4", not {shown(raw)}'
        )
        return None
    return np.array(list(map(int, numbers)), np.int64).reshape(-1, 2)
