"""COCO: instances (boxes, polygons, run lengths, keypoints) and results files; ids of any kind, scores kept."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from samplecase.contracts.labels import FieldType
from samplecase.exchange import rle
from samplecase.exchange.geometry import pixels, tidy
from samplecase.exchange.names import MediaIndex, safe_path, sample_names, split_in
from samplecase.exchange.records import (
    GROUND_TRUTH,
    PREDICTIONS,
    SPLITS,
    Classes,
    Content,
    FieldFacts,
    Reading,
    Record,
    confidence,
    label_id,
)
from samplecase.exchange.sources import Files, beginning, document, faulty, is_image
from samplecase.exchange.targets import Target

NAME, TITLE = "coco", "COCO"
TYPES = frozenset({FieldType.DETECTIONS, FieldType.POLYLINES, FieldType.KEYPOINTS})
POLYGONS, KEYPOINTS = "polygons", "keypoints"
_OWN = frozenset(
    {
        "id",
        "image_id",
        "category_id",
        "bbox",
        "segmentation",
        "area",
        "iscrowd",
        "keypoints",
        "score",
        "num_keypoints",
    }
)


def sniff(files: Files) -> float:
    return max((_likeness(files, name) for name in _documents(files)), default=0)


def _documents(files: Files) -> list[str]:
    return [name for name in files.names if name.lower().endswith(".json")]


def _likeness(files: Files, name: str) -> float:
    start = beginning(files, name)
    if start.lstrip()[:1] == b"[":
        return 0.9 if b'"image_id"' in start and b'"category_id"' in start else 0
    if b'"licenses"' in start or b'"supercategory"' in start:
        return 0.95
    if any(key in start for key in (b'"images"', b'"annotations"', b'"categories"')):
        if files.size(name) > files.bounds.document:
            return 0.9  # a look does not read it
        found = document(files, name)
        return 0.95 if isinstance(found, dict) and {"images", "annotations"} <= found.keys() else 0
    return 0


def read(files: Files) -> Reading:
    loaded = {name: document(files, name) for name in _documents(files) if _likeness(files, name)}
    instances = {name: found for name, found in loaded.items() if isinstance(found, dict)}
    results = {name: found for name, found in loaded.items() if isinstance(found, list)}
    if not instances and not results:
        raise faulty(files.names[0] if files.names else "", "has neither images and annotations nor results")
    reading = Reading(NAME, iter(()))
    reading.records = _records(files, instances, results, reading)
    names: list[str] = []
    for name, found in instances.items():
        names += _categories(found, name).values()
    reading.fields = {
        GROUND_TRUTH: FieldFacts(GROUND_TRUTH, FieldType.DETECTIONS.value, classes=list(dict.fromkeys(names)))
    }
    if results:
        facts = FieldFacts(PREDICTIONS, FieldType.DETECTIONS.value, classes=list(dict.fromkeys(names)))
        reading.fields = {PREDICTIONS: facts, **(reading.fields if instances else {})}
    return reading


def _categories(found: dict[str, Any], source: str) -> dict[Any, str]:
    """Names by id, in the order of the ids; ids need not begin anywhere or be dense."""
    try:
        pairs = [(each["id"], str(each["name"])) for each in found.get("categories", [])]
    except (TypeError, KeyError):
        raise faulty(source, "has a category without id or name") from None
    return dict(sorted(pairs, key=lambda pair: (isinstance(pair[0], str), pair[0])))


def _records(
    files: Files, instances: dict[str, Any], results: dict[str, Any], reading: Reading
) -> Iterator[Record]:
    media = MediaIndex(name for name in files.names if is_image(name))
    images: dict[Any, Record] = {}
    names: dict[Any, str] = {}
    for source, found in instances.items():
        names |= _categories(found, source)
        split = split_in(source) or next((SPLITS[p] for p in _words(source) if p in SPLITS), None)
        own = {each["id"]: _image(each, media, split) for each in found["images"] if "id" in each}
        _annotate(own, found["annotations"], names, GROUND_TRUTH, reading)
        images |= own
    told = {
        _key(each)
        for found in instances.values()
        for each in _listed(found["annotations"])
        if "score" in each
    }
    for whole in results.values():
        # What stands among the annotations too, as in our own exports, is there already.
        found = [each for each in _listed(whole) if not told or _key(each) not in told]
        if not instances:
            for each in found:
                key = each.get("image_id")
                images.setdefault(key, Record(str(key), in_pixels=True, is_number=type(key) is int))
        _annotate(images, found, names, PREDICTIONS, reading)
    _shorten(images.values())
    yield from images.values()


def _listed(raw: Any) -> list[dict[str, Any]]:
    return [each for each in raw if isinstance(each, dict)] if isinstance(raw, list) else []


def _key(raw: dict[str, Any]) -> str:
    return json.dumps([raw.get(name) for name in ("image_id", "category_id", "bbox", "score")])


def _words(source: str) -> list[str]:
    stem = PurePosixPath(source).stem.lower().replace("-", "_")
    return [part.rstrip("0123456789") for part in stem.split("_")]


def _shorten(records: Iterable[Record]) -> None:
    """Without the folders that only hold images, so that the sample is called as elsewhere."""
    found = list(records)
    names = sample_names([record.name for record in found])
    for record in found:
        record.name = names[record.name]


def _image(raw: dict[str, Any], media: MediaIndex, split: str | None) -> Record:
    name = str(raw.get("file_name") or raw["id"])
    width, height = raw.get("width"), raw.get("height")
    has_size = isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0
    return Record(
        name,
        media=media.find(name),
        split=split or split_in(name),
        width=width if has_size else None,
        height=height if has_size else None,
        in_pixels=True,
    )


def _annotate(
    images: dict[Any, Record], annotations: Any, names: dict[Any, str], field: str, reading: Reading
) -> None:
    lost = 0
    for each in annotations if isinstance(annotations, list) else ():
        record = images.get(each.get("image_id")) if isinstance(each, dict) else None
        if record is None:
            lost += 1
            continue
        try:
            _add(record, each, names.get(each["category_id"], str(each["category_id"])), field)
        except (KeyError, TypeError, ValueError, IndexError, OverflowError):
            record.warnings.append(f"annotation {str(each.get('id', '?'))[:40]} cannot be read")
    if lost:
        reading.warnings.append(f"{lost} annotations belong to no image.")


def _add(record: Record, raw: dict[str, Any], name: str, field: str) -> None:
    # Only the annotation's own keys that we do not know go on as attributes.
    extra = dict(raw.get("attributes") or {})
    extra |= {
        key: part for key, part in raw.items() if key not in _OWN and isinstance(part, str | int | float)
    }
    if raw.get("iscrowd"):
        extra["iscrowd"] = 1
    common = {
        "id": label_id(raw.get("id")),
        "label": name,
        "confidence": confidence(raw.get("score")),
        "attributes": extra or None,
    }
    outline = raw.get("segmentation")
    shapes = [_pairs(flat) for flat in outline if len(flat) >= 6] if isinstance(outline, list) else []
    box = raw.get("bbox") or (_around(shapes) if shapes else None)
    mask = _mask(outline) if isinstance(outline, dict) else None
    if box is None and mask is not None:
        box = rle.box_of(mask)
    if box is not None:
        x, y, w, h = (float(part) for part in box)
        record.add(field, FieldType.DETECTIONS, {**common, "bounding_box": [x, y, w, h], "mask": mask})
    if shapes:
        shape = {**common, "points": shapes, "closed": True, "filled": True}
        record.add(f"{field}_{POLYGONS}", FieldType.POLYLINES, shape)
    if raw.get("keypoints"):
        points = _triples(raw["keypoints"])
        record.add(f"{field}_{KEYPOINTS}", FieldType.KEYPOINTS, {**common, "points": points})
    if box is None and not raw.get("keypoints"):
        raise ValueError("no box")


def _pairs(flat: list[Any]) -> list[list[float]]:
    numbers = [float(part) for part in flat]
    return [list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]


def _triples(flat: list[Any]) -> list[list[float] | None]:
    parts = zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    return [[float(x), float(y)] if seen else None for x, y, seen in parts]


def _around(shapes: list[list[list[float]]]) -> list[float]:
    xs, ys = zip(*(point for shape in shapes for point in shape), strict=True)
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]


def _mask(raw: dict[str, Any]) -> dict[str, Any]:
    rle.box_of(raw)  # a mask that nobody can show is no mask
    return {"size": [int(side) for side in raw["size"]], "counts": raw["counts"]}


# Writing -------------------------------------------------------------------------------------------------------------


def media_path(record: Record, content: Content) -> str:
    return f"images/{safe_path(record.name)}"


def write(content: Content, records: Iterable[Record], target: Target) -> None:
    """One `annotations.json`, and beside it `results.json` for scored boxes, which evaluation tools read."""
    classes = Classes(*(field.classes for field in content.fields))
    ids, results = _Ids(), False
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as images,
        tempfile.TemporaryFile("w+", encoding="utf-8") as kept,
    ):
        for place, record in enumerate(records, 1):
            facts = {
                "id": place,
                "file_name": safe_path(record.name),
                "width": record.width,
                "height": record.height,
            }
            images.write(("" if place == 1 else ",\n") + json.dumps(facts))
            for made in _annotations(record, content, classes):
                identity = ids.take(made.pop("id", None))
                results = results or "score" in made
                line = {"id": identity, "image_id": place, **made}
                kept.write((",\n" if ids.count > 1 else "") + json.dumps(line))
        categories = [
            {"id": place, "name": name, "supercategory": ""} for place, name in enumerate(classes.names, 1)
        ]
        with target.text("annotations.json") as file:
            about = {"description": content.name, "version": "1.0", "contributor": "Samplecase"}
            file.write(
                f'{{"info": {json.dumps(about)},\n"licenses": [],\n"categories": {json.dumps(categories)},\n'
            )
            file.write('"images": [\n')
            _copy(images, file)
            file.write('\n],\n"annotations": [\n')
            _copy(kept, file)
            file.write("\n]}\n")
        if results:
            _write_results(kept, target)


def _copy(source: Any, file: Any) -> None:
    source.seek(0)
    while block := source.read(1 << 20):
        file.write(block)


def _write_results(kept: Any, target: Target) -> None:
    kept.seek(0)
    with target.text("results.json") as file:
        file.write("[\n")
        first = True
        for line in kept:
            made = json.loads(line.rstrip().rstrip(","))
            if "score" in made and "bbox" in made:
                shown = {key: made[key] for key in ("image_id", "category_id", "bbox", "score")}
                file.write(("" if first else ",\n") + json.dumps(shown))
                first = False
        file.write("\n]\n")


class _Ids:
    """Annotation ids: the label's own where it is a number that nobody else has, else the next that is free."""

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._next = 1
        self.count = 0

    def take(self, wanted: str | None) -> int:
        self.count += 1
        own = int(wanted) if wanted and wanted.isascii() and wanted.isdigit() and len(wanted) < 16 else 0
        while not own or own in self._taken:
            own, self._next = self._next, self._next + 1
        self._taken.add(own)
        return own


def _annotations(record: Record, content: Content, classes: Classes) -> Iterator[dict[str, Any]]:
    """The record's labels, of which a box and a polygon of one id are one annotation."""
    width, height = record.width or 1, record.height or 1
    merged: dict[str, dict[str, Any]] = {}
    loose: list[dict[str, Any]] = []
    for field in content.fields:
        value = record.values.get(field.name)
        for label in value.data if value else ():
            shape = _shape(FieldType(field.type), label, width, height)
            made = {"category_id": classes.place(label["label"]) + 1, **shape, **_more(label)}
            identity = label.get("id")
            held = merged.get(f"{identity}/{label['label']}") if identity else None
            if held is not None and not (shape.keys() - {"bbox", "area"}) & held.keys():
                held |= {key: part for key, part in made.items() if key not in held}
            elif identity and held is None:
                merged[f"{identity}/{label['label']}"] = {"id": identity, **made}
            else:
                loose.append(made)
    for each in [*merged.values(), *loose]:
        each.setdefault("iscrowd", 0)
        yield each


def _more(label: dict[str, Any]) -> dict[str, Any]:
    attributes = dict(label.get("attributes") or {})
    more: dict[str, Any] = {"iscrowd": 1} if attributes.pop("iscrowd", None) else {}
    more |= {"attributes": attributes} if attributes else {}
    return more | ({"score": label["confidence"]} if "confidence" in label else {})


def _shape(type_: FieldType, label: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    if type_ is FieldType.DETECTIONS:
        box = pixels(label["bounding_box"], width, height)
        mask = {"segmentation": label["mask"]} if label.get("mask") else {}
        return {"bbox": box, "area": tidy(box[2] * box[3]), **mask}
    if type_ is FieldType.POLYLINES:
        flat = [[tidy(part * side) for point in line for part, side in zip(point, (width, height), strict=True)]
                for line in label["points"]]  # fmt: skip
        box = _around([_pairs(line) for line in flat])
        return {"segmentation": flat, "bbox": [tidy(part) for part in box], "area": tidy(box[2] * box[3])}
    points = [[tidy(p[0] * width), tidy(p[1] * height), 2] if p else [0, 0, 0] for p in label["points"]]
    return {
        "keypoints": [part for point in points for part in point],
        "num_keypoints": sum(map(bool, label["points"])),
    }
