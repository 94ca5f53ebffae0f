"""Manifests: from folders and tables, splits that stay, and what is found before a training starts."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from samplecase.contracts.errors import InvalidInput
from samplecase.training.config.data import Data, LabelField, Split
from samplecase.training.data.checks import checked
from samplecase.training.data.folder import manifest_of
from samplecase.training.data.manifest import Manifest, classes_of, read_manifest, write_manifest
from samplecase.training.data.media import changed_media, keep_media
from samplecase.training.data.splits import split_of
from tests.training.worlds import CLASSES, boxes_manifest, image_folder, picture

GLOSS = LabelField(name="gloss")
SIZE = LabelField(name="size", type="regression")
TOPICS = LabelField(name="topics", type="classifications")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "images")


def codes(manifest: Manifest, data: Data | None = None) -> set[str]:
    return {finding.code for finding in checked(manifest, data or Data())[1]}


def refused(manifest: Manifest, data: Data | None = None) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        checked(manifest, data or Data())
    found: dict[str, str] = {}
    for fault in caught.value.details:
        found[fault.pointer] = f"{found.get(fault.pointer, '')} {fault.message}"
    return found


def test_a_folder_per_class_is_a_dataset(folder: Path) -> None:
    manifest = manifest_of(folder, Data())
    assert manifest.classes == {"label": list(CLASSES)}
    assert len(manifest.rows) == 36
    assert {row.labels["label"] for row in manifest.rows if row.id.startswith("red/")} == {"red"}


def test_folders_may_name_the_splits(tmp_path: Path) -> None:
    for split in ("train", "val"):
        image_folder(tmp_path / split, 3, first=10 * len(split))
    manifest = manifest_of(tmp_path, Data())
    assert {(row.id.split("/")[0], row.split) for row in manifest.rows} == {
        ("train", "training"),
        ("val", "validation"),
    }
    assert manifest.classes == {"label": list(CLASSES)}


def test_a_table_has_a_column_per_field(tmp_path: Path) -> None:
    for number in range(2):
        picture(number, 0).save(tmp_path / f"{number}.png")
    (tmp_path / "labels.csv").write_text("name,gloss,size,topics\n0.png,matt,1.5,a|b\n1.png,shiny,-2,\n")
    manifest = manifest_of(tmp_path, Data(fields=(GLOSS, SIZE, TOPICS)))
    assert manifest.rows[0].labels == {"gloss": "matt", "size": 1.5, "topics": ["a", "b"]}
    assert manifest.rows[1].labels["topics"] is None
    assert manifest.classes == {"gloss": ["matt", "shiny"], "topics": ["a", "b"]}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("name,colour\n0.png,1\n", "no column size"),
        ("name,size\n../0.png,1\n", "There is no ../0.png"),
        ("name,size\n0.png,big\n", "'big' is no number"),
        ("name,size\n0.png,nan\n", "'nan' is no number"),
        ("name,size,split\n0.png,1,dev\n", "no split 'dev'"),
        ("name,size\n0.png,1\n0.png,1\n", "stands in an earlier line"),
    ],
)
def test_a_wrong_table_is_refused_by_its_line(tmp_path: Path, table: str, says: str) -> None:
    picture(0, 0).save(tmp_path / "0.png")
    (tmp_path / "labels.csv").write_text(table)
    with pytest.raises(InvalidInput, match=says):
        manifest_of(tmp_path, Data(fields=(SIZE,)))


def test_a_manifest_survives_its_file(folder: Path, tmp_path: Path) -> None:
    manifest = manifest_of(folder, Data())
    write_manifest(manifest, tmp_path)
    again = read_manifest(tmp_path / "manifest.jsonl")
    assert again == manifest
    assert again.sha256 == manifest.sha256
    assert manifest_of(tmp_path / "manifest.jsonl", Data()) == manifest


def test_a_line_that_is_no_sample_is_named(tmp_path: Path) -> None:
    file = boxes_manifest(tmp_path)
    file.write_text(file.read_text() + '{"id": "x"}\nnothing\n')
    with pytest.raises(InvalidInput) as caught:
        read_manifest(file)
    assert [fault.pointer for fault in caught.value.details] == ["manifest.jsonl:13", "manifest.jsonl:14"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": "0"}, "its id '0' stands in line 1 too"),
        ({"labels": {"boxes": [{"label": "red", "bounding_box": [0.5, 0.5, 0.6, 0.1]}]}}, "not within 0..1"),
        ({"labels": {"boxes": [{"bounding_box": [0, 0, 1, 1]}]}}, "a box has no label"),
        ({"labels": {"boxes": [{"label": "red", "bounding_box": [0, 0, 1]}]}}, "No sample"),
        (
            {"labels": {"boxes": [{"label": "red", "bounding_box": [0, 0, 1, float("nan")]}]}},
            "NaN is no number",
        ),
    ],
)
def test_a_sample_that_cannot_be_is_refused_by_its_line(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    file = boxes_manifest(tmp_path, 2)
    line = {**json.loads(file.read_text().splitlines()[1]), **changes}
    file.write_text(file.read_text().splitlines()[0] + "\n" + json.dumps(line) + "\n")
    with pytest.raises(InvalidInput) as caught:
        read_manifest(file)
    assert [fault.pointer for fault in caught.value.details] == ["manifest.jsonl:2"]
    assert says in caught.value.details[0].message


def test_a_line_ends_at_a_line_feed_alone(tmp_path: Path) -> None:
    file = boxes_manifest(tmp_path, 1)
    line = {**json.loads(file.read_text()), "id": "a\u2028b"}
    file.write_text(json.dumps(line, ensure_ascii=False) + "\n")
    assert [row.id for row in read_manifest(file).rows] == ["a\u2028b"]


def test_an_image_that_is_not_the_manifest_s_is_refused_by_name(folder: Path) -> None:
    found = manifest_of(folder, Data())
    picture(9, 1).save(folder / "red" / "004.png")
    assert "red/004.png" in refused(found)["changed"]


def test_an_image_that_changed_since_is_named_and_one_that_was_touched_is_not(
    folder: Path, tmp_path: Path
) -> None:
    found = manifest_of(folder, Data())
    keep_media(found, tmp_path / "media.json")
    os.utime(folder / "red" / "003.png", (1, 1))
    assert changed_media(found, tmp_path / "media.json") == []
    picture(9, 1).save(folder / "red" / "004.png")
    (folder / "red" / "005.png").unlink()
    assert changed_media(found, tmp_path / "media.json") == ["red/004.png", "red/005.png"]


def test_new_samples_never_move_old_ones(folder: Path) -> None:
    before = {row.id: row.split for row in manifest_of(folder, Data()).rows}
    image_folder(folder, 30, first=100)
    after = {row.id: row.split for row in manifest_of(folder, Data()).rows}
    assert len(after) == len(before) + 90
    assert {sample: after[sample] for sample in before} == before


def test_each_class_has_its_share_and_a_seed_deals_anew() -> None:
    split = Split(validation=0.2, test=0.1)
    for label in CLASSES:
        dealt = [split_of(f"{label}/{number}", split) for number in range(2000)]
        assert dealt.count("validation") == pytest.approx(400, abs=60)
        assert dealt.count("test") == pytest.approx(200, abs=45)
    other = split.model_copy(update={"seed": 1})
    assert any(split_of(str(key), split) != split_of(str(key), other) for key in range(20))


def test_sound_data_is_only_told_about(folder: Path) -> None:
    assert codes(manifest_of(folder, Data())) <= {"not_validated"}


def test_images_that_cannot_be_decoded_are_listed_or_skipped(folder: Path) -> None:
    (folder / "red" / "000.png").write_bytes(b"no image")
    whole = (folder / "red" / "001.png").read_bytes()
    (folder / "red" / "001.png").write_bytes(whole[: len(whole) // 2])
    manifest = manifest_of(folder, Data())
    message = refused(manifest)["unreadable"]
    assert "red/000.png" in message
    assert "red/001.png" in message
    kept, findings = checked(manifest, Data(unreadable="skip"))
    assert len(kept.rows) == 34
    assert {finding.code for finding in findings} >= {"unreadable"}


def test_what_would_spoil_a_training_refuses_it(folder: Path) -> None:
    (folder / "stray.png").write_bytes((folder / "red" / "003.png").read_bytes())
    assert "stray.png" in refused(manifest_of(folder, Data()), Data(unlabelled="fail"))["unlabelled"]
    only = Data(split=Split(validation=0.0), min_per_class=13)
    assert "'blue' has 12" in refused(manifest_of(folder, only), only)["few_samples"]


def test_a_class_without_samples_and_one_that_nobody_knows_are_refused(folder: Path) -> None:
    found = manifest_of(folder, Data())
    assert "'white' has 0" in refused(Manifest(found.rows, {"label": [*CLASSES, "white"]}))["empty_class"]
    assert "red" in refused(Manifest(found.rows, {"label": ["blue", "green"]}))["unknown_class"]


@pytest.mark.parametrize(
    ("field", "label", "code"),
    [
        (LabelField(), ["red"], "mistyped"),
        (LabelField(type="regression"), "red", "mistyped"),
        (LabelField(type="regression"), True, "mistyped"),
        (LabelField(type="classifications"), "red", "mistyped"),
        (LabelField(type="detections"), [{"label": "red"}], "mistyped"),
        (LabelField(), "red", "few_classes"),
    ],
)
def test_a_label_that_is_not_of_its_field_s_type_is_refused(
    folder: Path, field: LabelField, label: Any, code: str
) -> None:
    data = Data(fields=(field,))
    rows = [replace(row, labels={"label": label}) for row in manifest_of(folder, Data()).rows]
    assert code in refused(Manifest(rows, classes_of(rows)), data)


def test_one_image_in_two_splits_is_a_leak(tmp_path: Path) -> None:
    for split in ("train", "val"):
        image_folder(tmp_path / split, 3, first=10 * len(split))
    shutil.copy(tmp_path / "train" / "red" / "050.png", tmp_path / "val" / "red" / "copy.png")
    assert "val/red/copy.png" in refused(manifest_of(tmp_path, Data()))["leak"]


def test_a_group_stays_together(folder: Path, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in manifest_of(folder, Data()).text().splitlines()]
    for number, line in enumerate(lines):
        line.update(group=f"film {number // 4}", split="")
    file = tmp_path / "manifest.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    splits: dict[str, set[str]] = {}
    for row in manifest_of(file, Data()).rows:
        splits.setdefault(row.group, set()).add(row.split)
    assert all(len(each) == 1 for each in splits.values())
