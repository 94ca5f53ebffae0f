"""`/datasets/{id}/reviews/`: queues that are made, listed, counted and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from datasets_app import reviews
from datasets_app.models import Field, Sample
from datasets_app.review_models import Review, ReviewItem
from samplecase.web.accounts.models import AuditEntry
from tests.api.reviews.reviewing import (
    claim,
    code_of,
    counts,
    made_by,
    make,
    url,
)


def test_a_review_is_made_listed_and_deleted(owner_api: Any, samples: list[Sample]) -> None:
    only = {"field": "guess.confidence", "op": "lt", "value": 0.8}
    made = make(owner_api, samples, filter=only).json()
    assert made == {
        **{"id": made["id"], "name": "unsure", "filter": only, "source": "guess", "target": "truth"},
        **{"order": "confidence", "created_by": "owner", "created_at": made["created_at"], "problem": None},
        "counts": {"total": 3, "done": 0, "left": 3, "claimed": 0, "yours": 0}
        | {"accepted": 0, "rejected": 0, "corrected": 0},
    }
    assert owner_api.get(url(samples)).json() == {"results": [made], "next": None, "count": 1}
    assert owner_api.get(url(samples, f"{made['id']}/")).json() == made
    assert owner_api.delete(url(samples, f"{made['id']}/")).status_code == 204
    assert owner_api.get(url(samples)).json()["results"] == []
    assert not ReviewItem.objects.exists()
    actions = AuditEntry.objects.filter(action__startswith="review.").order_by("pk")
    assert [each.action for each in actions] == ["review.create", "review.delete"]


def test_one_post_makes_the_target_like_its_source(owner_api: Any, samples: list[Sample]) -> None:
    assert make(owner_api, samples, target=...).json()["target"] == "guess_reviewed"
    field = Field.objects.get(name="guess_reviewed")
    assert (field.type, field.classes, field.colors) == ("classification", ["cat", "dog"], {"cat": "#ff0000"})
    assert make(owner_api, samples, target="checked", name="b").json()["target"] == "checked"
    assert make(owner_api, samples, target=..., name="c").json()["target"] == "guess_reviewed"


@pytest.mark.parametrize(
    ("order", "places"),
    [
        ("confidence", [1, 4, 3, 0, 2]),
        ("-confidence", [0, 3, 4, 1, 2]),
        ("name", [0, 1, 2, 3, 4]),
        ("-name", [4, 3, 2, 1, 0]),
        # Sure of another label than the truth: 0 most, then 3; 1 agrees; the others have no truth.
        ("-compare:truth,guess", [0, 3, 1, 2, 4]),
    ],
)
def test_samples_come_in_the_order_of_the_same_sort(
    owner_api: Any, samples: list[Sample], write: Any, order: str, places: list[int]
) -> None:
    field = Field.objects.get(name="truth")
    write(field, {samples[0]: "dog", samples[3]: "dog", samples[1]: "cat"}, "human")
    assert claim(owner_api, samples, made_by(owner_api, samples, order=order)) == places
    sort = {"confidence": "guess.confidence", "-confidence": "-guess.confidence"}.get(order, order)
    page = owner_api.get(f"/api/v1/datasets/{samples[0].dataset_id}/samples/", {"sort": sort}).json()
    ids = [each["id"] for each in page["results"] if "guess" in each["values"]]
    assert ids == [samples[place].pk for place in places]


def test_what_changes_later_changes_no_place(
    owner_api: Any, samples: list[Sample], make_samples: Any, write: Any
) -> None:
    only = {"field": "guess.confidence", "op": "lt", "value": 0.5}
    review = made_by(owner_api, samples, filter=only)
    guess = Field.objects.get(name="guess")
    more = make_samples(samples[0].dataset, 1, "later")
    write(
        guess,
        {samples[1]: {"label": "dog", "confidence": 0.99}, more[0]: {"label": "dog", "confidence": 0.1}},
    )
    assert claim(owner_api, samples, review) == [1, 4]
    assert counts(owner_api, samples, review) == {"total": 2, "left": 2, "claimed": 2, "yours": 2}


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"name": ...}, "/name"),
        ({"source": ...}, "/source"),
        ({"source": "nope"}, "/source"),
        ({"source": "score"}, "/source"),
        ({"target": "guess"}, "/target"),
        ({"target": "boxes"}, "/target"),
        ({"target": "Not A Name"}, "/target"),
        ({"target": "width"}, "/target"),
        ({"order": "nope"}, "/order"),
        ({"order": "tags"}, "/order"),
        ({"order": "-compare:truth,boxes"}, "/order"),
        ({"filter": {"field": "nope", "op": "exists"}}, "/filter/field"),
        ({"filter": []}, "/filter"),
        ({"filter": {"field": "name", "op": "eq", "value": "nobody"}}, "/filter"),
        ({"filter": {"field": "width", "op": "eq", "value": 2**40}}, "/filter"),
        ({"counts": {}}, "/counts"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place_and_leaves_nothing(
    owner_api: Any, samples: list[Sample], make_field: Any, facts: Any, pointer: str
) -> None:
    make_field(samples[0].dataset, "score", "number")
    make_field(samples[0].dataset, "boxes", "detections")
    before = set(Field.objects.values_list("name", flat=True))
    answer = make(owner_api, samples, **{"target": "fresh", **facts})
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"] == pointer
    assert set(Field.objects.values_list("name", flat=True)) == before
    assert not Review.objects.exists()


def test_a_name_is_had_once_in_a_dataset(owner_api: Any, samples: list[Sample]) -> None:
    made_by(owner_api, samples)
    again = make(owner_api, samples)
    assert code_of(again) == (400, "name_taken")
    assert again.json()["error"]["details"][0]["pointer"] == "/name"


def test_a_dataset_has_a_bounded_number_of_reviews(
    owner_api: Any, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "MOST_REVIEWS", 1)
    assert make(owner_api, samples).status_code == 201
    assert code_of(make(owner_api, samples, name="another")) == (409, "too_many_reviews")


def test_more_than_a_review_holds_is_refused(
    owner_api: Any, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "MOST_SAMPLES", 4)
    assert code_of(make(owner_api, samples)) == (400, "too_many_samples")
    assert not ReviewItem.objects.exists()


def test_reviews_are_deleted_by_who_made_them_or_may_edit(
    owner_api: Any,
    collaborator_api: Any,
    stranger_api: Any,
    samples: list[Sample],
    reviewers: None,
    stranger: Any,
    grant: Any,
) -> None:
    own = made_by(collaborator_api, samples, name="own")
    owners = made_by(owner_api, samples, name="owners")
    assert collaborator_api.delete(url(samples, f"{owners}/")).status_code == 403
    assert stranger_api.get(url(samples)).status_code == 404
    grant(samples[0].dataset, stranger, "view")
    assert stranger_api.get(url(samples)).json()["count"] == 2
    assert make(stranger_api, samples, name="x").status_code == 403
    for call in ("claims", "decisions", "undo"):
        assert stranger_api.post(url(samples, f"{own}/{call}/")).status_code == 403
    assert stranger_api.delete(url(samples, f"{own}/claims/")).status_code == 403
    assert collaborator_api.delete(url(samples, f"{own}/")).status_code == 204
    assert owner_api.delete(url(samples, f"{owners}/")).status_code == 204


def test_a_review_is_found_in_its_own_dataset_only(owner_api: Any, owner: Any, samples: list[Sample]) -> None:
    from datasets_app.models import Dataset

    review = made_by(owner_api, samples)
    other = Dataset.objects.create(name="another", owner=owner)
    assert owner_api.get(f"/api/v1/datasets/{other.pk}/reviews/{review}/").status_code == 404
