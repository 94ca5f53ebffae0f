"""Guessing a password: other spellings of one name are one name, and other names' tries do not make it forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

PASSWORD = "a long enough pass phrase"
TRIES = 10


@pytest.fixture(autouse=True)
def no_tries() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def made(make_user: Any, username: str) -> None:
    user = make_user(username)
    user.set_password(PASSWORD)
    user.save()


def by_form(client: Any, username: str, password: str) -> int:
    return int(client.post("/login/", {"username": username, "password": password}).status_code)


@pytest.mark.parametrize("spelling", ["ｂoſs", " BOSS "])
def test_another_spelling_of_the_name_opens_no_new_tries(client: Any, make_user: Any, spelling: str) -> None:
    """The form reads each of them as `boss`, but for case."""
    made(make_user, "boss")
    for _ in range(TRIES):
        assert by_form(client, "boss", "wrong") == 200
    assert by_form(client, spelling, PASSWORD) == 429


def test_a_name_sent_as_a_number_is_counted_like_the_text(anonymous_api: Any, make_user: Any) -> None:
    made(make_user, "12345")
    body = {"username": 12345, "password": "wrong"}
    answers = [anonymous_api.post("/api/v1/tokens/", body, format="json") for _ in range(TRIES + 1)]
    assert [answer.status_code for answer in answers] == [401] * TRIES + [429]


def test_tries_under_many_other_names_do_not_make_the_first_forgotten(client: Any, make_user: Any) -> None:
    from samplecase.web.accounts.throttling import SignInThrottle

    made(make_user, "boss")
    for _ in range(TRIES):
        by_form(client, "boss", "wrong")
    for number in range(2_000):  # what as many requests leave behind
        cache.set(f"sign-in-{number}", [0.0], SignInThrottle().duration)
    assert by_form(client, "boss", PASSWORD) == 429
