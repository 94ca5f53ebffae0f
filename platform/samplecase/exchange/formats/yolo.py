"""YOLO as Ultralytics has it: `data.yaml`, `images/<split>`, `labels/<split>/*.txt`; boxes, polygons, keypoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from samplecase.contracts.labels import FieldType
from samplecase.exchange.geometry import tidy
from samplecase.exchange.names import MediaIndex, base, safe_path, sample_names, split_in, stem
from samplecase.exchange.records import (
    GROUND_TRUTH,
    PREDICTIONS,
    Classes,
    Content,
    FieldFacts,
    Reading,
    Record,
    confidence,
)
from samplecase.exchange.sources import Files, beginning, content, faulty, is_image
from samplecase.exchange.targets import Target

NAME, TITLE = "yolo", "YOLO"
TYPES = frozenset({FieldType.DETECTIONS, FieldType.POLYLINES})
IS_SINGLE = IS_NAMED_BY_STEM = True
MAX_TEXT = 16 * 2**20
_LISTS = ("classes.txt", "obj.names", "labels.txt", "notes.txt", "train.txt", "val.txt", "test.txt")


def sniff(files: Files) -> float:
    if _yaml(files):
        return 0.95 if "names" in _settings(files) else 0
    labels = _labels(files)
    return 0.7 if labels and all(_is_row(files, name) for name in labels[:5]) else 0


def _yaml(files: Files) -> str | None:
    found = [name for name in files.names if name.lower().endswith((".yaml", ".yml"))]
    return next(
        (name for name in found if base(name).lower().startswith("data.")), found[0] if found else None
    )


def _settings(files: Files) -> dict[str, Any]:
    name = _yaml(files)
    if name is None:
        return {}
    try:
        read = yaml.load(content(files, name, max_bytes=2**20), _PlainLoader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise faulty(name, f"is no YAML: {str(error)[:200]}") from None
    return read if isinstance(read, dict) else {}


class _PlainLoader(yaml.SafeLoader):
    """Without aliases, by which a few lines stand for more than any memory holds."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def _labels(files: Files) -> list[str]:
    return [name for name in files.names if name.endswith(".txt") and base(name).lower() not in _LISTS]


def _is_row(files: Files, name: str) -> bool:
    parts = beginning(files, name, 4096).decode("utf-8", "replace").splitlines()[:1]
    return not parts or (len(parts[0].split()) >= 5 and all(map(_is_number, parts[0].split())))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _names(files: Files, settings: dict[str, Any]) -> list[str]:
    names = settings.get("names")
    if isinstance(names, dict):
        most = max((int(key) for key in names), default=-1)
        return [
            str(names.get(place, names.get(str(place), place))) for place in range(min(most, 100_000) + 1)
        ]
    if isinstance(names, list):
        return [str(name) for name in names]
    for name in files.names:
        if base(name).lower() in {"classes.txt", "obj.names"}:
            text = content(files, name, max_bytes=2**20).decode("utf-8-sig", "replace")
            return [line.strip() for line in text.splitlines() if line.strip()]
    return []


def read(files: Files) -> Reading:
    settings = _settings(files)
    names = _names(files, settings)
    reading = Reading(NAME, iter(()))
    for field in (GROUND_TRUTH, PREDICTIONS):
        reading.fields[field] = FieldFacts(field, FieldType.DETECTIONS.value, classes=list(names))
    if not names:
        reading.warnings.append(
            "There is no data.yaml or classes.txt, so classes are called by their numbers."
        )
    points = settings.get("kpt_shape")
    reading.records = _records(files, names, points if isinstance(points, list) else None)
    return reading


def _records(files: Files, names: list[str], points: list[int] | None) -> Iterator[Record]:
    images = [name for name in files.names if is_image(name)]
    called = sample_names(images)
    labels = _labels(files)
    of_image = MediaIndex(images)
    texts: dict[str, str] = {}
    for label in labels:
        image = of_image.find_stem(label)
        if image is not None:
            texts[image] = label
    for image in images:
        record = Record(called[image], media=image, split=split_in(image))
        if image in texts:
            _read_text(record, files, texts[image], names, points)
        yield record
    taken = set(texts.values())
    for label in labels:
        if label not in taken:
            record = Record(_without_labels(label), split=split_in(label))
            _read_text(record, files, label, names, points)
            yield record


def _without_labels(path: str) -> str:
    return stem(next(iter(sample_names([f"images/{base(path)}"]).values())))


def _read_text(record: Record, files: Files, name: str, names: list[str], points: list[int] | None) -> None:
    text = content(files, name, max_bytes=MAX_TEXT).decode("utf-8", "replace")
    bad = 0
    for line in text.splitlines():
        parts = line.split()
        if not parts:
            continue
        try:
            _read_row(record, [float(part) for part in parts], names, points)
        except (ValueError, IndexError, OverflowError):
            bad += 1
    # An image whose file is there but empty has been looked at: nothing is on it.
    if not record.values and not bad:
        record.values[GROUND_TRUTH] = _nothing()
    if bad:
        record.warnings.append(f"{bad} lines of {name} cannot be read")


def _nothing() -> Any:
    from samplecase.exchange.records import Value

    return Value(FieldType.DETECTIONS.value, [])


def _read_row(record: Record, row: list[float], names: list[str], points: list[int] | None) -> None:
    number, rest = int(row[0]), row[1:]
    if number < 0 or number != row[0]:
        raise ValueError("no class")
    label: dict[str, Any] = {"label": names[number] if number < len(names) else str(number)}
    flat = points[0] * points[1] if points else 0
    if len(rest) in {4, 5} or (flat and len(rest) in {4 + flat, 5 + flat}):
        _read_box(record, label, rest, points, flat)
        return
    if len(rest) < 6:
        raise ValueError("no shape")
    score = confidence(rest[-1]) if len(rest) % 2 else None
    outline = rest[:-1] if len(rest) % 2 else rest
    line = [list(pair) for pair in zip(outline[::2], outline[1::2], strict=True)]
    field = PREDICTIONS if score is not None else GROUND_TRUTH
    shape = {**label, "points": [line], "closed": True, "filled": True, "confidence": score}
    record.add(f"{field}_polygons", FieldType.POLYLINES, shape)


def _read_box(
    record: Record, label: dict[str, Any], rest: list[float], points: list[int] | None, flat: int
) -> None:
    x, y, w, h = rest[:4]
    score = confidence(rest[-1]) if len(rest) in {5, 5 + flat} else None
    field = PREDICTIONS if score is not None else GROUND_TRUTH
    box = [x - w / 2, y - h / 2, w, h]
    record.add(field, FieldType.DETECTIONS, {**label, "bounding_box": box, "confidence": score})
    if points and len(rest) >= 4 + flat:
        size = points[1]
        found = [rest[at : at + size] for at in range(4, 4 + flat, size)]
        places = [each[:2] if len(each) < 3 or each[2] else None for each in found]
        record.add(
            f"{field}_keypoints", FieldType.KEYPOINTS, {**label, "points": places, "confidence": score}
        )


# Writing -------------------------------------------------------------------------------------------------------------


def media_path(record: Record, content: Content) -> str:
    return f"images/{record.split or 'train'}/{safe_path(record.name)}"


def write(content: Content, records: Iterable[Record], target: Target) -> None:
    """A text per image; a label with a score has it as the last column, as predictions have."""
    field = content.fields[0]
    classes, splits = Classes(field.classes), set()
    for record in records:
        splits.add(record.split or "train")
        value = record.values.get(field.name)
        rows = [row for label in (value.data if value else ()) for row in _rows(field, label, classes)]
        if value is not None:
            path = stem(media_path(record, content)).replace("images/", "labels/", 1)
            target.put(f"{path}.txt", "".join(f"{row}\n" for row in rows).encode())
    facts: dict[str, Any] = {"path": ".", **{split: f"images/{split}" for split in sorted(splits)}}
    if "val" not in facts and splits:
        facts["val"] = facts[min(splits)]
    facts |= {"nc": len(classes.names), "names": dict(enumerate(classes.names))}
    target.put("data.yaml", yaml.safe_dump(facts, sort_keys=False, allow_unicode=True).encode())


def _rows(field: FieldFacts, label: dict[str, Any], classes: Classes) -> Iterator[str]:
    number = classes.place(label["label"])
    score = [label["confidence"]] if "confidence" in label else []
    if field.type == FieldType.DETECTIONS:
        x, y, w, h = label["bounding_box"]
        yield _row(number, [x + w / 2, y + h / 2, w, h, *score])
        return
    for line in label["points"]:
        if len(line) > 2:
            yield _row(number, [part for point in line for part in point] + score)


def _row(number: int, parts: list[float]) -> str:
    return " ".join([str(number), *(f"{round(tidy(part * 1e4) / 1e4, 10):.10g}" for part in parts)])
