"""CVAT XML "for images 1.1": boxes, polygons, polylines, points, masks and tags, absolute pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from samplecase.contracts.labels import FieldType
from samplecase.exchange import rle
from samplecase.exchange.formats.voc import printable
from samplecase.exchange.geometry import tidy
from samplecase.exchange.names import MediaIndex, safe_path, sample_names, split_in
from samplecase.exchange.records import (
    GROUND_TRUTH,
    SPLITS,
    Classes,
    Content,
    FieldFacts,
    Reading,
    Record,
    confidence,
)
from samplecase.exchange.safe_xml import parse_xml
from samplecase.exchange.sources import Files, beginning, content, faulty, is_image
from samplecase.exchange.targets import Target

NAME, TITLE = "cvat", "CVAT for images 1.1"
TYPES = frozenset(
    {
        *(FieldType.DETECTIONS, FieldType.POLYLINES, FieldType.KEYPOINTS),
        *(FieldType.CLASSIFICATION, FieldType.CLASSIFICATIONS),
    }
)
SCORES = ("confidence", "score")
TAGS = f"{GROUND_TRUTH}_tags"


def sniff(files: Files) -> float:
    return 0.96 if any(b"<annotations" in beginning(files, name) for name in _texts(files)) else 0


def _texts(files: Files) -> list[str]:
    return [name for name in files.names if name.lower().endswith(".xml")]


def read(files: Files) -> Reading:
    texts = [name for name in _texts(files) if b"<annotations" in beginning(files, name)]
    if not texts:
        raise faulty(files.names[0] if files.names else "", "has no <annotations>")
    roots = [(name, parse_xml(content(files, name), source=name)) for name in texts]
    facts = FieldFacts(GROUND_TRUTH)
    for _, root in roots:
        for label in root.iterfind("meta//labels/label"):
            name = (label.findtext("name") or "").strip()
            if name and name not in facts.classes:
                facts.classes.append(name)
                facts.colors |= {name: color} if (color := (label.findtext("color") or "").strip()) else {}
    reading = Reading(NAME, iter(()))
    for suffix in ("", "_polygons", "_keypoints", "_tags"):
        reading.fields[GROUND_TRUTH + suffix] = FieldFacts(
            GROUND_TRUTH + suffix, classes=list(facts.classes), colors=dict(facts.colors)
        )
    reading.records = _records(files, [root for _, root in roots], reading)
    return reading


def _records(files: Files, roots: list[Element], reading: Reading) -> Iterator[Record]:
    images = [name for name in files.names if is_image(name)]
    called, media = sample_names(images), MediaIndex(images)
    for root in roots:
        tracks = sum(1 for _ in root.iter("track"))
        if tracks:
            reading.warnings.append(f"{tracks} tracks of a video were left out; export “for images 1.1”.")
        for found in root.iter("image"):
            yield _record(found, media, called)


def _record(found: Element, media: MediaIndex, called: dict[str, str]) -> Record:
    name = found.get("name") or found.get("id") or "?"
    image = media.find(name)
    record = Record(called[image] if image else name, media=image, in_pixels=True)
    record.split = SPLITS.get((found.get("subset") or "").lower()) or split_in(name)
    record.width, record.height = _side(found.get("width")), _side(found.get("height"))
    for shape in found:
        try:
            _read_shape(record, shape)
        except (KeyError, TypeError, ValueError):
            record.warnings.append(f"a {shape.tag} cannot be read")
    return record


def _side(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and int(text) > 0 else None


def _read_shape(record: Record, shape: Element) -> None:
    attributes: dict[str, Any] = {
        each.get("name", ""): (each.text or "").strip() for each in shape.iterfind("attribute")
    }
    score = next((confidence(attributes.pop(name)) for name in SCORES if name in attributes), None)
    attributes |= {"occluded": True} if shape.get("occluded") == "1" else {}
    if shape.get("rotation") not in {None, "0", "0.0"}:
        attributes["rotation"] = float(shape.get("rotation") or 0)
    label: dict[str, Any] = {
        "label": shape.attrib["label"],
        "confidence": score,
        "attributes": attributes or None,
    }
    match shape.tag:
        case "box":
            ends = [float(shape.attrib[side]) for side in ("xtl", "ytl", "xbr", "ybr")]
            box = [ends[0], ends[1], ends[2] - ends[0], ends[3] - ends[1]]
            record.add(GROUND_TRUTH, FieldType.DETECTIONS, {**label, "bounding_box": box})
        case "mask":
            box, mask = _mask(record, shape)
            record.add(GROUND_TRUTH, FieldType.DETECTIONS, {**label, "bounding_box": box, "mask": mask})
        case "polygon" | "polyline":
            closed = shape.tag == "polygon"
            line = {**label, "points": [_points(shape)], "closed": closed, "filled": closed}
            record.add(f"{GROUND_TRUTH}_polygons", FieldType.POLYLINES, line)
        case "points":
            record.add(f"{GROUND_TRUTH}_keypoints", FieldType.KEYPOINTS, {**label, "points": _points(shape)})
        case "tag":
            record.add(TAGS, FieldType.CLASSIFICATIONS, label)
        case _:
            record.warnings.append(f"a {shape.tag} was left out")


def _points(shape: Element) -> list[list[float]]:
    return [[float(part) for part in pair.split(",")] for pair in shape.attrib["points"].split(";")]


def _mask(record: Record, shape: Element) -> tuple[list[float], dict[str, Any]]:
    left, top, width, height = (int(shape.attrib[side]) for side in ("left", "top", "width", "height"))
    lengths = [int(part) for part in shape.attrib["rle"].split(",")]
    size = (record.height or 0, record.width or 0)
    if (
        min(left, top) < 0
        or top + height > size[0]
        or left + width > size[1]
        or size[0] * size[1] > rle.MAX_PIXELS
    ):
        raise ValueError("a mask beyond its image")
    whole = np.zeros(size, dtype=np.bool_)
    whole[top : top + height, left : left + width] = rle.unrun(lengths, width * height).reshape(height, width)
    return [float(left), float(top), float(width), float(height)], rle.encode(whole)


# Writing -------------------------------------------------------------------------------------------------------------


def media_path(record: Record, content: Content) -> str:
    return f"images/{safe_path(record.name)}"


def write(content: Content, records: Iterable[Record], target: Target) -> None:
    classes = Classes(*(field.classes for field in content.fields))
    colors = {name: color for field in content.fields for name, color in field.colors.items()}
    with target.text("annotations.xml") as file:
        file.write(
            '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n'
        )
        file.write(
            f"    <task><name>{escape(printable(content.name))}</name><mode>annotation</mode>\n      <labels>\n"
        )
        for name in classes.names:
            color = f"<color>{escape(colors[name])}</color>" if name in colors else ""
            file.write(f"        <label><name>{escape(printable(name))}</name>{color}<attributes/></label>\n")
        file.write("      </labels>\n    </task>\n  </meta>\n")
        for place, record in enumerate(records):
            subset = f" subset={_quoted(record.split.capitalize())}" if record.split else ""
            file.write(
                f'  <image id="{place}" name={_quoted(safe_path(record.name))}{subset}'
                f' width="{record.width or 1}" height="{record.height or 1}">\n'
            )
            for field in content.fields:
                value = record.values.get(field.name)
                data = value.data if value else []
                for label in data if isinstance(data, list) else [data]:
                    file.write(_shape(field.type, label, record))
            file.write("  </image>\n")
        file.write("</annotations>\n")


def _quoted(text: object) -> str:
    return quoteattr(printable(str(text)))


def _shape(type_: str, label: dict[str, Any], record: Record) -> str:
    width, height = record.width or 1, record.height or 1
    attributes = dict(label.get("attributes") or {})
    occluded = int(bool(attributes.pop("occluded", False)))
    rotation = f' rotation="{attributes.pop("rotation")}"' if "rotation" in attributes else ""
    attributes |= {"confidence": label["confidence"]} if "confidence" in label else {}
    inside = "".join(
        f"      <attribute name={_quoted(name)}>{escape(printable(str(text)))}</attribute>\n"
        for name, text in attributes.items()
    )
    start = f'label={_quoted(label["label"])} source="manual" occluded="{occluded}"'

    def element(tag: str, rest: str) -> str:
        return f"    <{tag} {start}{rest}>\n{inside}    </{tag}>\n"

    def points(line: list[list[float] | None]) -> str:
        pairs = (f"{_number(point[0] * width)},{_number(point[1] * height)}" for point in line if point)
        return f' points="{";".join(pairs)}" z_order="0"'

    match type_:
        case FieldType.DETECTIONS if label.get("mask"):
            return element("mask", _rows(label["mask"]))
        case FieldType.DETECTIONS:
            x, y, w, h = label["bounding_box"]
            ends = {"xtl": x * width, "ytl": y * height, "xbr": (x + w) * width, "ybr": (y + h) * height}
            sides = "".join(f' {side}="{_number(end)}"' for side, end in ends.items())
            return element("box", f'{sides}{rotation} z_order="0"')
        case FieldType.POLYLINES:
            tag = "polygon" if label.get("closed") else "polyline"
            return "".join(element(tag, points(line)) for line in label["points"])
        case FieldType.KEYPOINTS:
            return element("points", points(label["points"]))
    return element("tag", "")


def _rows(mask: dict[str, Any]) -> str:
    """CVAT's run lengths: of the box around the mask, row by row."""
    whole = rle.decode(mask)
    rows, columns = whole.nonzero()
    if not len(rows):
        return ' rle="0" left="0" top="0" width="0" height="0" z_order="0"'
    top, left, bottom, right = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
    lengths = rle.runs(whole[top:bottom, left:right].ravel())
    counts = ", ".join(map(str, lengths))
    return f' rle="{counts}" left="{left}" top="{top}" width="{right - left}" height="{bottom - top}" z_order="0"'


def _number(number: float) -> str:
    return f"{tidy(number):.10g}"
