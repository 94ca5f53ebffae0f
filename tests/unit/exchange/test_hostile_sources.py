"""Files that mean harm: links out of the folder, entities, numbers that are none, shapes that no image has."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from samplecase.contracts.errors import ContractError, InvalidInput
from samplecase.exchange import rle
from samplecase.exchange.geometry import relative
from samplecase.exchange.port import FORMATS, detect
from samplecase.exchange.records import Record, Value
from samplecase.exchange.safe_xml import parse_xml
from samplecase.exchange.sources import Bounds, FolderFiles, SingleFile, Unpreviewed, content


def test_links_in_a_folder_are_passed_over_and_never_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.json").write_text("{}")
    root = tmp_path / "root"
    (root / "inside").mkdir(parents=True)
    (root / "inside" / "a.json").write_text("[]")
    (root / "link").symlink_to(secret)
    (root / "inside" / "b.json").symlink_to(secret / "key.json")
    files = FolderFiles(root)
    assert files.names == ("inside/a.json",)
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        FolderFiles(root, "link")
    # What was a file when it was listed may be a link when it is read.
    (root / "inside" / "a.json").unlink()
    (root / "inside" / "a.json").symlink_to(secret / "key.json")
    with pytest.raises(OSError, match="Too many levels"):
        files.open("inside/a.json")
    (root / "inside").rename(root / "was")
    (root / "inside").symlink_to(secret)
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        files.open("inside/key.json")


def test_a_look_at_a_folder_lists_so_many_files_and_those_of_the_upper_folders_first(tmp_path: Path) -> None:
    for name in ("a/deep/1.png", "a/2.png", "b/3.png", "labels.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"12345")
    files = FolderFiles(tmp_path, bounds=Bounds(files=2, document=4))
    assert (files.names, files.is_cut) == (("a/2.png", "labels.json"), True)
    with pytest.raises(Unpreviewed, match="found by the import"):
        content(files, "labels.json")
    whole = FolderFiles(tmp_path)
    assert (len(whole.names), whole.is_cut, content(whole, "labels.json")) == (4, False, b"12345")


@pytest.mark.parametrize("below", ["..", "inside/../..", "./inside", "inside/."])
def test_a_path_leads_downwards_only(tmp_path: Path, below: str) -> None:
    (tmp_path / "inside").mkdir()
    with pytest.raises(InvalidInput, match="downwards"):
        FolderFiles(tmp_path, below)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM 'http://example.org/a.dtd'><a/>",
        "<a>&unknown;</a>",
        "<a>" * 100 + "</a>" * 100,
        "<a>",
        "",
    ],
)
def test_xml_that_is_more_than_data_is_refused_at_its_file(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_xml(text.encode(), source="a.xml")
    assert refused.value.details[0].pointer == "a.xml"


@pytest.mark.parametrize(
    ("size", "counts"),
    [
        *[([2, 2], [1, 1]), ([2, 2], [-1, 5]), ([10**9, 10**9], [10**18]), ([2, 2], "zzzz"), ([0, 4], [])],
        ([-2, 2], [4]),
        ([2, 2], "o" * 1_000_000),  # one number of five million bits
    ],
)
def test_run_lengths_that_fit_no_mask_are_refused(size: list[int], counts: Any) -> None:
    for read in (rle.decode, rle.box_of):
        with pytest.raises(ValueError, match="run lengths"):
            read({"size": size, "counts": counts})


@pytest.mark.parametrize("seed", range(40))
def test_the_box_around_run_lengths_is_that_of_their_pixels(seed: int) -> None:
    chance = np.random.default_rng(seed)
    mask = chance.random(chance.integers(1, 9, 2)) < chance.choice([0.0, 0.05, 0.2, 0.6])
    rows, columns = mask.nonzero()
    box = None
    if len(rows):
        sides = (np.ptp(columns) + 1, np.ptp(rows) + 1)
        box = [float(each) for each in (columns.min(), rows.min(), *sides)]
    assert rle.box_of(rle.encode(mask)) == box


def test_labels_beyond_the_image_are_moved_onto_its_edge_or_left_out() -> None:
    data = [
        {"label": "a", "bounding_box": [-10.0, 0.0, 20.0, 10.0]},
        {"label": "b", "bounding_box": [200.0, 0.0, 5.0, 5.0]},
        {"label": "c", "bounding_box": [0.0, 0.0, 0.0, 5.0]},
    ]
    record = Record("a.png", {"x": Value("detections", data)}, width=100, height=100, in_pixels=True)
    assert relative(record, width=1, height=1) == ["x: 2 of 3 labels lie outside the image."]
    assert record.values["x"].data == [{"label": "a", "bounding_box": [0.0, 0.0, 0.1, 0.1]}]


ODD: list[Any] = [
    {"images": [{"id": 1}], "annotations": [{"image_id": 1, "category_id": 1, "bbox": [10**400, 0, 1, 1]}]},
    {"samples": [{"filepath": "a.png", "x": {"_cls": "Detection", "bounding_box": [10**400, 0, 1, 1]}}]},
    {"samples": [{"filepath": "a.png", "x": {"_cls": "Detections", "detections": [7]}}]},
    {"images": [{"id": 1}], "annotations": [{"image_id": 1, "category_id": 1, "bbox": ["x", 0, 1, 1]}]},
    {"images": [{"id": 1}], "annotations": [{"image_id": 1, "category_id": 1, "bbox": [1]}, 7, None]},
    {"images": [{"id": 1}], "annotations": [{"image_id": 1, "category_id": 1, "segmentation": [[1, 2, 3]]}]},
    [
        {
            "data": {"image": "a.png"},
            "annotations": [{"result": [{"type": "rectanglelabels", "value": {}}, 3]}],
        }
    ],
    [{"data": {"image": 3}, "predictions": [{"result": None}]}],
    {"samples": [{"filepath": "a.png", "x": {"_cls": "Detections", "detections": [{"label": "a"}]}}, 3]},
    {"samples": [{"filepath": "a.png", "x": {"_cls": "Detections"}, "y": {"_cls": "Unheard"}}]},
]


@pytest.mark.parametrize("odd", ODD)
def test_what_is_odd_is_a_warning_and_nothing_breaks(odd: Any) -> None:
    name = "samples.json" if isinstance(odd, dict) and "samples" in odd else "odd.json"
    files = SingleFile(name, io.BytesIO(json.dumps(odd).encode()))
    reading = detect(files).read(files)
    records = list(reading.records)
    assert reading.warnings or any(each.warnings for each in records)


@pytest.mark.parametrize(
    "text",
    [
        "names: 2021-13-45",
        "{[1]: 2}",
        "names: !!int x",
        "a: &a [x, x]\nb: &b [*a, *a]\nnames: [*b, *b]",
        "a: &a {x: 1}\nnames: {<<: [*a, *a]}",
    ],
)
def test_yaml_that_is_odd_or_grows_by_aliases_is_refused_at_its_file(text: str) -> None:
    files = SingleFile("data.yaml", io.BytesIO(text.encode()))
    with pytest.raises(InvalidInput) as refused:
        FORMATS["yolo"].read(files)
    assert refused.value.details[0].pointer == "data.yaml"


def test_a_number_beyond_all_numbers_is_no_place_in_an_image() -> None:
    data = [{"label": "a", "bounding_box": [10**400, 0, 1, 1]}]
    record = Record("a.png", {"x": Value("detections", data)})
    assert relative(record, width=1, height=1) == ["x: a label has no shape that can be read."]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.json", b"[]"),
        ("x.json", b"{}"),
        ("x.json", b"[1, null]"),
        ("samplecase.json", b'{"format": 1}'),
        ("x.xml", b"<annotation/>"),
        ("x.csv", b"a,b\n1,2\n"),
        ("x.csv", b""),
        ("x.yaml", b"- 1"),
        ("x.txt", b"\xff\xfe"),
        ("x.png", b"no image"),
    ],
)
def test_any_format_reads_or_refuses_anything(format: str, name: str, content: bytes) -> None:
    files = SingleFile(name, io.BytesIO(content))
    records = 0
    with contextlib.suppress(ContractError):
        for record in FORMATS[format].read(files).records:
            relative(record, width=8, height=8)
            records += 1
    assert records <= 1
