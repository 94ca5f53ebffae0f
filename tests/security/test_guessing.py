"""Guessing a password: what is counted together, what gets locked for how long, and who is never locked out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from samplecase.web.accounts.links import login_link
from samplecase.web.accounts.lockout import COOKIE, LIMITS, LOCK, WINDOW, address_of, forget_old_tallies
from samplecase.web.accounts.models import AuditEntry, SignInTally, TallyScope, User

PASSWORD = "a long enough pass phrase"
TRIES = LIMITS[TallyScope.PAIR]
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture(autouse=True)
def _quick_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def boss(make_user: Any) -> User:
    return made(make_user, "boss")


def made(make_user: Any, username: str) -> User:
    user: User = make_user(username)
    user.set_password(PASSWORD)
    user.save()
    return user


def by_form(client: Any, username: str, password: str, **more: str) -> int:
    return int(client.post("/login/", {"username": username, "password": password}, **more).status_code)


def guess(client: Any, username: str = "boss", times: int = TRIES, **more: str) -> None:
    for _ in range(times):
        by_form(client, username, "wrong", **more)


def age(**by: Any) -> None:
    """As if all that is counted had happened earlier."""
    for tally in SignInTally.objects.all():
        tally.since -= timedelta(**by)
        tally.locked_until = tally.locked_until and tally.locked_until - timedelta(**by)
        tally.save()


@pytest.mark.parametrize("spelling", ["ｂoſs", " BOSS "])
def test_another_spelling_of_the_name_opens_no_new_tries(client: Any, boss: User, spelling: str) -> None:
    """The form reads each of them as `boss`, but for case."""
    for _ in range(TRIES):
        assert by_form(client, "boss", "wrong") == 200
    assert by_form(client, spelling, PASSWORD) == 429


def test_a_name_sent_as_a_number_is_counted_like_the_text(anonymous_api: Any, make_user: Any) -> None:
    made(make_user, "12345")
    body = {"username": 12345, "password": "wrong"}
    answers = [anonymous_api.post("/api/v1/tokens/", body, format="json") for _ in range(TRIES + 1)]
    assert [answer.status_code for answer in answers] == [401] * TRIES + [429]


def test_page_and_api_count_together_and_say_what_to_do(client: Any, anonymous_api: Any, boss: User) -> None:
    guess(client)
    answer = anonymous_api.post("/api/v1/tokens/", {"username": "boss", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= LOCK.total_seconds()
    assert "Wait 15 minutes" in answer.json()["error"]["message"]
    page = client.post("/login/", {"username": "boss", "password": PASSWORD})
    assert "Wait 15 minutes, or ask" in page.content.decode()


def test_a_lock_leaves_one_audit_row_and_ends(client: Any, boss: User) -> None:
    guess(client, times=TRIES + 5)
    entry = AuditEntry.objects.get(action="user.lock_out")
    assert (entry.object_name, entry.actor_name) == ("boss", "system")
    assert entry.details == {"counted": "pair", "address": "127.0.0.1", "minutes": 15}
    age(seconds=LOCK.total_seconds() + 1)
    assert by_form(client, "boss", PASSWORD) == 302


def test_a_name_that_nobody_has_is_locked_alike_and_stored_nowhere(client: Any, db: None) -> None:
    guess(client, "hunter2 is my password", times=TRIES + 1)
    assert AuditEntry.objects.get().object_type == "signintally"
    assert "hunter2" not in str([*AuditEntry.objects.values(), *SignInTally.objects.values()])


def test_failures_are_forgotten_after_a_while_and_by_success(client: Any, boss: User) -> None:
    guess(client, times=TRIES - 1)
    assert by_form(client, "boss", PASSWORD) == 302
    client.logout()  # forgets the cookies too
    guess(client, times=TRIES - 1)
    age(seconds=WINDOW.total_seconds() + 1)
    guess(client, times=TRIES - 1)
    assert by_form(client, "boss", PASSWORD) == 302


def test_one_address_is_stopped_whatever_names_it_tries(client: Any, boss: User) -> None:
    for number in range(LIMITS[TallyScope.ADDRESS]):
        assert by_form(client, f"user{number}", "wrong", **ELSEWHERE) == 200
    assert by_form(client, "boss", PASSWORD, **ELSEWHERE) == 429
    assert by_form(client, "boss", PASSWORD) == 302


def test_the_addresses_of_one_ipv6_network_are_one(client: Any, boss: User) -> None:
    for number in range(TRIES):
        by_form(client, "boss", "wrong", REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
    assert by_form(client, "boss", PASSWORD, REMOTE_ADDR="2001:db8:1:2:ffff::1") == 429
    assert by_form(client, "boss", PASSWORD, REMOTE_ADDR="2001:db8:1:3::1") == 302


@pytest.mark.parametrize(
    ("seen", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),  # IPv4 at a socket for both: not all of it is one network
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_address_is_counted_as_what_one_customer_has(rf: Any, seen: str, counted: str) -> None:
    assert address_of(rf.get("/", REMOTE_ADDR=seen)) == counted


def test_guessers_at_many_addresses_lock_the_account_but_not_a_browser_that_it_knows(boss: User) -> None:
    known = Client()
    assert by_form(known, "boss", PASSWORD) == 302
    known.post("/logout/")
    for number in range(LIMITS[TallyScope.ACCOUNT]):
        by_form(Client(), "boss", "wrong", REMOTE_ADDR=f"198.51.100.{number}")
    assert by_form(Client(), "boss", PASSWORD, **ELSEWHERE) == 429
    assert by_form(known, "boss", PASSWORD) == 302


def test_a_known_browser_may_not_guess_for_ever_nor_for_others(boss: User, make_user: Any) -> None:
    made(make_user, "other")
    known = Client()
    by_form(known, "boss", PASSWORD)
    known.post("/logout/")
    guess(known)
    assert by_form(known, "boss", PASSWORD) == 429
    assert by_form(Client(), "boss", PASSWORD) == 302
    guess(known, "other")
    assert by_form(known, "other", PASSWORD) == 429


def test_a_browser_that_knows_a_name_alike_is_not_known_to_the_account(
    client: Any, boss: User, make_user: Any
) -> None:
    """Who is called boß could otherwise sign in again and again, and guess ten times for boss with each cookie."""
    made(make_user, "boß")
    guess(client)
    known = Client()
    assert by_form(known, "boß", PASSWORD, **ELSEWHERE) == 302
    known.post("/logout/")
    assert by_form(known, "boss", PASSWORD) == 429


def test_a_name_too_long_for_anybody_is_not_made_longer(
    client: Any, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One letter of it becomes eighteen; a body of megabytes would take seconds and gigabytes."""
    monkeypatch.setattr(User, "normalize_username", lambda _: pytest.fail("it was read to its end"))
    assert by_form(client, "\ufdfa" * 200, "wrong") == 200


def test_a_one_time_link_lets_in_whoever_is_locked_out_and_unlocks(boss: User) -> None:
    SignInTally.objects.all().delete()
    for number in range(LIMITS[TallyScope.ACCOUNT]):
        by_form(Client(), "boss", "wrong", REMOTE_ADDR=f"198.51.100.{number}")
    locked = Client()
    assert by_form(locked, "boss", PASSWORD) == 429
    address = login_link("boss", base_url="http://testserver").removeprefix("http://testserver")
    assert locked.post(address, {"name": "", "username": "boss"}).status_code == 302
    assert COOKIE in locked.cookies
    assert by_form(Client(), "boss", PASSWORD) == 302


@pytest.mark.parametrize("name", ["", "\x00", "x" * 5_000])
def test_odd_names_are_refused_like_others(client: Any, db: None, name: str) -> None:
    for _ in range(TRIES):
        assert by_form(client, name, "wrong") == 200
    assert by_form(client, name, "wrong") == 429


def test_what_no_longer_counts_is_deleted(client: Any, boss: User) -> None:
    guess(client, times=1)
    assert forget_old_tallies() == 0
    SignInTally.objects.filter(scope="address").update(since=timezone.now() - timedelta(hours=1))
    assert forget_old_tallies() == 1
