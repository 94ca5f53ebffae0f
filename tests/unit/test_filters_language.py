"""The filter language: each word of it against a plain reading in Python, and every fault at its place."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from datasets_app.evaluation import compare_slice
from datasets_app.filters import MAX_LEAVES, parse_filter
from datasets_app.models import Dataset, Evaluation, Sample, Value
from samplecase.contracts.errors import InvalidInput
from tests.fixtures_datasets import random_value

Row = dict[str, Any]


@pytest.fixture
def world(dataset: Any, make_samples: Any, make_field: Any, write: Any, owner: Any) -> Any:
    """40 samples with tags and values of every filterable kind, and the same as plain rows."""
    choose = random.Random(3)
    samples = make_samples(dataset, 40)
    for place, sample in enumerate(samples):
        sample.tags = choose.choice([[], ["night"], ["Rain", "50%_a"], ["Ärger"]])
        sample.created_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=place)
    Sample.objects.bulk_update(samples, ["tags", "created_at"])
    types = {
        "truth": "classification",
        "pred": "classification",
        "boxes": "detections",
        "size": "number",
        "rank": "integer",
        "ok": "boolean",
        "note": "string",
    }
    for name, kind in types.items():
        field = make_field(dataset, name, kind)
        values = {sample: random_value(kind, choose) for sample in samples}
        write(field, values, "human" if name == "truth" else "model", job=None if name == "truth" else 9)
    make_field(dataset, "meta", "object")
    return dataset


def rows_of(dataset: Dataset) -> list[Row]:
    rows = []
    for sample in Sample.objects.filter(dataset=dataset):
        values = {
            each.field.name: each for each in Value.objects.filter(sample=sample).select_related("field")
        }
        rows.append({"sample": sample, "values": values})
    return rows


def found(dataset: Dataset, document: Any) -> set[int]:
    return set(
        Sample.objects.filter(parse_filter(document, dataset), dataset=dataset).values_list("pk", flat=True)
    )


def leaf(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def data(row: Row, name: str) -> Any:
    return row["values"][name].data if name in row["values"] else None


def labels(row: Row, name: str) -> list[dict[str, Any]]:
    value = data(row, name)
    return value if isinstance(value, list) else [value] if value else []


def names(row: Row, name: str) -> set[str]:
    return {label["label"] for label in labels(row, name)}


def agree(row: Row, first: str, second: str) -> bool | None:
    """A plain reading of the contract's sentence; None where one of the two has no value."""
    pair = [data(row, name) for name in (first, second)]
    if None in pair:
        return None
    if not isinstance(pair[0], list):
        plain = [each.get("label", each.get("value")) if isinstance(each, dict) else each for each in pair]
        return bool(plain[0] == plain[1])
    if sorted(each["label"] for each in pair[0]) != sorted(each["label"] for each in pair[1]):
        return False
    return all(
        any(one["label"] == two["label"] and iou(one, two) >= 0.5 for two in others)
        for boxes, others in (pair, pair[::-1])
        for one in boxes
    )


def iou(one: dict[str, Any], two: dict[str, Any]) -> float:
    if "bounding_box" not in one:
        return 1.0
    (x, y, w, h), (u, v, s, t) = one["bounding_box"], two["bounding_box"]
    shared = max(0, min(x + w, u + s) - max(x, u)) * max(0, min(y + h, v + t) - max(y, v))
    return float(shared / (w * h + s * t - shared))


COMPARED = [
    *[("truth", "pred"), ("boxes", "found"), ("found", "boxes"), ("many", "several"), ("size", "rank")],
    *[("rank", "rate"), ("ok", "fine"), ("note", "text")],
]


@pytest.fixture
def compared(world: Any, make_field: Any, write: Any) -> Any:
    """The world, and a second field for each kind, which often says the same."""
    choose = random.Random(11)
    samples = list(Sample.objects.filter(dataset=world).order_by("pk"))

    def boxes() -> Any:
        x = choose.choice([0.1, 0.12, 0.3])
        return [
            {"label": choose.choice("ab"), "bounding_box": [x, 0.1, choose.choice([0.2, 0.3]), 0.2]}
            for _ in range(choose.randrange(3))
        ]

    def labels_() -> Any:
        return [{"label": choose.choice("ab")} for _ in range(choose.randrange(3))]

    write(world.fields.get(name="boxes"), {sample: boxes() for sample in samples[:30]})
    makers: dict[tuple[str, str], Callable[[], Any]] = {
        ("found", "detections"): boxes,
        ("many", "classifications"): labels_,
        ("several", "classifications"): labels_,
        ("rate", "regression"): lambda: choose.randrange(-5, 6),
        ("fine", "boolean"): lambda: choose.choice([True, False]),
        ("text", "string"): lambda: choose.choice(["Red", "green", "", "x" * 300]),
    }
    for (name, kind), maker in makers.items():
        write(make_field(world, name, kind), {sample: maker() for sample in samples[5:]})
    return world


def test_fields_of_every_kind_are_compared(compared: Dataset) -> None:
    rows = rows_of(compared)
    for first, second in COMPARED:
        verdicts = {row["sample"].pk: agree(row, first, second) for row in rows}
        for verdict, wanted in (("agree", True), ("disagree", False)):
            document = {"compare": [first, second], "is": verdict}
            expected = {pk for pk, each in verdicts.items() if each is wanted}
            assert found(compared, document) == expected, (first, second, verdict)
        only = {"compare": [first, second], "is": "only_first"}
        assert found(compared, only) == {
            row["sample"].pk for row in rows if data(row, first) is not None and data(row, second) is None
        }
        assert {True, False} <= set(verdicts.values()) or (first, second) == ("size", "rank")


CASES: dict[str, tuple[Any, Callable[[Row], bool]]] = {
    "name eq": (leaf("name", "eq", "s00003.png"), lambda row: row["sample"].name == "s00003.png"),
    "name contains without case": (
        leaf("name", "contains", "S0000"),
        lambda row: "s0000" in row["sample"].name,
    ),
    "name startswith": (
        leaf("name", "startswith", "s0001"),
        lambda row: row["sample"].name.startswith("s0001"),
    ),
    "name in": (leaf("name", "in", ["s00001.png", "x"]), lambda row: row["sample"].name == "s00001.png"),
    "width lt": (leaf("width", "lt", 12), lambda row: row["sample"].width < 12),
    "width ne": (leaf("width", "ne", 12), lambda row: row["sample"].width != 12),
    "created from a day": (
        leaf("created", "ge", "2026-01-02"),
        lambda row: row["sample"].created_at.day >= 2,
    ),
    "created until a time": (
        leaf("created", "lt", "2026-01-01T06:00:00+02:00"),
        lambda row: row["sample"].created_at < datetime(2026, 1, 1, 4, tzinfo=UTC),
    ),
    "tag eq": (leaf("tags", "eq", "night"), lambda row: "night" in row["sample"].tags),
    "tag outside of ASCII": (leaf("tags", "eq", "Ärger"), lambda row: "Ärger" in row["sample"].tags),
    "tag contains with wildcards": (
        leaf("tags", "contains", "%_A"),
        lambda row: "50%_a" in row["sample"].tags,
    ),
    "tag startswith": (leaf("tags", "startswith", "rai"), lambda row: "Rain" in row["sample"].tags),
    "tag in": (
        leaf("tags", "in", ["night", "Rain"]),
        lambda row: bool({"night", "Rain"} & {*row["sample"].tags}),
    ),
    "tag ne": (leaf("tags", "ne", "night"), lambda row: any(tag != "night" for tag in row["sample"].tags)),
    "no tag": (leaf("tags", "exists", False), lambda row: not row["sample"].tags),
    "some tag": (leaf("tags", "exists", True), lambda row: bool(row["sample"].tags)),
    "label eq": (
        leaf("pred.label", "eq", "a"),
        lambda row: any(x["label"] == "a" for x in labels(row, "pred")),
    ),
    "field alone is its label": (
        leaf("pred", "eq", "a"),
        lambda row: any(x["label"] == "a" for x in labels(row, "pred")),
    ),
    "label ne needs a value": (
        leaf("pred", "ne", "a"),
        lambda row: any(x["label"] != "a" for x in labels(row, "pred")),
    ),
    "not eq holds without a value": (
        {"not": leaf("pred", "eq", "a")},
        lambda row: all(x["label"] != "a" for x in labels(row, "pred")),
    ),
    "confidence lt": (
        leaf("pred.confidence", "lt", 0.6),
        lambda row: any((x.get("confidence") or 1) < 0.6 for x in labels(row, "pred")),
    ),
    "confidence is absent": (
        leaf("pred.confidence", "exists", False),
        lambda row: all(x.get("confidence") is None for x in labels(row, "pred")),
    ),
    "any box": (
        leaf("boxes.label", "eq", "b"),
        lambda row: any(x["label"] == "b" for x in labels(row, "boxes")),
    ),
    "any box in": (
        leaf("boxes", "in", ["b", "c"]),
        lambda row: any(x["label"] in "bc" for x in labels(row, "boxes")),
    ),
    "two leaves may hold for two boxes": (
        {"and": [leaf("boxes.label", "eq", "b"), leaf("boxes.confidence", "ge", 0.9)]},
        lambda row: (
            any(x["label"] == "b" for x in labels(row, "boxes"))
            and any((x.get("confidence") or 0) >= 0.9 for x in labels(row, "boxes"))
        ),
    ),
    "match holds for one box": (
        {"match": "boxes", "where": [leaf("label", "eq", "b"), leaf("boxes.confidence", "ge", 0.9)]},
        lambda row: any(
            x["label"] == "b" and (x.get("confidence") or 0) >= 0.9 for x in labels(row, "boxes")
        ),
    ),
    "match without confidence": (
        {"match": "boxes", "where": [leaf("label", "eq", "b"), leaf("confidence", "exists", False)]},
        lambda row: any(x["label"] == "b" and x.get("confidence") is None for x in labels(row, "boxes")),
    ),
    "number between": (
        {"and": [leaf("size", "gt", -0.5), leaf("size", "le", 0.5)]},
        lambda row: data(row, "size") is not None and -0.5 < data(row, "size") <= 0.5,
    ),
    "integer in": (leaf("rank", "in", [1, 2]), lambda row: data(row, "rank") in {1, 2}),
    "boolean": (leaf("ok", "eq", False), lambda row: data(row, "ok") is False),
    "boolean ne": (leaf("ok", "ne", False), lambda row: data(row, "ok") is True),
    "string contains": (
        leaf("note", "contains", "RED"),
        lambda row: "red" in (data(row, "note") or "").lower(),
    ),
    "string eq is exact": (leaf("note", "eq", "red"), lambda row: False),
    "has a value": (leaf("note", "exists", True), lambda row: data(row, "note") is not None),
    "exists may be said alone": (
        {"field": "note", "op": "exists"},
        lambda row: data(row, "note") is not None,
    ),
    "has no value": (leaf("size", "exists", False), lambda row: data(row, "size") is None),
    "an object is there or not": (leaf("meta", "exists", False), lambda row: True),
    "source": (leaf("truth.source", "eq", "human"), lambda row: data(row, "truth") is not None),
    "source in": (leaf("pred.source", "in", ["human", "import"]), lambda row: False),
    "job": (leaf("pred.job", "eq", 9), lambda row: data(row, "pred") is not None),
    "without a job": (leaf("truth.job", "exists", False), lambda row: True),
    "or": (
        {"or": [leaf("pred", "eq", "a"), leaf("truth", "eq", "b")]},
        lambda row: (
            any(x["label"] == "a" for x in labels(row, "pred"))
            or any(x["label"] == "b" for x in labels(row, "truth"))
        ),
    ),
    "agree": (
        {"compare": ["truth", "pred"], "is": "agree"},
        lambda row: (
            bool(labels(row, "truth") and labels(row, "pred"))
            and labels(row, "truth")[0]["label"] == labels(row, "pred")[0]["label"]
        ),
    ),
    "disagree": (
        {"compare": ["truth", "pred"], "is": "disagree"},
        lambda row: (
            bool(labels(row, "truth") and labels(row, "pred"))
            and labels(row, "truth")[0]["label"] != labels(row, "pred")[0]["label"]
        ),
    ),
    "only_first": (
        {"compare": ["truth", "pred"], "is": "only_first"},
        lambda row: bool(labels(row, "truth")) and not labels(row, "pred"),
    ),
    "only_second": (
        {"compare": ["truth", "pred"], "is": "only_second"},
        lambda row: bool(labels(row, "pred")) and not labels(row, "truth"),
    ),
    "no condition": (None, lambda row: True),
}


def test_every_word_finds_what_a_plain_reading_finds(world: Dataset) -> None:
    rows = rows_of(world)
    for name, (document, holds) in CASES.items():
        expected = {row["sample"].pk for row in rows if holds(row)}
        assert found(world, document) == expected, name
        if document is not None:
            everything = {row["sample"].pk for row in rows}
            assert found(world, {"not": document}) == everything - expected, f"not {name}"


def test_the_cells_of_a_confusion_matrix_are_filters(world: Dataset) -> None:
    evaluation = Evaluation.objects.create(
        dataset=world,
        type="classification",
        predictions="pred",
        ground_truth="truth",
        filter=leaf("width", "lt", 14),
    )
    compare_slice(evaluation, 0)
    for actual, row in evaluation.tally["pairs"].items():
        for predicted, count in row.items():
            document = {"evaluation": evaluation.pk, "actual": actual, "predicted": predicted}
            assert len(found(world, document)) == count
        assert len(found(world, {"evaluation": evaluation.pk, "actual": actual})) == sum(row.values())


def nested(depth: int) -> Any:
    return leaf("id", "gt", 0) if depth == 1 else {"not": nested(depth - 1)}


REFUSED: dict[str, tuple[Any, str]] = {
    "no object": ([], "/filter"),
    "a text": ("x", "/filter"),
    "nothing": ({}, "/filter"),
    "two things": ({"and": [], "or": []}, "/filter"),
    "an empty list": ({"and": []}, "/filter/and"),
    "no list": ({"or": {}}, "/filter/or"),
    "an unknown key": ({"not": leaf("id", "gt", 0), "x": 1}, "/filter"),
    "an unknown field": ({"and": [leaf("nope", "eq", 1)]}, "/filter/and/0/field"),
    "an ORM lookup": (leaf("name__contains", "eq", "x"), "/filter/field"),
    "an ORM path": (leaf("dataset__owner__password", "startswith", "a"), "/filter/field"),
    "an ORM path in a field": (leaf("pred.editor__password", "startswith", "a"), "/filter/field"),
    "a bare dot": (leaf("pred.", "eq", "a"), "/filter/field"),
    "a part that the type has not": (leaf("size.label", "eq", "a"), "/filter/field"),
    "a field that is no text": (leaf(1, "eq", "a"), "/filter/field"),  # type: ignore[arg-type]
    "an unknown op": (leaf("id", "regex", 1), "/filter/op"),
    "an op that does not fit": (leaf("pred.label", "lt", "a"), "/filter/op"),
    "no op": ({"field": "id", "value": 1}, "/filter/op"),
    "an op that is a list": ({"field": "id", "op": ["eq"], "value": 1}, "/filter/op"),
    "no value": ({"field": "id", "op": "eq"}, "/filter"),
    "null": (leaf("pred", "eq", None), "/filter/value"),
    "a text for a number": (leaf("width", "eq", "1"), "/filter/value"),
    "true for a number": (leaf("size", "eq", True), "/filter/value"),
    "a fraction for an id": (leaf("id", "eq", 1.5), "/filter/value"),
    "a huge number": (leaf("id", "eq", 10**30), "/filter/value"),
    "no finite number": (leaf("size", "eq", float("nan")), "/filter/value"),
    "a NUL": (leaf("name", "eq", "a\x00"), "/filter/value"),
    "half a character": (leaf("name", "eq", "\ud800"), "/filter/value"),
    "a long text": (leaf("name", "eq", "a" * 1_001), "/filter/value"),
    "an empty in": (leaf("name", "in", []), "/filter/value"),
    "a text for in": (leaf("name", "in", "abc"), "/filter/value"),
    "a wrong one of in": (leaf("rank", "in", [1, "2"]), "/filter/value/1"),
    "a long in": (leaf("rank", "in", [1] * 1_001), "/filter/value"),
    "a day that is none": (leaf("created", "lt", "2026-02-30"), "/filter/value"),
    "a time out of range": (leaf("created", "lt", "0001-01-01T00:00:00+14:00"), "/filter/value"),
    "exists of a text": (leaf("pred", "exists", "yes"), "/filter/value"),
    "an unknown source": (leaf("pred.source", "eq", "god"), "/filter/value"),
    "only exists of an object": (leaf("meta", "eq", "x"), "/filter/op"),
    "match of numbers": ({"match": "size", "where": [leaf("label", "eq", "a")]}, "/filter/match"),
    "match of nothing": ({"match": "boxes", "where": []}, "/filter/where"),
    "match of another field": (
        {"match": "boxes", "where": [leaf("pred.label", "eq", "a")]},
        "/filter/where/0/field",
    ),
    "match of a text": ({"match": "boxes", "where": ["x"]}, "/filter/where/0"),
    "compare of three": ({"compare": ["truth", "pred", "pred"], "is": "agree"}, "/filter/compare"),
    "compare of boxes": ({"compare": ["truth", "boxes"], "is": "agree"}, "/filter/compare/1"),
    "compare of objects": ({"compare": ["meta", "meta"], "is": "agree"}, "/filter/compare/0"),
    "compare without a verdict": ({"compare": ["truth", "pred"], "is": "maybe"}, "/filter/is"),
    "compare with a list as verdict": ({"compare": ["truth", "pred"], "is": []}, "/filter/is"),
    "an evaluation of nobody": ({"evaluation": 99, "actual": "a"}, "/filter/evaluation"),
    "too deep": (nested(9), "/filter" + "/not" * 8),
    "too many": ({"or": [leaf("id", "eq", 1)] * (MAX_LEAVES + 1)}, f"/filter/or/{MAX_LEAVES}"),
}


def test_every_fault_is_named_by_its_place(world: Dataset) -> None:
    for name, (document, pointer) in REFUSED.items():
        with pytest.raises(InvalidInput) as caught:
            parse_filter(document, world)
        assert caught.value.code == "bad_filter", name
        assert [fault.pointer for fault in caught.value.details] == [pointer], name


def test_eight_levels_are_read(world: Dataset) -> None:
    assert found(world, nested(8)) == set()
    assert len(found(world, nested(7))) == 40


def test_an_evaluation_of_another_dataset_is_not_found(world: Dataset, owner: Any) -> None:
    other = Dataset.objects.create(name="other", owner=owner)
    foreign = Evaluation.objects.create(
        dataset=other, type="classification", predictions="a", ground_truth="b"
    )
    with pytest.raises(InvalidInput, match="no evaluation"):
        parse_filter({"evaluation": foreign.pk, "actual": "a"}, world)


def test_a_field_named_like_a_column_of_the_database_is_only_a_field(
    dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    one, _ = make_samples(dataset, 2)
    write(make_field(dataset, "media_sha256", "string"), {one: "mine"})
    assert found(dataset, leaf("media_sha256", "eq", "mine")) == {one.pk}


def test_on_sqlite_labels_are_read_once_and_not_for_each_sample(world: Dataset) -> None:
    """A correlated search along the wrong index took a minute for 50,000 samples."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by its statistics")
    for name in ("match holds for one box", "confidence lt", "any box in", "has no value", "source"):
        samples = Sample.objects.filter(parse_filter(CASES[name][0], world), dataset=world)
        assert "CORRELATED" not in samples.order_by("pk")[:50].explain(), name


def test_looked_at_one_by_one_each_word_finds_the_same_along_the_index_of_the_samples(world: Dataset) -> None:
    """Along the index of the confidences, 300 samples of 30,000 took a second."""
    everything = Sample.objects.filter(dataset=world)
    for name, (document, _) in CASES.items():
        samples = everything.filter(parse_filter(document, world, one_by_one=True))
        assert set(samples.values_list("pk", flat=True)) == found(world, document), name
        if connection.vendor == "sqlite":  # PostgreSQL plans by its statistics
            steps = [step for step in samples.explain().splitlines() if "labelclass" not in step]
            slow = ("label_confidence", "value_confidence", "(field_id=?)")
            assert not [step for step in steps if any(each in step for each in slow)], (name, steps)
