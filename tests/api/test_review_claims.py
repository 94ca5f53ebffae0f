"""Several people in one review: each has other samples, for as long as he does something there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from datasets_app import review_claims
from datasets_app.models import Field, Sample, Value
from datasets_app.review_models import ReviewItem
from tests.api.reviews.reviewing import claim, code_of, counts, decide, made_by, undo, url
from tests.fixtures_datasets import assert_counters_are_right

SAMPLES = 12


@pytest.fixture
def samples(
    dataset: Any, make_samples: Any, make_field: Any, write: Any, collaborator: Any, grant: Any
) -> list[Sample]:
    """Of rising confidence; the owner and a collaborator may label them."""
    grant(dataset, collaborator, "label")
    made = list(make_samples(dataset, SAMPLES))
    field = make_field(dataset, "guess")
    write(field, {each: {"label": "cat", "confidence": place / 20} for place, each in enumerate(made)})
    make_field(dataset, "truth")
    return made


@pytest.fixture
def review(owner_api: Any, samples: list[Sample]) -> int:
    return made_by(owner_api, samples)


@pytest.fixture
def pass_time() -> Callable[..., None]:
    """`pass_time(seconds)`: whoever has samples did something last by so much earlier."""

    def let(seconds: float, **whose: Any) -> None:
        for item in ReviewItem.objects.filter(claimed_at__isnull=False, **whose):
            item.claimed_at -= timedelta(seconds=seconds)
            item.save(update_fields=["claimed_at"])

    return let


def test_two_people_get_different_samples_and_each_his_own_again(
    owner_api: Any, collaborator_api: Any, samples: list[Sample], review: int
) -> None:
    assert claim(owner_api, samples, review, 3) == [0, 1, 2]
    assert claim(collaborator_api, samples, review, 3) == [3, 4, 5]
    assert claim(owner_api, samples, review, 3) == [0, 1, 2]
    assert claim(owner_api, samples, review, 5) == [0, 1, 2, 6, 7]
    assert claim(owner_api, samples, review, 2) == [0, 1]
    assert counts(owner_api, samples, review) == {
        **{"total": SAMPLES, "left": SAMPLES},
        **{"claimed": 8, "yours": 5},
    }


def test_two_windows_of_one_person_have_samples_of_their_own_and_close_one_by_one(
    owner_api: Any,
    collaborator_api: Any,
    samples: list[Sample],
    review: int,
    pass_time: Callable[..., None],
) -> None:
    def claims(window: str, count: int) -> list[int]:
        answer = owner_api.post(f"{url(samples)}{review}/claims/?window={window}", {"count": count})
        return [[each.pk for each in samples].index(each["id"]) for each in answer.json()["results"]]

    assert (claims("one", 2), claims("two", 2), claims("one", 2)) == ([0, 1], [2, 3], [0, 1])
    assert owner_api.delete(f"{url(samples)}{review}/claims/?window=one").status_code == 204
    assert claim(collaborator_api, samples, review, 3) == [0, 1, 4], "the other window's are not given away"
    pass_time(590, claimed_in="two")
    decided = {"sample": samples[5].pk, "decision": "reject"}
    assert owner_api.post(f"{url(samples)}{review}/decisions/?window=one", decided).status_code == 200
    undone = owner_api.post(f"{url(samples)}{review}/undo/?window=one")
    assert undone.json()["sample"] == samples[5].pk
    assert claims("one", 1) == [5]
    pass_time(20)
    assert claim(collaborator_api, samples, review, 5) == [0, 1, 4, 2, 3], (
        "nobody did anything in that window"
    )
    assert owner_api.delete(f"{url(samples)}{review}/claims/").status_code == 204
    assert "yours" not in counts(owner_api, samples, review)
    for wrong in ("", "a%20b", "x" * 37):
        answer = owner_api.post(f"{url(samples)}{review}/claims/?window={wrong}", {})
        assert answer.json()["error"]["details"][0]["pointer"] == "/window"


def test_nobody_takes_all_samples_into_windows_that_he_makes_up(
    owner_api: Any,
    collaborator_api: Any,
    samples: list[Sample],
    review: int,
    pass_time: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(review_claims, "MOST_HELD", 5)

    def claimed(window: str) -> int:
        answer = owner_api.post(f"{url(samples)}{review}/claims/?window={window}", {"count": 3})
        return len(answer.json()["results"])

    assert [claimed("one"), claimed("two"), claimed("three"), claimed("one")] == [3, 2, 0, 3]
    assert claim(collaborator_api, samples, review, 3) == [5, 6, 7]
    pass_time(610, claimed_in="one")
    assert claimed("three") == 3, "what ran out is not counted"


def test_a_decision_on_somebody_else_s_sample_is_refused(
    owner_api: Any, collaborator_api: Any, samples: list[Sample], review: int
) -> None:
    claim(owner_api, samples, review, 2)
    answer = decide(collaborator_api, samples, review, 0, "accept")
    assert code_of(answer) == (409, "claimed")
    assert "is with owner at the moment" in answer.json()["error"]["message"]
    assert decide(collaborator_api, samples, review, 5, "accept").status_code == 200, "nobody has it"
    assert decide(owner_api, samples, review, 0, "reject").status_code == 200
    answer = decide(collaborator_api, samples, review, 0, "accept")
    assert code_of(answer) == (409, "decided")
    assert "was rejected by owner already" in answer.json()["error"]["message"]
    assert not Value.objects.filter(field__name="truth", sample=samples[0]).exists()


def test_nobody_undoes_what_another_one_decided(
    owner_api: Any, collaborator_api: Any, samples: list[Sample], review: int
) -> None:
    decide(owner_api, samples, review, 0, "accept")
    decide(collaborator_api, samples, review, 1, "accept")
    assert undo(owner_api, samples, review).json()["sample"] == samples[0].pk
    assert code_of(undo(owner_api, samples, review)) == (409, "nothing_to_undo")
    assert claim(collaborator_api, samples, review, 1) == [2], "what was given back is the owner's"


def test_who_does_nothing_for_ten_minutes_loses_his_samples(
    owner_api: Any,
    collaborator_api: Any,
    samples: list[Sample],
    review: int,
    pass_time: Callable[..., None],
) -> None:
    assert settings.REVIEW_IDLE_SECONDS == 600
    claim(owner_api, samples, review, 2)
    pass_time(590)
    assert claim(collaborator_api, samples, review, 1) == [2]
    pass_time(20)
    assert counts(owner_api, samples, review)["left"] == SAMPLES
    assert "yours" not in counts(owner_api, samples, review)
    assert decide(collaborator_api, samples, review, 0, "accept").status_code == 200
    assert claim(collaborator_api, samples, review, 2) == [2, 1]
    assert code_of(decide(owner_api, samples, review, 1, "accept")) == (409, "claimed")


def test_an_idle_claim_that_nobody_took_goes_on(
    owner_api: Any,
    collaborator_api: Any,
    samples: list[Sample],
    review: int,
    pass_time: Callable[..., None],
) -> None:
    claim(owner_api, samples, review, 2)
    pass_time(3600)
    assert claim(owner_api, samples, review, 2) == [0, 1]
    assert claim(collaborator_api, samples, review, 1) == [2]


@pytest.mark.parametrize("act", ["claim", "decide", "undo"])
def test_whatever_somebody_does_there_keeps_all_that_he_has(
    owner_api: Any,
    collaborator_api: Any,
    samples: list[Sample],
    review: int,
    pass_time: Callable[..., None],
    act: str,
) -> None:
    claim(owner_api, samples, review, 3)
    decide(owner_api, samples, review, 0, "accept")
    pass_time(590)
    if act == "claim":
        claim(owner_api, samples, review, 1)
    elif act == "decide":
        decide(owner_api, samples, review, 1, "accept")
    else:
        undo(owner_api, samples, review)
    pass_time(20)
    assert claim(collaborator_api, samples, review, 1) == [3]


def test_what_is_given_back_is_for_others_at_once(
    owner_api: Any, collaborator_api: Any, samples: list[Sample], review: int
) -> None:
    claim(owner_api, samples, review, 2)
    claim(collaborator_api, samples, review, 1)
    assert owner_api.delete(url(samples, f"{review}/claims/")).status_code == 204
    assert claim(collaborator_api, samples, review, 3) == [2, 0, 1]


def test_a_holder_who_is_deleted_holds_nothing(
    owner_api: Any, collaborator_api: Any, collaborator: Any, samples: list[Sample], review: int
) -> None:
    claim(collaborator_api, samples, review, 2)
    decide(collaborator_api, samples, review, 0, "accept")
    collaborator.delete()
    assert claim(owner_api, samples, review, 2) == [1, 2]
    answer = decide(owner_api, samples, review, 0, "accept")
    assert "was accepted by somebody already" in answer.json()["error"]["message"]


def test_two_reviews_of_one_sample_know_nothing_of_each_other(
    owner_api: Any, collaborator_api: Any, samples: list[Sample], review: int
) -> None:
    other = made_by(owner_api, samples, name="again", target="second")
    claim(owner_api, samples, review, 1)
    assert claim(collaborator_api, samples, other, 1) == [0]
    assert decide(collaborator_api, samples, other, 0, "accept").status_code == 200
    assert counts(owner_api, samples, review)["left"] == SAMPLES


@pytest.mark.django_db(transaction=True)
def test_people_at_the_same_moment_get_and_decide_each_sample_once(
    dataset: Any,
    make_user: Any,
    client_of: Any,
    grant: Any,
    samples: list[Sample],
    review: int,
) -> None:
    people = [make_user(f"annotator-{number}") for number in range(4)]
    for each in people:
        grant(dataset, each, "label")
    apis = [client_of(each) for each in people]

    def work(api: Any) -> list[int]:
        own: list[int] = []
        try:
            while mine := claim(api, samples, review, 2):
                for place in mine:
                    answer = decide(api, samples, review, place, "accept", revision=0)
                    assert answer.status_code == 200, answer.content
                own += mine
        finally:
            connection.close()
        return own

    with ThreadPoolExecutor(len(apis)) as pool:
        done = [place for places in pool.map(work, apis) for place in places]
    assert sorted(done) == list(range(SAMPLES))
    assert set(Value.objects.filter(field__name="truth").values_list("revision", flat=True)) == {1}
    assert Field.objects.get(name="truth").value_count == SAMPLES
    assert_counters_are_right(dataset)


def test_the_clock_of_the_database_says_when_somebody_did_something(
    owner_api: Any, samples: list[Sample], review: int
) -> None:
    before = timezone.now()
    claim(owner_api, samples, review, 1)
    held = ReviewItem.objects.get(claimed_by__isnull=False)
    assert before - timedelta(seconds=2) <= held.claimed_at <= timezone.now() + timedelta(seconds=2)
