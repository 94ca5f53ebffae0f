"""One's own name, password and sessions, and the tokens' last use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from samplecase.web.accounts.models import ApiToken, AuditEntry, User, UserSession
from samplecase.web.accounts.sessions import forget_expired_sessions

ME = "/api/v1/me/"
SESSIONS = "/api/v1/sessions/"
CHANGE = "/api/v1/me/password/"
PASSWORD = "correct horse battery staple"
NEW = "purple monkey dishwasher 9"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _quick_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(make_user: Any) -> User:
    user: User = make_user("person", first_name="Ada")
    user.set_password(PASSWORD)
    user.save()
    return user


def browser(password: str = PASSWORD, **headers: str) -> Client:
    """A browser that `person` has signed in with."""
    client = Client(**headers)
    answer = client.post("/login/", {"username": "person", "password": password})
    assert answer.status_code == 302, answer.content
    return client


def post(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(address, body, content_type="application/json")


def test_a_full_name_is_changed_and_recorded(owner_api: Any, client_of: Any, owner: User) -> None:
    assert owner_api.patch(ME, {"name": "Ada"}).status_code == 403
    api = client_of(owner, scope="admin")
    assert api.patch(ME, {"name": "Ada King Lovelace"}).json()["name"] == "Ada King Lovelace"
    owner.refresh_from_db()
    assert (owner.first_name, owner.last_name) == ("Ada", "King Lovelace")
    assert api.patch(ME, {"username": "root"}).status_code == 400
    assert api.patch(ME, {"is_superuser": True}).status_code == 400
    assert AuditEntry.objects.get(action="user.update").actor == owner


class TestSessions:
    def test_each_browser_is_listed_with_where_and_what_it_is(self, person: User) -> None:
        browser(REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="curl/8")
        here = browser(HTTP_USER_AGENT=FIREFOX)
        rows = here.get(SESSIONS).json()["results"]
        assert [(row["agent"], row["address"], row["is_current"]) for row in rows] == [
            (FIREFOX, "127.0.0.1", True),
            ("curl/8", "203.0.113.9", False),
        ]
        assert not any(key in str(rows) for key in UserSession.objects.values_list("pk", flat=True))

    def test_sessions_and_tokens_come_page_by_page(self, person: User, client_of: Any) -> None:
        here, _, _, _ = browser(), browser(), client_of(person), client_of(person)
        for address in (SESSIONS, "/api/v1/tokens/"):
            first = here.get(address, {"limit": 1}).json()
            second = here.get(address, {"limit": 1, "cursor": first["next"]}).json()
            assert len({row["id"] for page in (first, second) for row in page["results"]}) == 2
            assert second["next"] is None

    def test_one_is_ended_and_its_next_request_refused(self, person: User) -> None:
        lost, here = browser(), browser()
        [other] = [row for row in here.get(SESSIONS).json()["results"] if not row["is_current"]]
        assert here.delete(f"{SESSIONS}{other['id']}/").status_code == 204
        assert lost.get(ME).status_code == 401
        assert here.get(ME).status_code == 200
        assert here.delete(f"{SESSIONS}{other['id']}/").status_code == 404
        assert AuditEntry.objects.get(action="session.end").details == {"session": other["id"]}

    def test_all_others_are_ended_at_once(self, person: User) -> None:
        others, here = [browser(), browser()], browser()
        assert here.delete(SESSIONS).json() == {"ended": 2}
        assert [each.get(ME).status_code for each in (*others, here)] == [401, 401, 200]

    def test_nobody_ends_or_sees_anothers(self, person: User, superuser: User, client_of: Any) -> None:
        here = browser()
        api = client_of(superuser, scope="admin")
        session = UserSession.objects.get(user=person)
        assert api.get(SESSIONS).json()["results"] == []
        assert api.delete(f"{SESSIONS}{session.public_id}/").status_code == 404
        assert api.delete(SESSIONS).json() == {"ended": 0}
        assert here.get(ME).status_code == 200

    def test_use_is_noted_every_few_minutes_only(self, person: User, django_assert_num_queries: Any) -> None:
        here = browser()
        before = timezone.now() - timedelta(minutes=6)
        UserSession.objects.update(seen_at=before, address="")
        here.get(ME, REMOTE_ADDR="203.0.113.9")
        session = UserSession.objects.get()
        assert session.seen_at > before + timedelta(minutes=5)
        assert session.address == "203.0.113.9"
        with django_assert_num_queries(2):  # the session and its user
            here.get(ME)

    def test_signing_out_and_expiry_end_a_session(self, person: User) -> None:
        here = browser()
        here.post("/logout/")
        assert not UserSession.objects.exists()
        browser()
        UserSession.objects.update(expire_date=timezone.now())
        assert forget_expired_sessions() == 1

    def test_a_deactivated_person_is_signed_out_for_good(
        self, person: User, superuser: User, client_of: Any
    ) -> None:
        here = browser()
        api = client_of(superuser, scope="admin")
        for is_active in (False, True):
            api.patch(f"/api/v1/people/{person.pk}/", {"is_active": is_active})
            assert here.get(ME).status_code == 401


class TestPassword:
    def test_a_change_ends_the_other_sessions_and_keeps_this_one_and_tokens(
        self, person: User, client_of: Any
    ) -> None:
        other, here, script = browser(), browser(), client_of(person)
        assert post(here, CHANGE, {"current": PASSWORD, "new": NEW}).status_code == 204
        assert [each.get(ME).status_code for each in (other, here, script)] == [401, 200, 200]
        assert UserSession.objects.count() == 1
        browser(NEW)
        assert AuditEntry.objects.get(action="user.password").actor == person

    @pytest.mark.parametrize(
        ("body", "pointer", "message"),
        [
            ({"current": "wrong", "new": NEW}, "/current", "present password"),
            ({"new": NEW}, "/current", "present password"),
            ({"current": PASSWORD, "new": "short"}, "/new", "too short"),
            ({"current": PASSWORD, "new": "12345678901"}, "/new", "numeric"),
            ({"current": PASSWORD, "new": "person12"}, "/new", "similar"),
            ({"current": PASSWORD}, "/new", "required"),
        ],
    )
    def test_what_is_wrong_is_said_in_its_place(
        self, person: User, body: dict[str, str], pointer: str, message: str
    ) -> None:
        answer = post(browser(), CHANGE, body)
        assert answer.status_code == 400
        faults = answer.json()["error"]["details"]
        assert {fault["pointer"] for fault in faults} == {pointer}
        assert message in " ".join(fault["message"] for fault in faults)
        person.refresh_from_db()
        assert person.check_password(PASSWORD)

    def test_a_stolen_session_cannot_guess_it(self, person: User) -> None:
        here = browser()
        for _ in range(10):
            assert post(here, CHANGE, {"current": "wrong", "new": NEW}).status_code == 400
        assert post(here, CHANGE, {"current": PASSWORD, "new": NEW}).status_code == 429

    def test_who_came_by_a_link_only_chooses_a_first_one(self, owner: User, client: Client) -> None:
        client.force_login(owner)
        assert client.get(ME).json()["has_password"] is False
        assert post(client, CHANGE, {"new": NEW}).status_code == 204
        assert client.get(ME).json()["has_password"] is True

    def test_one_set_in_the_administration_ends_all_sessions(
        self, person: User, superuser: User, client: Client
    ) -> None:
        here = browser()
        client.force_login(superuser)
        body = {"password1": NEW, "password2": NEW, "usable_password": "true"}
        answer = client.post(f"/admin/accounts/user/{person.pk}/password/", body)
        assert answer.status_code == 302, answer.content
        assert here.get(ME).status_code == 401
        assert not UserSession.objects.filter(user=person).exists()
        assert AuditEntry.objects.get(action="user.password").actor == superuser

    def test_one_chosen_by_a_link_ends_all_sessions(self, person: User, client: Client) -> None:
        from samplecase.web.accounts.links import login_link

        here = browser()
        address = login_link("person", base_url="http://testserver").removeprefix("http://testserver")
        answer = client.post(address, {"name": "Ada", "password": NEW, "repeated": NEW})
        assert answer.status_code == 302
        assert here.get(ME).status_code == 401
        assert client.get(ME).status_code == 200


def test_a_token_says_when_it_was_last_used(owner: User, client_of: Any) -> None:
    api = client_of(owner, scope="admin")
    ApiToken.objects.update(last_used_at=None)
    api.get(ME)
    noted = ApiToken.objects.get().last_used_at
    assert noted is not None
    api.get(ME)
    assert ApiToken.objects.get().last_used_at == noted
    ApiToken.objects.update(last_used_at=noted - timedelta(minutes=6))
    api.get(ME)
    assert ApiToken.objects.get().last_used_at >= noted
