"""Coordinates: from pixels to shares of the image, and onto its edge where a tool drew beyond it."""

from __future__ import annotations

from typing import Any

from samplecase.contracts.labels import FieldType
from samplecase.exchange.records import Record, Value

Point = list[float]


def relative(record: Record, *, width: int, height: int) -> list[str]:
    """Make all coordinates of `record` relative and inside the image; says what was left out.

    `width` and `height` are those of the image that the record belongs to; the record's own count first.
    """
    scale = (1.0, 1.0)
    if record.in_pixels:
        scale = (1 / (record.width or width), 1 / (record.height or height))
    left_out: list[str] = []
    for name, value in list(record.values.items()):
        fit = _FITS.get(value.type)
        if fit is not None and isinstance(value.data, list):
            try:
                labels = [fit(dict(label), scale) for label in value.data]
            except (KeyError, TypeError, ValueError, IndexError, OverflowError):
                del record.values[name]
                left_out.append(f"{name}: a label has no shape that can be read.")
                continue
            record.values[name] = Value(value.type, [label for label in labels if label is not None])
            lost = sum(label is None for label in labels)
            if lost:
                left_out.append(f"{name}: {lost} of {len(labels)} labels lie outside the image.")
    record.in_pixels = False
    return left_out


def pixels(box: list[float], width: int, height: int) -> list[float]:
    """A relative box in pixels, without the dust of binary fractions."""
    return [tidy(part * side) for part, side in zip(box, (width, height, width, height), strict=True)]


def tidy(number: float) -> float:
    return round(number, 6)


def _box(label: dict[str, Any], scale: tuple[float, float]) -> dict[str, Any] | None:
    x, y, w, h = label["bounding_box"]
    left, right = _edge(x * scale[0]), _edge((x + w) * scale[0])
    top, bottom = _edge(y * scale[1]), _edge((y + h) * scale[1])
    if right <= left or bottom <= top:
        return None
    inside = left == x * scale[0] and right == (x + w) * scale[0]
    exact = w * scale[0] if inside else right - left
    inside = top == y * scale[1] and bottom == (y + h) * scale[1]
    label["bounding_box"] = [left, top, exact, h * scale[1] if inside else bottom - top]
    return label


def _lines(label: dict[str, Any], scale: tuple[float, float]) -> dict[str, Any] | None:
    lines = [[_point(point, scale) for point in line] for line in label["points"]]
    label["points"] = [line for line in lines if len(line) > 1]
    return label if label["points"] else None


def _points(label: dict[str, Any], scale: tuple[float, float]) -> dict[str, Any] | None:
    label["points"] = [None if point is None else _point(point, scale) for point in label["points"]]
    return label if any(label["points"]) else None


def _point(point: Point, scale: tuple[float, float]) -> Point:
    return [_edge(point[0] * scale[0]), _edge(point[1] * scale[1])]


def _edge(share: float) -> float:
    return min(1.0, max(0.0, share))


_FITS = {
    FieldType.DETECTIONS.value: _box,
    FieldType.POLYLINES.value: _lines,
    FieldType.KEYPOINTS.value: _points,
}
