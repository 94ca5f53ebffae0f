"""Imports from folders of the server and prefixes of S3: for staff, below the roots of the settings, over no link."""

from __future__ import annotations

import inspect
import io
import json
import re
import secrets
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from datasets_app.models import Sample
from jobs_app.exchange import importing, incoming
from jobs_app.models import Job
from jobs_app.tasks import import_samples, start_job
from samplecase.exchange.sources import Bounds, FolderFiles, SingleFile
from samplecase.storage.port import StorageUnavailable
from tests.fixtures_datasets import picture
from tests.ports import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    """`photos`, with one picture in it, and a link to a folder beside it."""
    place = tmp_path / "photos"
    (place / "pets" / "cat").mkdir(parents=True)
    (place / "pets" / "cat" / "1.png").write_bytes(picture())
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "2.png").write_bytes(picture())
    (place / "link").symlink_to(tmp_path / "secret")
    settings.IMPORT_ROOTS = {"photos": str(place)}
    return place


def ask(api: Any, dataset: Any, path: str, **options: Any) -> Any:
    return api.post(f"/api/v1/datasets/{dataset.pk}/imports/", {"path": path, **options})


def test_staff_import_a_folder_where_it_lies(superuser_api: Any, dataset: Any, root: Path) -> None:
    assert ask(superuser_api, dataset, "photos/pets", dry_run=True).json()["new"] == 1
    made = ask(superuser_api, dataset, "photos/pets").json()
    start_job(made["job"])
    import_samples(made["job"])
    assert (Job.objects.get().state, Sample.objects.get().name) == ("finished", "cat/1.png")


def test_only_staff_is_told_where_one_may_import_from(
    superuser_api: Any, owner_api: Any, dataset: Any, root: Path
) -> None:
    assert superuser_api.get("/api/v1/me/").json()["import_roots"] == ["photos"]
    assert owner_api.get("/api/v1/me/").json()["import_roots"] == []


def test_others_may_not_name_a_folder_of_the_server(owner_api: Any, dataset: Any, root: Path) -> None:
    assert ask(owner_api, dataset, "photos/pets").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "photos/..",
        "photos/../secret",
        "photos/link",
        "photos/none",
        "other/pets",
        "/etc",
        "photos/pets/./cat",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused_at_its_place(
    superuser_api: Any, dataset: Any, root: Path, path: str
) -> None:
    answer = ask(superuser_api, dataset, path)
    assert (answer.status_code, answer.json()["error"]["details"][0]["pointer"]) == (400, "/path"), (
        answer.content
    )


def test_a_preview_looks_at_so_many_files_and_the_import_at_all(
    superuser_api: Any, dataset: Any, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "A_LOOK", Bounds(files=2))
    for number in range(2, 6):
        (root / "pets" / "cat" / f"{number}.png").write_bytes(picture(color=(number, 0, 0)))
    shown = ask(superuser_api, dataset, "photos/pets", dry_run=True).json()
    assert (shown["new"], shown["complete"]) == (2, False)
    assert shown["warnings"] == ["Only the first 2 files were looked at."]
    made = ask(superuser_api, dataset, "photos/pets").json()
    start_job(made["job"])
    import_samples(made["job"])
    assert Sample.objects.count() == 5


def test_a_document_too_large_for_a_look_is_left_to_the_import(
    superuser_api: Any, dataset: Any, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "A_LOOK", Bounds(document=60))
    labels = {"images": [{"id": 1, "file_name": "cat/1.png", "width": 8, "height": 6}], "annotations": []}
    labels["categories"] = [{"id": 1, "name": "cat"}]
    (root / "pets" / "labels.json").write_text(json.dumps(labels))
    shown = ask(superuser_api, dataset, "photos/pets", dry_run=True).json()
    assert (shown["format"], shown["samples"], shown["fields"], shown["complete"]) == ("coco", 0, [], False)
    assert "found by the import" in shown["warnings"][0]
    made = ask(superuser_api, dataset, "photos/pets", format="coco").json()
    start_job(made["job"])
    import_samples(made["job"])
    assert Job.objects.get().state == "finished"


def test_each_image_is_read_once(
    superuser_api: Any, dataset: Any, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[str] = Counter()

    class Watched(FolderFiles):
        def open(self, name: str) -> BinaryIO:
            file = super().open(name)
            read[name] += inspect.stack()[1].function == "_content"
            return file

    monkeypatch.setattr(incoming, "FolderFiles", Watched)
    (root / "pets" / "cat" / "2.png").write_bytes(picture(color=(9, 9, 9)))
    for _ in range(2):  # anew, and once more with images that are known
        read.clear()
        made = ask(superuser_api, dataset, "photos/pets").json()
        start_job(made["job"])
        import_samples(made["job"])
        assert read == {"cat/1.png": 1, "cat/2.png": 1}
    assert Sample.objects.count() == 2


def test_a_folder_that_becomes_a_link_after_it_was_read_is_not_followed(
    superuser_api: Any, dataset: Any, root: Path
) -> None:
    from jobs_app.exchange import importing

    made = ask(superuser_api, dataset, "photos/pets").json()
    start_job(made["job"])
    assert importing._slice(made["job"])
    (root / "pets" / "cat").rename(root / "was")
    (root / "pets" / "cat").symlink_to(root.parent / "secret")
    import_samples(made["job"])
    assert not Sample.objects.exists()
    assert Job.objects.get().skipped == 1


# Prefixes of S3 ------------------------------------------------------------------------------------------------------


@pytest.fixture
def bucket(s3_server: Any, settings: Any) -> Callable[..., None]:
    """`bucket("pets/1.png", b"…")`: an object of the bucket whose prefix `mine/` is the root `scans`."""
    from samplecase.storage import open_store

    name = f"scans-{secrets.token_hex(4)}"
    address = s3_server.url(name)
    settings.IMPORT_ROOTS = {"scans": address.replace("?", "/mine?"), "locked": "", "none": ""}
    user, at, rest = address.removeprefix("s3://").partition("@")
    settings.IMPORT_ROOTS["locked"] = f"s3://{user}x{at}{rest}"
    settings.IMPORT_ROOTS["none"] = address.replace(name, f"{name}-none")
    store = open_store(address)

    def put(key: str, content: bytes | None) -> None:
        if content is None:
            store.delete(key)
        else:
            store.put(key, io.BytesIO(content))

    return put


@pytest.mark.s3
def test_staff_import_a_prefix_of_s3_and_nothing_beside_it(
    superuser_api: Any, dataset: Any, bucket: Callable[..., None]
) -> None:
    for key in ("mine/pets/cat/1.png", "mine/pets/cat/2.png", "mine/pets-of-others/3.png", "pets/4.png"):
        bucket(key, picture())
    assert ask(superuser_api, dataset, "scans/pets", dry_run=True).json()["new"] == 2
    made = ask(superuser_api, dataset, "scans/pets").json()
    start_job(made["job"])
    import_samples(made["job"])
    assert Job.objects.get().state == "finished"
    assert sorted(Sample.objects.values_list("name", flat=True)) == ["cat/1.png", "cat/2.png"]


@pytest.mark.s3
def test_what_is_no_file_to_import_hides_no_other(
    superuser_api: Any, dataset: Any, bucket: Callable[..., None]
) -> None:
    for key in ("mine/pets/desktop.ini", "mine/pets/one.png"):
        bucket(key, picture())
    assert ask(superuser_api, dataset, "scans/pets", dry_run=True).json()["new"] == 1


@pytest.mark.s3
def test_an_object_that_is_taken_away_meanwhile_costs_one_sample(
    superuser_api: Any, dataset: Any, bucket: Callable[..., None]
) -> None:
    from jobs_app.exchange import importing

    bucket("mine/1.png", picture())
    bucket("mine/2.png", picture())
    made = ask(superuser_api, dataset, "scans").json()
    start_job(made["job"])
    assert importing._slice(made["job"])
    bucket("mine/1.png", None)
    import_samples(made["job"])
    job = Job.objects.get()
    assert (job.state, job.done, job.skipped) == ("finished", 1, 1)


@pytest.mark.s3
@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("scans/../pets", 400, "downwards"),
        ("scans/none", 400, "nothing in this folder"),
        ("locked/pets", 503, "SAMPLECASE_IMPORT_ROOTS"),
        ("none/pets", 503, "SAMPLECASE_IMPORT_ROOTS"),
    ],
)
def test_a_prefix_that_cannot_be_read_says_why(
    superuser_api: Any, dataset: Any, bucket: Callable[..., None], path: str, status: int, told: str
) -> None:
    bucket("mine/1.png", picture())
    answer = ask(superuser_api, dataset, path)
    assert (answer.status_code, told in answer.json()["error"]["message"]) == (status, True), answer.content
    assert "samplecase:" not in str(answer.content)  # no key of the bucket


@pytest.mark.s3
def test_a_bucket_that_refuses_ends_the_job_and_one_that_is_away_delays_it(
    superuser_api: Any, dataset: Any, bucket: Callable[..., None], settings: Any
) -> None:
    bucket("mine/1.png", picture())
    first, second = (ask(superuser_api, dataset, "scans").json()["job"] for _ in range(2))
    for job in (first, second):
        start_job(job)
    served = settings.IMPORT_ROOTS["scans"]
    settings.IMPORT_ROOTS["scans"] = settings.IMPORT_ROOTS["locked"]
    import_samples(first)
    told = superuser_api.get(f"/api/v1/jobs/{first}/").json()
    assert (told["state"], told["error"]["code"]) == ("failed", "root_refused")
    assert "SAMPLECASE_IMPORT_ROOTS" in told["error"]["message"]

    settings.IMPORT_ROOTS["scans"] = re.sub(r":\d+/", f":{free_port()}/", served)
    with pytest.raises(StorageUnavailable):
        import_samples(second)
    assert superuser_api.get(f"/api/v1/jobs/{second}/").json()["state"] == "running"
    settings.IMPORT_ROOTS["scans"] = served
    import_samples(second)
    assert superuser_api.get(f"/api/v1/jobs/{second}/").json()["done"] == 1


def test_masks_of_a_store_that_is_away_are_not_taken_for_faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs_app.exchange import groups
    from samplecase.exchange.records import Record

    def away(*_: object) -> bytes:
        raise StorageUnavailable

    monkeypatch.setattr(groups, "mask_bytes", away)
    record = Record("1.png")
    record.masks["0" * 64] = "1-mask.png"
    with pytest.raises(StorageUnavailable):
        groups._store_masks(SingleFile("1.png", io.BytesIO()), record)
    assert record.warnings == []
