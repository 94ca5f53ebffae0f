"""Projections over REST: equal to scikit-learn's, filtered by what was drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from datasets_app.models import Dataset, Field, Projection, ProjectionPart, Sample
from datasets_app.values import NewValue, write_values
from jobs_app.models import Job
from samplecase.contracts.states import Source
from samplecase.projection import methods
from samplecase.web.accounts.models import User
from tests.api.projections.projecting import EVERYTHING, WIDTH, Run

pytestmark = pytest.mark.django_db


def test_a_projection_is_that_of_scikit_learn_up_to_sign(
    owner_api: APIClient, url: str, computed: Run, samples: list[int], cloud: np.ndarray, small_slices: None
) -> None:
    from sklearn.decomposition import PCA

    shown = computed()
    assert (shown["method"], shown["field"], shown["created_by"]) == ("pca", "vector", "owner")
    assert (shown["samples"], shown["vectors"], shown["fitted"]) == (12, 12, 12)
    assert (shown["done"], shown["total"], shown["stale"], shown["error"]) == (12, 12, False, None)
    assert ProjectionPart.objects.count() == 3
    points = owner_api.get(f"{url}{shown['id']}/points/").json()
    assert (points["total"], points["samples"]) == (12, samples[:12])
    theirs = PCA(n_components=2).fit(cloud)
    expected = theirs.transform(cloud)
    for axis, name in enumerate("xy"):
        ours = np.array(points[name])
        sign = np.sign(ours[0] * expected[0, axis])
        assert ours * sign == pytest.approx(expected[:, axis], abs=1e-3)
    assert shown["explained"] == pytest.approx(theirs.explained_variance_ratio_, abs=1e-4)
    least_x, least_y, greatest_x, greatest_y = points["extent"]
    assert [least_x, greatest_x] == pytest.approx([min(points["x"]), max(points["x"])], abs=1e-4)
    assert [least_y, greatest_y] == pytest.approx([min(points["y"]), max(points["y"])], abs=1e-4)
    assert Projection.objects.get().basis is None
    job = owner_api.get(f"/api/v1/jobs/{shown['job']}/").json()
    assert (job["kind"], job["state"], job["projection"], job["evaluation"]) == (
        "projection", "finished", shown["id"], None,
    )  # fmt: skip


def test_points_come_with_the_labels_that_colour_them(
    owner_api: APIClient, url: str, computed: Run, samples: list[int]
) -> None:
    shown = computed()
    points = owner_api.get(f"{url}{shown['id']}/points/", {"colour": "truth"}).json()
    assert points["classes"] == ["near", "far"]
    assert points["labels"] == [0] * 6 + [1] * 5 + [None]
    few = owner_api.get(f"{url}{shown['id']}/points/", {"most": 3}).json()
    assert (few["total"], few["samples"]) == (12, [samples[0], samples[5], samples[11]])
    near = json.dumps({"field": "truth.label", "op": "eq", "value": "near"})
    some = owner_api.get(f"{url}{shown['id']}/points/", {"filter": near}).json()
    assert (some["total"], some["samples"], some["extent"]) == (6, samples[:6], points["extent"])


def test_deleted_samples_have_no_points(
    owner_api: APIClient, url: str, computed: Run, samples: list[int]
) -> None:
    shown = computed()
    Sample.objects.filter(pk=samples[0]).delete()
    assert owner_api.get(f"{url}{shown['id']}/points/").json()["samples"] == samples[1:12]


def test_what_is_drawn_around_filters_the_samples_and_what_is_done_with_them(
    owner_api: APIClient, dataset: Dataset, url: str, computed: Run, samples: list[int]
) -> None:
    shown = computed()
    points = owner_api.get(f"{url}{shown['id']}/points/").json()
    x, y = np.array(points["x"][:6]), np.array(points["y"][:6])
    west, east, south, north = x.min() - 1, x.max() + 1, y.min() - 1, y.max() + 1
    around = [[west, south], [east, south], [east, north], [west, north]]
    first = [[x[0] - 1e-3, y[0] - 1e-3], [x[0] + 1e-3, y[0] - 1e-3], [x[0], y[0] + 2e-3]]
    lasso: dict[str, Any] = {"projection": shown["id"], "within": [{"add": around}]}

    def found(filter: Any) -> list[int]:
        page = owner_api.get(f"/api/v1/datasets/{dataset.pk}/samples/", {"filter": json.dumps(filter)}).json()
        return [each["id"] for each in page["results"]]

    assert found(lasso) == samples[:6]
    assert found({"not": lasso}) == samples[6:]
    assert found({**lasso, "within": [{"add": around}, {"subtract": first}]}) == samples[1:6]
    assert found({**lasso, "within": [{"add": EVERYTHING}]}) == samples[:12]
    assert found({"and": [lasso, {"field": "id", "op": "gt", "value": samples[2]}]}) == samples[3:6]
    facets = owner_api.get(
        f"/api/v1/datasets/{dataset.pk}/facets/", {"filter": json.dumps(lasso), "faceted": "true"}
    ).json()
    assert facets["total"] == 6
    assert facets["fields"]["truth"]["labels"] == [{"label": "near", "count": 6}]
    done = owner_api.post(
        f"/api/v1/datasets/{dataset.pk}/bulk/", {"action": "tag", "tags": ["group"], "filter": lasso}
    ).json()
    assert done["changed"] == 6
    assert list(Sample.objects.filter(tags=["group"]).values_list("pk", flat=True)) == samples[:6]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"projection": 999_999}, "/projection"),
        ({"projection": "1"}, "/projection"),
        ({"within": []}, "/within"),
        ({"within": None}, "/within"),
        ({"within": [{"add": EVERYTHING}] * 21}, "/within"),
        ({"within": [{"draw": EVERYTHING}]}, "/within/0"),
        ({"within": [{"add": EVERYTHING, "subtract": EVERYTHING}]}, "/within/0"),
        ({"within": [EVERYTHING]}, "/within/0"),
        ({"within": [{"add": EVERYTHING[:2]}]}, "/within/0/add"),
        ({"within": [{"add": [[0, 0]] * 501}]}, "/within/0/add"),
        ({"within": [{"add": [[0, 0]] * 500}] * 3}, "/within"),
        ({"within": [{"add": [[0, 0], [1, 1], [1]]}]}, "/within/0/add/2"),
        ({"within": [{"add": [[0, 0], [1, 1], [1, "2"]]}]}, "/within/0/add/2/1"),
        ({"within": [{"add": [[0, 0], [1, 1], [1, 1e300]]}]}, "/within/0/add/2/1"),
        ({"typo": 1}, ""),
    ],
)
def test_a_faulty_line_is_refused_at_its_place(
    owner_api: APIClient, dataset: Dataset, ordered: dict[str, Any], change: dict[str, Any], place: str
) -> None:
    leaf = {"projection": ordered["id"], "within": [{"add": EVERYTHING}], **change}
    answer = owner_api.get(f"/api/v1/datasets/{dataset.pk}/samples/", {"filter": json.dumps(leaf)})
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"] == f"/filter{place}"


def test_what_reads_all_points_is_asked_for_a_few_times_only(
    owner_api: APIClient, dataset: Dataset, ordered: dict[str, Any]
) -> None:
    leaf = {"projection": ordered["id"], "within": [{"add": EVERYTHING}]}
    address = f"/api/v1/datasets/{dataset.pk}/samples/"
    for count, status in ((4, 200), (5, 400)):
        answer = owner_api.get(address, {"filter": json.dumps({"or": [leaf] * count})})
        assert answer.status_code == status, answer.content


def test_another_dataset_s_projection_is_none(
    owner_api: APIClient, owner: User, ordered: dict[str, Any]
) -> None:
    other = Dataset.objects.create(name="other", owner=owner)
    leaf = json.dumps({"projection": ordered["id"], "within": [{"add": EVERYTHING}]})
    answer = owner_api.get(f"/api/v1/datasets/{other.pk}/samples/", {"filter": leaf})
    assert answer.json()["error"]["code"] == "bad_filter"
    assert (
        owner_api.get(f"/api/v1/datasets/{other.pk}/projections/{ordered['id']}/points/").status_code == 404
    )


def test_a_filter_chooses_the_samples(computed: Run) -> None:
    near = {"field": "truth.label", "op": "eq", "value": "near"}
    shown = computed(filter=near)
    assert (shown["samples"], shown["filter"]) == (6, near)


def test_very_many_are_fitted_on_evenly_drawn_ones_and_placed_all_the_same(
    owner_api: APIClient, url: str, computed: Run, samples: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(methods, "MOST_NUMBERS", 5 * WIDTH)
    shown = computed()
    assert (shown["fitted"], shown["vectors"], shown["samples"]) == (5, 12, 12)
    assert owner_api.get(f"{url}{shown['id']}/points/").json()["samples"] == samples[:12]


def test_a_projection_is_stale_once_a_vector_changes(
    owner_api: APIClient, url: str, computed: Run, samples: list[int]
) -> None:
    shown = computed()
    field = Field.objects.get(name="vector")
    write_values(field=field, rows=[NewValue(samples[13], [0.0] * WIDTH)], source=Source.MODEL, job=2)
    assert owner_api.get(f"{url}{shown['id']}/").json()["stale"]
    again = computed()
    assert (again["stale"], again["samples"]) == (False, 13)
    Field.objects.filter(pk=field.pk).update(name="renamed")
    assert owner_api.get(f"{url}{again['id']}/").json()["field"] == "renamed"
    Field.objects.filter(pk=field.pk).update(deleted_at=timezone.now())
    assert [each["stale"] for each in owner_api.get(url).json()["results"]] == [True, True]


# What is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"field": "none"}, "/field"),
        ({"field": "truth"}, "/field"),
        ({"field": None}, "/field"),
        ({"method": "tsne"}, "/method"),
        ({"filter": {"field": "none", "op": "eq", "value": 1}}, "/filter/field"),
        ({"filter": {"field": "width", "op": "gt", "value": 1_000}}, "/filter"),
        ({"typo": 1}, "/typo"),
    ],
)
def test_a_faulty_order_is_refused_at_its_place(
    owner_api: APIClient, url: str, samples: list[int], change: dict[str, Any], pointer: str
) -> None:
    answer = owner_api.post(url, {"field": "vector"} | change)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"] == pointer
    assert not Projection.objects.exists()
    assert not Job.objects.exists()


def test_a_field_without_vectors_says_what_to_do(owner_api: APIClient, dataset: Dataset, url: str) -> None:
    Field.objects.create(dataset=dataset, name="vector", type="embedding", dimension=3)
    answer = owner_api.post(url, {"field": "vector"}).json()["error"]
    assert answer["code"] == "too_few_vectors"
    assert "run the model that makes them" in answer["message"]


def test_a_method_that_is_not_installed_is_refused_and_says_what_to_install(
    owner_api: APIClient, url: str, samples: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(methods, "find_spec", lambda name: None)
    answer = owner_api.post(url, {"field": "vector", "method": "umap"})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["details"][0]["pointer"]) == ("not_installed", "/method")
    assert "pip install 'samplecase[umap]'" in error["message"]
    told = {each["method"]: each for each in owner_api.get(f"{url}methods/").json()["results"]}
    assert told["umap"]["missing"] == error["message"]
    assert "pip install 'samplecase[embeddings]'" in told["pca"]["missing"]


@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        ({"colour": "none"}, "/colour"),
        ({"colour": "vector"}, "/colour"),
        ({"most": "0"}, "/most"),
        ({"most": "100001"}, "/most"),
        ({"most": "x"}, "/most"),
        ({"filter": "{"}, "/filter"),
    ],
)
def test_a_faulty_question_for_points_is_refused(
    owner_api: APIClient, url: str, ordered: dict[str, Any], question: dict[str, str], pointer: str
) -> None:
    answer = owner_api.get(f"{url}{ordered['id']}/points/", question)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"] == pointer


# Rights ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "made", "seen"), [(None, 404, 404), ("view", 403, 200), ("label", 202, 200)]
)
def test_a_collaborator_needs_label_to_project_and_view_to_look(
    collaborator_api: APIClient,
    dataset: Dataset,
    collaborator: User,
    grant: Callable[[Any, Any, str], None],
    url: str,
    ordered: dict[str, Any],
    right: str | None,
    made: int,
    seen: int,
) -> None:
    if right:
        grant(dataset, collaborator, right)
    assert collaborator_api.post(url, {"field": "vector"}).status_code == made
    for address in (url, f"{url}methods/", f"{url}{ordered['id']}/", f"{url}{ordered['id']}/points/"):
        assert collaborator_api.get(address).status_code == seen, address
    assert collaborator_api.delete(f"{url}{ordered['id']}/").status_code == (404 if right is None else 403)


def test_who_made_it_deletes_it_and_so_does_who_may_edit(
    owner_api: APIClient,
    collaborator_api: APIClient,
    collaborator: User,
    dataset: Dataset,
    grant: Callable[[Any, Any, str], None],
    url: str,
    samples: list[int],
) -> None:
    grant(dataset, collaborator, "label")
    own, other = (collaborator_api.post(url, {"field": "vector"}).json()["id"] for _ in range(2))
    assert collaborator_api.delete(f"{url}{own}/").status_code == 204
    assert owner_api.delete(f"{url}{other}/").status_code == 204
    assert owner_api.delete(f"{url}{other}/").status_code == 404
    assert not Projection.objects.exists()
    assert not Job.objects.exists()


def test_others_see_no_projection(
    stranger_api: APIClient,
    anonymous_api: APIClient,
    superuser_api: APIClient,
    url: str,
    ordered: dict[str, Any],
) -> None:
    for address in (url, f"{url}methods/", f"{url}{ordered['id']}/", f"{url}{ordered['id']}/points/"):
        assert stranger_api.get(address).status_code == 404
        assert anonymous_api.get(address).status_code == 401
        assert superuser_api.get(address).status_code == 200
    assert stranger_api.post(url, {"field": "vector"}).status_code == 404
    assert stranger_api.delete(f"{url}{ordered['id']}/").status_code == 404
    assert superuser_api.get(f"{url}999999/").status_code == 404
