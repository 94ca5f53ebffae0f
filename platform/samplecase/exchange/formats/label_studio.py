"""Label Studio's JSON: tasks with annotations of people and predictions of models, coordinates in percent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from samplecase.contracts.labels import FieldType, slugify_output
from samplecase.exchange.geometry import tidy
from samplecase.exchange.names import MediaIndex, safe_path, sample_names
from samplecase.exchange.records import (
    GROUND_TRUTH,
    PREDICTIONS,
    Content,
    FieldFacts,
    Reading,
    Record,
    confidence,
    label_id,
)
from samplecase.exchange.sources import Files, beginning, document, faulty, is_image
from samplecase.exchange.targets import Target

NAME, TITLE = "label_studio", "Label Studio"
TYPES = frozenset(
    {
        *(FieldType.DETECTIONS, FieldType.POLYLINES, FieldType.KEYPOINTS),
        *(FieldType.CLASSIFICATION, FieldType.CLASSIFICATIONS),
    }
)
_SHAPES = {
    "rectanglelabels": "", "polygonlabels": "polygons", "keypointlabels": "keypoints", "choices": "choices",
}  # fmt: skip


def sniff(files: Files) -> float:
    return 0.95 if any(_is_tasks(files, name) for name in _documents(files)) else 0


def _documents(files: Files) -> list[str]:
    return [name for name in files.names if name.lower().endswith(".json")]


def _is_tasks(files: Files, name: str) -> bool:
    start = beginning(files, name, 65_536)
    has_task = b'"data"' in start and (b'"annotations"' in start or b'"predictions"' in start)
    return has_task and start.lstrip()[:1] in {b"[", b"{"} and b'"file_name"' not in start


def read(files: Files) -> Reading:
    tasks: list[Any] = []
    for name in _documents(files):
        if _is_tasks(files, name):
            found = document(files, name)
            tasks += found if isinstance(found, list) else [found]
    if not tasks:
        raise faulty(files.names[0] if files.names else "", "has no tasks with data and annotations")
    reading = Reading(NAME, iter(()))
    reading.records = _records(files, tasks, reading)
    return reading


def _records(files: Files, tasks: list[Any], reading: Reading) -> Iterator[Record]:
    images = [name for name in files.names if is_image(name)]
    called, media = sample_names(images), MediaIndex(images)
    tools = _tools(tasks)
    for task in tasks:
        data = task.get("data") if isinstance(task, dict) else None
        name = _image(data) if isinstance(data, dict) else None
        if name is None:
            reading.warnings.append("A task names no image.")
            continue
        found = media.find(name)
        record = Record(called[found] if found else sample_names([name])[name], media=found)
        for key, field in (("annotations", GROUND_TRUTH), ("predictions", PREDICTIONS)):
            kept = [
                each
                for each in task.get(key) or ()
                if isinstance(each, dict) and not each.get("was_cancelled")
            ]
            # Of several people's annotations the last one counts, as it would have been the last to be written.
            for each in kept[-1:]:
                score = confidence(each.get("score")) if field == PREDICTIONS else None
                for result in each.get("result") or ():
                    _add(record, result, field, tools, score)
            if len(kept) > 1:
                record.warnings.append(f"{len(kept)} {key}: the last one was taken")
        yield record


def _tools(tasks: list[Any]) -> set[str]:
    """Names of the tools that made results; only where there are several do they name fields."""
    return {
        str(result.get("from_name"))
        for task in tasks[:1000]
        if isinstance(task, dict)
        for key in ("annotations", "predictions")
        for each in task.get(key) or ()
        if isinstance(each, dict)
        for result in each.get("result") or ()
        if isinstance(result, dict)
    }


def _image(data: dict[str, Any]) -> str | None:
    found = data.get("image") or next(
        (each for each in data.values() if isinstance(each, str) and is_image(urlsplit(each).path)), None
    )
    if not isinstance(found, str) or not found:
        return None
    parts = urlsplit(found)
    local = parse_qs(parts.query).get("d")
    path = local[0] if local else unquote(parts.path)
    name = path.split("/upload/", 1)[-1] if "/upload/" in path else path
    name = name.split("/", 1)[-1] if "/upload/" in path and name.partition("/")[0].isdigit() else name
    return name.lstrip("/") or None


def _add(record: Record, raw: Any, field: str, tools: set[str], score: float | None) -> None:
    kind = raw.get("type") if isinstance(raw, dict) else None
    if kind not in _SHAPES:
        record.warnings.append(f"a result of type {str(kind)[:40]} was left out")
        return
    try:
        _add_result(record, raw, kind, _field(field, kind, str(raw.get("from_name")), tools), score)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        record.warnings.append("a result cannot be read")


def _field(field: str, kind: str, tool: str, tools: set[str]) -> str:
    suffix = _SHAPES[kind]
    named = f"{field}_{slugify_output(tool)}" if len(tools) > 1 else field
    return f"{named}_{suffix}" if suffix in {"polygons", "keypoints"} else named


def _add_result(record: Record, raw: dict[str, Any], kind: str, field: str, score: float | None) -> None:
    value = raw["value"]
    own = confidence(raw.get("score"))
    common = {"id": label_id(raw.get("id")), "confidence": score if own is None else own}
    names = value.get(kind) or ["object"]
    if record.width is None and isinstance(raw.get("original_width"), int):
        record.width, record.height = raw["original_width"], raw["original_height"]
    if kind == "choices":
        _add_choices(record, field, [str(name) for name in names], common)
        return
    label = {**common, "label": str(names[0])}
    if kind == "rectanglelabels":
        box = [float(value[side]) / 100 for side in ("x", "y", "width", "height")]
        turned = {"rotation": value["rotation"]} if value.get("rotation") else None
        record.add(field, FieldType.DETECTIONS, {**label, "bounding_box": box, "attributes": turned})
    elif kind == "polygonlabels":
        line = [[float(x) / 100, float(y) / 100] for x, y in value["points"]]
        closed = bool(value.get("closed", True))
        record.add(
            field, FieldType.POLYLINES, {**label, "points": [line], "closed": closed, "filled": closed}
        )
    else:
        point = [float(value["x"]) / 100, float(value["y"]) / 100]
        record.add(field, FieldType.KEYPOINTS, {**label, "points": [point]})


def _add_choices(record: Record, field: str, names: list[str], common: dict[str, Any]) -> None:
    # One choice on each of a dataset's images is a classification; where there are more, they are several.
    for name in names:
        record.add(field, FieldType.CLASSIFICATIONS, {**common, "label": name, "id": None})


# Writing -------------------------------------------------------------------------------------------------------------


def media_path(record: Record, content: Content) -> str:
    return f"images/{safe_path(record.name)}"


def write(content: Content, records: Iterable[Record], target: Target) -> None:
    """`tasks.json`, and `labels.xml`, the labelling configuration that fits it."""
    with target.text("tasks.json") as file:
        file.write("[\n")
        for place, record in enumerate(records):
            file.write((",\n" if place else "") + json.dumps(_task(record, content), ensure_ascii=False))
        file.write("\n]\n")


def _task(record: Record, content: Content) -> dict[str, Any]:
    results: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for field in content.fields:
        value = record.values.get(field.name)
        if value is None:
            continue
        data = value.data if isinstance(value.data, list) else [value.data]
        for label in data:
            results["confidence" in label] += _results(field, label, record)
    task: dict[str, Any] = {"data": {"image": media_path(record, content)}}
    task["annotations"] = [{"result": results[False]}] if results[False] else []
    if results[True]:
        scores = [result["score"] for result in results[True]]
        task["predictions"] = [
            {"model_version": "samplecase", "score": sum(scores) / len(scores), "result": results[True]}
        ]
    return task


def _results(field: FieldFacts, label: dict[str, Any], record: Record) -> Iterable[dict[str, Any]]:
    common = {"from_name": field.name, "to_name": "image"}
    common |= {"id": label["id"]} if label.get("id") else {}
    common |= {"score": label["confidence"]} if "confidence" in label else {}
    size = {"original_width": record.width, "original_height": record.height, "image_rotation": 0}
    match field.type:
        case FieldType.DETECTIONS:
            sides = dict(
                zip(("x", "y", "width", "height"), map(_percent, label["bounding_box"]), strict=True)
            )
            turn = (label.get("attributes") or {}).get("rotation", 0)
            value = {**sides, "rotation": turn, "rectanglelabels": [label["label"]]}
            yield {**common, **size, "type": "rectanglelabels", "value": value}
        case FieldType.POLYLINES:
            for line in label["points"]:
                points = [[_percent(part) for part in point] for point in line]
                value = {
                    "points": points,
                    "closed": bool(label.get("closed")),
                    "polygonlabels": [label["label"]],
                }
                yield {**common, **size, "type": "polygonlabels", "value": value}
        case FieldType.KEYPOINTS:
            for point in label["points"]:
                if point:
                    place = {"x": _percent(point[0]), "y": _percent(point[1]), "width": 0.5}
                    value = {**place, "keypointlabels": [label["label"]]}
                    yield {**common, **size, "type": "keypointlabels", "value": value}
        case _:
            yield {**common, "type": "choices", "value": {"choices": [label["label"]]}}


def _percent(share: float) -> float:
    return tidy(share * 1e4) / 100
