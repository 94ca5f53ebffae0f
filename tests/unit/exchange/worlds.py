"""Records of every kind, and what comes back of them when they were written and read again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from samplecase.exchange.fitting import Summary
from samplecase.exchange.geometry import relative
from samplecase.exchange.port import FORMATS, detect
from samplecase.exchange.records import Content, FieldFacts, Reading, Record, Value
from samplecase.exchange.sources import Files, FolderFiles
from samplecase.exchange.targets import FolderTarget, ZipTarget

WIDTH, HEIGHT = 64, 48
CLASSES = ["zebra", "cat", "ant"]  # in an order that no sorting makes


def image(color: int = 0) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), (color, 0, 0)).save(made, "PNG")
    return made.getvalue()


def record(name: str, **values: tuple[str, Any]) -> Record:
    held = {field: Value(*value) for field, value in values.items()}
    return Record(name, values=held, width=WIDTH, height=HEIGHT)


def field(name: str, type: str, classes: Sequence[str] = CLASSES, **facts: Any) -> FieldFacts:
    return FieldFacts(name, type, classes=list(classes), **facts)


def written(root: Path, format: str, fields: Sequence[FieldFacts], records: Sequence[Record]) -> Path:
    """A folder of that format, with an image for each record."""
    content, target = Content("pets", fields, has_media=True), FolderTarget(root)
    for number, each in enumerate(records):
        target.put(FORMATS[format].media_path(each, content), image(number))
    FORMATS[format].write(content, records, target)
    return root


def zipped(
    format: str, fields: Sequence[FieldFacts], records: Sequence[Record], *, media: bool = True
) -> bytes:
    made = io.BytesIO()
    content = Content("pets", fields, has_media=media)
    with zipfile.ZipFile(made, "w") as archive:
        target = ZipTarget(archive)
        for number, each in enumerate(records):
            if media:
                target.put(FORMATS[format].media_path(each, content), image(number))
        FORMATS[format].write(content, records, target)
    return made.getvalue()


def read_back(files: Files) -> tuple[Reading, list[Record], Summary]:
    """What `files` hold by the format that they are taken for, in relative coordinates."""
    reading = detect(files).read(files)
    summary, records = Summary(), []
    for each in reading.records:
        each.warnings += relative(each, width=WIDTH, height=HEIGHT)
        summary.add(each)
        records.append(each)
    return reading, records, summary


def there_and_back(
    root: Path, format: str, fields: Sequence[FieldFacts], records: Sequence[Record]
) -> tuple[Reading, list[Record], Summary]:
    found = read_back(FolderFiles(written(root, format, fields, records)))
    assert found[0].format == format
    return found


def nearly(one: Any, other: Any, tolerance: float = 1e-6) -> bool:
    """Equal but for rounding, and for ids that a format does not keep."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = (one.keys() | other.keys()) - {"id"}
        return all(nearly(one.get(key), other.get(key), tolerance) for key in keys)
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(nearly(*pair, tolerance) for pair in pairs)
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(one - other) <= tolerance
    return one == other
