"""Images in a folder per class, below a folder per split: `train/cat/1.jpg`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from samplecase.contracts.labels import FieldType
from samplecase.exchange.names import base, safe_path, split_in
from samplecase.exchange.records import GROUND_TRUTH, SPLITS, Content, FieldFacts, Reading, Record, Value
from samplecase.exchange.sources import Files, is_image
from samplecase.exchange.targets import Target

NAME, TITLE = "image_folder", "Image folder"
TYPES = frozenset({FieldType.CLASSIFICATION})
IS_SINGLE = NEEDS_MEDIA = True
UNLABELLED = frozenset({"unlabeled", "unlabelled", "_unlabeled", "images", "data"})


def sniff(files: Files) -> float:
    images = sum(map(is_image, files.names))
    if not images:
        return 0
    in_folders = sum(_label(name) is not None for name in files.names if is_image(name))
    return 0.3 if in_folders else 0.1


def read(files: Files) -> Reading:
    images = [name for name in files.names if is_image(name)]
    labels = sorted({label for name in images if (label := _label(name))})
    facts = FieldFacts(GROUND_TRUTH, FieldType.CLASSIFICATION.value, classes=labels)
    warnings = [f"“{name}” is no image." for name in files.names if not is_image(name)]
    fields = {GROUND_TRUTH: facts} if labels else {}
    return Reading(NAME, _records(images), fields=fields, warnings=warnings)


def _records(images: Iterable[str]) -> Iterator[Record]:
    for name in images:
        record = Record(name, media=name, split=split_in(name))
        label = _label(name)
        if label is not None:
            record.values[GROUND_TRUTH] = Value(FieldType.CLASSIFICATION.value, {"label": label})
        yield record


def _label(path: str) -> str | None:
    folder = path.split("/")[-2] if "/" in path else ""
    return None if not folder or folder.lower() in UNLABELLED or folder.lower() in SPLITS else folder


def media_path(record: Record, content: Content) -> str:
    value = record.values.get(content.fields[0].name) if content.fields else None
    label = safe_path(value.data["label"]).replace("/", "_") if value else "unlabeled"
    name = safe_path(record.name)
    # The folder that it has already is not repeated; any other becomes part of the name, so that none is lost.
    inside = base(name) if _label(name) == label else name.replace("/", "__")
    return "/".join(part for part in (record.split, label, inside) if part)


def write(content: Content, records: Iterable[Record], target: Target) -> None:
    """The images are all there is."""
    for _ in records:
        pass
