"""Pascal VOC: one XML per image, boxes in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels import FieldType
from samplecase.exchange.geometry import tidy
from samplecase.exchange.names import MediaIndex, base, safe_path, sample_names, stem
from samplecase.exchange.records import GROUND_TRUTH, Content, FieldFacts, Reading, Record, Value, confidence
from samplecase.exchange.safe_xml import parse_xml
from samplecase.exchange.sources import Files, beginning, content, is_image
from samplecase.exchange.targets import Target

NAME, TITLE = "voc", "Pascal VOC"
TYPES = frozenset({FieldType.DETECTIONS})
IS_SINGLE = IS_NAMED_BY_STEM = True
MAX_TEXT = 64 * 2**20
FLAGS = ("pose", "truncated", "difficult", "occluded")


def sniff(files: Files) -> float:
    texts = _texts(files)
    return 0.95 if texts and b"<annotation" in _start(files, texts[0]) else 0


def _start(files: Files, name: str) -> bytes:
    # `<annotations>` is CVAT's root.
    return beginning(files, name).replace(b"<annotations", b"")


def _texts(files: Files) -> list[str]:
    return [name for name in files.names if name.lower().endswith(".xml")]


def read(files: Files) -> Reading:
    fields = {GROUND_TRUTH: FieldFacts(GROUND_TRUTH, FieldType.DETECTIONS.value)}
    reading = Reading(NAME, iter(()), fields=fields)
    reading.records = _records(files, reading)
    return reading


def _records(files: Files, reading: Reading) -> Iterator[Record]:
    images = [name for name in files.names if is_image(name)]
    called, media, splits = sample_names(images), MediaIndex(images), _splits(files)
    described: set[str | None] = set()
    for text in _texts(files):
        try:
            root = parse_xml(content(files, text, max_bytes=MAX_TEXT), source=text)
        except InvalidInput as error:
            reading.warnings.append(error.message)
            continue
        named = (root.findtext("filename") or "").strip() or stem(base(text))
        image = media.find(named) or media.find_stem(text)
        record = Record(called[image] if image else named, media=image, split=splits.get(stem(base(text))))
        record.width, record.height = _side(root, "width"), _side(root, "height")
        record.in_pixels = True
        # In the standard of old, and in what says that it is of it, pixels are counted from 1.
        first = 1 if "VOC20" in (root.findtext("source/database") or "").replace(" ", "") else 0
        record.values[GROUND_TRUTH] = Value(FieldType.DETECTIONS.value, [])
        for found in root.iter("object"):
            try:
                record.add(GROUND_TRUTH, FieldType.DETECTIONS, _label(found, first))
            except (TypeError, ValueError):
                record.warnings.append("an object has no box that can be read")
        described.add(image)
        yield record
    for image in images:
        if image not in described:
            yield Record(called[image], media=image, split=splits.get(stem(base(image))))


def _splits(files: Files) -> dict[str, str]:
    """`ImageSets/Main/train.txt` lists the stems of a split."""
    found: dict[str, str] = {}
    for name in files.names:
        split = stem(base(name))
        if "imagesets" in name.lower() and split in {"train", "val", "test"}:
            lines = content(files, name, max_bytes=MAX_TEXT).decode("utf-8", "replace").splitlines()
            found |= {line.split()[0]: split for line in lines if line.split()}
    return found


def _side(root: Element, side: str) -> int | None:
    text = (root.findtext(f"size/{side}") or "").strip()
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _label(found: Element, first: int) -> dict[str, Any]:
    ends = [float(found.findtext(f"bndbox/{side}") or "none") for side in ("xmin", "ymin", "xmax", "ymax")]
    left, top = ends[0] - first, ends[1] - first
    said = {flag: _flag(found.findtext(flag)) for flag in FLAGS if found.findtext(flag)}
    attributes = {flag: told for flag, told in said.items() if told != _USUAL[flag]}
    return {
        "label": (found.findtext("name") or "").strip() or "object",
        "bounding_box": [left, top, ends[2] - left, ends[3] - top],
        "confidence": confidence(found.findtext("confidence")),
        "attributes": attributes or None,
    }


def _flag(text: str | None) -> Any:
    return int(text) if text is not None and text.strip().isdecimal() else (text or "").strip()


# Writing -------------------------------------------------------------------------------------------------------------


def media_path(record: Record, content: Content) -> str:
    return f"JPEGImages/{safe_path(record.name)}"


def write(content: Content, records: Iterable[Record], target: Target) -> None:
    """Annotations, and the splits as image sets; scores as `confidence`."""
    splits: dict[str, list[str]] = {}
    for record in records:
        path = stem(safe_path(record.name))
        if record.split:
            splits.setdefault(record.split, []).append(path)
        value = record.values.get(content.fields[0].name)
        if value is not None:
            target.put(f"Annotations/{path}.xml", _text(record, value.data, content))
    for split, paths in sorted(splits.items()):
        target.put(f"ImageSets/Main/{split}.txt", "".join(f"{path}\n" for path in paths).encode())


def _text(record: Record, labels: list[dict[str, Any]], content: Content) -> bytes:
    root = Element("annotation")
    width, height = record.width or 1, record.height or 1
    SubElement(root, "folder").text = "JPEGImages"
    SubElement(root, "filename").text = safe_path(record.name)
    SubElement(SubElement(root, "source"), "database").text = "Samplecase"
    _fill(SubElement(root, "size"), {"width": width, "height": height, "depth": 3})
    SubElement(root, "segmented").text = "0"
    for label in labels:
        made = SubElement(root, "object")
        known = label.get("attributes") or {}
        _fill(made, {"name": label["label"], **{flag: known.get(flag, _USUAL[flag]) for flag in FLAGS[:3]}})
        if "occluded" in known:
            _fill(made, {"occluded": known["occluded"]})
        if "confidence" in label:
            _fill(made, {"confidence": label["confidence"]})
        x, y, w, h = label["bounding_box"]
        ends = (x * width, y * height, (x + w) * width, (y + h) * height)
        _fill(
            SubElement(made, "bndbox"),
            dict(zip(("xmin", "ymin", "xmax", "ymax"), map(_pixel, ends), strict=True)),
        )
    indent(root)
    return bytes(tostring(root, encoding="utf-8")) + b"\n"


_USUAL = {"pose": "Unspecified", "truncated": 0, "difficult": 0, "occluded": 0}


def _pixel(number: float) -> str:
    return f"{tidy(number):.10g}"


def _fill(parent: Element, parts: dict[str, Any]) -> None:
    for name, text in parts.items():
        SubElement(parent, name).text = printable(str(text))


def printable(text: str) -> str:
    """Without what XML has no way to write."""
    return "".join(char if char in "\t\n\r" or char >= " " else "\ufffd" for char in text)
