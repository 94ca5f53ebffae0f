"""What a browser meets besides the API: the shell, sign-in, health, policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.test import Client

from samplecase.web.accounts.models import AuditEntry, User
from samplecase.web.checks import debug_is_local, queue_settings

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _quick_and_uncounted(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def person(make_user: Any) -> User:
    user: User = make_user("person")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def built(settings: Any, tmp_path: Path) -> Path:
    """A page as Vite leaves it: an entry, a chunk that it imports, one that it may load later."""
    settings.STATICFILES_DIRS = [tmp_path]
    folder = tmp_path / "samplecase"
    folder.mkdir()
    manifest = {
        "src/main.tsx": {"file": "assets/main-1.js", "imports": ["_ui.js"], "css": ["assets/main-1.css"]},
        "_ui.js": {"file": "assets/ui-2.js", "css": ["assets/ui-2.css"], "imports": []},
        "_later.js": {"file": "assets/later-3.js"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


class TestShell:
    @pytest.mark.parametrize("address", ["/", "/datasets", "/datasets/1?filter=x", "/models", "/models/3/"])
    def test_each_view_of_the_page_gets_the_same_shell(
        self, signed_in: Client, built: Path, address: str
    ) -> None:
        answer = signed_in.get(address)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert '<script type="module" src="/static/samplecase/assets/main-1.js"></script>' in text
        assert 'href="/static/samplecase/assets/ui-2.css"' in text
        assert '<link rel="modulepreload" href="/static/samplecase/assets/ui-2.js">' in text
        assert "later-3.js" not in text
        assert "csrftoken" in answer.cookies

    def test_a_rebuilt_page_is_known_without_a_restart(self, signed_in: Client, built: Path) -> None:
        signed_in.get("/")
        (built / "manifest.json").write_text(json.dumps({"src/main.tsx": {"file": "assets/main-9.js"}}))
        assert b"main-9.js" in signed_in.get("/").content

    @pytest.mark.parametrize("manifest", [None, "", "{}"])
    def test_a_page_that_is_not_built_says_how(
        self, signed_in: Client, built: Path, manifest: str | None
    ) -> None:
        (built / "manifest.json").unlink()
        if manifest is not None:
            (built / "manifest.json").write_text(manifest)
        answer = signed_in.get("/")
        assert answer.status_code == 503
        assert b"make page" in answer.content

    @pytest.mark.parametrize("address", ["/", "/datasets/1?tab=x"])
    def test_anonymous_is_sent_to_sign_in_and_back(self, client: Client, address: str, db: None) -> None:
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/?next=/")


class TestSignIn:
    def test_a_password_signs_in_and_goes_where_one_wanted(self, client: Client, person: User) -> None:
        body = {"username": "person", "password": PASSWORD, "next": "/models/3"}
        answer = client.post("/login/", body)
        assert (answer.status_code, answer["Location"]) == (302, "/models/3")
        assert AuditEntry.objects.get(action="user.sign_in").actor == person

    def test_nobody_is_sent_to_another_site(self, client: Client, person: User) -> None:
        body = {"username": "person", "password": PASSWORD, "next": "https://evil.example/"}
        assert client.post("/login/", body)["Location"] == "/"

    def test_a_wrong_password_is_said_without_saying_more(self, client: Client, person: User) -> None:
        for username in ("person", "nobody"):
            answer = client.post("/login/", {"username": username, "password": "wrong"})
            assert b"Wrong username or password." in answer.content
        assert "sessionid" not in client.cookies

    def test_guessing_is_stopped(self, client: Client, person: User) -> None:
        for _ in range(10):
            client.post("/login/", {"username": "person", "password": "wrong"})
        answer = client.post("/login/", {"username": "person", "password": PASSWORD})
        assert answer.status_code == 429
        assert b"Too many tries" in answer.content

    def test_who_is_signed_in_has_nothing_to_do_there(self, signed_in: Client) -> None:
        assert signed_in.get("/login/")["Location"] == "/"

    def test_signing_out_takes_a_post(self, signed_in: Client) -> None:
        assert signed_in.get("/logout/").status_code == 405
        assert signed_in.post("/logout/")["Location"] == "/login/"
        assert signed_in.get("/api/v1/me/").status_code == 401

    def test_the_admin_signs_in_at_the_same_place(self, client: Client, db: None) -> None:
        answer = client.get("/admin/", follow=True)
        assert answer.redirect_chain[-1][0] == "/login/?next=%2Fadmin%2F"

    def test_who_may_not_open_the_admin_is_told_so(self, signed_in: Client) -> None:
        answer = signed_in.get("/admin/", follow=True)
        assert b"who may not open that page" in answer.content


class TestPolicies:
    @pytest.mark.parametrize(
        "address", ["/login/", "/welcome/x/", "/nothing/", "/api/v1/me/", "/api/v1/docs/"]
    )
    def test_pages_stay_on_their_server(self, client: Client, address: str, db: None) -> None:
        policy = client.get(address)["Content-Security-Policy"]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["script-src"] == "'self'"
        assert rules["frame-ancestors"] == "'none'"
        assert rules["default-src"] == "'self'"

    def test_only_the_admin_may_evaluate_scripts(self, client: Client, superuser: User) -> None:
        client.force_login(superuser)
        assert "'unsafe-eval'" in client.get("/admin/")["Content-Security-Policy"]

    @pytest.mark.parametrize("address", ["/login/", "/welcome/x/", "/nothing/"])
    def test_pages_ask_nothing_from_outside_and_have_no_inline_script(
        self, client: Client, address: str, db: None
    ) -> None:
        text = client.get(address).content.decode()
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in text
        assert "<script" not in text

    def test_the_readable_api_page_has_no_inline_script(self, signed_in: Client) -> None:
        text = signed_in.get("/api/v1/docs/").content.decode()
        assert "cdn" not in text
        assert all("src=" in part.split(">")[0] for part in text.split("<script")[1:])


class TestHealth:
    @pytest.mark.parametrize("address", ["/health", "/health/"])
    def test_it_answers_without_a_login(self, client: Client, address: str, db: None) -> None:
        answer = client.get(address)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "ok"})

    def test_it_says_when_the_database_does_not_answer(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, db: None
    ) -> None:
        def no_cursor() -> Any:
            raise OperationalError("gone")

        with monkeypatch.context() as patched:
            patched.setattr(connection, "cursor", no_cursor)
            answer = client.get("/health/")
        assert (answer.status_code, answer.json()["database"]) == (503, "unavailable")


def test_there_is_a_favicon(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"] == "/static/pages/logo.svg"


class TestChecks:
    def test_the_queue_redelivers_only_what_is_over(self, settings: Any) -> None:
        assert queue_settings(None) == []
        settings.Q_CLUSTER = {**settings.Q_CLUSTER, "retry": 428}
        assert [found.id for found in queue_settings(None)] == ["samplecase.E001"]
        settings.Q_CLUSTER = {**settings.Q_CLUSTER, "retry": 429}
        assert queue_settings(None) == []

    def test_debug_is_for_this_machine_only(self, settings: Any) -> None:
        settings.DEBUG, settings.ALLOWED_HOSTS = True, ["localhost", "example.org"]
        assert [found.id for found in debug_is_local(None)] == ["samplecase.E002"]
        settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
        assert debug_is_local(None) == []

    def test_the_server_refuses_to_start_with_them(self, settings: Any) -> None:
        import importlib

        import samplecase.web.wsgi

        settings.Q_CLUSTER = {**settings.Q_CLUSTER, "retry": 60}
        with pytest.raises(ImproperlyConfigured, match="retry is 60 s"):
            importlib.reload(samplecase.web.wsgi)
