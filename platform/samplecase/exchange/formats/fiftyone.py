"""FiftyOne's datasets on disk, as pure JSON: `samples.json`, and the `labels.json` of its simpler types."""

from __future__ import annotations

import base64
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from samplecase.contracts.labels import FieldType, slugify_output
from samplecase.exchange import rle
from samplecase.exchange.names import MediaIndex, safe_path, sample_names, split_in
from samplecase.exchange.records import (
    GROUND_TRUTH,
    Content,
    FieldFacts,
    Reading,
    Record,
    Value,
    confidence,
    label_id,
)
from samplecase.exchange.sources import Files, beginning, document, faulty, is_image
from samplecase.exchange.targets import Target

NAME, TITLE = "fiftyone", "FiftyOne"
TYPES = frozenset(FieldType) - {FieldType.SEGMENTATION, FieldType.HEATMAP}
MAX_MASK = 256 * 2**20
_OWN = frozenset(
    {
        "filepath",
        "tags",
        "metadata",
        "id",
        "_id",
        "_media_type",
        "media_type",
        "_rand",
        "_dataset_id",
        "created_at",
    }
    | {"last_modified_at", "_created_at", "_last_modified_at", "_cls", "support", "frames", "group"}
)
_LISTS = {
    "Classifications": (FieldType.CLASSIFICATIONS, "classifications"),
    "Detections": (FieldType.DETECTIONS, "detections"),
    "Polylines": (FieldType.POLYLINES, "polylines"),
    "Keypoints": (FieldType.KEYPOINTS, "keypoints"),
}
_SINGLE = {
    "Detection": FieldType.DETECTIONS,
    "Polyline": FieldType.POLYLINES,
    "Keypoint": FieldType.KEYPOINTS,
}


def sniff(files: Files) -> float:
    return max((_likeness(files, name) for name in files.names if name.lower().endswith(".json")), default=0)


def _likeness(files: Files, name: str) -> float:
    start = beginning(files, name)
    if name.endswith("samples.json") and b'"samples"' in start and b'"filepath"' in start:
        return 0.97
    return 0.9 if name.endswith("labels.json") and b'"classes"' in start and b'"labels"' in start else 0


def read(files: Files) -> Reading:
    documents = [name for name in files.names if name.lower().endswith(".json")]
    if not documents:
        raise faulty(files.names[0] if files.names else "", "is no samples.json or labels.json")
    chosen = max(documents, key=lambda name: _likeness(files, name))
    found = document(files, chosen)
    reading = Reading(NAME, iter(()))
    if isinstance(found, dict) and isinstance(found.get("samples"), list):
        reading.fields = _fields(files)
        reading.records = _samples(files, found["samples"], reading)
    elif isinstance(found, dict) and isinstance(found.get("labels"), dict):
        classes = [str(each) for each in found.get("classes") or ()]
        reading.fields = {GROUND_TRUTH: FieldFacts(GROUND_TRUTH, classes=classes)}
        reading.records = _labels(files, found["labels"], classes)
    else:
        raise faulty(chosen, "has neither samples nor labels")
    return reading


def _fields(files: Files) -> dict[str, FieldFacts]:
    name = next((each for each in files.names if each.rpartition("/")[2] == "metadata.json"), None)
    about = document(files, name) if name else {}
    lists = about.get("classes") if isinstance(about, dict) else None
    return {
        slugify_output(field): FieldFacts(slugify_output(field), classes=[str(each) for each in classes])
        for field, classes in (lists or {}).items()
        if isinstance(classes, list)
    }


def _samples(files: Files, samples: list[Any], reading: Reading) -> Iterator[Record]:
    images = [name for name in files.names if is_image(name)]
    called, media = sample_names(images), MediaIndex(images)
    for raw in samples:
        path = raw.get("filepath") if isinstance(raw, dict) else None
        if not isinstance(path, str):
            reading.warnings.append("A sample has no filepath.")
            continue
        image = media.find(path)
        # A path that leads to nothing here is one of the machine that wrote it.
        record = Record(called[image] if image else path.lstrip("/"), media=image)
        record.name = record.name.removeprefix("data/")
        record.tags = [str(tag) for tag in raw.get("tags") or ()]
        about = raw.get("metadata") or {}
        record.width, record.height = about.get("width"), about.get("height")
        for name, value in raw.items():
            if name not in _OWN and not name.startswith("_") and value is not None:
                _read_field(record, slugify_output(name), value)
        yield record


def _read_field(record: Record, name: str, raw: Any) -> None:
    try:
        read = _value(record, raw)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, zlib.error) as error:
        record.warnings.append(f"{name} cannot be read ({error})")
        return
    if read is None:
        record.warnings.append(f"{name}: a {raw.get('_cls')} was left out")
    else:
        record.values[name] = read


def _value(record: Record, raw: Any) -> Value | None:
    kind = raw.get("_cls") if isinstance(raw, dict) else None
    if kind in _LISTS:
        type_, key = _LISTS[kind]
        return Value(type_.value, [_label(record, type_, each) for each in raw[key]])
    if kind in _SINGLE:
        return Value(_SINGLE[kind].value, [_label(record, _SINGLE[kind], raw)])
    if kind == "Classification":
        return Value(FieldType.CLASSIFICATION.value, _label(record, FieldType.CLASSIFICATION, raw))
    if kind == "Regression":
        score = {"confidence": raw["confidence"]} if raw.get("confidence") is not None else {}
        return Value(FieldType.REGRESSION.value, {"value": float(raw["value"]), **score})
    if kind is not None:
        return None
    return _primitive(raw)


def _primitive(raw: Any) -> Value:
    if isinstance(raw, dict) and len(raw) == 1 and next(iter(raw)).startswith("$"):
        raw = next(iter(raw.values()))  # {"$date": …}, {"$oid": …}
    numbers = isinstance(raw, list) and len(raw) > 1 and all(type(each) is float for each in raw)
    kinds = {bool: FieldType.BOOLEAN, int: FieldType.INTEGER, float: FieldType.NUMBER, str: FieldType.STRING,
             dict: FieldType.OBJECT, list: FieldType.EMBEDDING if numbers else FieldType.ARRAY}  # fmt: skip
    return Value(kinds[type(raw)].value, raw)


def _label(record: Record, type_: FieldType, raw: dict[str, Any]) -> dict[str, Any]:
    score = raw.get("confidence")
    label: dict[str, Any] = {
        "id": label_id(
            (raw.get("_id") or {}).get("$oid") if isinstance(raw.get("_id"), dict) else raw.get("id")
        ),
        "label": str(raw.get("label") or "object"),
        "confidence": confidence(score),
        "tags": [str(tag) for tag in raw.get("tags") or ()] or None,
        "attributes": _attributes(raw) or None,
    }
    if type_ is FieldType.DETECTIONS:
        label["bounding_box"] = [float(part) for part in raw["bounding_box"]]
        label["mask"] = _mask(record, raw)
    elif type_ is FieldType.POLYLINES:
        label |= {
            "points": raw["points"],
            "closed": bool(raw.get("closed")),
            "filled": bool(raw.get("filled")),
        }
    elif type_ is FieldType.KEYPOINTS:
        label["points"] = [None if _is_unknown(point) else point for point in raw["points"]]
    return {key: part for key, part in label.items() if part is not None}


def _is_unknown(point: list[Any]) -> bool:
    return any(part is None or isinstance(part, dict | str) or part != part for part in point)


_LABEL = frozenset(
    {
        "_cls",
        "_id",
        "id",
        "label",
        "confidence",
        "tags",
        "bounding_box",
        "mask",
        "mask_path",
        "points",
        "closed",
    }
    | {"filled", "attributes", "logits", "index", "_rand"}
)


def _attributes(raw: dict[str, Any]) -> dict[str, Any]:
    own = {
        name: each.get("value") if isinstance(each, dict) else each
        for name, each in (raw.get("attributes") or {}).items()
    }
    if raw.get("index") is not None:
        own["index"] = raw["index"]
    return own | {name: each for name, each in raw.items() if name not in _LABEL and each is not None}


def _mask(record: Record, raw: dict[str, Any]) -> dict[str, Any] | None:
    """A mask that covers its box, as run lengths that cover the image."""
    packed = raw.get("mask")
    if packed is None:
        return None
    if not (record.width and record.height and record.width * record.height <= rle.MAX_PIXELS):
        record.warnings.append("a mask was left out: the image's size is not known")
        return None
    text = packed["$binary"]["base64"] if isinstance(packed, dict) else packed
    unpacker = zlib.decompressobj()
    plain = unpacker.decompress(base64.b64decode(text), MAX_MASK)
    small = np.load(io.BytesIO(plain), allow_pickle=False).astype(np.bool_)
    left, top = (round(raw["bounding_box"][n] * side) for n, side in enumerate((record.width, record.height)))
    whole = np.zeros((record.height, record.width), dtype=np.bool_)
    height, width = min(small.shape[0], record.height - top), min(small.shape[1], record.width - left)
    whole[top : top + height, left : left + width] = small[:height, :width]
    return rle.encode(whole)


def _labels(files: Files, labels: dict[str, Any], classes: list[str]) -> Iterator[Record]:
    """Of FiftyOneImageDetectionDataset and FiftyOneImageClassificationDataset: by name without extension."""
    images = [name for name in files.names if is_image(name)]
    called, media = sample_names(images), MediaIndex(images)
    for key, raw in labels.items():
        image = media.find_stem(key)
        record = Record(called[image] if image else key, media=image, split=split_in(key))
        try:
            if isinstance(raw, list) and all(isinstance(each, dict) for each in raw):
                boxes = [_label(record, FieldType.DETECTIONS, _named(each, classes)) for each in raw]
                record.values[GROUND_TRUTH] = Value(FieldType.DETECTIONS.value, boxes)
            elif raw is not None:
                one = _named(raw if isinstance(raw, dict) else {"label": raw}, classes)
                record.values[GROUND_TRUTH] = Value(
                    FieldType.CLASSIFICATION.value, _label(record, FieldType.CLASSIFICATION, one)
                )
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
            record.warnings.append("its labels cannot be read")
        yield record


def _named(raw: dict[str, Any], classes: list[str]) -> dict[str, Any]:
    label = raw["label"]
    return {
        **raw,
        "label": classes[label] if isinstance(label, int) and 0 <= label < len(classes) else str(label),
    }


# Writing -------------------------------------------------------------------------------------------------------------


def media_path(record: Record, content: Content) -> str:
    return f"data/{safe_path(record.name)}"


_WRITTEN = {
    FieldType.CLASSIFICATIONS: ("Classifications", "classifications", "Classification"),
    FieldType.DETECTIONS: ("Detections", "detections", "Detection"),
    FieldType.POLYLINES: ("Polylines", "polylines", "Polyline"),
    FieldType.KEYPOINTS: ("Keypoints", "keypoints", "Keypoint"),
}


def write(content: Content, records: Iterable[Record], target: Target) -> None:
    """A FiftyOneDataset: media paths relative, `_cls` in every label."""
    about = {
        "name": content.name,
        "media_type": "image",
        "tags": list(content.tags),
        "info": {},
        "classes": {field.name: field.classes for field in content.fields if field.classes},
        "default_classes": [],
    }
    target.put("metadata.json", json.dumps(about, indent=2, ensure_ascii=False).encode())
    with target.text("samples.json") as file:
        file.write('{"samples": [\n')
        for place, record in enumerate(records):
            file.write((",\n" if place else "") + json.dumps(_sample(record, content), ensure_ascii=False))
        file.write("\n]}\n")


def _sample(record: Record, content: Content) -> dict[str, Any]:
    size = {"_cls": "ImageMetadata", "width": record.width, "height": record.height}
    sample: dict[str, Any] = {"filepath": media_path(record, content), "tags": record.tags, "metadata": size}
    for field in content.fields:
        value = record.values.get(field.name)
        sample[field.name] = _written(field, value.data, record) if value else None
    return sample


def _written(field: FieldFacts, data: Any, record: Record) -> Any:
    type_ = FieldType(field.type)
    if type_ in _WRITTEN:
        kind, key, inner = _WRITTEN[type_]
        return {"_cls": kind, key: [_written_label(inner, label, record) for label in data]}
    if type_ is FieldType.CLASSIFICATION:
        return _written_label("Classification", data, record)
    return {"_cls": "Regression", "tags": [], **data} if type_ is FieldType.REGRESSION else data


def _written_label(kind: str, label: dict[str, Any], record: Record) -> dict[str, Any]:
    made: dict[str, Any] = {
        "_cls": kind,
        **{key: part for key, part in label.items() if key not in {"id", "scores"}},
    }
    made |= {"tags": label.get("tags", []), "attributes": label.get("attributes", {})}
    if kind == "Keypoint":
        made["points"] = [point or [None, None] for point in label["points"]]
    if label.get("mask"):
        packed = _packed(label, record)
        made["mask"] = {"$binary": {"base64": packed, "subType": "00"}}
    return made


def _packed(label: dict[str, Any], record: Record) -> str:
    whole = rle.decode(label["mask"])
    height, width = whole.shape
    x, y, w, h = label["bounding_box"]
    left, top = round(x * width), round(y * height)
    small = whole[top : top + max(1, round(h * height)), left : left + max(1, round(w * width))]
    plain = io.BytesIO()
    np.save(plain, small)
    return base64.b64encode(zlib.compress(plain.getvalue())).decode()
