"""The nearest samples over REST: exact, as a comparison with every other one finds them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from datasets_app import nearest, vector_cache, vectors
from datasets_app.models import Dataset, Field
from datasets_app.values import NewValue, write_values
from datasets_app.vector_cache import VectorCache
from samplecase.contracts.states import Source
from samplecase.web.accounts.models import User

pytestmark = pytest.mark.django_db

WIDTH = 5
NUMBER = 40


@pytest.fixture
def cloud() -> np.ndarray:
    found = np.random.default_rng(11).normal(size=(NUMBER, WIDTH))
    found[7] = 0  # has no direction
    found[9] = found[8]  # as near as can be
    return found.astype(np.float32).astype(np.float64)


@pytest.fixture
def samples(dataset: Dataset, add_samples: Callable[..., list[int]], cloud: np.ndarray) -> list[int]:
    """All but the last have a vector."""
    made = add_samples(dataset, NUMBER + 1)
    field = Field.objects.create(dataset=dataset, name="vector", type="embedding", dimension=WIDTH)
    rows = [NewValue(pk, vector.tolist()) for pk, vector in zip(made, cloud, strict=False)]
    write_values(field=field, rows=rows, source=Source.MODEL, job=1)
    Field.objects.create(dataset=dataset, name="truth", type="classification")
    return made


@pytest.fixture
def url_of(dataset: Dataset) -> Callable[[int], str]:
    return lambda sample: f"/api/v1/datasets/{dataset.pk}/samples/{sample}/nearest/"


def distances(cloud: np.ndarray, to: int, metric: str) -> np.ndarray:
    if metric == "euclidean":
        return np.array([np.linalg.norm(each - cloud[to]) for each in cloud])
    lengths = np.linalg.norm(cloud, axis=1)
    return np.array([1 - (each @ cloud[to]) / (length * lengths[to]) if length * lengths[to] else 1
                     for each, length in zip(cloud, lengths, strict=True)])  # fmt: skip


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("to", [0, 7, 8])
def test_the_nearest_are_those_of_brute_force(
    owner_api: APIClient,
    url_of: Callable[[int], str],
    samples: list[int],
    cloud: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
    metric: str,
    to: int,
) -> None:
    monkeypatch.setattr(vectors, "BLOCK_SAMPLES", 6)
    answer = owner_api.get(url_of(samples[to]), {"field": "vector", "k": 15, "metric": metric})
    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    expected = distances(cloud, to, metric)
    order = [place for place in np.lexsort((np.arange(NUMBER), np.round(expected, 9))) if place != to][:15]
    assert [each["id"] for each in results] == [samples[place] for place in order]
    assert [each["distance"] for each in results] == pytest.approx(expected[order], abs=1e-6)


def test_a_neighbour_says_its_name_and_where_its_picture_is(
    owner_api: APIClient, dataset: Dataset, url_of: Callable[[int], str], samples: list[int]
) -> None:
    first, *others = owner_api.get(url_of(samples[8]), {"field": "vector"}).json()["results"]
    assert len(others) == 19
    assert first == {
        "id": samples[9],
        "name": "00009.png",
        "distance": pytest.approx(0, abs=1e-6),
        "thumbnail_url": f"/api/v1/datasets/{dataset.pk}/samples/{samples[9]}/thumbnail/",
    }


def test_a_filter_chooses_among_whom(
    owner_api: APIClient, url_of: Callable[[int], str], samples: list[int]
) -> None:
    few = json.dumps({"field": "id", "op": "in", "value": [samples[0], samples[3], samples[5], samples[40]]})
    results = owner_api.get(url_of(samples[0]), {"field": "vector", "filter": few}).json()["results"]
    assert {each["id"] for each in results} == {samples[3], samples[5]}


def test_a_sample_without_a_vector_says_so(
    owner_api: APIClient, url_of: Callable[[int], str], samples: list[int]
) -> None:
    answer = owner_api.get(url_of(samples[40]), {"field": "vector"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_vector")
    assert owner_api.get(url_of(999_999), {"field": "vector"}).status_code == 404


def test_more_vectors_than_can_be_compared_are_refused(
    owner_api: APIClient, url_of: Callable[[int], str], samples: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "MOST_NUMBERS", 30 * WIDTH)
    answer = owner_api.get(url_of(samples[0]), {"field": "vector"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "too_many_vectors")
    assert "at most 30 vectors" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        ({}, "/field"),
        ({"field": "none"}, "/field"),
        ({"field": "truth"}, "/field"),
        ({"field": "vector", "k": "0"}, "/k"),
        ({"field": "vector", "k": "101"}, "/k"),
        ({"field": "vector", "k": "-1"}, "/k"),
        ({"field": "vector", "metric": "manhattan"}, "/metric"),
        ({"field": "vector", "filter": "[]"}, "/filter"),
    ],
)
def test_a_faulty_question_is_refused_at_its_place(
    owner_api: APIClient,
    url_of: Callable[[int], str],
    samples: list[int],
    question: dict[str, str],
    pointer: str,
) -> None:
    answer = owner_api.get(url_of(samples[0]), question)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"] == pointer


@pytest.mark.parametrize(("right", "status"), [(None, 404), ("view", 200)])
def test_who_may_view_may_ask(
    collaborator_api: APIClient,
    anonymous_api: APIClient,
    collaborator: User,
    dataset: Dataset,
    grant: Callable[[Any, Any, str], None],
    url_of: Callable[[int], str],
    samples: list[int],
    right: str | None,
    status: int,
) -> None:
    if right:
        grant(dataset, collaborator, right)
    assert collaborator_api.get(url_of(samples[0]), {"field": "vector"}).status_code == status
    assert anonymous_api.get(url_of(samples[0]), {"field": "vector"}).status_code == 401


def vectors_read(asked: CaptureQueriesContext) -> list[str]:
    """The queries that read vectors."""
    return [each["sql"] for each in asked.captured_queries if '"datasets_app_value"."data"' in each["sql"]]


def test_vectors_are_decoded_once_and_anew_when_one_has_changed(
    owner_api: APIClient, url_of: Callable[[int], str], samples: list[int], cloud: np.ndarray
) -> None:
    query = {"field": "vector", "k": 5, "metric": "euclidean"}
    first = owner_api.get(url_of(samples[0]), query).json()["results"]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert owner_api.get(url_of(samples[0]), query).json()["results"] == first
    assert len(vectors_read(asked)) == 1  # that of the sample itself
    farthest = int(np.argmax(distances(cloud, 0, "euclidean")))
    row = NewValue(samples[farthest], cloud[0].tolist())
    write_values(field=Field.objects.get(name="vector"), rows=[row], source=Source.MODEL, job=1)
    nearest_now = owner_api.get(url_of(samples[0]), query).json()["results"][0]
    assert (nearest_now["id"], nearest_now["distance"]) == (samples[farthest], 0)
    owner_api.delete(url_of(samples[farthest]).removesuffix("nearest/"))
    assert owner_api.get(url_of(samples[0]), query).json()["results"][0]["id"] == first[0]["id"]


def test_what_is_kept_is_bounded_and_what_is_too_large_is_read_block_by_block(
    owner_api: APIClient, dataset: Dataset, url_of: Callable[[int], str], samples: list[int],
    cloud: np.ndarray, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    one = NUMBER * (WIDTH * 4 + 8)
    kept = VectorCache(most_bytes=2 * one)
    monkeypatch.setattr(vector_cache, "cache", kept)
    for name in ("second", "third"):
        field = Field.objects.create(dataset=dataset, name=name, type="embedding", dimension=WIDTH)
        rows = [NewValue(pk, vector.tolist()) for pk, vector in zip(samples, cloud, strict=False)]
        write_values(field=field, rows=rows, source=Source.MODEL, job=1)
    query = {"k": 3, "metric": "euclidean"}
    answers = [
        owner_api.get(url_of(samples[0]), {**query, "field": name}).json()
        for name in ("vector", "second", "third", "vector")
    ]
    assert answers[0] == answers[1] == answers[2] == answers[3]
    assert kept.size == 2 * one
    monkeypatch.setattr(vector_cache, "cache", VectorCache(most_bytes=one - 1))
    assert owner_api.get(url_of(samples[0]), {**query, "field": "vector"}).json() == answers[0]
    assert vector_cache.cache.size == 0
