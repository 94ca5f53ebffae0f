"""Imports of files that mean harm: what they say is made fit to be kept, or refused, and the dataset stays readable."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from PIL import Image

from datasets_app.models import Dataset, Field, Sample, Value
from datasets_app.registry import delete_dataset
from jobs_app.models import Job
from jobs_app.tasks import import_samples, start_job
from samplecase.exchange.formats.archive import mask_path
from tests.api.exchanging import imported, send, zipped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def samples(dataset: Any, make_samples: Callable[..., list[Any]]) -> list[Any]:
    return make_samples(dataset, 1)


def archive(value: Any = None, *, tags: Any = (), **field: Any) -> bytes:
    """One field `f`, and its value on the sample s00000.png."""
    facts = {"name": "f", "type": "classification", **field}
    about = {"format": "samplecase-archive", "version": 1, "fields": [facts]}
    value = {"label": "cat"} if value is None else value
    line = {"name": "s00000.png", "media": None, "tags": tags, "values": {"f": {"value": value}}}
    return zipped({"samplecase.json": json.dumps(about), "samples.jsonl": f"{json.dumps(line)}\n"})


@pytest.mark.parametrize(
    "facts",
    [
        {"attributes": 5},
        {"attributes": {"age": float("nan")}},
        {"attributes": {"age": "x" * 100_000}},
        {"colors": "red"},
        {"colors": {"cat": 5, "dog": "url(x)"}},
        {"classes": 5},
        {"classes": [5, {"a": 1}, "", "x" * 300]},
    ],
)
def test_a_field_that_is_described_wrongly_gets_nothing_of_it(
    owner_api: Any, dataset: Any, facts: dict[str, Any]
) -> None:
    content = archive(**facts)
    assert send(owner_api, dataset, "a.zip", content, dry_run=True).status_code == 200
    assert imported(owner_api, dataset, "a.zip", content)["state"] == "finished"
    [field] = owner_api.get(f"/api/v1/datasets/{dataset.pk}/").json()["fields"]
    assert (field["classes"], field["colors"], field["attributes"]) == (["cat"], {}, {})


@pytest.mark.parametrize("odd", ["a\0b", "a\ud800b"])
def test_texts_that_no_database_keeps_are_made_fit(owner_api: Any, dataset: Any, odd: str) -> None:
    content = archive({"label": odd, "attributes": {odd: [odd]}}, tags=[odd, ""], classes=[odd])
    preview = send(owner_api, dataset, "a.zip", content, dry_run=True)
    assert preview.status_code == 200, preview.content
    assert imported(owner_api, dataset, "a.zip", content)["matched"] == 1
    fit = Field.objects.get().classes
    assert len(fit) == 1
    assert odd not in fit
    assert Sample.objects.get().tags == fit
    page = owner_api.get(f"/api/v1/datasets/{dataset.pk}/samples/").json()["results"]
    assert page[0]["values"]["f"]["label"] == fit[0]


def test_an_image_id_that_is_no_number_names_a_sample(owner_api: Any, dataset: Any) -> None:
    results = [{"image_id": True, "category_id": 1, "bbox": [1, 1, 2, 2], "score": 0.5}]
    preview = send(owner_api, dataset, "results.json", json.dumps(results).encode(), dry_run=True)
    assert preview.json()["missing"] == {"count": 1, "names": ["True"]}


@pytest.mark.parametrize("key", ["classes", "fields"])
@pytest.mark.parametrize("names", ['{"cat": "\\u0000"}', '{"cat": "\\ud800"}', '{"\\u0000": null}'])
def test_names_that_cannot_be_kept_are_refused_at_their_place(
    owner_api: Any, dataset: Any, key: str, names: str
) -> None:
    answer = send(owner_api, dataset, "a.zip", archive(), **{key: names})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == f"/{key}"


@pytest.mark.parametrize(
    ("mode", "width", "kept"), [("L", 8, 1), ("I;16", 8, 1), ("RGB", 8, 0), ("L", 9, 0), ("L", "x", 0)]
)
def test_a_mask_has_one_channel_and_the_size_that_it_says(
    owner_api: Any, dataset: Any, mode: str, width: Any, kept: int
) -> None:
    pixels = io.BytesIO()
    Image.new(mode, (8, 6)).save(pixels, "PNG")
    digest = hashlib.sha256(pixels.getvalue()).hexdigest()
    about = {"name": "f", "type": "segmentation"}
    value = {"mask": digest, "width": width, "height": 6}
    line = {"name": "s00000.png", "values": {"f": {"value": value}}}
    content = zipped(
        {
            "samplecase.json": json.dumps({"format": "samplecase-archive", "version": 1, "fields": [about]}),
            "samples.jsonl": json.dumps(line),
            mask_path("s00000.png", digest): pixels.getvalue(),
        }
    )
    imported(owner_api, dataset, "a.zip", content)
    assert Value.objects.count() == kept


@pytest.mark.django_db(transaction=True)
def test_a_dataset_that_is_deleted_under_an_import_keeps_neither_waiting(
    owner_api: Any, dataset: Any
) -> None:
    made = send(owner_api, dataset, "a.zip", archive()).json()
    start_job(made["job"])
    failures: list[BaseException] = []

    def work() -> None:
        try:
            import_samples(made["job"])
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=work)
    with transaction.atomic():  # in the order of `delete_dataset`
        list(Dataset.objects.select_for_update().filter(pk=dataset.pk))
        other.start()
        time.sleep(
            0.5
        )  # long enough to come to the lock; if it is not there yet, nothing is shown, and nothing fails
        list(Job.objects.select_for_update().filter(pk=made["job"]))
        delete_dataset(acting_user=dataset.owner, dataset=dataset)
    other.join()
    assert not failures
    assert not Job.objects.exists()
