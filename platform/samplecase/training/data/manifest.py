"""The training manifest: one JSON line per sample; its SHA-256 is part of the run's identity."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import Fault, InvalidInput

SPLITS = ("training", "validation", "test")
ROUNDING = 1e-4  # by which a box may stand over the image's edge
Label = str | list[str] | float | list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """A sample as the training sees it.

    `labels` has a value per label field: the class; the list of classes; the number; or boxes as
    `{"label", "bounding_box": [x, y, w, h]}`, relative to the displayed image. None: it has no label.
    """

    id: str
    media: str  # a path, absolute or relative to the manifest's folder
    sha256: str
    labels: dict[str, Label]
    split: str
    group: str = ""  # samples of one group never part: frames of a film, photos of a person

    @property
    def key(self) -> str:
        """What the split is dealt by."""
        return self.group or self.id


@dataclass(frozen=True)
class Manifest:
    """All samples of a training, and the classes of its label fields in the order of the network's outputs."""

    rows: Sequence[ManifestRow]
    classes: dict[str, list[str]] = field(default_factory=dict)

    def of(self, split: str) -> list[ManifestRow]:
        return [row for row in self.rows if row.split == split]

    def text(self) -> str:
        return "".join(
            json.dumps(asdict(row), ensure_ascii=False, sort_keys=True) + "\n" for row in self.rows
        )

    @property
    def sha256(self) -> str:
        """Of samples and classes together."""
        return hashlib.sha256((self.text() + json.dumps(self.classes)).encode()).hexdigest()


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write `manifest.jsonl` and `classes.json`."""
    (folder / "manifest.jsonl").write_text(manifest.text(), encoding="utf-8")
    classes = json.dumps(manifest.classes, indent=2, ensure_ascii=False)
    (folder / "classes.json").write_text(classes + "\n", encoding="utf-8")


def read_manifest(file: Path) -> Manifest:
    """A manifest and the `classes.json` beside it; without that file, classes are those that occur, by name.

    Raises `InvalidInput` naming each line that is not a sample, up to 20 of them.
    """
    rows, faults, first = [], [], dict[str, int]()
    for number, line in enumerate(file.read_text(encoding="utf-8").rstrip("\n").split("\n"), start=1):
        try:
            row = _row(json.loads(line, parse_constant=_no_number), file.parent)
            if (before := first.setdefault(row.id, number)) != number:
                raise ValueError(f"its id {row.id!r} stands in line {before} too")
            rows.append(row)
        except (ValueError, TypeError, KeyError) as error:
            faults.append(Fault(f"{file.name}:{number}", f"No sample: {error}"))
    if faults:
        raise InvalidInput(f"{file} has lines that are no samples.", details=faults[:20])
    beside = file.with_name("classes.json")
    classes = json.loads(beside.read_text(encoding="utf-8")) if beside.exists() else classes_of(rows)
    return Manifest(rows, classes)


def classes_of(rows: Iterable[ManifestRow]) -> dict[str, list[str]]:
    """The classes that occur in each field, by name; fields of numbers have none."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for name, value in row.labels.items():
            if names := set(class_names(value)):
                found.setdefault(name, set()).update(names)
    return {name: sorted(names) for name, names in found.items()}


def class_names(value: Label) -> list[str]:
    """The classes that a label names."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [each if isinstance(each, str) else str(each.get("label", "")) for each in value]
    return []


def _row(values: dict[str, Any], folder: Path) -> ManifestRow:
    row = ManifestRow(**values)
    if row.split not in ("", *SPLITS):
        raise ValueError(f"its split is {row.split!r}, none of {', '.join(SPLITS)}")
    for label in row.labels.values():
        for each in label if isinstance(label, list) else ():
            if isinstance(each, dict):
                _check_box(each)
    if "://" not in row.media and not Path(row.media).is_absolute():
        values = {**values, "media": str((folder / row.media).resolve())}
    return ManifestRow(**values)


def _check_box(label: dict[str, Any]) -> None:
    """Raises `ValueError` for what is no labelled box within the image."""
    if not isinstance(label.get("label"), str) or not label["label"]:
        raise ValueError("a box has no label")
    x, y, width, height = (float(each) for each in label["bounding_box"])
    inside = min(x, y, width, height) >= -ROUNDING and max(x + width, y + height) <= 1 + ROUNDING
    if not inside:
        raise ValueError(f"the box {label['bounding_box']} is not within 0..1")


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")
