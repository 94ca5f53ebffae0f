"""CSV: a row per sample, a column per field, parts of a value as `field.label` and `field.confidence`."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from samplecase.contracts.labels import FieldType, slugify_output
from samplecase.exchange.names import MediaIndex, safe_path
from samplecase.exchange.records import (
    GROUND_TRUTH,
    SPLITS,
    Content,
    FieldFacts,
    Reading,
    Record,
    Value,
    confidence,
)
from samplecase.exchange.sources import Files, beginning, content, faulty, is_image
from samplecase.exchange.targets import Target

NAME, TITLE = "csv", "CSV"
TYPES = frozenset(FieldType) - {FieldType.SEGMENTATION, FieldType.HEATMAP}
NAMES = ("name", "filename", "file_name", "filepath", "path", "image", "image_path", "file", "image_name")
LABELS = ("label", "class", "category", "class_name")
IGNORED = frozenset({"id", "width", "height", "created", "media", ""})
_FORMULA = re.compile(
    r"'*[=+\-@\t\r]"
)  # also behind marks, so that what is marked already comes back as it was
_PARTS = {
    FieldType.CLASSIFICATION: ("label", "confidence", "scores"),
    FieldType.REGRESSION: ("value", "confidence"),
}


def sniff(files: Files) -> float:
    tables = _tables(files)
    if len(tables) != 1:
        return 0
    header = _header(files, tables[0])
    return 0.8 if any(column.lower() in NAMES for column in header) else 0


def _tables(files: Files) -> list[str]:
    return [name for name in files.names if name.lower().endswith((".csv", ".tsv"))]


def _header(files: Files, table: str) -> list[str]:
    first = beginning(files, table, 65_536).decode("utf-8-sig", "replace").splitlines()[:1]
    return next(csv.reader(first, delimiter=_delimiter(first)), []) if first else []


def _delimiter(first: list[str]) -> str:
    return max(",;\t", key=first[0].count) if first else ","


def read(files: Files) -> Reading:
    tables = _tables(files)
    if not tables:
        raise faulty(files.names[0] if files.names else "", "is no CSV file")
    try:
        text = content(files, tables[0]).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise faulty(tables[0], f"is not UTF-8 (byte {error.start})") from None
    table = csv.DictReader(io.StringIO(text), delimiter=_delimiter(text.splitlines()[:1]))
    column = next((each for each in table.fieldnames or () if each.lower() in NAMES), None)
    if column is None:
        raise faulty(tables[0], f"has no column of names: one of {', '.join(NAMES)}")
    try:
        rows = list(table)
    except csv.Error as error:
        raise faulty(tables[0], f"cannot be read: {error}") from None
    kinds = _kinds(rows, [each for each in table.fieldnames or () if each != column])
    fields = {name: FieldFacts(name, type.value) for name, (type, _) in kinds.items()}
    return Reading(NAME, _records(files, rows, column, kinds), fields=fields)


def _kinds(rows: list[dict[str, Any]], columns: list[str]) -> dict[str, tuple[FieldType, dict[str, str]]]:
    """The fields that the columns make up: name -> type, and the column of each part ("" is the value itself)."""
    parts: dict[str, dict[str, str]] = {}
    for column in columns:
        name, _, part = column.partition(".")
        if column.lower() in IGNORED or column.lower() in {"tags", "split"}:
            continue
        if column.lower() in LABELS:
            name, part = GROUND_TRUTH, "label"
        parts.setdefault(slugify_output(name), {})[part] = column
    return {name: (_type(rows, held), held) for name, held in parts.items()}


def _type(rows: list[dict[str, Any]], parts: dict[str, str]) -> FieldType:
    if "label" in parts:
        return FieldType.CLASSIFICATION
    if "value" in parts:
        return FieldType.REGRESSION
    column = next(iter(parts.values()))
    found = {_shape(_plain(row[column])) for row in rows if row.get(column)}
    if found == {FieldType.INTEGER, FieldType.NUMBER}:
        return FieldType.NUMBER
    found -= {FieldType.ARRAY} if len(found) == 2 and FieldType.ARRAY in found and _has_list(found) else set()
    return found.pop() if len(found) == 1 else FieldType.STRING


def _has_list(found: set[FieldType]) -> bool:
    return bool(
        found & {FieldType.DETECTIONS, FieldType.POLYLINES, FieldType.KEYPOINTS, FieldType.CLASSIFICATIONS}
    )


def _plain(cell: str) -> Any:
    """What a cell says: a number, a truth, JSON, or text."""
    if cell.lower() in {"true", "false"}:
        return cell.lower() == "true"
    # Text that looks like a number but is not written like one (007, 1_000) stays text.
    if cell[:1] in "[{" or (cell[:1] in "-0123456789" and not (cell[:1] == "0" and cell[1:2].isdigit())):
        try:
            return json.loads(cell, parse_constant=str)
        except (ValueError, RecursionError):
            return cell
    return cell


def _shape(value: Any) -> FieldType:
    match value:
        case bool():
            return FieldType.BOOLEAN
        case int():
            return FieldType.INTEGER
        case float():
            return FieldType.NUMBER
        case dict():
            return FieldType.CLASSIFICATION if isinstance(value.get("label"), str) else FieldType.OBJECT
        case [{"label": _, "bounding_box": _}, *_]:
            return FieldType.DETECTIONS
        case [{"label": _, "points": [[[_, *_], *_], *_]}, *_]:
            return FieldType.POLYLINES
        case [{"label": _, "points": _}, *_]:
            return FieldType.KEYPOINTS
        case [{"label": _}, *_]:
            return FieldType.CLASSIFICATIONS
        case list():
            return FieldType.ARRAY
    return FieldType.STRING


def _records(
    files: Files,
    rows: list[dict[str, Any]],
    column: str,
    kinds: dict[str, tuple[FieldType, dict[str, str]]],
) -> Iterator[Record]:
    media = MediaIndex(name for name in files.names if is_image(name))
    for row in rows:
        row = {key: _unmarked(cell) if isinstance(cell, str) else cell for key, cell in row.items()}
        name = (row.get(column) or "").strip()
        if not name:
            continue
        record = Record(name, media=media.find(name), tags=_tags(row.get("tags")))
        record.split = SPLITS.get((row.get("split") or "").lower())
        for field, (type_, parts) in kinds.items():
            data = _value(type_, {part: row.get(source) or "" for part, source in parts.items()})
            if data is not None:
                record.values[field] = Value(type_.value, data)
        yield record


def _tags(cell: str | None) -> list[str]:
    read = _plain(cell or "")
    return (
        [str(tag) for tag in read]
        if isinstance(read, list)
        else [each for each in (cell or "").split(";") if each]
    )


def _value(type_: FieldType, cells: dict[str, str]) -> Any:
    if type_ in _PARTS and "" not in cells:
        main = _PARTS[type_][0]
        if not cells.get(main):
            return None
        read: dict[str, Any] = {main: cells[main] if main == "label" else _plain(cells[main])}
        if (score := confidence(cells.get("confidence"))) is not None:
            read["confidence"] = score
        return read | ({"scores": _plain(cells["scores"])} if cells.get("scores") else {})
    cell = cells.get("", "")
    if not cell:
        return None
    return cell if type_ is FieldType.STRING else _plain(cell)


def media_path(record: Record, content: Content) -> str:
    return f"images/{safe_path(record.name)}"


def write(content: Content, records: Iterable[Record], target: Target) -> None:
    columns = ["name", "tags", *(column for field in content.fields for column in _columns(field))]
    with target.text("samples.csv") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(map(harmless, columns))
        for record in records:
            cells = [
                harmless(record.name),
                json.dumps(record.tags, ensure_ascii=False) if record.tags else "",
            ]
            for field in content.fields:
                cells += _cells(field, record.values.get(field.name))
            table.writerow(cells)


def _columns(field: FieldFacts) -> list[str]:
    parts = _PARTS.get(FieldType(field.type))
    return [f"{field.name}.{part}" for part in parts] if parts else [field.name]


def _cells(field: FieldFacts, value: Value | None) -> list[str]:
    parts = _PARTS.get(FieldType(field.type))
    if value is None:
        return [""] * len(parts or ("",))
    if parts:
        return [_cell(value.data.get(part)) for part in parts]
    return [_cell(value.data)]


def _cell(data: Any) -> str:
    if data is None or isinstance(data, str):
        return harmless(data or "")
    return json.dumps(data, ensure_ascii=False)


def harmless(text: str) -> str:
    """A text that a table program would take for a formula is marked as text, as such programs mark it."""
    return f"'{text}" if _FORMULA.match(text) else text


def _unmarked(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell[1:]) else cell
