"""Replicas are shared: users have equally many where there is no room for all, and no user more than he may."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from samplecase.contracts.jobs import ModelSpec
from samplecase.runtime.memory_ledger import model_spec
from samplecase.runtime.pool import Borrower, ReplicaPool

ANN, BOB = Borrower(1, "job 1"), Borrower(2, "job 2")
ANNS_OTHER = Borrower(1, "job 3")


class Loaded:
    """A replica without a process."""

    is_alive = True
    load_log = ""

    def new_log(self) -> str:
        return ""

    def close(self) -> None:
        self.is_alive = False


def pool(**limits: Any) -> ReplicaPool:
    def start(spec: ModelSpec) -> Any:
        return Loaded()

    return ReplicaPool(start, **{"max_replicas": 4, "idle_seconds": 60, **limits})


def spec(borrower: Borrower) -> ModelSpec:
    return model_spec(owner=borrower.owner)


def borrow(shared: ReplicaPool, borrower: Borrower, count: int) -> list[Any]:
    """What it gets when it asks `count` times."""
    asked = [shared.borrow(spec(borrower), borrower, is_first=number == 0) for number in range(count)]
    return [replica for replica in asked if replica is not None]


def settle(shared: ReplicaPool, held: dict[Borrower, list[Any]]) -> None:
    """Everyone asks for more and gives back what he must, until nobody does any more."""
    for _ in range(20):
        for borrower, replicas in held.items():
            while len(replicas) > 1 and shared.must_yield(borrower):
                shared.give_back(spec(borrower), borrower, replicas.pop())
            more = shared.borrow(spec(borrower), borrower, is_first=not replicas)
            replicas += [more] if more else []


@pytest.mark.parametrize("late", [BOB, ANNS_OTHER])
def test_a_job_that_comes_late_gets_its_first_replica_at_once_and_its_share_soon(late: Borrower) -> None:
    shared = pool()
    held = {ANN: borrow(shared, ANN, 9)}
    assert len(held[ANN]) == 4
    held[late] = borrow(shared, late, 1)
    assert len(held[late]) == 1
    settle(shared, held)
    assert {borrower: len(replicas) for borrower, replicas in held.items()} == {ANN: 2, late: 2}


def test_users_share_and_not_their_jobs() -> None:
    shared = pool(max_replicas=8)
    held = {each: borrow(shared, each, 9) for each in (ANN, ANNS_OTHER, BOB)}
    settle(shared, held)
    assert len(held[BOB]) == 4
    assert (len(held[ANN]), len(held[ANNS_OTHER])) == (2, 2)


def test_one_that_is_to_be_given_back_is_asked_for_once() -> None:
    shared = pool(max_replicas=3)
    borrow(shared, ANN, 3)
    borrow(shared, BOB, 2)
    assert [shared.must_yield(ANN) for _ in range(3)] == [True, False, False]
    assert not shared.must_yield(BOB)


def test_nobody_yields_to_a_user_who_has_all_that_he_may() -> None:
    shared = pool(max_per_owner=2)
    held = {ANN: borrow(shared, ANN, 9), BOB: borrow(shared, BOB, 9)}
    assert (len(held[ANN]), len(held[BOB])) == (2, 2)
    assert not shared.must_yield(ANN)


def test_the_jobs_of_a_user_share_what_he_may_have() -> None:
    shared = pool(max_per_owner=2)
    held = {ANN: borrow(shared, ANN, 9), ANNS_OTHER: borrow(shared, ANNS_OTHER, 1)}
    assert (len(held[ANN]), len(held[ANNS_OTHER])) == (2, 0)
    settle(shared, held)
    assert (len(held[ANN]), len(held[ANNS_OTHER])) == (1, 1)


def test_a_loaded_replica_is_not_used_for_another_version_of_the_same_package() -> None:
    shared = pool()
    one = model_spec(owner=ANN.owner, package_sha256="0", version=1)
    other = model_spec(owner=ANN.owner, package_sha256="0", version=2)
    loaded = shared.borrow(one, ANN, is_first=True)
    assert loaded is not None
    shared.give_back(one, ANN, loaded)
    assert shared.borrow(other, ANN, is_first=True) is not loaded
    assert shared.borrow(one, ANN, is_first=False) is loaded


def test_replicas_that_end_slowly_end_together(monkeypatch: pytest.MonkeyPatch) -> None:
    is_last = threading.Barrier(3)
    monkeypatch.setattr(Loaded, "close", lambda self: is_last.wait(20))
    shared = pool()
    for replica in borrow(shared, ANN, 3):
        shared.give_back(spec(ANN), ANN, replica)
    shared.close()
    assert not is_last.broken


def test_who_no_longer_asks_no_longer_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    from samplecase.runtime import pool as module

    shared = pool()
    borrow(shared, ANN, 4)
    borrow(shared, BOB, 2)
    monkeypatch.setattr(module, "WAITING_SECONDS", -1.0)
    assert not shared.must_yield(ANN)
