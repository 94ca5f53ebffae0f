"""How often the API may be asked, and what an answer says of it."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from samplecase.web.rest.limiter import Limiter

ME = "/api/v1/me/"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class TestLimiter:
    def test_all_at_once_then_one_for_each_part_of_the_minute(self) -> None:
        clock = Clock()
        limiter = Limiter(clock=clock)
        assert [limiter.take("ann", 3).remaining for _ in range(3)] == [2, 1, 0]
        for _ in range(2):  # a refusal costs nothing
            refused = limiter.take("ann", 3)
            assert (refused.remaining, refused.wait) == (0, pytest.approx(20))
        clock.now += 20
        assert limiter.take("ann", 3).wait == 0
        assert limiter.take("ann", 3).wait == pytest.approx(20)
        clock.now += 60
        assert [limiter.take("ann", 3).wait for _ in range(3)] == [0, 0, 0]

    @pytest.mark.parametrize("limit", [1, 7, 600, 12_000])
    def test_a_minute_holds_exactly_the_limit(self, limit: int) -> None:
        limiter = Limiter(clock=Clock())
        assert sum(limiter.take("ann", limit).wait == 0 for _ in range(limit + 5)) == limit

    def test_others_have_limits_of_their_own(self) -> None:
        limiter = Limiter(clock=Clock())
        assert limiter.take("ann", 1).wait == 0
        assert limiter.take("bob", 1).wait == 0
        assert limiter.take("ann", 1).wait > 0

    def test_more_than_it_remembers_cost_no_more_memory(self) -> None:
        clock = Clock()
        limiter = Limiter(slots=8, clock=clock)
        for number in range(20):
            clock.now += 0.001
            assert limiter.take(f"user {number}", 1).wait == 0
        assert limiter.take("user 19", 1).wait > 0, "the newest are remembered"


@pytest.fixture
def few(settings: Any) -> None:
    settings.RATE_LIMIT_USER, settings.RATE_LIMIT_ADDRESS = 3, 2


def test_a_user_has_a_limit_and_each_answer_says_what_is_left(
    few: None, owner_api: APIClient, stranger_api: APIClient
) -> None:
    first = owner_api.get(ME)
    assert (first["RateLimit-Policy"], first["RateLimit"]) == ('"user";q=3;w=60', '"user";r=2;t=20')
    assert owner_api.get("/api/v1/datasets/99/").status_code == 404
    assert owner_api.get("/api/v1/schema/")["RateLimit"].startswith('"user";r=0;t=')
    refused = owner_api.post("/api/v1/datasets/", {"name": "one more"})
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 20
    assert refused["RateLimit"].startswith('"user";r=0;')
    error = refused.json()["error"]
    assert (error["code"], error["details"]) == ("too_many_requests", [])
    assert "more than 3 requests within a minute" in error["message"]
    assert stranger_api.get(ME).status_code == 200


def test_tokens_and_sessions_of_a_user_share_his_limit(few: None, owner: Any, client_of: Any) -> None:
    by_session = APIClient()
    by_session.force_login(owner)
    asked = [client_of(owner), client_of(owner, scope="read"), by_session]
    assert [each.get(ME).status_code for each in (*asked, *asked)] == [200] * 3 + [429] * 3


def test_an_address_has_one_for_whoever_has_no_user(few: None, owner_api: APIClient, db: None) -> None:
    anonymous, guessing = APIClient(), APIClient()
    guessing.credentials(HTTP_AUTHORIZATION=f"Token {'0' * 64}")
    assert anonymous.get(ME).status_code == 401
    wrong = guessing.get(ME)
    assert (wrong.status_code, wrong["RateLimit"][:13]) == (401, '"address";r=0')
    assert [each.get(ME).status_code for each in (anonymous, guessing)] == [429, 429]
    assert anonymous.get(ME, REMOTE_ADDR="192.0.2.7").status_code == 401
    assert owner_api.get(ME).status_code == 200, "a right token does not suffer for wrong ones"


def test_zero_is_no_limit(settings: Any, owner_api: APIClient) -> None:
    settings.RATE_LIMIT_USER = 0
    assert not owner_api.get(ME).has_header("RateLimit")
