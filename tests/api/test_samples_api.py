"""`GET /datasets/{id}/samples/`: pages by key, in every order, under every filter; and single samples."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets_app.models import Sample, Value
from tests.fixtures_datasets import assert_counters_are_right, random_value
from tests.racing import at_once


def url(dataset: Any, rest: str = "") -> str:
    return f"/api/v1/datasets/{dataset.pk}/samples/{rest}"


def every_page(api: Any, dataset: Any, **params: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        answer = api.get(url(dataset), {**params, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.content
        page = answer.json()
        rows += page["results"]
        cursor = page["next"]
        if cursor is None:
            return rows


@pytest.fixture
def world(dataset: Any, make_samples: Any, make_field: Any, write: Any) -> Any:
    """30 samples with equal names' beginnings, equal numbers and missing values, so that ties and nulls occur."""
    choose = random.Random(8)
    samples = make_samples(dataset, 30)
    for name, kind in {
        "pred": "classification",
        "other": "classification",
        "rank": "integer",
        "ok": "boolean",
        "boxes": "detections",
    }.items():
        write(make_field(dataset, name, kind), {sample: random_value(kind, choose) for sample in samples})
    return dataset


def key_of(row: dict[str, Any], sort: str) -> Any:
    key = sort.removeprefix("-")
    if key in {"id", "name", "width", "height", "bytes", "created"}:
        return row[key]
    if key.startswith("compare:"):
        pair = [row["values"].get(name) for name in ("pred", "other")]
        if None in pair:
            return None
        sure = min(each.get("confidence", 1.0) for each in pair)
        return sure if pair[0]["label"] != pair[1]["label"] else -1 - sure
    name, _, attribute = key.partition(".")
    stored = Value.objects.filter(field__name=name, sample=row["id"]).first()
    return None if stored is None else getattr(stored, attribute or ("number" if name == "rank" else "label"))


@pytest.mark.parametrize(
    "sort",
    [
        *("id", "-id", "name", "-name", "width", "-width", "created", "-created"),
        *("pred", "-pred.label", "pred.confidence", "-pred.confidence", "rank", "-rank", "ok"),
        *("-boxes.confidence", "height", "-bytes", "compare:pred,other", "-compare:pred,other"),
    ],
)
@pytest.mark.parametrize("filtered", [False, True])
@pytest.mark.parametrize("windows", [(500, 5_000), (2, 5)])
def test_pages_in_every_order_hold_each_sample_once_nulls_last_ties_by_id(
    owner_api: Any, world: Any, sort: str, filtered: bool, windows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets_app.pages.WINDOWS", windows)
    filter = {"filter": json.dumps({"field": "width", "op": "le", "value": 13})} if filtered else {}
    rows = every_page(owner_api, world, limit=4, sort=sort, **filter)
    chosen = [row for row in every_page(owner_api, world, limit=500) if not filtered or row["width"] <= 13]
    assert sorted(row["id"] for row in rows) == [row["id"] for row in chosen]
    keyed = [(key_of(row, sort), row["id"]) for row in chosen]
    present = sorted((each for each in keyed if each[0] is not None), key=lambda each: each[1])
    present.sort(key=lambda each: each[0], reverse=sort.startswith("-"))
    absent = sorted(pk for key, pk in keyed if key is None)
    assert [row["id"] for row in rows] == [pk for _, pk in present] + absent


def test_the_most_disagreeing_come_first_and_then_those_that_agree(
    owner_api: Any, dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    samples = make_samples(dataset, 6)
    pairs = [("a", 0.9, "a", 0.9), ("a", 0.2, "b", 0.9), ("a", 0.8, "b", None), ("a", 0.3, "a", 0.9)]
    for place, name in ((0, "pred"), (2, "truth")):
        values = {
            sample: {"label": pair[place], **({"confidence": pair[place + 1]} if pair[place + 1] else {})}
            for sample, pair in zip(samples, pairs, strict=False)
        }
        write(make_field(dataset, name), values | ({samples[4]: "a"} if name == "pred" else {}))
    rows = every_page(owner_api, dataset, limit=2, sort="-compare:pred,truth")
    assert [samples.index(Sample(pk=row["id"])) for row in rows] == [2, 1, 3, 0, 4, 5]


def test_rows_that_change_between_two_pages_are_neither_lost_nor_repeated(
    owner_api: Any, world: Any, write: Any
) -> None:
    query = {"limit": 10, "sort": "pred.confidence"}
    first = owner_api.get(url(world), query).json()
    seen = [row["id"] for row in first["results"]]
    owner_api.delete(url(world, f"{seen[0]}/"))
    owner_api.delete(url(world, f"{seen[-1]}/"))
    rest: list[int] = []
    cursor = first["next"]
    while cursor:
        page = owner_api.get(url(world), {**query, "cursor": cursor}).json()
        rest += [row["id"] for row in page["results"]]
        cursor = page["next"]
    assert len(seen + rest) == len({*seen, *rest}) == 30


def test_a_page_has_the_shape_of_the_contract(owner_api: Any, world: Any) -> None:
    page = owner_api.get(url(world), {"limit": 2, "fields": "pred,rank"}).json()
    assert set(page) == {"results", "next", "count"}
    assert page["count"] == 30
    first = page["results"][0]
    assert set(first) >= {"id", "name", "width", "height", "media_url", "thumbnail_url", "tags", "values"}
    assert set(first["values"]) <= {"pred", "rank"}
    assert first["media_url"] == url(world, f"{first['id']}/media/")
    filtered = owner_api.get(url(world), {"filter": '{"field": "pred", "op": "exists"}'}).json()
    assert filtered["count"] is None


@pytest.mark.parametrize("sort", ["id", "name", "-pred.confidence"])
def test_a_page_near_the_end_costs_what_the_first_costs(
    owner_api: Any, dataset: Any, make_samples: Any, make_field: Any, write: Any, sort: str
) -> None:
    samples = make_samples(dataset, 300)
    choose = random.Random(1)
    values = {sample: {"label": "a", "confidence": choose.random()} for sample in samples}
    write(make_field(dataset, "pred"), values)
    cursors: list[str] = []
    while (page := owner_api.get(url(dataset), params(cursors, sort)).json())["next"]:
        cursors.append(page["next"])

    def statements(cursor: str | None) -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            owner_api.get(url(dataset), params([cursor] if cursor else [], sort))
        return [query["sql"] for query in queries]

    first, late = statements(None), statements(cursors[26])
    assert len(late) == len(first)
    assert not [sql for sql in late if "OFFSET" in sql or "COUNT(*)" in sql]
    (selected,) = [sql for sql in late if "LIMIT 11" in sql]
    with connection.cursor() as database:
        explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
        database.execute(explain + selected)
        plan = " ".join(str(row) for row in database.fetchall())
    if connection.vendor == "sqlite":  # PostgreSQL reads so small a table whole
        assert "SEARCH" in plan, plan
        assert "SCAN" not in plan, plan


def params(cursors: list[str], sort: str) -> dict[str, Any]:
    return {"limit": 10, "sort": sort, **({"cursor": cursors[-1]} if cursors else {})}


def test_the_number_of_statements_does_not_grow_with_the_page(owner_api: Any, world: Any) -> None:
    counts = []
    for limit in (2, 30):
        with CaptureQueriesContext(connection) as queries:
            owner_api.get(url(world), {"limit": limit})
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limit": "0"}, "/limit"),
        ({"limit": "501"}, "/limit"),
        ({"limit": "x"}, "/limit"),
        ({"cursor": "x"}, "/cursor"),
        ({"sort": "nope"}, "/sort"),
        ({"sort": "tags"}, "/sort"),
        ({"sort": "dataset__owner__password"}, "/sort"),
        ({"sort": "pred.editor"}, "/sort"),
        ({"sort": "--id"}, "/sort"),
        ({"sort": "compare:"}, "/sort"),
        ({"sort": "compare:pred,other,rank"}, "/sort"),
        ({"sort": "compare:pred,rank"}, "/sort"),
        ({"sort": "compare:pred,nope"}, "/sort"),
        ({"fields": "pred,nope"}, "/fields"),
        ({"filter": "{"}, "/filter"),
        ({"filter": "[1]"}, "/filter"),
        ({"filter": '{"field": "nope", "op": "eq", "value": 1}'}, "/filter/field"),
        ({"filter": '{"field": "id", "op": "eq", "value": NaN}'}, "/filter"),
        ({"filter": "[" * 100_000}, "/filter"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_place(
    owner_api: Any, world: Any, query: dict[str, str], pointer: str
) -> None:
    answer = owner_api.get(url(world), query)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == pointer


def test_a_cursor_belongs_to_its_filter_sort_and_dataset(owner_api: Any, owner: Any, world: Any) -> None:
    from datasets_app.models import Dataset

    other = Dataset.objects.create(name="other", owner=owner)
    cursor = owner_api.get(url(world), {"limit": 2, "sort": "name"}).json()["next"]
    assert owner_api.get(url(world), {"cursor": cursor, "sort": "name", "limit": 9}).status_code == 200
    for dataset, changed in (
        (world, {"sort": "-name"}),
        (world, {}),
        (world, {"sort": "name", "filter": '{"field": "id", "op": "gt", "value": 0}'}),
        (other, {"sort": "name"}),
    ):
        answer = owner_api.get(url(dataset), {"cursor": cursor, **changed})
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "bad_cursor"


def test_tags_that_two_people_add_and_remove_are_all_changed(owner_api: Any, world: Any) -> None:
    one = Sample.objects.order_by("pk")[0]
    path = url(world, f"{one.pk}/")
    owner_api.patch(path, {"tags": ["old", "kept"]})
    first = owner_api.patch(path, {"add_tags": ["mine"], "remove_tags": ["old"]}).json()
    second = owner_api.patch(path, {"add_tags": ["theirs", "kept"], "remove_tags": ["gone"]}).json()
    assert (first["tags"], second["tags"]) == (["kept", "mine"], ["kept", "mine", "theirs"])
    both = owner_api.patch(path, {"tags": [], "add_tags": ["x"]})
    assert (both.status_code, both.json()["error"]["details"][0]["pointer"]) == (400, "/add_tags")
    for number in range(2):
        some = [f"{number}-{place}" for place in range(49)]
        answer = owner_api.patch(path, {"add_tags": some})
    assert (answer.status_code, answer.json()["error"]["details"][0]["pointer"]) == (400, "/add_tags")
    assert len(Sample.objects.get(pk=one.pk).tags) == 52


@pytest.mark.django_db(transaction=True)
def test_tags_that_are_added_at_the_same_moment_are_all_there(
    client_of: Any, owner: Any, dataset: Any, make_samples: Any
) -> None:
    (one,) = make_samples(dataset, 1)
    apis = [client_of(owner) for _ in range(4)]

    def add(index: int) -> int:
        path = f"/api/v1/datasets/{dataset.pk}/samples/{one.pk}/"
        return int(apis[index].patch(path, {"add_tags": [f"t{index}"]}).status_code)

    assert at_once(add) == [200] * 4
    one.refresh_from_db()
    assert sorted(one.tags) == ["t0", "t1", "t2", "t3"]


def test_tags_and_name_of_a_sample_change(owner_api: Any, world: Any) -> None:
    one, two = Sample.objects.all()[:2]
    changed = owner_api.patch(url(world, f"{one.pk}/"), {"tags": ["b", "a", "b"], "name": "new.png"}).json()
    assert (changed["tags"], changed["name"]) == (["b", "a"], "new.png")
    answer = owner_api.patch(url(world, f"{two.pk}/"), {"name": "new.png"})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/name"


def test_a_deleted_sample_leaves_right_counters(owner_api: Any, world: Any) -> None:
    first = Sample.objects.first()
    assert first is not None
    assert owner_api.delete(url(world, f"{first.pk}/")).status_code == 204
    assert owner_api.get(url(world, f"{first.pk}/")).status_code == 404
    assert owner_api.delete(url(world, f"{first.pk}/")).status_code == 404
    assert owner_api.get(url(world)).json()["count"] == 29
    assert_counters_are_right(world)


def test_a_sample_is_found_in_its_own_dataset_only(owner_api: Any, owner: Any, world: Any) -> None:
    from datasets_app.models import Dataset

    other = Dataset.objects.create(name="other", owner=owner)
    first = Sample.objects.first()
    assert first is not None
    for rest in ("", "media/", "thumbnail/", "masks/pred/"):
        assert owner_api.get(url(other, f"{first.pk}/{rest}")).status_code == 404
    assert owner_api.get(url(world, f"{10**18}/")).status_code == 404
    assert owner_api.get(url(world, f"{10**40}/")).status_code in {400, 404}
