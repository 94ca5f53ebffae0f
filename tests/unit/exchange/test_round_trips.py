"""What is written in a format is read back: labels, scores, ids, the order of classes, splits and images."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplecase.exchange import rle
from samplecase.exchange.names import MediaIndex
from samplecase.exchange.records import Record
from samplecase.exchange.sources import open_file
from tests.unit.exchange.worlds import (
    CLASSES,
    HEIGHT,
    WIDTH,
    field,
    nearly,
    read_back,
    record,
    there_and_back,
    zipped,
)

BOX = {"label": "cat", "bounding_box": [0.125, 0.25, 0.5, 0.5]}
SCORED = {"label": "ant", "bounding_box": [0.0, 0.0, 1.0, 1.0], "confidence": 0.625}
LINE = {
    "label": "zebra",
    "points": [[[0.125, 0.25], [0.5, 0.25], [0.5, 0.75]]],
    "closed": True,
    "filled": True,
}
POINTS = {"label": "cat", "points": [[0.25, 0.5], None, [0.75, 0.125]]}


def mask() -> dict[str, Any]:
    pixels = np.zeros((HEIGHT, WIDTH), dtype=np.bool_)
    pixels[12:36, 8:40] = True
    pixels[20:24, 10:20] = False
    return rle.encode(pixels)


MASKED = {"label": "cat", "bounding_box": [0.125, 0.25, 0.5, 0.5], "mask": mask()}


@pytest.mark.parametrize(
    ("format", "labels"),
    [
        ("coco", [BOX, SCORED, MASKED]),
        ("yolo", [BOX, {**BOX, "label": "zebra"}]),
        ("voc", [BOX, SCORED, {**BOX, "attributes": {"difficult": 1, "pose": "Left"}}]),
        ("cvat", [BOX, SCORED, MASKED]),
        ("label_studio", [BOX, {**BOX, "attributes": {"rotation": 30}}]),
        ("fiftyone", [BOX, SCORED, MASKED, {**BOX, "tags": ["odd"], "attributes": {"age": 3}}]),
        ("csv", [BOX, SCORED]),
        ("samplecase", [BOX, SCORED, MASKED, {**BOX, "id": "b1", "tags": ["odd"], "attributes": {"age": 3}}]),
    ],
)
def test_boxes_come_back(tmp_path: Path, format: str, labels: list[Any]) -> None:
    records = [record("a.png", boxes=("detections", labels)), record("b/c.png", boxes=("detections", []))]
    reading, found, summary = there_and_back(tmp_path, format, [field("boxes", "detections")], records)
    name = "boxes" if format in {"fiftyone", "csv", "samplecase"} else "ground_truth"
    assert [each.name for each in found] == ["a.png", "b/c.png"]
    assert all(each.media for each in found)
    back = found[0].values[name].data
    assert nearly(back, labels), back
    if format not in {"voc", "csv", "label_studio"}:
        assert reading.fields[name].classes == CLASSES
    assert not summary.warnings


@pytest.mark.parametrize("format", ["coco", "yolo", "cvat", "label_studio", "fiftyone", "csv", "samplecase"])
def test_polygons_come_back(tmp_path: Path, format: str) -> None:
    records = [record("a.png", shapes=("polylines", [LINE]))]
    _, found, _ = there_and_back(tmp_path, format, [field("shapes", "polylines")], records)
    name = "shapes" if format in {"fiftyone", "csv", "samplecase"} else "ground_truth_polygons"
    assert nearly(found[0].values[name].data, [LINE]), found[0].values


@pytest.mark.parametrize("format", ["coco", "cvat", "fiftyone", "csv", "samplecase"])
def test_keypoints_come_back(tmp_path: Path, format: str) -> None:
    whole = (
        {**POINTS, "points": [point for point in POINTS["points"] if point]} if format == "cvat" else POINTS
    )
    records = [record("a.png", joints=("keypoints", [whole]))]
    _, found, _ = there_and_back(tmp_path, format, [field("joints", "keypoints")], records)
    name = "joints" if format in {"fiftyone", "csv", "samplecase"} else "ground_truth_keypoints"
    assert nearly(found[0].values[name].data, [whole]), found[0].values


@pytest.mark.parametrize("format", ["image_folder", "cvat", "label_studio", "fiftyone", "csv", "samplecase"])
def test_classes_of_images_come_back(tmp_path: Path, format: str) -> None:
    score = {} if format in {"image_folder", "label_studio"} else {"confidence": 0.5}
    records = [
        record(f"{n}.png", kind=("classification", {"label": label, **score}))
        for n, label in enumerate(CLASSES)
    ]
    _, found, _ = there_and_back(tmp_path, format, [field("kind", "classification")], records)
    back = {}
    for each in found:
        [value] = each.values.values()
        [label] = value.data if isinstance(value.data, list) else [value.data]
        back[each.name.rpartition("/")[2]] = {key: part for key, part in label.items() if key != "id"}
    assert back == {f"{n}.png": {"label": label, **score} for n, label in enumerate(CLASSES)}


def test_splits_come_back(tmp_path: Path) -> None:
    for format in ("image_folder", "yolo", "voc", "cvat"):
        kind = "classification" if format == "image_folder" else "detections"
        value = {"label": "cat"} if kind == "classification" else [BOX]
        records = [record("a.png", x=(kind, value)), record("b.png", x=(kind, value))]
        records[0].split, records[1].split = "train", "val"
        _, found, _ = there_and_back(tmp_path / format, format, [field("x", kind)], records)
        splits = {each.name.rpartition("/")[2]: each.split for each in found}
        assert splits == {"a.png": "train", "b.png": "val"}, format


def test_a_score_makes_yolo_labels_predictions(tmp_path: Path) -> None:
    records = [record("a.png", found=("detections", [SCORED]))]
    _, found, _ = there_and_back(tmp_path, "yolo", [field("found", "detections")], records)
    assert nearly(found[0].values["predictions"].data, [SCORED])


def test_label_studio_keeps_predictions_apart(tmp_path: Path) -> None:
    records = [record("a.png", truth=("detections", [BOX]), found=("detections", [SCORED]))]
    fields = [field("truth", "detections"), field("found", "detections")]
    _, found, _ = there_and_back(tmp_path, "label_studio", fields, records)
    assert nearly(found[0].values["ground_truth_truth"].data, [BOX])
    assert nearly(found[0].values["predictions_found"].data, [SCORED])


def test_coco_keeps_the_ids_of_annotations_and_gives_scores_in_a_results_file(tmp_path: Path) -> None:
    labels = [{**BOX, "id": "4711"}, {**SCORED, "id": "x1"}, {**BOX, "id": "1"}]
    records = [record("a.png", boxes=("detections", labels))]
    _, found, _ = there_and_back(tmp_path, "coco", [field("boxes", "detections")], records)
    assert {each["id"] for each in found[0].values["ground_truth"].data} == {"4711", "1", "2"}
    assert [each.get("confidence") for each in found[0].values["ground_truth"].data] == [None, 0.625, None]
    results = json.loads((tmp_path / "results.json").read_text())
    assert results == [{"image_id": 1, "category_id": 3, "bbox": [0, 0, WIDTH, HEIGHT], "score": 0.625}]


def test_a_box_and_a_polygon_of_one_id_are_one_coco_annotation(tmp_path: Path) -> None:
    box, line = {**BOX, "id": "7"}, {**LINE, "label": "cat", "id": "7"}
    records = [record("a.png", boxes=("detections", [box]), shapes=("polylines", [line]))]
    fields = [field("boxes", "detections"), field("shapes", "polylines")]
    _, found, _ = there_and_back(tmp_path, "coco", fields, records)
    assert found[0].values["ground_truth"].data == [box]
    assert nearly(found[0].values["ground_truth_polygons"].data, [line])


def test_the_archive_keeps_every_type_and_who_wrote_what(tmp_path: Path) -> None:
    values: dict[str, tuple[str, Any]] = {
        "kind": ("classification", {"label": "cat", "confidence": 0.1, "scores": {"cat": 0.1, "ant": 0.9}}),
        "score": ("regression", {"value": 51.5, "confidence": 0.9}),
        "vector": ("embedding", [0.1, 0.2, 0.30000000000000004]),
        "note": ("string", "ä “quoted”,\nnew line"),
        "count": ("integer", 2**53 + 1),
        "share": ("number", 1e-300),
        "sure": ("boolean", False),
        "more": ("object", {"a": [1, None]}),
        "list": ("array", [1, "x"]),
        "region": ("segmentation", {"mask": "0" * 64, "width": 3, "height": 2}),
    }
    facts = {"source": "model", "job": 3, "model_version": 4, "written_at": "2026-01-01T00:00:00Z"}
    one = record("a.png", **values)
    one.tags, one.facts = ["x", "train"], dict.fromkeys(values, facts)
    fields = [
        field(name, value[0], colors={"cat": "#123456"}, attributes={"age": {"type": "integer"}})
        for name, value in values.items()
    ]
    fields[2].dimension = 3
    reading, found, _ = there_and_back(tmp_path, "samplecase", fields, [one])
    assert [*reading.fields.values()] == fields
    assert {name: tuple(value) for name, value in found[0].values.items()} == values
    assert (found[0].tags, found[0].facts) == (one.tags, one.facts)


def test_csv_keeps_plain_fields_apart(tmp_path: Path) -> None:
    values: dict[str, tuple[str, Any]] = {
        "count": ("integer", 3),
        "share": ("number", 0.5),
        "sure": ("boolean", True),
        "note": ("string", "a, “b”\nc"),
        "code": ("string", "007"),
        "score": ("regression", {"value": 51.5, "confidence": 0.9}),
    }
    one = record("a.png", **values)
    one.tags = ["x;y", "z"]
    fields = [field(name, value[0], []) for name, value in values.items()]
    _, found, _ = there_and_back(tmp_path, "csv", fields, [one])
    assert {name: tuple(value) for name, value in found[0].values.items()} == values
    assert found[0].tags == one.tags


@pytest.mark.parametrize("format", ["coco", "yolo", "voc", "cvat", "fiftyone", "csv", "samplecase"])
def test_a_zip_is_read_like_a_folder(format: str) -> None:
    packed = zipped(format, [field("boxes", "detections")], [record("a.png", boxes=("detections", [BOX]))])
    with open_file("export.zip", io.BytesIO(packed), max_bytes=2**30) as files:
        reading, found, _ = read_back(files)
        assert (reading.format, len(found)) == (format, 1)
        assert found[0].media is not None
        with files.open(found[0].media) as stream:
            assert stream.read(4) == b"\x89PNG"


shares = st.floats(0, 0.5, allow_nan=False).map(lambda number: round(number, 6))
boxes = st.builds(
    lambda x, y, w, h, label: {"label": label, "bounding_box": [x, y, max(w, 0.01), max(h, 0.01)]},
    *(shares, shares, shares, shares),
    st.sampled_from(CLASSES),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(boxes, max_size=5), min_size=1, max_size=4))
def test_any_boxes_come_back_from_any_format(labels: list[list[Any]]) -> None:
    records = [record(f"{n}.png", boxes=("detections", each)) for n, each in enumerate(labels)]
    for format in ("coco", "yolo", "voc", "cvat", "label_studio", "fiftyone", "samplecase"):
        copies = [Record.from_json(each.to_json()) for each in records]
        packed = zipped(format, [field("boxes", "detections")], copies, media=False)
        with open_file("export.zip", io.BytesIO(packed), max_bytes=2**30) as files:
            _, found, _ = read_back(files)
        back = {each.name: next((value.data for value in each.values.values()), []) for each in found}
        stems = {name.removesuffix(".png"): data for name, data in back.items()}
        assert nearly(stems, {str(n): each for n, each in enumerate(labels)}, 1e-5), format


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=1, max_size=9))
def test_run_lengths_are_undone(rows: list[list[bool]]) -> None:
    pixels = np.array(rows)
    packed = rle.encode(pixels)
    assert packed["size"] == [len(rows), 7]
    assert (rle.decode(packed) == pixels).all()
    plain = {"size": packed["size"], "counts": rle.runs(pixels.T.ravel())}
    assert (rle.decode(plain) == pixels).all()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-a", "@a", "\ta", "'=1", "''=1", "'a", "a=1", "-1.5"])
def test_a_table_has_no_formulas_and_gives_back_what_looked_like_one(tmp_path: Path, text: str) -> None:
    kind = {"label": text, "confidence": 0.5}
    values = {"kind": ("classification", kind), "note": ("string", text), "number": ("number", -1.5)}
    fields = [field(name, type_, []) for name, (type_, _) in values.items()]
    _, [found], _ = there_and_back(tmp_path, "csv", fields, [record(f"{text.strip()}.png", **values)])
    table = (tmp_path / "samples.csv").read_text()
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    assert not any(cell[:1] in set("=+-@\t\r") for cell in cells if cell not in {"-1.5", ""})
    assert found.name == f"{text.strip()}.png"
    assert (found.values["kind"].data, found.values["number"].data) == (kind, -1.5)
    assert str(found.values["note"].data) == text


def test_images_of_one_name_in_many_folders_are_told_apart_by_their_folders() -> None:
    names = [f"set/{number}/image.jpg" for number in range(20_000)]
    index = MediaIndex(names)
    assert all(index.find(f"C:\\data\\{name}") == name for name in names)
    assert index.find_stem("labels/17/image.txt") == "set/17/image.jpg"
    assert index.find("image.jpg") is None
    assert index.find("other.jpg") is None
