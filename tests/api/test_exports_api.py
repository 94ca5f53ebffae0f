"""Exports over REST: a zip that grows part by part, read back as it was."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from PIL import Image

from datasets_app.models import Dataset, Field, Sample, Value
from jobs_app.exchange.models import ExportPart
from jobs_app.models import Job, SampleError
from jobs_app.tasks import export_samples, forget_exchanged_files, start_job
from samplecase.exchange.sources import open_file
from samplecase.storage.port import mask_key, media_key
from samplecase.web.rest.blobs import blob_store
from tests.api.exchanging import download, exported, imported, opened, zipped
from tests.fixtures_datasets import assert_counters_are_right, picture

pytestmark = pytest.mark.django_db

BOX = {"label": "cat", "bounding_box": [0.125, 0.0, 0.5, 0.5], "confidence": 0.5}


@pytest.fixture
def pets(owner_api: Any, dataset: Any) -> list[Any]:
    """Three samples with images, one in a folder, one tagged as validation, two with boxes."""
    files = {
        "a.png": picture(color=(1, 0, 0)),
        "b/c.png": picture(color=(2, 0, 0)),
        "val/d.png": picture(color=(3, 0, 0)),
    }
    imported(owner_api, dataset, "pets.zip", zipped(files), fields={"ground_truth": None})
    samples = list(Sample.objects.order_by("name"))
    field = Field.objects.create(
        dataset=dataset, name="boxes", type="detections", classes=["zebra", "cat"], colors={"cat": "#123456"}
    )
    rows = [{"sample": each.pk, "value": [BOX | {"id": f"{each.pk}"}]} for each in samples[:2]]
    answer = owner_api.put(f"/api/v1/datasets/{dataset.pk}/values/", {"field": "boxes", "values": rows})
    assert answer.status_code == 200, answer.content
    assert field.pk
    return samples


def boxes(dataset: Any) -> dict[str, Any]:
    rows = Value.objects.filter(field__dataset=dataset, field__type="detections").select_related("sample")
    return {row.sample.name: [{k: each[k] for k in BOX} for each in row.data] for row in rows}


@pytest.mark.parametrize(
    "format", ["samplecase", "coco", "yolo", "voc", "cvat", "fiftyone", "csv", "label_studio"]
)
def test_what_is_exported_can_be_imported_into_another_dataset(
    owner_api: Any, owner: Any, dataset: Any, pets: Any, format: str
) -> None:
    content = exported(owner_api, dataset, format)
    other = Dataset.objects.create(name="other", owner=owner)
    done = imported(owner_api, other, "export.zip", content)
    assert (done["state"], done["format"], done["added"]) == ("finished", format, 3), done
    if format != "label_studio":  # percent are rounded
        assert boxes(other) == boxes(dataset)
    digests = [
        set(Sample.objects.filter(dataset=each).values_list("media_sha256", flat=True))
        for each in (other, dataset)
    ]
    assert digests[0] == digests[1]
    again = imported(owner_api, other, "export.zip", content)
    assert (again["added"], again["matched"]) == (0, 0)
    assert_counters_are_right(other)


def test_an_export_is_an_import_of_nothing_into_where_it_came_from(
    owner_api: Any, dataset: Any, pets: Any
) -> None:
    for format in ("samplecase", "coco", "yolo", "voc", "fiftyone"):
        done = imported(owner_api, dataset, "export.zip", exported(owner_api, dataset, format), field="boxes")
        assert (done["added"], done["matched"]) == (0, 0), (format, done["rows"])


def test_the_archive_is_whole(owner_api: Any, owner: Any, dataset: Any, pets: Any) -> None:
    pixels = io.BytesIO()
    Image.fromarray(np.eye(4, dtype=np.uint8)).save(pixels, "PNG")
    import hashlib

    digest = hashlib.sha256(pixels.getvalue()).hexdigest()
    pixels.seek(0)
    blob_store().put(mask_key(digest), pixels)
    field = Field.objects.create(dataset=dataset, name="region", type="segmentation")
    from datasets_app.values import NewValue, write_values

    value = {"mask": digest, "width": 4, "height": 4}
    write_values(
        field=field, rows=[NewValue(each.pk, value) for each in pets], source="model", model_version=None
    )
    content = exported(owner_api, dataset, "samplecase")
    archive = opened(content)
    about = json.loads(archive.read("samplecase.json"))
    assert about["fields"][0]["classes"] == ["zebra", "cat"]
    assert about["fields"][0]["colors"] == {"cat": "#123456"}
    lines = [json.loads(line) for line in archive.read("samples.jsonl").splitlines()]
    first = next(line for line in lines if line["name"] == "a.png")
    assert first["values"]["boxes"]["source"] == "human"
    assert first["values"]["boxes"]["created_by"] == "owner"
    blob_store().delete(mask_key(digest))
    other = Dataset.objects.create(name="other", owner=owner)
    imported(owner_api, other, "export.zip", content)
    assert blob_store().exists(mask_key(digest))
    assert [each.data for each in Value.objects.filter(field__dataset=other, field__name="region")] == [
        value
    ] * 3
    names = set(Sample.objects.filter(dataset=other).values_list("name", flat=True))
    assert names == {"a.png", "b/c.png", "val/d.png"}
    made = Field.objects.get(dataset=other, name="boxes")
    assert (made.classes, made.colors) == (["zebra", "cat"], {"cat": "#123456"})


def test_a_filter_and_fields_choose_what_is_exported(owner_api: Any, dataset: Any, pets: Any) -> None:
    chosen = {"field": "name", "op": "eq", "value": "a.png"}
    content = exported(owner_api, dataset, "samplecase", filter=chosen, fields=[], media=False)
    archive = opened(content)
    assert archive.namelist() == ["samplecase.json", "samples.jsonl"]
    [line] = archive.read("samples.jsonl").splitlines()
    assert (json.loads(line)["name"], json.loads(line)["values"]) == ("a.png", {})


def test_classes_keep_their_order_in_yolo(owner_api: Any, dataset: Any, pets: Any) -> None:
    archive = opened(exported(owner_api, dataset, "yolo"))
    assert archive.read("data.yaml").decode().endswith("names:\n  0: zebra\n  1: cat\n")
    assert archive.read("labels/train/a.txt").decode() == "1 0.375 0.25 0.5 0.5 0.5\n"
    assert "images/val/val/d.png" in archive.namelist()


def test_names_that_a_file_system_would_mix_up_get_a_number(owner_api: Any, dataset: Any, pets: Any) -> None:
    Sample.objects.filter(pk=pets[1].pk).update(name="A.PNG")
    Sample.objects.filter(pk=pets[2].pk).update(name="../../a.jpg")
    names = opened(exported(owner_api, dataset, "coco")).namelist()
    assert {"images/a.png", f"images/A-{pets[1].pk}.PNG"} <= set(names)
    content = exported(owner_api, dataset, "yolo")
    with open_file("x.zip", io.BytesIO(content), max_bytes=2**30) as files:  # which refuses what is not safe
        assert len([name for name in files.names if name.startswith("images/")]) == 3


def test_parts_of_several_workers_are_one_zip(
    owner_api: Any, dataset: Any, pets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs_app.exchange import exporting

    monkeypatch.setattr(exporting, "WITH_MEDIA", 1)
    made = owner_api.post(f"/api/v1/datasets/{dataset.pk}/exports/", {"format": "coco"}).json()
    there = set(blob_store().list(f"exports/{made['job']}/"))
    start_job(made["job"])
    assert exporting._slice(made["job"])
    before = Job.objects.get(pk=made["job"])
    assert exporting._slice(made["job"])
    late = exporting._images(
        before, before.export_work
    )  # a worker that was thought dead writes its part once more
    assert late
    assert owner_api.get(f"/api/v1/datasets/{dataset.pk}/exports/{made['id']}/file/").status_code == 409
    export_samples(made["job"])
    job = Job.objects.get(pk=made["job"])
    assert (job.state, job.done, job.total) == ("finished", 3, 3)
    archive = opened(download(owner_api, dataset, made["id"]))
    assert sorted(archive.namelist()) == sorted(
        ["images/a.png", "images/b/c.png", "images/val/d.png", "annotations.json", "results.json"]
    )
    kept = set(ExportPart.objects.values_list("key", flat=True))
    made_now = set(blob_store().list(f"exports/{job.pk}/")) - there
    assert {key.removesuffix(".end") for key in made_now} == kept


def test_an_image_that_is_lost_is_told(owner_api: Any, dataset: Any, pets: Any) -> None:
    blob_store().delete(media_key(pets[0].media_sha256))
    exported(owner_api, dataset, "coco")
    job = Job.objects.filter(kind="export").get()
    assert (job.state, job.done, job.failed) == ("finished", 2, 1)
    assert SampleError.objects.get().reason == "media_gone"


@pytest.mark.parametrize(
    ("order", "pointer"),
    [
        ({"format": "none"}, "/format"),
        ({"format": "coco", "fields": ["none"]}, "/fields/0"),
        ({"format": "voc", "fields": ["kind"]}, "/fields/0"),
        ({"format": "image_folder", "fields": ["kind"], "media": False}, "/media"),
        ({"format": "yolo", "fields": ["boxes", "boxes2"]}, "/fields"),
        ({"format": "coco", "filter": {"field": "none", "op": "eq", "value": 1}}, "/filter/field"),
    ],
)
def test_a_faulty_export_is_refused_at_its_place(
    owner_api: Any, dataset: Any, pets: Any, make_field: Callable[..., Any], order: Any, pointer: str
) -> None:
    make_field(dataset, "kind")
    make_field(dataset, "boxes2", "detections")
    answer = owner_api.post(f"/api/v1/datasets/{dataset.pk}/exports/", order)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"] == pointer


def test_exports_are_for_who_sees_the_dataset(
    collaborator_api: Any,
    stranger_api: Any,
    collaborator: Any,
    dataset: Any,
    pets: Any,
    grant: Any,
    owner_api: Any,
) -> None:
    address = f"/api/v1/datasets/{dataset.pk}/exports/"
    assert stranger_api.post(address, {"format": "csv"}).status_code == 404
    grant(dataset, collaborator, "view")
    assert opened(exported(collaborator_api, dataset, "csv")).namelist()[-1] == "samples.csv"
    pk = Job.objects.filter(kind="export").get().pk
    assert stranger_api.get(f"{address}{pk}/file/").status_code == 404
    assert owner_api.get(f"{address}{pk}/").json()["size"] > 0


def test_exports_are_forgotten_after_a_week(owner_api: Any, dataset: Any, pets: Any) -> None:
    exported(owner_api, dataset, "csv")
    job = Job.objects.filter(kind="export").get()
    from django.utils import timezone

    assert forget_exchanged_files() == 0
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(days=8))
    assert forget_exchanged_files() == 1
    assert not list(blob_store().list(f"exports/{job.pk}/"))
    answer = owner_api.get(f"/api/v1/datasets/{dataset.pk}/exports/{job.pk}/file/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "file_gone")
