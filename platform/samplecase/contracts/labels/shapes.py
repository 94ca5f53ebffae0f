"""The canonical JSON of each type: names and shapes are FiftyOne's, coordinates relative, origin top left."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection
from typing import Any

from samplecase.contracts.labels.reading import SLACK, Reader, pointer_to, shown, suggestion
from samplecase.contracts.labels.types import FieldType

MAX_LABELS = 100_000  # of one value
MAX_DIMENSION = 65_536  # of an embedding

_COMMON = ("id", "tags", "attributes", "confidence")

# What one label of each type must have, and what it may have.
MEMBERS: dict[FieldType, tuple[tuple[str, ...], tuple[str, ...]]] = {
    FieldType.CLASSIFICATION: (("label",), (*_COMMON, "scores")),
    FieldType.CLASSIFICATIONS: (("label",), (*_COMMON, "scores")),
    FieldType.DETECTIONS: (("label", "bounding_box"), (*_COMMON, "mask")),
    FieldType.POLYLINES: (("label", "points"), (*_COMMON, "closed", "filled")),
    FieldType.KEYPOINTS: (("label", "points"), _COMMON),
    FieldType.SEGMENTATION: (("mask", "width", "height"), ("range",)),
    FieldType.HEATMAP: (("mask", "width", "height"), ("range",)),
    FieldType.REGRESSION: (("value",), ("confidence",)),
}
_LABEL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)


class Shapes:
    """Reads values of every type. `classes`, where there are any, are all the labels that are allowed."""

    def __init__(
        self, reader: Reader, *, classes: Collection[str] = (), dimension: int | None = None
    ) -> None:
        self._read = reader
        self._classes = classes
        self._dimension = dimension

    def value(self, type: FieldType, raw: Any, at: str) -> Any:
        """The canonical value of what `Reader.plain` gave."""
        if raw is None:
            return self._read.fault(at, "must not be null")
        return self._readers[type](self, raw, at)

    def _members(self, type: FieldType, raw: Any, at: str) -> dict[str, Any] | None:
        required, optional = MEMBERS[type]
        return self._read.members(raw, at, required=required, optional=optional)

    def _classification(self, raw: Any, at: str) -> Any:
        if isinstance(raw, str):
            raw = {"label": raw}
        found = self._members(FieldType.CLASSIFICATION, raw, at)
        label = self._label(found, at)
        if found and "scores" in found:
            label["scores"] = self._scores(found["scores"], pointer_to(at, "scores"))
        return label

    def _classifications(self, raw: Any, at: str) -> Any:
        return self._labels(raw, at, self._classification)

    def _detections(self, raw: Any, at: str) -> Any:
        return self._labels(raw, at, self._detection)

    def _polylines(self, raw: Any, at: str) -> Any:
        return self._labels(raw, at, self._polyline)

    def _keypoints(self, raw: Any, at: str) -> Any:
        return self._labels(raw, at, self._keypoint)

    def _labels(self, raw: Any, at: str, read: Callable[[Any, str], Any]) -> Any:
        if isinstance(raw, list) and len(raw) > MAX_LABELS:
            return self._read.fault(at, f"must hold at most {MAX_LABELS:,} labels, not {len(raw):,}")
        labels = self._read.elements(raw, at, read)
        seen: set[str] = set()
        for index, label in enumerate(labels):
            identity = label.setdefault("id", secrets.token_hex(8))
            if identity in seen:
                self._read.fault(pointer_to(at, index, "id"), f'another label has the id "{identity}" too')
            seen.add(identity)
        return labels

    def _label(self, found: dict[str, Any] | None, at: str) -> dict[str, Any]:
        """What all labels share."""
        if not found:
            return {}
        label: dict[str, Any] = {}
        if "id" in found:
            label["id"] = self._identity(found["id"], pointer_to(at, "id"))
        if "label" in found:
            label["label"] = self._class(found["label"], pointer_to(at, "label"))
        if "confidence" in found:
            label["confidence"] = self._read.unit(found["confidence"], pointer_to(at, "confidence"))
        if "tags" in found:
            label["tags"] = self._read.elements(found["tags"], pointer_to(at, "tags"), self._read.name)
        if "attributes" in found:
            label["attributes"] = self._object(found["attributes"], pointer_to(at, "attributes"))
        return label

    def _detection(self, raw: Any, at: str) -> dict[str, Any]:
        found = self._members(FieldType.DETECTIONS, raw, at)
        label = self._label(found, at)
        if found and "bounding_box" in found:
            label["bounding_box"] = self._box(found["bounding_box"], pointer_to(at, "bounding_box"))
        if found and "mask" in found:
            label["mask"] = self._rle(found["mask"], pointer_to(at, "mask"))
        return label

    def _polyline(self, raw: Any, at: str) -> dict[str, Any]:
        found = self._read.members(
            raw, at, required=["label", "points"], optional=[*_COMMON, "closed", "filled"]
        )
        label = self._label(found, at)
        if found and "points" in found:
            label["points"] = self._read.elements(found["points"], pointer_to(at, "points"), self._line)
        for flag in ("closed", "filled"):
            label[flag] = self._read.flag((found or {}).get(flag, False), pointer_to(at, flag))
        return label

    def _keypoint(self, raw: Any, at: str) -> dict[str, Any]:
        found = self._members(FieldType.KEYPOINTS, raw, at)
        label = self._label(found, at)
        if found and "points" in found:
            label["points"] = self._read.elements(
                found["points"], pointer_to(at, "points"), self._point_or_null
            )
        return label

    def _identity(self, raw: Any, at: str) -> Any:
        if isinstance(raw, str) and _LABEL_ID.match(raw):
            return raw
        return self._read.fault(at, f"must be 1 to 64 letters, digits, - and _, not {shown(raw)}")

    def _class(self, raw: Any, at: str) -> str | None:
        name = self._read.name(raw, at)
        if name is not None and self._classes and name not in self._classes:
            self._read.fault(
                at,
                f"{shown(name)} is none of the {len(self._classes)} classes.{suggestion(name, self._classes)}",
            )
            return None
        return name

    def _scores(self, raw: Any, at: str) -> Any:
        if not isinstance(raw, dict):
            return self._read.fault(at, f"must be an object of label and score, not {shown(raw)}")
        return {name: self._read.unit(score, pointer_to(at, name)) for name, score in raw.items()}

    def _box(self, raw: Any, at: str) -> Any:
        if not isinstance(raw, list) or len(raw) != 4:
            return self._read.fault(at, f"must be [x, y, width, height], not {shown(raw)}")
        numbers = [self._read.unit(each, pointer_to(at, index)) for index, each in enumerate(raw)]
        if None in numbers:
            return None
        x, y, width, height = (each for each in numbers if each is not None)
        if x + width > 1 + SLACK or y + height > 1 + SLACK:
            return self._read.fault(
                at, f"must lie inside the image (x + width ≤ 1, y + height ≤ 1), unlike {shown(raw)}"
            )
        return [x, y, min(width, 1 - x), min(height, 1 - y)]

    def _rle(self, raw: Any, at: str) -> Any:
        """COCO's run lengths, as https://github.com/cocodataset/cocoapi (mask.py) writes and reads them."""
        found = self._read.members(raw, at, required=["size", "counts"], optional=[])
        if not found or "size" not in found or "counts" not in found:
            return None
        size = self._read.elements(
            found["size"],
            pointer_to(at, "size"),
            lambda each, where: self._read.integer(each, where, least=1),
        )
        counts = found["counts"]
        if len(size) != 2:
            self._read.fault(pointer_to(at, "size"), f"must be [height, width], not {shown(found['size'])}")
        elif not self._read.faults and isinstance(counts, list):
            self._run_lengths(counts, pointer_to(at, "counts"), pixels=size[0] * size[1])
        elif not isinstance(counts, list | str) or (isinstance(counts, str) and not counts.isascii()):
            self._read.fault(pointer_to(at, "counts"), f"must be run lengths, not {shown(counts)}")
        return {"size": size, "counts": counts}

    def _run_lengths(self, counts: list[Any], at: str, *, pixels: int) -> None:
        runs = self._read.elements(counts, at, lambda each, where: self._read.integer(each, where, least=0))
        if not self._read.faults and sum(runs) != pixels:
            self._read.fault(at, f"must add up to the {pixels:,} pixels of the size, not to {sum(runs):,}")

    def _line(self, raw: Any, at: str) -> list[Any]:
        if isinstance(raw, list) and len(raw) < 2:
            self._read.fault(at, f"must have at least two points, unlike {shown(raw)}")
        return self._read.elements(raw, at, self._point)

    def _point(self, raw: Any, at: str) -> Any:
        if not isinstance(raw, list) or len(raw) != 2:
            return self._read.fault(at, f"must be [x, y], not {shown(raw)}")
        return [self._read.unit(each, pointer_to(at, index)) for index, each in enumerate(raw)]

    def _point_or_null(self, raw: Any, at: str) -> Any:
        return None if raw is None else self._point(raw, at)

    def _mask(self, raw: Any, at: str) -> Any:
        """Where the pixels lie: they were put into the blob store, under `storage.mask_key`, before."""
        found = self._members(FieldType.SEGMENTATION, raw, at)
        if not found:
            return None
        if not isinstance(found.get("mask", ""), str) or not _SHA256.match(found.get("mask", "0" * 64)):
            self._read.fault(
                pointer_to(at, "mask"), f"must be a stored mask's SHA-256, not {shown(found['mask'])}"
            )
        for side in ("width", "height"):
            if side in found:
                found[side] = self._read.integer(found[side], pointer_to(at, side), least=1)
        if "range" in found:
            found["range"] = self._range(found["range"], pointer_to(at, "range"))
        return found

    def _range(self, raw: Any, at: str) -> Any:
        ends = self._read.elements(raw, at, self._read.number)
        if len(ends) != 2 or None in ends or ends[0] > ends[1]:
            self._read.fault(at, f"must be [least, greatest], not {shown(raw)}")
        return ends

    def _regression(self, raw: Any, at: str) -> Any:
        if not isinstance(raw, dict):
            return {"value": self._read.number(raw, at)}
        found = self._members(FieldType.REGRESSION, raw, at)
        value: dict[str, Any] = {}
        if found and "value" in found:
            value["value"] = self._read.number(found["value"], pointer_to(at, "value"))
        if found and "confidence" in found:
            value["confidence"] = self._read.unit(found["confidence"], pointer_to(at, "confidence"))
        return value

    def _embedding(self, raw: Any, at: str) -> Any:
        if not isinstance(raw, list) or any(
            isinstance(each, bool) or not isinstance(each, int | float) for each in raw
        ):
            return self._read.elements(raw, at, self._read.number)
        expected = self._dimension
        if isinstance(raw, list) and (
            len(raw) != expected if expected else not 1 <= len(raw) <= MAX_DIMENSION
        ):
            wanted = f"{expected:,}" if expected else f"1 to {MAX_DIMENSION:,}"
            self._read.fault(at, f"must hold {wanted} numbers, not {len(raw):,}")
        return [float(each) for each in raw]

    def _string(self, raw: Any, at: str) -> Any:
        return raw if isinstance(raw, str) else self._read.fault(at, f"must be a text, not {shown(raw)}")

    def _number(self, raw: Any, at: str) -> Any:
        return self._read.number(raw, at)

    def _integer(self, raw: Any, at: str) -> Any:
        number = self._read.number(raw, at)
        if number is not None and number != int(number):
            return self._read.fault(at, f"must be a whole number, not {shown(raw)}")
        return None if number is None else int(number)

    def _boolean(self, raw: Any, at: str) -> Any:
        return self._read.flag(raw, at)

    def _object(self, raw: Any, at: str) -> Any:
        return raw if isinstance(raw, dict) else self._read.fault(at, f"must be an object, not {shown(raw)}")

    def _array(self, raw: Any, at: str) -> Any:
        return self._read.elements(raw, at, lambda each, _: each)

    _readers: dict[FieldType, Callable[[Shapes, Any, str], Any]] = {
        FieldType.CLASSIFICATION: _classification,
        FieldType.CLASSIFICATIONS: _classifications,
        FieldType.DETECTIONS: _detections,
        FieldType.POLYLINES: _polylines,
        FieldType.KEYPOINTS: _keypoints,
        FieldType.SEGMENTATION: _mask,
        FieldType.HEATMAP: _mask,
        FieldType.REGRESSION: _regression,
        FieldType.EMBEDDING: _embedding,
        FieldType.STRING: _string,
        FieldType.NUMBER: _number,
        FieldType.INTEGER: _integer,
        FieldType.BOOLEAN: _boolean,
        FieldType.OBJECT: _object,
        FieldType.ARRAY: _array,
    }
