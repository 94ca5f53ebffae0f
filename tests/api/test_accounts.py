"""Tokens, their scopes, who one is, and one-time links."""

from __future__ import annotations

import io
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from samplecase.contracts.errors import Conflict, NotFound
from samplecase.web.accounts.links import first_owner_link, login_link
from samplecase.web.accounts.models import ApiToken, AuditEntry, LinkPurpose, OneTimeLink, User

TOKENS = "/api/v1/tokens/"
ME = "/api/v1/me/"
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _quick_and_uncounted(settings: Any) -> None:
    """A cheap hash, and no tries counted from the test before."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def person(make_user: Any) -> User:
    """A user with a password."""
    user: User = make_user("person", first_name="Ada", last_name="Lovelace")
    user.set_password(PASSWORD)
    user.save()
    return user


def with_token(text: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {text}")
    return client


def asked(api: Any, **body: Any) -> Any:
    return api.post(TOKENS, body)


class TestMakingTokens:
    def test_a_password_gives_a_token_that_works(self, anonymous_api: Any, person: User) -> None:
        answer = asked(anonymous_api, username="person", password=PASSWORD, name="laptop")
        assert answer.status_code == 201
        assert answer["Cache-Control"] == "no-store"
        token = answer.json()["token"]
        me = with_token(token).get(ME).json()
        assert (me["username"], me["name"], me["is_superuser"]) == ("person", "Ada Lovelace", False)

    def test_the_text_is_stored_nowhere_and_shown_once(self, anonymous_api: Any, person: User) -> None:
        made = asked(anonymous_api, username="person", password=PASSWORD, scope="admin").json()
        row = ApiToken.objects.get()
        assert made["token"] not in {row.digest, row.name, str(row.public_id), row.token_key}
        listed = with_token(made["token"]).get(TOKENS).json()
        assert listed["count"] == 1
        assert listed["results"][0].keys() == {"id", "name", "scope", "created_at", "expires", "last_used_at"}
        assert made["token"][:8] not in str(listed)

    @pytest.mark.parametrize(
        ("username", "password"),
        [("person", "wrong"), ("nobody", PASSWORD), ("person", ""), ("", PASSWORD), ("PERSON ", PASSWORD)],
    )
    def test_wrong_credentials_are_refused(
        self, anonymous_api: Any, person: User, username: str, password: str
    ) -> None:
        assert asked(anonymous_api, username=username, password=password).status_code in {400, 401}
        assert not ApiToken.objects.exists()

    def test_an_inactive_user_gets_none(self, anonymous_api: Any, person: User) -> None:
        User.objects.update(is_active=False)
        assert asked(anonymous_api, username="person", password=PASSWORD).status_code == 401

    def test_username_and_password_go_together(self, anonymous_api: Any) -> None:
        answer = asked(anonymous_api, username="person")
        assert answer.status_code == 400
        assert answer.json()["error"]["details"][0]["pointer"] == "/password"

    def test_without_anything_one_must_be_signed_in(self, anonymous_api: Any) -> None:
        answer = asked(anonymous_api, name="x")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Token"

    def test_the_page_makes_one_for_its_user(self, person: User) -> None:
        page = APIClient(enforce_csrf_checks=True)
        page.force_login(person)
        page.get("/datasets")
        csrf = page.cookies["csrftoken"].value
        assert asked(page, name="ci").status_code == 403
        answer = page.post(TOKENS, {"name": "ci", "scope": "read"}, HTTP_X_CSRFTOKEN=csrf)
        assert answer.status_code == 201
        assert answer.json()["scope"] == "read"

    def test_an_expiry_lies_in_the_future(self, anonymous_api: Any, person: User) -> None:
        past = (timezone.now() - timedelta(minutes=1)).isoformat()
        answer = asked(anonymous_api, username="person", password=PASSWORD, expires=past)
        assert answer.status_code == 400
        assert answer.json()["error"]["details"][0]["pointer"] == "/expires"
        soon = timezone.now() + timedelta(hours=1)
        made = asked(anonymous_api, username="person", password=PASSWORD, expires=soon.isoformat()).json()
        assert abs(ApiToken.objects.get().expiry - soon) < timedelta(seconds=10)
        assert made["expires"]

    def test_guessing_is_stopped_for_that_user_only(
        self, anonymous_api: Any, person: User, make_user: Any
    ) -> None:
        for _ in range(10):
            assert asked(anonymous_api, username="person", password="wrong").status_code == 401
        answer = asked(anonymous_api, username="person", password=PASSWORD)
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 0
        assert answer.json()["error"]["code"] == "too_many_requests"
        assert asked(anonymous_api, username="other", password="x").status_code == 401

    def test_a_made_up_forwarding_header_opens_no_new_tries(self, anonymous_api: Any, person: User) -> None:
        for number in range(10):
            body = {"username": "person", "password": "wrong"}
            anonymous_api.post(TOKENS, body, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")
        assert asked(anonymous_api, username="person", password=PASSWORD).status_code == 429

    @pytest.mark.parametrize(
        "written", ["192.0.2.7:{port}", "[2001:db8::7]:{port}", "203.0.113.1, 192.0.2.7:{port}"]
    )
    def test_a_port_that_the_proxy_writes_opens_no_new_tries(
        self, anonymous_api: Any, person: User, settings: Any, written: str
    ) -> None:
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
        statuses = [
            anonymous_api.post(
                TOKENS,
                {"username": f"somebody-{number}", "password": "wrong"},
                HTTP_X_FORWARDED_FOR=written.format(port=40_000 + number),
            ).status_code
            for number in range(51)
        ]
        assert statuses == [401] * 50 + [429]


class TestUsingTokens:
    @pytest.mark.parametrize(
        "header",
        [
            "Token",
            "Token a b",
            "Token wrong",
            "Token " + "0" * 64,
            "Token ünïcode",
            "token \udcff",
            "Token \x00",
        ],
    )
    def test_a_bad_header_is_401(self, db: None, header: str) -> None:
        client = APIClient()
        answer = client.get(
            ME, HTTP_AUTHORIZATION=header.encode("utf-8", "surrogateescape").decode("latin-1")
        )
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "authentication_failed"
        assert answer["WWW-Authenticate"] == "Token"

    def test_an_expired_token_is_refused(self, owner: User, client_of: Any) -> None:
        api = client_of(owner)
        assert api.get(ME).status_code == 200
        ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
        assert api.get(ME).status_code == 401

    def test_a_token_of_an_inactive_user_is_refused(self, owner: User, owner_api: Any) -> None:
        User.objects.filter(pk=owner.pk).update(is_active=False)
        assert owner_api.get(ME).status_code == 401

    def test_a_read_token_only_reads(self, owner: User, client_of: Any, dataset: Any) -> None:
        api = client_of(owner, scope="read")
        assert api.get(ME).status_code == 200
        answer = api.put(f"/api/v1/datasets/{dataset.pk}/sharing/", {})
        assert answer.status_code == 403
        assert "scope" in answer.json()["error"]["message"]

    @pytest.mark.parametrize("scope", ["read", "write"])
    def test_tokens_are_managed_with_scope_admin_only(self, owner: User, client_of: Any, scope: str) -> None:
        api = client_of(owner, scope=scope)
        own = api.get(TOKENS).json()["results"][0]["id"]
        assert asked(api, name="more").status_code == 403
        assert api.delete(f"{TOKENS}{own}/").status_code == 403
        admin = client_of(owner, scope="admin")
        assert asked(admin, name="more").status_code == 201

    def test_a_revoked_token_works_no_more(self, owner: User, client_of: Any) -> None:
        api, other = client_of(owner, scope="admin"), client_of(owner)
        listed = {each["scope"]: each["id"] for each in api.get(TOKENS).json()["results"]}
        assert api.delete(f"{TOKENS}{listed['write']}/").status_code == 204
        assert other.get(ME).status_code == 401
        assert api.delete(f"{TOKENS}{listed['write']}/").status_code == 404
        assert AuditEntry.objects.get(action="token.revoke").details["token"] == listed["write"]

    def test_nobody_sees_or_revokes_anothers(self, owner: User, superuser: User, client_of: Any) -> None:
        client_of(owner)
        token = ApiToken.objects.get(user=owner)
        api = client_of(superuser, scope="admin")
        assert str(token.public_id) not in str(api.get(TOKENS).json())
        assert api.delete(f"{TOKENS}{token.public_id}/").status_code == 404

    def test_anonymous_is_told_how_to_sign_in(self, anonymous_api: Any) -> None:
        answer = anonymous_api.get(ME)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "not_authenticated"
        assert answer["WWW-Authenticate"] == "Token"


def filled(**changes: str) -> dict[str, str]:
    return {"username": "ada", "name": "Ada Lovelace", "password": PASSWORD, "repeated": PASSWORD, **changes}


@pytest.fixture
def invitation(make_user: Any) -> str:
    """The address of an unused link of a user without a password."""
    secret = OneTimeLink.objects.issue(user=make_user("new"), purpose=LinkPurpose.INVITATION)
    return f"/welcome/{secret}/"


@pytest.mark.django_db
class TestOneTimeLinks:
    def test_get_shows_the_form_and_uses_nothing_up(self, client: Client, invitation: str) -> None:
        for _ in range(3):
            answer = client.get(invitation)
            assert answer.status_code == 200
            assert b'name="password"' in answer.content
        assert answer["Referrer-Policy"] == "strict-origin"
        assert "no-store" in answer["Cache-Control"]
        assert "sessionid" not in client.cookies

    def test_post_sets_name_and_password_and_signs_in(self, client: Client, invitation: str) -> None:
        answer = client.post(invitation, filled())
        assert (answer.status_code, answer["Location"]) == (302, "/")
        user = User.objects.get(username="ada")
        assert user.get_full_name() == "Ada Lovelace"
        assert user.check_password(PASSWORD)
        assert client.get(ME).json()["username"] == "ada"
        assert AuditEntry.objects.get(action="user.enter").actor == user

    def test_a_link_works_once(self, client: Client, invitation: str) -> None:
        client.post(invitation, filled())
        for again in (Client().get(invitation), Client().post(invitation, filled(username="eve"))):
            assert again.status_code == 410
            assert b"does not work any more" in again.content
        assert not User.objects.filter(username="eve").exists()

    def test_a_refused_form_uses_nothing_up(self, client: Client, invitation: str) -> None:
        answer = client.post(invitation, filled(password="short", repeated="short"))
        assert answer.status_code == 422
        assert b"too short" in answer.content
        assert client.post(invitation, filled()).status_code == 302

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"repeated": "other"}, "The two passwords differ."),
            ({"username": "OWNER"}, "Someone else has this username."),
            ({"username": "a b"}, "Enter a valid username"),
            ({"password": "12345678901", "repeated": "12345678901"}, "entirely numeric"),
            ({"username": "lovelace99", "password": "lovelace99", "repeated": "lovelace99"}, "too similar"),
        ],
    )
    def test_what_is_wrong_is_said_in_its_place(
        self, client: Client, invitation: str, owner: User, changes: dict[str, str], message: str
    ) -> None:
        assert message in client.post(invitation, filled(**changes)).content.decode()

    @pytest.mark.parametrize("why", ["expired", "inactive", "unknown"])
    def test_a_dead_link_is_gone(self, client: Client, invitation: str, why: str) -> None:
        if why == "expired":
            OneTimeLink.objects.update(expires_at=timezone.now())
        elif why == "inactive":
            User.objects.update(is_active=False)
        else:
            invitation = "/welcome/unknown/"
        assert client.get(invitation).status_code == 410
        assert client.post(invitation, filled()).status_code == 410

    def test_who_has_a_password_may_keep_it(self, client: Client, person: User) -> None:
        User.objects.update(last_login=timezone.now())
        address = login_link("person", base_url="http://localhost").removeprefix("http://localhost")
        assert b'name="username"' not in client.get(address).content
        assert client.post(address, {"name": "Ada L."}).status_code == 302
        person.refresh_from_db()
        assert person.check_password(PASSWORD)
        assert (person.username, person.get_full_name()) == ("person", "Ada L.")

    def test_the_csrf_check_holds_on_the_form(self, invitation: str) -> None:
        assert Client(enforce_csrf_checks=True).post(invitation, filled()).status_code == 403
        assert OneTimeLink.objects.get().used_at is None

    def test_only_a_digest_is_stored(self, invitation: str) -> None:
        secret = invitation.split("/")[2]
        assert secret not in str(list(OneTimeLink.objects.values()))

    def test_links_are_made_for_active_users_only(self, owner: User) -> None:
        with pytest.raises(NotFound):
            login_link("nobody", base_url="http://localhost")
        User.objects.update(is_active=False)
        with pytest.raises(Conflict):
            login_link("owner", base_url="http://localhost")


class TestFirstOwner:
    def test_the_first_start_makes_a_superuser_without_a_password(self, db: None, client: Client) -> None:
        link = first_owner_link("http://127.0.0.1:8000/")
        assert link is not None
        first = User.objects.get()
        assert (first.username, first.is_superuser, first.has_usable_password()) == ("admin", True, False)
        path = link.removeprefix("http://127.0.0.1:8000")
        assert client.post(path, filled()).status_code == 302
        assert first_owner_link("http://127.0.0.1:8000") is None

    def test_until_someone_has_signed_in_each_start_gives_a_link(self, db: None) -> None:
        assert first_owner_link("http://a") != first_owner_link("http://a")
        assert User.objects.count() == 1

    def test_with_other_accounts_there_is_no_first_owner(self, owner: User) -> None:
        assert first_owner_link("http://a") is None
        assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_of_links_and_tokens_reach_no_log_line(form: str) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    from samplecase.web.accounts.logs import FORMATTERS

    handler.setFormatter(FORMATTERS[form]())
    logger = logging.getLogger("samplecase.test")
    logger.addHandler(handler)
    try:
        logger.warning("Gone: %s", "/welcome/SECRET-one/")
        logger.warning('"GET /welcome/SECRET_two HTTP/1.1" Authorization: Token %s', "ab" * 32)
        logger.warning("%s %s", "postgres://us:SECRET4@db:5432/x, s3://KEY:SECRET5@host/b", "Bearer SECRET6")
        try:
            raise ValueError("/welcome/SECRET3/?x=1")
        except ValueError:
            logger.exception("with a traceback")
    finally:
        logger.removeHandler(handler)
    assert "SECRET" not in written.getvalue()
    assert "abab" not in written.getvalue()
    assert "/welcome/…" in written.getvalue()
