"""What is decided in reviews, taken back, and asked for in filters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from datasets_app.models import Field, Sample, ValueHistory
from datasets_app.review_models import Review
from tests.api.reviews.reviewing import (
    BOX,
    claim,
    code_of,
    counts,
    decide,
    made_by,
    truth,
    undo,
    url,
)
from tests.fixtures_datasets import assert_counters_are_right

# Deciding ------------------------------------------------------------------------------------------------------------


def test_accepted_is_the_person_s_value_and_the_model_s_stays(
    owner_api: Any, samples: list[Sample], owner: Any
) -> None:
    review = made_by(owner_api, samples)
    answer = decide(owner_api, samples, review, 1, "accept", revision=0, source_revision=1)
    assert answer.status_code == 200, answer.content
    assert answer.json()["revision"] == 1
    assert answer.json()["counts"]["left"] == 4
    value = truth(samples, 1)
    assert (value.data, value.source, value.editor) == ({"label": "cat"}, "human", owner)
    assert truth(samples, 1, "guess").data == {"label": "cat", "confidence": 0.2}
    assert counts(owner_api, samples, review) == {"total": 5, "done": 1, "left": 4, "accepted": 1}
    assert_counters_are_right(samples[0].dataset)


def test_rejected_writes_nothing_and_corrected_the_given_value(owner_api: Any, samples: list[Sample]) -> None:
    review = made_by(owner_api, samples)
    assert decide(owner_api, samples, review, 1, "reject").status_code == 200
    assert decide(owner_api, samples, review, 4, "correct", value={"label": "dog"}).status_code == 200
    assert truth(samples, 1) is None
    assert truth(samples, 4).data == {"label": "dog"}
    assert counts(owner_api, samples, review) == {
        **{"total": 5, "done": 2, "left": 3},
        **{"rejected": 1, "corrected": 1},
    }
    assert claim(owner_api, samples, review) == [3, 0, 2]


def test_all_boxes_of_a_sample_are_accepted_together(
    owner_api: Any, samples: list[Sample], make_field: Any, write: Any
) -> None:
    field = make_field(samples[0].dataset, "boxes", "detections")
    write(field, {samples[0]: [BOX, {**BOX, "label": "bus", "confidence": 0.3}], samples[1]: []})
    review = made_by(owner_api, samples, source="boxes", target="true_boxes")
    assert claim(owner_api, samples, review) == [0, 1]
    for place in (0, 1):
        assert decide(owner_api, samples, review, place, "accept").status_code == 200
    source = truth(samples, 0, "boxes").data
    kept = [{key: each for key, each in box.items() if key != "confidence"} for box in source]
    assert truth(samples, 0, "true_boxes").data == kept
    assert truth(samples, 1, "true_boxes").data == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"decision": "maybe"}, "/decision"),
        ({"decision": "correct"}, "/value"),
        ({"decision": "correct", "value": None}, "/value"),
        ({"decision": "correct", "value": 7}, "/value"),
        ({"decision": "accept", "value": {"label": "dog"}}, "/value"),
        ({"decision": "accept", "revision": -1}, "/revision"),
        ({"decision": "accept", "sample": "x"}, "/sample"),
        ({"decision": "accept", "who": "me"}, "/who"),
        ({}, "/decision"),
    ],
)
def test_a_decision_that_cannot_be_read_decides_nothing(
    owner_api: Any, samples: list[Sample], body: Any, pointer: str
) -> None:
    review = made_by(owner_api, samples)
    answer = owner_api.post(url(samples, f"{review}/decisions/"), {"sample": samples[1].pk, **body})
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["details"][0]["pointer"] == pointer
    assert counts(owner_api, samples, review) == {"total": 5, "left": 5}


@pytest.mark.parametrize("count", [0, 51, "many", None])
def test_a_number_of_samples_that_nobody_can_have_is_refused(
    owner_api: Any, samples: list[Sample], count: Any
) -> None:
    review = made_by(owner_api, samples)
    answer = owner_api.post(url(samples, f"{review}/claims/"), {"count": count})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/count"


def test_a_label_that_the_target_does_not_take_is_not_accepted(owner_api: Any, samples: list[Sample]) -> None:
    Field.objects.filter(name="truth").update(classes=["dog"])
    review = made_by(owner_api, samples)
    answer = decide(owner_api, samples, review, 1, "accept")
    assert code_of(answer) == (400, "invalid_value")
    assert "“truth” does not take" in answer.json()["error"]["message"]
    assert counts(owner_api, samples, review) == {"total": 5, "left": 5}
    assert decide(owner_api, samples, review, 1, "correct", value={"label": "dog"}).status_code == 200


def test_a_target_that_somebody_else_changed_is_shown_and_not_written_over(
    owner_api: Any, samples: list[Sample], write: Any, collaborator: Any
) -> None:
    review = made_by(owner_api, samples)
    field = Field.objects.get(name="truth")
    write(field, {samples[1]: "dog"}, "human", acting_user=collaborator)
    answer = decide(owner_api, samples, review, 1, "accept", revision=0)
    assert code_of(answer) == (409, "conflict")
    assert answer.json()["conflicts"] == [
        {
            **{"sample": samples[1].pk, "yours": {"label": "cat"}, "theirs": {"label": "dog"}},
            "revision": 1,
        }
    ]
    assert counts(owner_api, samples, review) == {"total": 5, "left": 5}
    assert decide(owner_api, samples, review, 1, "accept", revision=1).status_code == 200
    assert truth(samples, 1).revision == 2
    assert ValueHistory.objects.get(field=field).editor == collaborator


def test_what_the_model_said_meanwhile_is_not_accepted_unseen(
    owner_api: Any, samples: list[Sample], write: Any
) -> None:
    review = made_by(owner_api, samples)
    guess = Field.objects.get(name="guess")
    write(guess, {samples[1]: {"label": "dog", "confidence": 0.9}, samples[4]: None})
    assert code_of(decide(owner_api, samples, review, 1, "accept", source_revision=1)) == (
        409,
        "source_changed",
    )
    assert code_of(decide(owner_api, samples, review, 4, "accept")) == (409, "no_value")
    assert counts(owner_api, samples, review) == {"total": 5, "left": 5}
    assert decide(owner_api, samples, review, 1, "accept", source_revision=2).status_code == 200
    assert decide(owner_api, samples, review, 4, "reject").status_code == 200


def test_the_same_once_more_after_a_lost_answer_changes_nothing(
    owner_api: Any, samples: list[Sample]
) -> None:
    review = made_by(owner_api, samples)
    fix = {"value": {"label": "dog"}}
    for _ in range(2):
        assert decide(owner_api, samples, review, 1, "accept", revision=0).json()["revision"] == 1
        assert decide(owner_api, samples, review, 4, "correct", revision=0, **fix).json()["revision"] == 1
    assert code_of(decide(owner_api, samples, review, 1, "reject")) == (409, "decided")
    assert code_of(decide(owner_api, samples, review, 4, "correct", value={"label": "cat"})) == (
        409,
        "decided",
    )
    assert not ValueHistory.objects.exists()
    assert counts(owner_api, samples, review)["done"] == 2


def test_what_stands_there_already_is_accepted_and_undone_without_a_trace(
    owner_api: Any, samples: list[Sample], write: Any
) -> None:
    write(Field.objects.get(name="truth"), {samples[1]: "cat"}, "human")
    review = made_by(owner_api, samples)
    assert decide(owner_api, samples, review, 1, "accept", revision=0).json()["revision"] == 1
    assert undo(owner_api, samples, review).json()["restored"] is True
    assert truth(samples, 1).revision == 1
    assert not ValueHistory.objects.exists()


def test_a_sample_that_is_gone_leaves_the_queue(owner_api: Any, samples: list[Sample]) -> None:
    review = made_by(owner_api, samples)
    claim(owner_api, samples, review)
    decide(owner_api, samples, review, 4, "accept")
    dataset = samples[0].dataset_id
    for place in (1, 4):
        assert owner_api.delete(f"/api/v1/datasets/{dataset}/samples/{samples[place].pk}/").status_code == 204
    body = {"action": "delete", "samples": [samples[3].pk]}
    assert owner_api.post(f"/api/v1/datasets/{dataset}/bulk/", body).status_code == 200
    assert counts(owner_api, samples, review) == {"total": 2, "left": 2, "claimed": 2, "yours": 2}
    assert claim(owner_api, samples, review) == [0, 2]
    assert code_of(decide(owner_api, samples, review, 1, "accept")) == (409, "not_in_review")
    assert code_of(decide(owner_api, samples, review, 5, "accept")) == (409, "not_in_review")
    assert owner_api.delete(f"/api/v1/datasets/{dataset}/").status_code == 204
    assert not Review.objects.exists()


@pytest.mark.parametrize("name", ["guess", "truth"])
def test_without_one_of_its_fields_a_review_says_so_and_waits(
    owner_api: Any, samples: list[Sample], name: str
) -> None:
    review = made_by(owner_api, samples)
    field = f"/api/v1/datasets/{samples[0].dataset_id}/fields/{name}/"
    assert owner_api.patch(field, {"name": "renamed"}).status_code == 200
    assert "renamed" in [
        owner_api.get(url(samples, f"{review}/")).json()[each] for each in ("source", "target")
    ]
    assert owner_api.delete(field.replace(name, "renamed")).status_code == 204
    assert "“renamed” was deleted" in owner_api.get(url(samples, f"{review}/")).json()["problem"]
    assert code_of(owner_api.post(url(samples, f"{review}/claims/"), {})) == (409, "field_gone")
    assert code_of(decide(owner_api, samples, review, 1, "accept")) == (409, "field_gone")
    assert code_of(undo(owner_api, samples, review)) == (409, "field_gone")
    assert owner_api.post(field.replace(name, "renamed") + "restore/").status_code == 200
    assert decide(owner_api, samples, review, 1, "accept").status_code == 200


# Undo ----------------------------------------------------------------------------------------------------------------


def test_undo_gives_the_last_sample_back_and_its_value(
    owner_api: Any, samples: list[Sample], write: Any
) -> None:
    write(Field.objects.get(name="truth"), {samples[4]: "dog"}, "import")
    review = made_by(owner_api, samples)
    for place, decision in ((1, "accept"), (4, "accept"), (3, "reject")):
        assert decide(owner_api, samples, review, place, decision).status_code == 200
    back = [undo(owner_api, samples, review).json() for _ in range(3)]
    assert [(each["sample"], each["restored"]) for each in back] == [
        (samples[place].pk, True) for place in (3, 4, 1)
    ]
    assert truth(samples, 1) is None
    assert (truth(samples, 4).data, truth(samples, 4).source) == ({"label": "dog"}, "import")
    assert counts(owner_api, samples, review) == {"total": 5, "left": 5, "claimed": 3, "yours": 3}
    assert code_of(undo(owner_api, samples, review)) == (409, "nothing_to_undo")
    assert_counters_are_right(samples[0].dataset)


def test_undo_leaves_what_somebody_changed_since_and_says_so(
    owner_api: Any, samples: list[Sample], write: Any
) -> None:
    review = made_by(owner_api, samples)
    decide(owner_api, samples, review, 1, "accept")
    write(Field.objects.get(name="truth"), {samples[1]: "dog"}, "human")
    back = undo(owner_api, samples, review).json()
    assert (back["restored"], back["revision"]) == (False, 2)
    assert truth(samples, 1).data == {"label": "dog"}
    assert counts(owner_api, samples, review)["left"] == 5


# As a filter ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "places"),
    [
        (None, [0, 1, 2, 3, 4]),
        ("accepted", [0]),
        ("rejected", [1]),
        ("corrected", [3]),
        ("open", [2, 4]),
    ],
)
def test_samples_are_filtered_by_what_was_decided(
    owner_api: Any, samples: list[Sample], verdict: str | None, places: list[int]
) -> None:
    review = made_by(owner_api, samples)
    decide(owner_api, samples, review, 0, "accept")
    decide(owner_api, samples, review, 1, "reject")
    decide(owner_api, samples, review, 3, "correct", value={"label": "dog"})
    document = {"review": review} | ({"is": verdict} if verdict else {})
    address = f"/api/v1/datasets/{samples[0].dataset_id}/"
    page = owner_api.get(f"{address}samples/", {"filter": json.dumps(document)}).json()
    assert [each["id"] for each in page["results"]] == [samples[place].pk for place in places]
    facets = owner_api.get(f"{address}facets/", {"filter": json.dumps(document), "faceted": "true"}).json()
    assert facets["total"] == len(places)


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"review": 10**6}, "/filter/review"),
        ({"review": "x"}, "/filter/review"),
        ({"is": "maybe"}, "/filter/is"),
        ({"is": 1}, "/filter/is"),
        ({"by": "me"}, "/filter"),
    ],
)
def test_a_filter_by_a_review_that_makes_no_sense_is_refused(
    owner_api: Any, samples: list[Sample], more: Any, pointer: str
) -> None:
    document = {"review": made_by(owner_api, samples), **more}
    answer = owner_api.get(
        f"/api/v1/datasets/{samples[0].dataset_id}/samples/", {"filter": json.dumps(document)}
    )
    assert code_of(answer) == (400, "bad_filter")
    assert answer.json()["error"]["details"][0]["pointer"] == pointer
