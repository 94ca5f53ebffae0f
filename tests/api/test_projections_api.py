"""Projections over REST: made by a job in slices, equal to scikit-learn's, filtered by what was drawn."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from django_q.models import OrmQ
from rest_framework.test import APIClient

from datasets_app import vectors
from datasets_app.models import Dataset, Field, Projection, ProjectionPart, Sample
from datasets_app.values import NewValue, write_values
from jobs_app import projecting
from jobs_app.models import Job
from jobs_app.tasks import project, start_job, sweep
from samplecase.contracts.states import Source
from samplecase.projection import methods
from samplecase.web.accounts.models import User

pytestmark = pytest.mark.django_db

WIDTH = 6
EVERYTHING = [[-1e6, -1e6], [1e6, -1e6], [1e6, 1e6], [-1e6, 1e6]]

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def url(dataset: Dataset) -> str:
    return f"/api/v1/datasets/{dataset.pk}/projections/"


@pytest.fixture
def cloud() -> np.ndarray:
    """Twelve vectors in two groups, far from each other."""
    found = np.random.default_rng(5).normal(size=(12, WIDTH))
    found[6:] += 20
    return found.astype(np.float32)


@pytest.fixture
def samples(dataset: Dataset, add_samples: Callable[..., list[int]], cloud: np.ndarray) -> list[int]:
    """Fourteen samples; the first twelve have a vector, and a label that says their group."""
    made = add_samples(dataset, 14)
    field = Field.objects.create(dataset=dataset, name="vector", type="embedding", dimension=WIDTH)
    rows = [NewValue(pk, vector.tolist()) for pk, vector in zip(made, cloud, strict=False)]
    write_values(field=field, rows=rows, source=Source.MODEL, job=1)
    labels = Field.objects.create(dataset=dataset, name="truth", type="classification")
    named = [NewValue(pk, {"label": "near" if place < 6 else "far"}) for place, pk in enumerate(made[:11])]
    write_values(field=labels, rows=named, source=Source.IMPORT)
    return made


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "BLOCK_SAMPLES", 5)


@pytest.fixture
def computed(owner_api: APIClient, url: str, samples: list[int]) -> Run:
    """`computed(method="pca")`: a projection whose job is finished."""

    def run(**order: Any) -> dict[str, Any]:
        answer = owner_api.post(url, {"field": "vector", **order})
        assert answer.status_code == 202, answer.content
        made = answer.json()
        start_job(made["job"])
        project(made["job"])
        shown: dict[str, Any] = owner_api.get(f"{url}{made['id']}/").json()
        assert shown["state"] == "finished", shown
        return shown

    return run


@pytest.fixture
def ordered(owner_api: APIClient, url: str, samples: list[int]) -> dict[str, Any]:
    """A projection that nobody works on yet."""
    made: dict[str, Any] = owner_api.post(url, {"field": "vector"}).json()
    return made


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


# The job ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def begun(owner_api: APIClient, url: str, samples: list[int]) -> dict[str, Any]:
    made: dict[str, Any] = owner_api.post(url, {"field": "vector"}).json()
    start_job(made["job"])
    OrmQ.objects.all().delete()
    return made


def test_slices_that_come_twice_are_placed_once(begun: dict[str, Any], small_slices: None) -> None:
    for _ in range(3):
        assert projecting._slice(begun["job"])
    job = Job.objects.get()
    assert (job.done, job.total, job.state) == (10, 12, "running")
    stale = Job.objects.select_related("projection__field", "projection__dataset").get()
    assert not projecting._slice(begun["job"])
    assert not projecting._place(stale, stale.projection)
    project(begun["job"])
    job.refresh_from_db()
    assert (job.done, job.total, job.state) == (12, 12, "finished")
    assert (Projection.objects.get().samples, ProjectionPart.objects.count()) == (12, 3)


def test_a_long_projection_hands_over_to_the_next_task(
    begun: dict[str, Any], small_slices: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs_app.stretches.STRETCH", -1)
    rounds = 0
    while rounds == 0 or OrmQ.objects.exists():
        assert {each.func() for each in OrmQ.objects.all()} <= {"jobs_app.tasks.project"}
        OrmQ.objects.all().delete()
        project(begun["job"])
        rounds += 1
    assert rounds == 4
    assert Job.objects.get().state == "finished"


def test_a_projection_whose_worker_was_killed_is_rung_for_again(begun: dict[str, Any]) -> None:
    assert sweep() == 0
    Job.objects.update(updated_at=timezone.now() - timedelta(minutes=2))
    assert sweep() == 1
    assert sweep() == 0
    assert [each.func() for each in OrmQ.objects.all()] == ["jobs_app.tasks.project"]


def test_a_cancelled_projection_goes_no_further(
    owner_api: APIClient, begun: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = projecting.fit

    def cancelled_meanwhile(*arguments: Any, **named: Any) -> Any:
        assert owner_api.post(f"/api/v1/jobs/{begun['job']}/cancel/").status_code == 200
        return original(*arguments, **named)

    monkeypatch.setattr(projecting, "fit", cancelled_meanwhile)
    project(begun["job"])
    job = Job.objects.get()
    assert (job.state, job.done, job.cancelled) == ("cancelled", 0, 12)
    assert not ProjectionPart.objects.exists()


def test_a_paused_projection_goes_on_where_it_was(
    owner_api: APIClient, begun: dict[str, Any], small_slices: None
) -> None:
    projecting._slice(begun["job"])
    projecting._slice(begun["job"])
    assert owner_api.post(f"/api/v1/jobs/{begun['job']}/pause/").json()["state"] == "paused"
    project(begun["job"])
    assert Job.objects.get().done == 5
    assert owner_api.post(f"/api/v1/jobs/{begun['job']}/resume/").json()["state"] == "running"
    project(begun["job"])
    assert (Job.objects.get().state, Projection.objects.get().samples) == ("finished", 12)


def test_a_field_that_is_deleted_meanwhile_fails_the_projection(
    owner_api: APIClient, url: str, begun: dict[str, Any]
) -> None:
    Field.objects.filter(name="vector").update(deleted_at=timezone.now())
    project(begun["job"])
    shown = owner_api.get(f"{url}{begun['id']}/").json()
    assert shown["state"] == "failed"
    assert "was deleted" in shown["error"]


def test_a_failing_fit_fails_the_job_with_its_reason(
    owner_api: APIClient, url: str, begun: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samplecase.projection.fitting.SECONDS", -1)
    monkeypatch.setattr("samplecase.projection.fitting.BEAT", 0)
    project(begun["job"])
    shown = owner_api.get(f"{url}{begun['id']}/").json()
    assert shown["state"] == "failed"
    assert "narrow it down" in shown["error"]


def test_vectors_that_a_killed_worker_left_are_removed(
    begun: dict[str, Any], settings: Any, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    for name in ("projection-old", "projection-new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "vectors.npy").write_bytes(b"0")
    os.utime(tmp_path / "projection-old", (0, 0))
    project(begun["job"])
    assert [each.name for each in tmp_path.iterdir()] == ["projection-new"]


def test_the_same_key_makes_one_projection(owner_api: APIClient, url: str, samples: list[int]) -> None:
    order, key = {"field": "vector"}, {"HTTP_IDEMPOTENCY_KEY": "once"}
    first = owner_api.post(url, order, **key)
    again = owner_api.post(url, order, **key)
    assert (first.status_code, again.status_code, again.json()) == (202, 202, first.json())
    assert Projection.objects.count() == 1
    other = owner_api.post(url, order | {"method": "pca"}, **key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert owner_api.post(url, order, HTTP_IDEMPOTENCY_KEY="").status_code == 400


def test_one_user_s_unfinished_jobs_are_bounded(
    owner_api: APIClient, url: str, samples: list[int], settings: Any
) -> None:
    settings.MAX_JOBS_PER_USER = 1
    assert owner_api.post(url, {"field": "vector"}).status_code == 202
    answer = owner_api.post(url, {"field": "vector"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_many_jobs")


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
