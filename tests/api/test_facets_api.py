"""`GET /datasets/{id}/facets/`: counts that equal brute force, with and without a filter."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets_app.facets import MAX_LABELS
from datasets_app.models import Field, Sample, Value
from samplecase.contracts.labels import index_labels
from tests.fixtures_datasets import random_value

TYPES = {
    "pred": "classification",
    "boxes": "detections",
    "rank": "integer",
    "size": "number",
    "ok": "boolean",
    "note": "string",
}


@pytest.fixture
def world(dataset: Any, make_samples: Any, make_field: Any, write: Any) -> Any:
    choose = random.Random(5)
    samples = make_samples(dataset, 60)
    for sample in samples:
        sample.tags = choose.choice([[], ["a"], ["a", "b"]])
    Sample.objects.bulk_update(samples, ["tags"])
    for name, kind in TYPES.items():
        values = {sample: random_value(kind, choose) for sample in samples}
        write(make_field(dataset, name, kind), values, job=4)
        write(Field.objects.get(name=name), {sample: values[sample] for sample in samples[:9]}, "human")
    return dataset


def facets(api: Any, dataset: Any, document: Any = None, **query: Any) -> Any:
    if document is not None:
        query["filter"] = json.dumps(document)
    answer = api.get(f"/api/v1/datasets/{dataset.pk}/facets/", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def brute_force(samples: list[Sample]) -> dict[str, Any]:
    expected: dict[str, Any] = {"total": len(samples), "exact": True, "fields": {}}
    expected["tags"] = counted(Counter(tag for sample in samples for tag in sample.tags))
    for field in Field.objects.all():
        values = [value for value in Value.objects.filter(field=field) if value.sample in samples]
        found = [label for value in values for label in index_labels(field.type, value.data)]
        part: dict[str, Any] = {"type": field.type, "count": len(values)}
        part["missing"] = len(samples) - len(values)
        part["sources"] = counted(Counter(value.source for value in values))
        jobs = Counter(value.job for value in values if value.job)
        part["jobs"] = [{"id": job, "count": jobs[job]} for job in sorted(jobs, key=lambda job: -jobs[job])]
        if field.type not in {"integer", "number"}:
            part |= {"labels": counted(Counter(name for name, _ in found)), "more": 0}
        if field.type in {"classification", "detections"}:
            sure = [confidence for _, confidence in found if confidence is not None]
            part["confidence"] = {"min": min(sure), "max": max(sure)} if sure else None
        if field.type in {"integer", "number"}:
            numbers = [value.number for value in values if value.number is not None]
            part |= {"min": min(numbers, default=None), "max": max(numbers, default=None)}
        expected["fields"][field.name] = part
    return expected


def counted(labels: Counter[str]) -> list[dict[str, Any]]:
    ordered = sorted(labels.items(), key=lambda each: (-each[1], each[0]))
    return [{"label": label, "count": count} for label, count in ordered]


@pytest.mark.parametrize(
    "document",
    [
        None,
        {"field": "width", "op": "lt", "value": 13},
        {"field": "pred", "op": "eq", "value": "a"},
        {"field": "tags", "op": "eq", "value": "b"},
        {"field": "id", "op": "lt", "value": 0},
    ],
)
def test_facets_are_exact(owner_api: Any, world: Any, document: Any) -> None:
    found = facets(owner_api, world, document)
    histograms = {name: part.pop("histogram", None) for name, part in found["fields"].items()}
    sure = {
        name: (part.get("confidence") or {}).pop("histogram", None) for name, part in found["fields"].items()
    }
    about = found.pop("sample")
    chosen = [sample for sample in Sample.objects.all() if _holds(sample, document)]
    assert found == brute_force(chosen)
    for name in ("pred", "boxes"):
        values_ = [value for value in Value.objects.filter(field__name=name) if value.sample in chosen]
        labels = [label for value in values_ for label in index_labels(value.field.type, value.data)]
        expected = Counter(min(19, int(each * 20)) for _, each in labels if each is not None)
        assert Counter({place: bin["count"] for place, bin in enumerate(sure[name] or [])}) == expected
    for column in ("created", "width", "height", "bytes"):
        assert sum(each["count"] for each in about[column]["histogram"]) == len(chosen)
    if chosen:
        widths = [sample.width for sample in chosen]
        assert (about["width"]["min"], about["width"]["max"]) == (min(widths), max(widths))
        assert about["created"]["min"] <= about["created"]["histogram"][0]["from"]
    for name in ("rank", "size"):
        numbers = [
            value.number
            for value in Value.objects.filter(field__name=name)
            if value.sample in chosen and value.number is not None
        ]
        bins = histograms[name]
        assert sum(each["count"] for each in bins) == len(numbers)
        for place, each in enumerate(bins):
            is_last = place == len(bins) - 1
            inside = [n for n in numbers if each["from"] <= n < each["to"] or (is_last and n >= each["from"])]
            assert each["count"] == pytest.approx(len(inside), abs=1 if name == "size" else 0)


def _holds(sample: Sample, document: Any) -> bool:
    if document is None:
        return True
    match document["field"]:
        case "width":
            return sample.width < 13
        case "tags":
            return "b" in sample.tags
        case "pred":
            return Value.objects.filter(field__name="pred", sample=sample, label="a").exists()
    return False


def test_without_a_filter_labels_come_from_counters(owner_api: Any, world: Any) -> None:
    with CaptureQueriesContext(connection) as queries:
        facets(owner_api, world)
    grouped = [query["sql"].partition("GROUP BY")[2] for query in queries if "GROUP BY" in query["sql"]]
    assert not [columns for columns in grouped if "label_class" in columns]
    assert not [query["sql"] for query in queries if "COUNT(*)" in query["sql"] and "_sample" in query["sql"]]


def test_facets_of_an_empty_dataset_are_empty(owner_api: Any, dataset: Any, make_field: Any) -> None:
    for name, kind in TYPES.items():
        make_field(dataset, name, kind)
    found = facets(owner_api, dataset)
    assert (found["total"], found["tags"]) == (0, [])
    assert found["fields"]["pred"] == {
        **{"type": "classification", "count": 0, "labels": [], "more": 0, "confidence": None},
        **{"missing": 0, "sources": [], "jobs": []},
    }
    assert found["sample"]["width"] == {"min": None, "max": None, "histogram": []}
    assert found["fields"]["rank"] == {
        **{"type": "integer", "count": 0, "missing": 0, "sources": [], "jobs": []},
        "min": None,
        "max": None,
        "histogram": [],
    }


def test_numbers_that_are_all_the_same_or_far_apart_have_a_histogram(
    owner_api: Any, dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    one, two = make_samples(dataset, 2)
    write(make_field(dataset, "same", "number"), {one: 3.0, two: 3.0})
    write(make_field(dataset, "far", "number"), {one: -1.7e308, two: 1.7e308})
    write(make_field(dataset, "under_zero", "number"), {one: -2.0, two: 0.0})
    fields = facets(owner_api, dataset)["fields"]
    assert fields["same"]["histogram"] == [{"from": 3.0, "to": 3.0, "count": 2}]
    assert sum(each["count"] for each in fields["far"]["histogram"]) == 2
    assert (fields["under_zero"]["min"], fields["under_zero"]["max"]) == (-2.0, 0.0)


def test_more_labels_than_are_listed_are_counted(
    owner_api: Any, dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    samples = make_samples(dataset, MAX_LABELS + 5)
    values = {sample: f"text {place}" for place, sample in enumerate(samples)}
    write(make_field(dataset, "note", "string"), values)
    part = facets(owner_api, dataset)["fields"]["note"]
    assert (len(part["labels"]), part["more"]) == (MAX_LABELS, 5)


def test_facets_are_polled_by_their_etag(owner_api: Any, world: Any) -> None:
    address = f"/api/v1/datasets/{world.pk}/facets/"
    first = owner_api.get(address)
    assert owner_api.get(address, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304


def test_only_the_fields_that_are_asked_for_are_counted(owner_api: Any, world: Any) -> None:
    assert set(facets(owner_api, world, fields="pred,rank")["fields"]) == {"pred", "rank"}
    assert facets(owner_api, world, fields="")["fields"] == {}
    for query, pointer in (
        ({"fields": "nope"}, "/fields"),
        ({"faceted": "1"}, "/faceted"),
        ({"exact": "x"}, "/exact"),
    ):
        answer = owner_api.get(f"/api/v1/datasets/{world.pk}/facets/", query)
        assert answer.status_code == 400
        assert answer.json()["error"]["details"][0]["pointer"] == pointer


def test_a_fields_own_filter_hides_none_of_its_labels_when_facets_are_faceted(
    owner_api: Any, world: Any
) -> None:
    """Each field is counted as if the filter said nothing of it alone."""
    of_pred: Any = {"field": "pred.label", "op": "in", "value": ["a"]}
    sure: Any = {"match": "pred", "where": [{"field": "confidence", "op": "exists"}]}
    of_boxes: Any = {"not": {"field": "boxes", "op": "eq", "value": "b"}}
    narrow: Any = {"field": "width", "op": "lt", "value": 15}
    both: Any = {"or": [{"field": "pred", "op": "exists"}, {"field": "boxes", "op": "exists"}]}
    document = {"and": [of_pred, sure, of_boxes, narrow, both]}
    found = facets(owner_api, world, document, faceted="true")
    without = {
        "pred": {"and": [of_boxes, narrow, both]},
        "boxes": {"and": [of_pred, sure, narrow, both]},
        "size": document,
        "rank": document,
    }
    for name, rest in without.items():
        assert found["fields"][name] == facets(owner_api, world, rest)["fields"][name], name
    assert found["total"] == facets(owner_api, world, document)["total"]
    assert found["tags"] == facets(owner_api, world, document)["tags"]
    widths = facets(owner_api, world, {"and": [of_pred, sure, of_boxes, both]})["sample"]["width"]
    assert found["sample"]["width"] == widths
    assert found["sample"]["height"] == facets(owner_api, world, document)["sample"]["height"]
    plain = facets(owner_api, world, document)["fields"]["pred"]
    assert {each["label"] for each in plain["labels"]} == {"a"}
    alone = facets(owner_api, world, of_pred, faceted="true")["fields"]
    whole = facets(owner_api, world)["fields"]
    assert alone["pred"] == whole["pred"]
    assert alone["boxes"] == facets(owner_api, world, of_pred)["fields"]["boxes"]


def test_what_was_counted_is_kept_until_something_changes(
    owner_api: Any, world: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets_app.facets.WORTH_KEEPING", 1)
    first = facets(owner_api, world)
    with CaptureQueriesContext(connection) as queries:
        assert facets(owner_api, world) == first
    assert not [query["sql"] for query in queries if "GROUP BY" in query["sql"]]
    sample = Sample.objects.order_by("pk")[20]
    write(Field.objects.get(name="pred"), {sample: {"label": "new", "confidence": 1.0}}, "import")
    changed = facets(owner_api, world)["fields"]["pred"]
    assert {"label": "import", "count": 1} in changed["sources"]
    assert changed["confidence"]["max"] == 1.0
    assert changed["labels"] != first["fields"]["pred"]["labels"]
    address = f"/api/v1/datasets/{world.pk}/samples/{sample.pk}/"
    assert owner_api.patch(address, {"tags": ["only here"]}).status_code == 200
    assert {"label": "only here", "count": 1} in facets(owner_api, world)["tags"]
    assert owner_api.delete(address).status_code == 204
    after = facets(owner_api, world)
    assert (after["total"], after["exact"]) == (59, True)
    assert {"label": "import", "count": 1} not in after["fields"]["pred"]["sources"]
    assert sum(each["count"] for each in after["sample"]["width"]["histogram"]) == 59


def test_many_of_very_many_samples_are_estimated_unless_it_has_to_be_exact(
    owner_api: Any, dataset: Any, make_samples: Any, make_field: Any, write: Any, monkeypatch: Any
) -> None:
    samples = make_samples(dataset, 400)
    labels = {sample: {"label": "ab"[place % 2], "confidence": 0.5} for place, sample in enumerate(samples)}
    write(make_field(dataset, "pred"), labels)
    monkeypatch.setattr("datasets_app.facet_scope.MOST_EXACT", 50)
    monkeypatch.setattr("datasets_app.facets.MOST_EXACT", 50)
    monkeypatch.setattr("datasets_app.facet_scope.BLOCKS", 10)
    monkeypatch.setattr("datasets_app.facet_scope.IN_BLOCK", 10)
    few = {"field": "width", "op": "eq", "value": 10}
    broad = {"field": "pred", "op": "eq", "value": "a"}
    estimated = facets(owner_api, dataset, broad)
    assert (estimated["exact"], estimated["total"]) == (False, 200)
    (label,) = estimated["fields"]["pred"]["labels"]
    assert (label["label"], label["count"]) == ("a", 200)
    exact = facets(owner_api, dataset, broad, exact="true")
    assert (exact["exact"], exact["total"]) == (True, 200)
    assert exact["fields"]["pred"]["labels"] == [{"label": "a", "count": 200}]
    monkeypatch.setattr("datasets_app.facet_scope.MOST_EXACT", 80)
    assert facets(owner_api, dataset, few)["exact"] is True
    assert facets(owner_api, dataset)["exact"] is False
    monkeypatch.setattr("datasets_app.facets.WORTH_KEEPING", 1)
    assert facets(owner_api, dataset, exact="true")["exact"] is True
    assert facets(owner_api, dataset)["exact"] is True  # kept
