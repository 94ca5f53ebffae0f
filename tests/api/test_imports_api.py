"""Imports over REST: previewed, mapped, tolerant, done once however often they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from datasets_app.models import Field, Sample, Value
from jobs_app.exchange.models import Import, ImportFile
from jobs_app.models import Job, JobField
from jobs_app.tasks import forget_exchanged_files, import_samples, start_job, sweep
from samplecase.web.rest.blobs import blob_store
from tests.api.exchanging import imported, report, send, zipped
from tests.fixtures_datasets import assert_counters_are_right, picture

pytestmark = pytest.mark.django_db


def coco(images: dict[int, str], boxes: list[tuple[int, int]], names: dict[int, str] | None = None) -> bytes:
    """`boxes` are pairs of image and category."""
    return json.dumps(
        {
            "images": [{"id": pk, "file_name": name, "width": 8, "height": 6} for pk, name in images.items()],
            "annotations": [
                {"id": 100 + n, "image_id": image, "category_id": category, "bbox": [1, 1, 4, 3], "area": 12}
                for n, (image, category) in enumerate(boxes)
            ],
            "categories": [{"id": pk, "name": name} for pk, name in (names or {7: "cat", 90: "dog"}).items()],
        }
    ).encode()


@pytest.fixture
def samples(dataset: Any, make_samples: Callable[..., list[Any]]) -> list[Any]:
    """Three samples without bytes: s00000.png to s00002.png."""
    return make_samples(dataset, 3)


BOTH = {1: "s00000.png", 5: "folder/s00001.png", 6: "absent.png"}


def test_a_preview_says_what_an_import_would_find_and_writes_nothing(
    owner_api: Any, dataset: Any, samples: Any
) -> None:
    Field.objects.create(dataset=dataset, name="ground_truth", type="detections", classes=["cat"])
    answer = send(owner_api, dataset, "instances.json", coco(BOTH, [(1, 7), (1, 90), (5, 90)]), dry_run=True)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["format"], found["samples"], found["matched"], found["new"]) == ("coco", 3, 2, 0)
    assert found["missing"] == {"count": 1, "names": ["absent.png"]}
    assert found["unmatched"] == ["dog"]
    [field] = found["fields"]
    assert (field["name"], field["type"], field["target"], field["exists"]) == (
        *("ground_truth", "detections", "ground_truth", True),
    )
    assert field["labels"] == [
        {"label": "cat", "count": 1, "target": "cat", "known": True},
        {"label": "dog", "count": 2, "target": "dog", "known": False},
    ]
    assert not Value.objects.exists()
    assert not Job.objects.exists()
    again = owner_api.post(
        f"/api/v1/datasets/{dataset.pk}/imports/",
        {"upload": found["upload"], "dry_run": True, "classes": {"dog": "cat"}, "field": "boxes"},
    ).json()
    assert (again["unmatched"], again["fields"][0]["target"]) == ([], "boxes")


def test_labels_are_mapped_and_sparse_ids_kept(owner_api: Any, dataset: Any, samples: Any) -> None:
    content = coco(BOTH, [(1, 7), (1, 90), (5, 90)])
    done = imported(
        owner_api, dataset, "i.json", content, field="boxes", classes={"dog": "wolf", "cat": None}
    )
    assert (done["state"], done["added"], done["matched"], done["skipped"]) == ("finished", 0, 2, 1)
    job = done["job"]
    assert (job["kind"], job["total"], job["done"], job["skipped"]) == ("import", 3, 2, 1)
    assert job["outputs"] == {"ground_truth": "boxes"}
    field = Field.objects.get(name="boxes")
    assert (field.type, field.classes, field.created_by_job) == ("detections", ["wolf"], job["id"])
    values = {value.sample_id: value for value in Value.objects.filter(field=field)}
    assert {pk: [each["id"] for each in value.data] for pk, value in values.items()} == {
        samples[0].pk: ["101"],
        samples[1].pk: ["102"],
    }
    [label] = values[samples[1].pk].data
    assert label["label"] == "wolf"
    assert label["bounding_box"] == pytest.approx([1 / 8, 1 / 6, 4 / 8, 3 / 6])
    assert values[samples[1].pk].source == "import"
    assert values[samples[1].pk].job == job["id"]
    assert [(row["name"], row["outcome"], row["reason"]) for row in done["rows"]] == [
        ("s00000.png", "matched", ""),
        ("folder/s00001.png", "matched", ""),
        ("absent.png", "skipped", "no_image"),
    ]
    assert not JobField.objects.filter(is_open=True).exists()
    assert not list(blob_store().list(f"exchange/{job['id']}/"))
    assert_counters_are_right(dataset)


def test_a_second_import_adds_nothing(owner_api: Any, dataset: Any) -> None:
    files = {"train/cat/1.png": picture(color=(1, 0, 0)), "train/dog/1.png": picture(color=(2, 0, 0))}
    first = imported(owner_api, dataset, "pets.zip", zipped(files))
    assert (first["format"], first["added"], first["skipped"]) == ("image_folder", 2, 0)
    before = list(Value.objects.order_by("pk").values())
    for on_existing in ("skip", "replace"):
        again = imported(owner_api, dataset, "pets.zip", zipped(files), on_existing=on_existing)
        assert (again["added"], again["matched"], again["skipped"]) == (0, 0, 2)
        assert {row["reason"] for row in again["rows"]} == {"unchanged"}
    assert list(Value.objects.order_by("pk").values()) == before
    assert {sample.name: sample.tags for sample in Sample.objects.all()} == {
        name: ["train"] for name in files
    }
    assert_counters_are_right(dataset)


def test_images_that_are_alike_stay_samples_of_their_own(owner_api: Any, dataset: Any) -> None:
    files = {f"cat/{n}.png": picture() for n in range(3)}
    assert imported(owner_api, dataset, "pets.zip", zipped(files))["added"] == 3
    more = {f"dog/{n}.png": picture() for n in range(3, 5)}
    assert imported(owner_api, dataset, "pets.zip", zipped(more))["added"] == 2
    assert_counters_are_right(dataset)


def test_what_cannot_be_taken_is_told_and_the_rest_is_taken(owner_api: Any, dataset: Any) -> None:
    imported(owner_api, dataset, "a.zip", zipped({"cat/1.png": picture()}))
    files = {
        "cat/1.png": picture(color=(9, 9, 9)),
        "cat/2.png": b"no image",
        "cat/3.png": picture((300, 300))[:100],
        "cat/4.png": picture(color=(4, 4, 4)),
    }
    done = imported(owner_api, dataset, "b.zip", zipped(files))
    assert [(row["name"], row["outcome"], row["reason"]) for row in done["rows"]] == [
        ("cat/1.png", "skipped", "name_taken"),
        ("cat/2.png", "skipped", "not_an_image"),
        ("cat/3.png", "skipped", "damaged"),
        ("cat/4.png", "added", ""),
    ]
    assert all(row["message"] for row in done["rows"][:3])
    text = owner_api.get(f"/api/v1/datasets/{dataset.pk}/imports/{done['id']}/report/")
    lines = b"".join(text.streaming_content).decode().splitlines()
    assert lines[0] == "name,sample,outcome,reason,message"
    assert len(lines) == 5
    assert text["Content-Disposition"].startswith("attachment")


def test_values_that_are_there_stay_unless_asked_and_those_of_people_always(
    owner_api: Any, dataset: Any, samples: Any, write: Any
) -> None:
    field = Field.objects.create(dataset=dataset, name="kind", type="classification")
    write(field, {samples[0]: "human"}, source="human")
    write(field, {samples[1]: "model"}, source="model")
    table = b"name,kind.label,kind.confidence\ns00000.png,a,0.5\ns00001.png,b,0.5\ns00002.png,c,0.5\n"
    kept = imported(owner_api, dataset, "t.csv", table)
    assert [row["reason"] for row in kept["rows"]] == ["human_value", "existing", ""]
    replaced = imported(owner_api, dataset, "t.csv", table, on_existing="replace")
    assert [row["reason"] for row in replaced["rows"]] == ["human_value", "", "unchanged"]
    labels = dict(Value.objects.filter(field=field).values_list("sample", "label"))
    assert labels == {samples[0].pk: "human", samples[1].pk: "b", samples[2].pk: "c"}


def test_predictions_go_beside_the_truth_and_keep_their_scores(owner_api: Any, dataset: Any) -> None:
    imported(owner_api, dataset, "a.zip", zipped({"000000000139.png": picture()}))
    results = json.dumps([{"image_id": 139, "category_id": 3, "bbox": [0, 0, 8, 6], "score": 0.25}]).encode()
    done = imported(owner_api, dataset, "results.json", results, classes={"3": "car"})
    assert (done["format"], done["matched"]) == ("coco", 1)
    value = Value.objects.get(field__name="predictions")
    assert value.data[0]["confidence"] == 0.25
    assert (value.label, value.data[0]["bounding_box"]) == ("car", [0, 0, 1, 1])
    imported(owner_api, dataset, "i.json", coco({1: "000000000139.png"}, [(1, 7)]), as_predictions=True)
    value.refresh_from_db()
    assert value.label == "car"  # there already
    imported(
        owner_api, dataset, "i.json", coco({1: "139.png"}, [(1, 7)]), field="model_b", as_predictions=True
    )
    assert not Value.objects.filter(field__name="model_b").exists()  # no such sample


def test_who_may_label_imports_values_but_no_samples(
    collaborator_api: Any, collaborator: Any, dataset: Any, grant: Any
) -> None:
    grant(dataset, collaborator, "label")
    done = imported(collaborator_api, dataset, "pets.zip", zipped({"cat/1.png": picture()}))
    assert [(row["outcome"], row["reason"]) for row in done["rows"]] == [("skipped", "no_right")]
    assert not Sample.objects.exists()


@pytest.mark.parametrize(("right", "status"), [(None, 404), ("view", 403), ("label", 202)])
def test_a_collaborator_needs_label(
    collaborator_api: Any,
    stranger_api: Any,
    collaborator: Any,
    dataset: Any,
    grant: Any,
    right: Any,
    status: int,
) -> None:
    if right:
        grant(dataset, collaborator, right)
    assert send(collaborator_api, dataset, "i.json", coco(BOTH, [])).status_code == status
    assert send(stranger_api, dataset, "i.json", coco(BOTH, [])).status_code == 404


def test_reports_are_seen_by_who_sees_the_dataset(
    owner_api: Any,
    collaborator_api: Any,
    stranger_api: Any,
    collaborator: Any,
    dataset: Any,
    grant: Any,
    samples: Any,
) -> None:
    done = imported(owner_api, dataset, "i.json", coco(BOTH, [(1, 7)]))
    address = f"/api/v1/datasets/{dataset.pk}/imports/{done['id']}/"
    assert stranger_api.get(address).status_code == stranger_api.get(f"{address}report/").status_code == 404
    grant(dataset, collaborator, "view")
    assert len(report(collaborator_api, dataset, done["id"])) == 3


def test_a_file_that_others_sent_is_not_imported(owner_api: Any, superuser_api: Any, dataset: Any) -> None:
    sent = send(owner_api, dataset, "i.json", coco(BOTH, []), dry_run=True).json()
    answer = superuser_api.post(f"/api/v1/datasets/{dataset.pk}/imports/", {"upload": sent["upload"]})
    assert (answer.status_code, answer.json()["error"]["details"][0]["pointer"]) == (400, "/upload")


@pytest.mark.parametrize(
    ("name", "content", "options", "pointer"),
    [
        ("x.bin", b"\x00\x01", {}, "/file"),
        ("x.json", b"{", {"format": "coco"}, ""),
        ("x.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><annotations>&b;</annotations>", {}, "x.xml"),
        ("x.zip", zipped({"../x": b"1"}), {}, "../x"),
        ("x.json", coco(BOTH, [(1, 7)]), {"field": "Not a name"}, "/fields/ground_truth"),
        ("x.json", coco(BOTH, [(1, 7)]), {"fields": {"ground_truth": "kind"}}, "/fields/ground_truth"),
        ("x.json", coco(BOTH, []), {"format": "none"}, "/format"),
        ("x.json", coco(BOTH, []), {"on_existing": "fail"}, "/on_existing"),
        ("x.json", coco(BOTH, []), {"classes": {"a": 1}}, "/classes"),
        ("x.json", coco(BOTH, []), {"typo": 1}, "/typo"),
    ],
)
def test_a_faulty_import_is_refused_at_its_place(
    owner_api: Any, dataset: Any, name: str, content: bytes, options: Any, pointer: str
) -> None:
    Field.objects.create(dataset=dataset, name="kind", type="classification")
    answer = send(owner_api, dataset, name, content, dry_run=True, **options)
    assert answer.status_code == 400, answer.content
    details = answer.json()["error"]["details"]
    assert not pointer or details[0]["pointer"] == pointer


def test_an_import_of_what_cannot_be_read_fails_and_says_why(owner_api: Any, dataset: Any) -> None:
    done = imported(owner_api, dataset, "x.bin", b"\x00\x01")
    assert (done["state"], done["job"]["error"]["code"]) == ("failed", "unknown_format")


# Slices --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs_app.exchange.staging.GROUP", 2)


def pets(count: int) -> bytes:
    return zipped({f"cat/{n}.png": picture(color=(n, 0, 0)) for n in range(count)})


def test_a_killed_worker_is_followed_by_another_that_goes_on_where_it_was(
    owner_api: Any, dataset: Any, small_groups: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs_app.exchange import importing

    made = send(owner_api, dataset, "pets.zip", pets(5)).json()
    start_job(made["job"])
    assert importing._slice(made["job"])  # read
    assert importing._slice(made["job"])  # the first group
    job = Job.objects.get()
    assert (job.state, job.total, job.done) == ("running", 5, 2)

    def killed(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(importing, "write_group", killed)
        with pytest.raises(KeyboardInterrupt):
            import_samples(made["job"])
    assert Sample.objects.count() == 2
    OrmQ.objects.all().delete()
    assert sweep() == 0
    Job.objects.update(updated_at=timezone.now() - timedelta(minutes=2))
    assert sweep() == 1
    assert [each.func() for each in OrmQ.objects.all()] == ["jobs_app.tasks.import_samples"]
    import_samples(made["job"])
    job.refresh_from_db()
    assert (job.state, job.done, Sample.objects.count()) == ("finished", 5, 5)
    assert len(report(owner_api, dataset, made["id"])) == 5
    assert_counters_are_right(dataset)


def test_a_cancelled_import_goes_no_further(owner_api: Any, dataset: Any, small_groups: None) -> None:
    from jobs_app.exchange import importing

    made = send(owner_api, dataset, "pets.zip", pets(5)).json()
    start_job(made["job"])
    importing._slice(made["job"])
    importing._slice(made["job"])
    assert owner_api.post(f"/api/v1/jobs/{made['job']}/cancel/").status_code == 200
    import_samples(made["job"])
    job = Job.objects.get()
    assert (job.state, job.done, job.cancelled, Sample.objects.count()) == ("cancelled", 2, 3, 2)


def test_a_long_import_hands_over_to_the_next_task(
    owner_api: Any, dataset: Any, small_groups: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs_app.stretches.STRETCH", -1)
    made = send(owner_api, dataset, "pets.zip", pets(5)).json()
    start_job(made["job"])
    OrmQ.objects.all().delete()
    rounds = 0
    while rounds == 0 or OrmQ.objects.exists():
        OrmQ.objects.all().delete()
        import_samples(made["job"])
        rounds += 1
    assert (rounds, Job.objects.get().state) == (4, "finished")


def test_rights_are_looked_at_again(
    owner_api: Any, collaborator_api: Any, collaborator: Any, dataset: Any, grant: Any
) -> None:
    grant(dataset, collaborator, "edit")
    made = send(collaborator_api, dataset, "pets.zip", pets(1)).json()
    start_job(made["job"])
    collaborator.is_active = False
    collaborator.save()
    import_samples(made["job"])
    job = Job.objects.get()
    assert (job.state, job.error_code, Sample.objects.count()) == ("failed", "rights", 0)


def test_a_field_that_another_job_writes_is_busy(
    owner_api: Any, owner: Any, dataset: Any, samples: Any
) -> None:
    first = send(owner_api, dataset, "i.json", coco(BOTH, [(1, 7)])).json()
    start_job(first["job"])
    from jobs_app.exchange import importing

    importing._slice(first["job"])
    second = imported(owner_api, dataset, "i.json", coco(BOTH, [(1, 7)]))
    assert second["job"]["error"]["code"] == "field_busy"
    import_samples(first["job"])
    assert Job.objects.get(pk=first["job"]).state == "finished"


def test_files_are_forgotten_a_day_after_they_came(owner_api: Any, dataset: Any, samples: Any) -> None:
    done = imported(owner_api, dataset, "i.json", coco(BOTH, [(1, 7)]))
    key = ImportFile.objects.get().key
    assert forget_exchanged_files() == 0
    ImportFile.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert forget_exchanged_files() == 1
    assert not blob_store().exists(key)
    assert Import.objects.get(pk=done["id"]).file is None
