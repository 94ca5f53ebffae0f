"""`POST /datasets/{id}/samples/`: many images or zips of them, never all or nothing, and a report."""

from __future__ import annotations

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from datasets_app.images import EXTENSION_OF, MIME_OF
from datasets_app.models import Dataset, Field, Sample
from datasets_app.uploads import upload_samples
from samplecase.contracts.states import Source
from samplecase.storage.port import media_key
from samplecase.web.accounts.models import AuditEntry
from samplecase.web.rest.blobs import blob_store
from tests.fixtures_datasets import assert_counters_are_right, picture


def upload(api: Any, dataset: Any, *files: tuple[str, bytes], query: str = "") -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return api.post(f"/api/v1/datasets/{dataset.pk}/samples/{query}", {"files": sent}, format="multipart")


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def skipped(answer: Any) -> dict[str, str]:
    return {each["name"]: each["reason"] for each in answer.json()["skipped"]}


def test_images_of_every_format_become_samples_by_their_content(owner_api: Any, dataset: Any) -> None:
    files = {
        "a.png": picture((5, 4)),
        "b.jpg": picture((6, 4), kind="JPEG"),
        "c.webp": picture((7, 4), kind="WEBP"),
        "d.gif": picture((8, 4), kind="GIF"),
        "e.bmp": picture((9, 4), kind="BMP"),
        "really a jpeg.png": picture((10, 4), kind="JPEG"),
        "without an extension": picture((11, 4)),
    }
    answer = upload(owner_api, dataset, *files.items())
    assert answer.json() == {"added": 7, "skipped": []}
    samples = {sample.name: sample for sample in Sample.objects.all()}
    assert [samples[name].width for name in files] == [5, 6, 7, 8, 9, 10, 11]
    assert [samples[name].mime for name in files] == [
        *("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/jpeg", "image/png")
    ]
    for name, content in files.items():
        with blob_store().open(media_key(samples[name].media_sha256)) as stream:
            assert stream.read() == content
    assert_counters_are_right(dataset)
    assert AuditEntry.objects.get(action="samples.add").details == {"added": 7}


def test_every_type_that_is_stored_has_an_extension() -> None:
    assert set(EXTENSION_OF) == set(MIME_OF.values())


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (40, 20)), (3, (40, 20)), (6, (20, 40)), (8, (20, 40))]
)
def test_width_and_height_are_those_of_the_picture_as_it_is_seen(
    owner_api: Any, dataset: Any, orientation: int, size: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upload(owner_api, dataset, ("a.jpg", picture((40, 20), kind="JPEG", exif=exif)))
    sample = Sample.objects.get()
    assert (sample.width, sample.height) == size
    thumbnail = owner_api.get(f"/api/v1/datasets/{dataset.pk}/samples/{sample.pk}/thumbnail/")
    assert Image.open(io.BytesIO(b"".join(thumbnail.streaming_content))).size == size


def test_what_is_there_already_is_told_apart_from_a_name_in_use(owner_api: Any, dataset: Any) -> None:
    upload(owner_api, dataset, ("a.png", picture()))
    again = upload(
        owner_api,
        dataset,
        ("a.png", picture()),
        ("b.png", picture()),
        ("b.png", picture()),
        ("b.png", picture(color=(0, 0, 0))),
    )
    assert again.status_code == 200
    assert again.json()["added"] == 1, "the same bytes under another name are another sample"
    assert [each["reason"] for each in again.json()["skipped"]] == ["duplicate", "duplicate", "name_taken"]
    once_more = upload(owner_api, dataset, ("a.png", picture()))
    assert (once_more.status_code, once_more.json()["added"]) == (200, 0)
    assert_counters_are_right(dataset)


def test_good_files_are_added_whatever_lies_beside_them(owner_api: Any, dataset: Any) -> None:
    answer = upload(
        owner_api,
        dataset,
        ("good.png", picture()),
        ("text.png", b"this is no image"),
        ("cut.jpg", picture((200, 200), kind="JPEG")[:300]),
        ("broken.zip", b"PK\x03\x04 this is no zip"),
        ("empty.png", b""),
    )
    assert answer.status_code == 200
    assert answer.json()["added"] == 1
    assert skipped(answer) == {
        "text.png": "not_an_image",
        "cut.jpg": "damaged",
        "broken.zip": "bad_archive",
        "empty.png": "not_an_image",
    }


def test_a_wrong_file_called_png_is_refused_by_name_and_leaves_nothing(owner_api: Any, dataset: Any) -> None:
    before = set(blob_store().list())
    answer = upload(owner_api, dataset, ("holiday.png", b"MZ this is a program"))
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "no_image"
    assert [each["pointer"] for each in error["details"]] == ["holiday.png"]
    assert set(blob_store().list()) == before
    assert not Sample.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_zip_of_folders_becomes_samples_with_their_ground_truth(owner_api: Any, dataset: Any) -> None:
    files = {
        f"digits/{digit}/{place}.png": picture(color=(digit, place, 0))
        for digit in (2, 0, 1)
        for place in (0, 1)
    }
    extras = {
        "root.png": picture(color=(9, 9, 9)),
        "__MACOSX/digits/._0.png": b"clutter",
        "digits/.DS_Store": b"clutter",
        "digits/readme.txt": b"hello",
    }
    content = zipped({**files, **extras})
    answer = upload(owner_api, dataset, ("digits.zip", content), query="?labels=folder")
    assert answer.status_code == 200
    assert answer.json()["added"] == 7
    assert skipped(answer) == {"digits/readme.txt": "not_an_image"}
    field = Field.objects.get()
    assert (field.name, field.type, field.classes) == ("ground_truth", "classification", ["0", "1", "2"])
    page = owner_api.get(f"/api/v1/datasets/{dataset.pk}/samples/").json()["results"]
    truth = {row["name"]: row["values"].get("ground_truth") for row in page}
    assert truth == {name: {"label": name.split("/")[1]} for name in files} | {"root.png": None}
    assert {row["provenance"]["ground_truth"]["source"] for row in page if row["provenance"]} == {
        Source.IMPORT
    }
    assert_counters_are_right(dataset)

    more = zipped({"7/a.png": picture(color=(7, 7, 7))})
    assert upload(owner_api, dataset, ("more.zip", more), query="?labels=folder").json()["added"] == 1
    field.refresh_from_db()
    assert field.classes == ["0", "1", "2", "7"]


def test_folders_are_no_labels_unless_asked(owner_api: Any, dataset: Any) -> None:
    upload(owner_api, dataset, ("a.zip", zipped({"cat/a.png": picture()})))
    assert not Field.objects.exists()


def test_a_ground_truth_of_another_type_is_left_alone(owner_api: Any, dataset: Any, make_field: Any) -> None:
    make_field(dataset, "ground_truth", "detections")
    content = zipped({"cat/a.png": picture()})
    answer = upload(owner_api, dataset, ("a.zip", content), query="?labels=folder")
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/labels"
    assert not Sample.objects.exists()


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("slip", {"../a.png": picture(), "good.png": picture()}),
        ("absolute", {"/etc/a.png": picture(), "good.png": picture()}),
        ("too many", {f"{number}.png": b"" for number in range(10_001)}),
        ("no image at all", {"a.txt": b"a", "b.txt": b"b"}),
        ("nothing", {}),
    ],
)
def test_a_zip_that_cannot_be_trusted_is_refused_whole(
    owner_api: Any, dataset: Any, name: str, entries: dict[str, bytes]
) -> None:
    before = set(blob_store().list())
    answer = upload(owner_api, dataset, ("files.zip", zipped(entries)))
    assert answer.status_code == 400, name
    assert not Sample.objects.exists()
    assert set(blob_store().list()) == before


def test_a_damaged_entry_is_skipped_alone(owner_api: Any, dataset: Any) -> None:
    good, bad = picture(color=(1, 2, 3)), picture(color=(4, 5, 6))
    content = zipped({"good.png": good, "bad.png": bad}).replace(bad, bad[:-4] + b"ABCD")
    answer = upload(owner_api, dataset, ("a.zip", content))
    assert answer.json()["added"] == 1
    assert skipped(answer) == {"bad.png": "damaged"}


def test_a_name_beyond_what_can_be_stored_is_skipped(owner_api: Any, dataset: Any) -> None:
    long = "/".join(["folder" * 8] * 6) + "/a.png"
    answer = upload(owner_api, dataset, ("a.zip", zipped({long: picture(), "b.png": picture()})))
    assert skipped(answer) == {long: "name_too_long"}


def test_1797_small_images_in_a_zip_are_all_there(owner_api: Any, dataset: Any) -> None:
    files = {
        f"{number % 10}/{number:04}.png": picture((8, 8), (number % 256, number // 256, 7))
        for number in range(1797)
    }
    answer = upload(owner_api, dataset, ("digits.zip", zipped(files)), query="?labels=folder")
    assert answer.json() == {"added": 1797, "skipped": []}
    assert_counters_are_right(dataset)


@pytest.mark.parametrize(
    ("query", "files", "pointer"),
    [("", [], "/files"), ("?labels=path", [("a.png", picture())], "/labels")],
)
def test_a_request_without_sense_is_refused(
    owner_api: Any, dataset: Any, query: str, files: list[tuple[str, bytes]], pointer: str
) -> None:
    answer = upload(owner_api, dataset, *files, query=query)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "body", [{"files": []}, {}, [], None, {"upload": 5}, {"upload": "x"}, {"upload": []}]
)
def test_json_names_an_upload_or_is_refused(owner_api: Any, dataset: Any, body: Any) -> None:
    assert owner_api.post(f"/api/v1/datasets/{dataset.pk}/samples/", body).status_code == 400


def test_uploading_needs_the_right_to_edit(
    dataset: Any, collaborator: Any, grant: Any, collaborator_api: Any, stranger_api: Any, anonymous_api: Any
) -> None:
    assert upload(stranger_api, dataset, ("a.png", picture())).status_code == 404
    assert upload(anonymous_api, dataset, ("a.png", picture())).status_code == 401
    grant(dataset, collaborator, "label")
    assert upload(collaborator_api, dataset, ("a.png", picture())).status_code == 403
    grant(dataset, collaborator, "edit")
    assert upload(collaborator_api, dataset, ("a.png", picture())).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_uploads_of_one_name_at_once_exactly_one_adds_it(dataset: Any, owner: Any) -> None:
    def work(number: int) -> int:
        try:
            names = [f"{place}.png" for place in range(6)]
            files = [SimpleUploadedFile(name, picture(color=(number, 0, 0))) for name in names]
            return upload_samples(acting_user=owner, dataset=dataset, files=files).added
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(work, range(4)))
    assert sum(added) == 6
    assert_counters_are_right(dataset)


def test_a_store_that_fails_leaves_no_sample_without_its_bytes(
    owner_api: Any, dataset: Any, settings: Any, tmp_path: Any
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    settings.BLOB_URL = f"file://{in_the_way}/blobs"
    answer = upload(owner_api, dataset, ("a.png", picture()))
    assert answer.status_code == 503
    assert not Sample.objects.exists()
    assert Dataset.objects.get().sample_count == 0
