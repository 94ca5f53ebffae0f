"""Segmentations that people paint: written as runs of classes, read as pictures and as runs, with every fault named."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import numpy as np
import pytest
from PIL import Image

from datasets_app import painting
from datasets_app.models import Field, Sample
from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels.reading import Reader
from tests.fixtures_datasets import assert_counters_are_right

SIZE = [20, 10]  # height and width of the first sample that is made
BLANK, STRIPE, OTHER = "0 200", "0 50 2 30 0 120", "1 1 0 199"


@pytest.fixture
def sample(dataset: Any, make_samples: Any, make_field: Any) -> Sample:
    (made,) = make_samples(dataset, 1)
    make_field(dataset, "mask", "segmentation", classes=["background", "road", "sky"])
    return made  # type: ignore[no-any-return]


def put(api: Any, sample: Sample, value: Any, **more: Any) -> Any:
    entry = {"sample": sample.pk, "value": value, **more}
    return api.put(f"/api/v1/datasets/{sample.dataset_id}/values/", {"field": "mask", "values": [entry]})


def painted(runs: Any, size: Any = SIZE) -> dict[str, Any]:
    return {"size": size, "runs": runs}


def standing(api: Any, sample: Sample) -> dict[str, Any]:
    found = api.get(f"/api/v1/datasets/{sample.dataset_id}/samples/{sample.pk}/").json()
    return found["values"].get("mask")  # type: ignore[no-any-return]


def pixels(api: Any, url: str) -> list[int]:
    content = b"".join(api.get(url).streaming_content)
    return [int(each) for each in np.asarray(Image.open(io.BytesIO(content))).ravel()]


def test_who_may_label_paints_and_the_pixels_are_read_back(
    owner_api: Any, collaborator_api: Any, stranger_api: Any, collaborator: Any, grant: Any, sample: Sample
) -> None:
    grant(sample.dataset, collaborator, "view")
    assert put(collaborator_api, sample, painted(STRIPE)).status_code == 403
    assert put(stranger_api, sample, painted(STRIPE)).status_code == 404
    grant(sample.dataset, collaborator, "label")
    answer = put(collaborator_api, sample, painted(STRIPE), revision=0)
    assert (answer.status_code, answer.json()["revisions"]) == (200, {str(sample.pk): 1})
    value = standing(owner_api, sample)
    assert (value["height"], value["width"]) == tuple(SIZE)
    assert pixels(owner_api, value["url"]) == [0] * 50 + [2] * 30 + [0] * 120
    runs = owner_api.get(f"{value['url']}&as=runs")
    assert runs.json() == painted(STRIPE)
    assert "Authorization" in runs["Vary"], "what is kept is kept for one person"
    assert stranger_api.get(f"{value['url']}&as=runs").status_code == 404
    assert owner_api.get(f"{value['url']}&as=tiff").status_code == 400
    assert_counters_are_right(sample.dataset)


def test_what_is_none_of_the_classes_is_painted_as_255(owner_api: Any, sample: Sample) -> None:
    assert put(owner_api, sample, painted("1 100 255 100")).status_code == 200
    assert set(pixels(owner_api, standing(owner_api, sample)["url"])) == {1, 255}
    answer = put(owner_api, sample, painted("3 100 255 100"))
    assert answer.status_code == 400
    assert "3 is none of the classes" in answer.json()["error"]["message"]


def test_a_picture_larger_than_any_mask_is_refused_and_no_fault_of_the_server(
    owner_api: Any, sample: Sample, settings: Any
) -> None:
    settings.MAX_IMAGE_PIXELS = 10**9
    Sample.objects.filter(pk=sample.pk).update(width=20_000, height=10_000)
    answer = put(owner_api, sample, painted("0 200000000", [10_000, 20_000]))
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/values/0/value/size"


def test_an_earlier_mask_stays_at_its_address_and_comes_back_by_it(owner_api: Any, sample: Sample) -> None:
    put(owner_api, sample, painted(STRIPE))
    first = standing(owner_api, sample)
    put(owner_api, sample, painted(OTHER))
    second = standing(owner_api, sample)
    assert owner_api.get(f"{first['url']}&as=runs").json() == painted(STRIPE)
    past = owner_api.get(f"/api/v1/datasets/{sample.dataset_id}/samples/{sample.pk}/history/").json()
    assert [each["value"]["url"] for each in past["results"]] == [second["url"], first["url"]]
    assert put(owner_api, sample, first, revision=2).json()["revisions"] == {str(sample.pk): 3}
    assert standing(owner_api, sample) == first
    assert put(owner_api, sample, None).status_code == 200
    assert standing(owner_api, sample) is None


def test_two_people_on_one_mask_see_each_other_and_lose_neither(owner_api: Any, sample: Sample) -> None:
    put(owner_api, sample, painted(STRIPE), revision=0)
    answer = put(owner_api, sample, painted(OTHER), revision=0)
    (conflict,) = answer.json()["conflicts"]
    assert (answer.status_code, conflict["yours"], conflict["revision"]) == (409, painted(OTHER), 1)
    assert owner_api.get(f"{conflict['theirs']['url']}&as=runs").json() == painted(STRIPE)
    # The same pixels once more, after an answer that was lost, are no conflict.
    assert put(owner_api, sample, painted(STRIPE), revision=0).json()["revisions"] == {str(sample.pk): 1}


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("0 200", ""),
        ({"mask": "0" * 64, "width": 10, "height": 20}, "/mask"),
        (painted(BLANK, [10, 20]), "/size"),
        (painted(BLANK, "20x10"), "/size"),
        (painted([0, 200]), "/runs"),
        (painted(""), "/runs"),
        (painted("0 200 "), "/runs"),
        (painted("0 200 1"), "/runs"),
        (painted("0 -200"), "/runs"),
        (painted("0 99999999999999999999"), "/runs"),
        (painted("0 201"), "/runs"),
        (painted("0 200 1 0"), "/runs"),
        (painted("3 200"), "/runs"),
        (painted("0 200") | {"more": 1}, "/more"),
        ({"url": "/elsewhere/?v=0123456789abcdef"}, "/url"),
        ({"url": 7}, "/url"),
    ],
)
def test_what_is_no_mask_of_the_sample_is_refused_at_its_place(
    owner_api: Any, sample: Sample, value: Any, place: str
) -> None:
    answer = put(owner_api, sample, value)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == f"/values/0/value{place}"
    assert standing(owner_api, sample) is None


def test_a_field_without_classes_takes_every_number_up_to_16_bits(owner_api: Any, sample: Sample) -> None:
    Field.objects.update(classes=[])
    assert put(owner_api, sample, painted("65536 200")).status_code == 400
    assert put(owner_api, sample, painted("300 199 65535 1")).status_code == 200
    assert pixels(owner_api, standing(owner_api, sample)["url"]) == [300] * 199 + [65535]


def test_few_bytes_cannot_ask_for_more_pixels_than_an_image_may_have(
    owner_api: Any, sample: Sample, settings: Any, make_samples: Any
) -> None:
    settings.MAX_IMAGE_PIXELS = 300
    (other,) = make_samples(sample.dataset, 1, "t")
    entries = [{"sample": each.pk, "value": painted(BLANK)} for each in (sample, other)]
    answer = owner_api.put(
        f"/api/v1/datasets/{sample.dataset_id}/values/", {"field": "mask", "values": entries}
    )
    assert answer.json()["error"]["details"][0]["pointer"] == "/values/1/value/size"


def test_noise_is_refused_without_taking_many_times_its_own_memory(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(painting, "MOST_RUNS", 1_000)
    pixels = np.tile(np.array([0, 1], np.uint8), (1_000, 1_000))
    monkeypatch.setattr(painting, "class_pixels", lambda _: pixels)
    text = "10 10 " * 50_000 + "10 10"
    reader = Reader()
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput, match=r"has 2,000,000 runs"):
            painting.runs_of({})
        for_pixels = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        painting._pairs(text, "/runs", reader)
        for_text = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reader.faults[0].message.endswith("at most 1,000 runs, not 50,001")
    assert for_pixels < 4 * pixels.size
    assert for_text < 4 * len(text)


def test_heat_maps_stay_with_the_models(owner_api: Any, sample: Sample, make_field: Any) -> None:
    Field.objects.update(type="heatmap")
    answer = put(owner_api, sample, painted(BLANK))
    assert answer.json()["error"]["details"][0]["pointer"] == "/values/0/value"


@pytest.mark.parametrize("runs", ["0 50 1 50 0 50 1 50", " " * 7])
def test_too_many_runs_are_refused_before_they_are_taken_apart(
    owner_api: Any, sample: Sample, monkeypatch: pytest.MonkeyPatch, runs: str
) -> None:
    monkeypatch.setattr(painting, "MOST_RUNS", 3)
    answer = put(owner_api, sample, painted(runs))
    [fault] = answer.json()["error"]["details"]
    assert (answer.status_code, fault["pointer"]) == (400, "/values/0/value/runs")
    assert "at most 3 runs, not 4" in fault["message"]
    assert put(owner_api, sample, painted("0 50 1 50 0 100")).status_code == 200
