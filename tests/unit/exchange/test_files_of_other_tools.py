"""Files of pycocotools, label-studio-sdk and FiftyOne are read as they meant them; see tests/data/exchange."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from samplecase.exchange import rle
from samplecase.exchange.fitting import Summary
from samplecase.exchange.geometry import relative
from samplecase.exchange.port import detect
from samplecase.exchange.records import Record
from samplecase.exchange.sources import open_file
from tests.unit.exchange.worlds import nearly

DATA = Path(__file__).parents[2] / "data" / "exchange"
QUARTER = [0.25, 0.25, 0.5, 0.5]


def read(name: str, content: bytes | None = None) -> tuple[str, list[Record], Summary]:
    raw = (DATA / name).read_bytes() if content is None else content
    summary = Summary()
    with open_file(name, io.BytesIO(raw), max_bytes=2**20) as files:
        reading = detect(files).read(files)
        records = list(reading.records)
    for each in records:
        relative(each, width=16, height=12)
        summary.add(each)
    assert not summary.warnings
    assert not reading.warnings
    return reading.format, sorted(records, key=lambda each: each.name), summary


def only(record: Record, field: str) -> Any:
    [label] = record.values[field].data
    return label


def test_instances_of_pycocotools() -> None:
    format, [first, second], _ = read("coco_instances.json")
    assert (format, first.name) == ("coco", "000000000139.png")
    box = only(first, "ground_truth")
    assert (box["label"], box["id"], box["attributes"]) == ("cat", "1768", {"iscrowd": 1})
    assert nearly(box["bounding_box"], QUARTER)
    pixels = rle.decode(box["mask"])
    assert pixels[3:9, 4:12].all()
    assert pixels.sum() == 48
    assert rle.encode(pixels) == box["mask"]  # to the byte what pycocotools compressed
    line = only(second, "ground_truth_polygons")
    assert nearly(line["points"], [[[0.25, 0.25], [0.75, 0.25], [0.75, 0.75]]])


def test_results_of_pycocotools() -> None:
    format, [first, second], _ = read("coco_results.json")
    assert (format, first.name, first.is_number) == ("coco", "139", True)
    assert (only(first, "predictions")["label"], only(first, "predictions")["confidence"]) == ("17", 0.75)
    assert only(second, "predictions")["confidence"] == 0.5


def test_tasks_of_label_studio() -> None:
    format, [task], _ = read("label_studio.json")
    assert (format, task.name) == ("label_studio", "000000000139.png")
    assert nearly(only(task, "ground_truth"), {"label": "cat", "bounding_box": QUARTER})
    assert nearly(only(task, "predictions"), {"label": "zebra", "bounding_box": QUARTER, "confidence": 0.75})


def test_a_dataset_of_fiftyone() -> None:
    format, [first, second], summary = read("fiftyone_FiftyOneDataset.zip")
    assert (format, first.name, first.tags, first.media) == (
        *("fiftyone", "000000000139.png", ["train"]),
        "data/000000000139.png",
    )
    box = only(first, "boxes")
    assert (box["label"], box["confidence"], box["attributes"]) == ("cat", 0.75, {"age": 3})
    pixels = rle.decode(box["mask"])
    assert pixels[4:8, 6:10].all()
    assert pixels.sum() == 16
    assert only(first, "lines")["filled"] is True
    assert only(first, "joints")["points"] == [[0.25, 0.5], None]
    assert first.values["kind"].data["confidence"] == 0.5
    assert first.values["score"].data == {"value": 51.0}
    assert (first.values["count"].data, first.values["sure"].data) == (3, True)
    assert second.values["boxes"].data == []
    assert {name: counted.type for name, counted in summary.fields.items()}["count"] == "integer"


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("FiftyOneImageDetectionDataset", "fiftyone"),
        ("YOLOv5Dataset", "yolo"),
        ("VOCDetectionDataset", "voc"),
        ("CVATImageDataset", "cvat"),
        ("COCODetectionDataset", "coco"),
    ],
)
def test_boxes_of_fiftyones_exporters(name: str, format: str) -> None:
    found, [first, second], _ = read(f"fiftyone_{name}.zip")
    assert (found, first.name, second.name) == (format, "000000000139.png", "000000000285.png")
    assert first.media is not None
    field = next(iter(first.values))
    box = only(first, field)
    assert box["label"] == "cat"
    assert nearly(box["bounding_box"], QUARTER, 1e-4)
    assert not second.values or not next(iter(second.values.values())).data


def test_a_folder_of_classes_of_fiftyone() -> None:
    format, records, summary = read("fiftyone_ImageClassificationDirectoryTree.zip")
    assert format == "image_folder"
    assert summary.fields["ground_truth"].labels == {"cat": 1, "zebra": 1}
    assert len(records) == 2
