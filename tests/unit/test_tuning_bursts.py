"""How samples are handed out while a plan is timed, and how its speed is told from the answers."""

from __future__ import annotations

from typing import Any

import pytest

from samplecase.runtime.checking import team
from samplecase.runtime.checking.team import LEAST_BATCHES, Clock, Feed


def feed(samples: int, mini_batch: int, **more: Any) -> Feed:
    return Feed(range(samples), mini_batch, **{"seconds": 0.0, "is_once": True, "least": 0, **more})


def indices(bundle: list[tuple[int, int]]) -> list[int]:
    return [index for _, index in bundle]


def test_each_sample_is_handed_out_once_and_the_last_mini_batch_is_what_is_left() -> None:
    hands = feed(10, 4, least=10)
    assert [indices(hands.take(0)) for _ in range(4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], []]


def test_without_time_only_the_least_is_handed_out() -> None:
    hands = feed(100, 8, least=20)
    assert [len(hands.take(0)) for _ in range(4)] == [8, 8, 8, 0]


def test_in_a_burst_samples_come_again_under_other_numbers() -> None:
    hands = feed(3, 2, seconds=60.0, is_once=False)
    bundles = [hands.take(0) for _ in range(4)]
    assert [indices(each) for each in bundles] == [[0, 1], [2, 0], [1, 2], [0, 1]]
    numbers = [number for each in bundles for number, _ in each]
    assert len(set(numbers)) == len(numbers)


def test_a_burst_goes_on_until_each_replica_has_answered_enough_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(team.time, "monotonic", lambda: now[0])
    hands = feed(3, 1, seconds=2.0, is_once=False)
    now[0] = 3.0
    assert hands.take(LEAST_BATCHES - 1)
    assert not hands.take(LEAST_BATCHES)
    now[0] = 2.0 + team.PATIENCE * 2.0 + 0.1
    assert not hands.take(1)


def test_the_first_answer_of_a_replica_warms_it_up_and_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(team.time, "monotonic", lambda: now[0])
    clock = Clock()
    for at in (5.0, 6.0, 7.0, 8.0):
        now[0] = at
        clock.tick(10)
    assert clock.images_per_second == pytest.approx(10.0)


def test_where_there_are_few_answers_all_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(team.time, "monotonic", lambda: now[0])
    clock = Clock()
    assert clock.images_per_second == 0.0
    now[0] = 2.0
    clock.tick(10)
    assert clock.images_per_second == pytest.approx(5.0)
