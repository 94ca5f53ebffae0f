"""Samples from a folder of images: a folder per class, or a table of labels beside the images."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from samplecase.contracts.errors import InvalidInput
from samplecase.storage.files import sha256_of
from samplecase.training.config.data import Data, LabelField
from samplecase.training.data.manifest import Label, Manifest, ManifestRow, classes_of, read_manifest
from samplecase.training.data.splits import deal

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"}
NAMES = {
    "train": "training", "training": "training",
    "val": "validation", "valid": "validation", "validation": "validation",
    "test": "test",
}  # fmt: skip
TABLE = "labels.csv"


def manifest_of(source: Path, data: Data) -> Manifest:
    """The samples of a folder or of a `manifest.jsonl`, each with its split.

    A folder has one folder per class, which may stand in folders `train`, `val` and `test`; or a `labels.csv` with
    the column `name` and one per label field (classes of a list are parted by `|`).
    Raises `InvalidInput` where nothing can be learnt from it.
    """
    if source.is_file():
        given = read_manifest(source)
        return Manifest(deal(given.rows, data.split), given.classes)
    if not source.is_dir():
        raise InvalidInput(f"{source} is neither a folder of images nor a manifest.", code="no_data")
    table = source / TABLE
    rows = list(_listed(source, table, data.fields) if table.exists() else _foldered(source, data.fields))
    if not rows:
        raise InvalidInput(f"There is no image in {source}.", code="no_data")
    dealt = deal(rows, data.split)
    return Manifest(dealt, classes_of(dealt))


def images_below(folder: Path) -> list[Path]:
    """Every image file, by path; hidden ones are left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and path.is_file() and not _hidden(path.relative_to(folder))
    )


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _foldered(source: Path, fields: Sequence[LabelField]) -> Iterator[ManifestRow]:
    if len(fields) != 1 or fields[0].type != "classification":
        message = f"Folders name one class per image; for other fields, {source} needs a {TABLE}."
        raise InvalidInput(message, code="no_labels")
    for path in images_below(source):
        *folders, _ = path.relative_to(source).parts
        split = NAMES.get(folders[0].lower(), "") if len(folders) > 1 else ""
        label = folders[1 if split else 0] if folders else None
        yield _row(source, path, {fields[0].name: label}, split)


def _listed(source: Path, table: Path, fields: Sequence[LabelField]) -> Iterator[ManifestRow]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        wanted = ["name", *(field.name for field in fields)]
        if missing := [name for name in wanted if name not in (reader.fieldnames or ())]:
            raise InvalidInput(f"{table} has no column {', '.join(missing)}.", code="no_labels")
        seen: set[Path] = set()
        for number, line in enumerate(reader, start=2):
            path = source / (line["name"] or "")
            where = f"{TABLE}:{number}"
            if not path.is_file() or not path.resolve().is_relative_to(source.resolve()):
                raise _wrong(where, f"There is no {line['name']} in {source}.")
            word = (line.get("split") or "").strip().lower()
            split = NAMES.get(word, "")
            if word and not split:
                raise _wrong(where, f"There is no split {word!r}; there are {', '.join(NAMES)}.")
            if path in seen:
                raise _wrong(where, f"{line['name']} stands in an earlier line too.")
            seen.add(path)
            labels = {field.name: _label(field, (line[field.name] or "").strip(), where) for field in fields}
            yield _row(
                source,
                path,
                labels,
                split,
                line.get("group") or "",
            )


def _label(field: LabelField, text: str, where: str) -> Label:
    if field.type == "detections":
        raise _wrong(where, "Boxes come in a manifest.jsonl, not in a table.")
    if not text:
        return None
    if field.type == "regression":
        try:
            if math.isfinite(number := float(text)):
                return number
        except ValueError:
            pass
        raise _wrong(where, f"{field.name}: {text!r} is no number.")
    return (
        [each.strip() for each in text.split("|") if each.strip()]
        if field.type == "classifications"
        else text
    )


def _row(source: Path, path: Path, labels: dict[str, Label], split: str, group: str = "") -> ManifestRow:
    name = path.relative_to(source).as_posix()
    return ManifestRow(name, str(path.resolve()), sha256_of(path), labels, split, group)


def _wrong(where: str, message: str) -> InvalidInput:
    return InvalidInput(message, pointer=where, code="invalid_labels")
