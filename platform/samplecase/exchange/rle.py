"""Run lengths of binary masks: COCO's (columns first, as pycocotools' maskApi.c has them) and CVAT's (rows first)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_PIXELS = 100_000_000
_LONGEST = 60  # bits of one run length
Mask = NDArray[np.bool_]


def encode(mask: Mask) -> dict[str, Any]:
    """`{"size": [height, width], "counts"}`, the counts compressed as pycocotools compresses them."""
    return {"size": list(mask.shape), "counts": _compressed(runs(mask.T.ravel()))}


def decode(rle: dict[str, Any]) -> Mask:
    """The mask of uncompressed or compressed counts. Raises ValueError where these do not fit the size."""
    lengths, height, width = _lengths_of(rle)
    return unrun(lengths, height * width).reshape(width, height).T


def box_of(rle: dict[str, Any]) -> list[float] | None:
    """`[x, y, width, height]` around what `decode` would give, None where that is empty; of its runs alone.

    A few bytes may stand for a hundred million pixels. Raises ValueError as `decode` does.
    """
    lengths, height, width = _lengths_of(rle)
    _check(lengths, height * width if height > 0 else 0)
    ends = np.cumsum(lengths)
    inside = [(int(end - n), int(end) - 1) for end, n in zip(ends[1::2], lengths[1::2], strict=True) if n]
    if not inside:
        return None
    left, right = inside[0][0] // height, inside[-1][1] // height
    is_one_column = all(first // height == last // height for first, last in inside)
    top = min(first % height for first, _ in inside) if is_one_column else 0
    bottom = max(last % height for _, last in inside) if is_one_column else height - 1
    return [float(left), float(top), float(right - left + 1), float(bottom - top + 1)]


def _lengths_of(rle: dict[str, Any]) -> tuple[list[int], int, int]:
    height, width = (int(side) for side in rle["size"])
    counts = rle["counts"]
    lengths = _uncompressed(counts) if isinstance(counts, str) else [int(each) for each in counts]
    return lengths, height, width


def runs(flat: NDArray[np.bool_]) -> list[int]:
    """The lengths of runs in turn, of background first."""
    edges = np.flatnonzero(np.diff(flat.astype(np.int8))) + 1
    ends = [0, *edges.tolist(), flat.size]
    lengths = [end - start for start, end in pairwise(ends)]
    return [0, *lengths] if flat.size and flat[0] else lengths


def unrun(lengths: Sequence[int], pixels: int) -> NDArray[np.bool_]:
    _check(lengths, pixels)
    return np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)


def _check(lengths: Sequence[int], pixels: int) -> None:
    if not 0 < pixels <= MAX_PIXELS or min(lengths, default=0) < 0 or sum(lengths) != pixels:
        raise ValueError(f"run lengths of {sum(lengths):,} pixels in a mask of {pixels:,}")


def _compressed(lengths: Sequence[int]) -> str:
    text = bytearray()
    for place, length in enumerate(lengths):
        rest = length - lengths[place - 2] if place > 2 else length
        more = True
        while more:
            low, rest = rest & 0x1F, rest >> 5
            more = rest != -1 if low & 0x10 else rest != 0
            text.append((low | 0x20 if more else low) + 48)
    return text.decode()


def _uncompressed(text: str) -> list[int]:
    lengths: list[int] = []
    number = shift = 0
    for char in text.encode("ascii"):
        part = char - 48
        number |= (part & 0x1F) << shift
        shift += 5
        if shift > _LONGEST:
            raise ValueError("run lengths that no image has")
        if part & 0x20:
            continue
        if part & 0x10:
            number |= -1 << shift
        lengths.append(number + lengths[-2] if len(lengths) > 2 else number)
        number = shift = 0
    return lengths
