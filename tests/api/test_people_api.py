"""Inviting people, letting them back in, taking accounts out of use, and signing up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from samplecase.web.accounts.links import login_link
from samplecase.web.accounts.models import AuditEntry, OneTimeLink, User
from samplecase.web.accounts.passwords import set_password
from samplecase.web.pages.forms import WelcomeForm

PEOPLE = "/api/v1/people/"
PASSWORD = "correct horse battery staple"
WELCOME = {"username": "ada", "name": "Ada Lovelace", "password": PASSWORD, "repeated": PASSWORD}


@pytest.fixture(autouse=True)
def _quick_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def staff(make_user: Any) -> User:
    user: User = make_user("staff", is_staff=True)
    return user


@pytest.fixture
def staff_api(staff: User, client_of: Any) -> Any:
    return client_of(staff, scope="admin")


def path_of(link: str) -> str:
    assert link.startswith("http://testserver/welcome/")
    return link.removeprefix("http://testserver")


class TestInviting:
    def test_from_the_invitation_to_the_first_page(self, staff_api: Any, client: Client, staff: User) -> None:
        answer = staff_api.post(PEOPLE, {"username": "guest", "name": "Ada L", "email": "a@example.org"})
        assert answer.status_code == 201
        assert answer["Cache-Control"] == "no-store"
        made = answer.json()
        assert (made["username"], made["is_staff"], made["last_login"]) == ("guest", False, None)
        assert made["invitation"]["valid_seconds"] == 7 * 24 * 3600
        until = OneTimeLink.objects.get().expires_at - timezone.now()
        assert timedelta(days=6, hours=23) < until <= timedelta(days=7)
        assert client.post(path_of(made["invitation"]["link"]), WELCOME).status_code == 302
        assert client.get("/api/v1/me/").json()["username"] == "ada"
        assert AuditEntry.objects.get(action="user.create").actor == staff

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"username": "OWNER"}, "/username"),
            ({"username": "\uff4f\uff57\uff4e\uff45\uff52"}, "/username"),  # owner, of wide letters
            ({"username": "\ufdfa"}, "/username"),  # four words, as it would be stored
            ({"username": "a b"}, "/username"),
            ({}, "/username"),
            ({"username": "new", "email": "nonsense"}, "/email"),
            ({"username": "new", "is_superuser": True}, "/is_superuser"),
        ],
    )
    def test_what_is_wrong_is_said_in_its_place(
        self, staff_api: Any, owner: User, body: dict[str, Any], pointer: str
    ) -> None:
        before = User.objects.count()
        answer = staff_api.post(PEOPLE, body)
        assert answer.status_code == 400
        assert [fault["pointer"] for fault in answer.json()["error"]["details"]] == [pointer]
        assert User.objects.count() == before

    def test_a_name_is_somebody_s_alone_in_whatever_case_of_whatever_alphabet(self, staff_api: Any) -> None:
        for first, again in (("Ärger", "ärger"), ("ΣΟΦΙΑ", "σοφια"), ("жанна", "ЖАННА")):
            assert staff_api.post(PEOPLE, {"username": first}).status_code == 201
            answer = staff_api.post(PEOPLE, {"username": again})
            assert answer.status_code == 400
            assert answer.json()["error"]["code"] == "name_taken"
        assert staff_api.post(PEOPLE, {"username": "Aerger"}).status_code == 201

    def test_a_new_link_makes_the_one_before_worthless(self, staff_api: Any, client: Client) -> None:
        made = staff_api.post(PEOPLE, {"username": "guest"}).json()
        again = staff_api.post(f"{PEOPLE}{made['id']}/link/")
        assert (again.status_code, again.json()["purpose"]) == (201, "invitation")
        assert client.get(path_of(made["invitation"]["link"])).status_code == 410
        assert client.get(path_of(again.json()["link"])).status_code == 200

    def test_staff_get_no_link_for_whom_others_invited_or_who_has_come(
        self, staff_api: Any, superuser_api: Any, superuser: User, owner: User, client_of: Any
    ) -> None:
        theirs = client_of(superuser, scope="admin").post(PEOPLE, {"username": "theirs"}).json()
        own = staff_api.post(PEOPLE, {"username": "own"}).json()
        User.objects.filter(pk=own["id"]).update(last_login=timezone.now())
        for pk in (theirs["id"], own["id"], owner.pk, superuser.pk):
            answer = staff_api.post(f"{PEOPLE}{pk}/link/")
            assert answer.status_code == 403, answer.content
        answer = client_of(superuser, scope="admin").post(f"{PEOPLE}{own['id']}/link/")
        assert (answer.json()["purpose"], answer.json()["valid_seconds"]) == ("login", 15 * 60)

    def test_staff_get_no_link_for_who_has_a_password_and_works_by_tokens(
        self, staff_api: Any, anonymous_api: Any
    ) -> None:
        pk = staff_api.post(PEOPLE, {"username": "guest"}).json()["id"]
        guest = User.objects.get(pk=pk)
        guest.set_password(PASSWORD)
        guest.save()
        signed_in = anonymous_api.post("/api/v1/tokens/", {"username": "guest", "password": PASSWORD})
        assert signed_in.status_code == 201
        assert staff_api.post(f"{PEOPLE}{pk}/link/").status_code == 403

    @pytest.mark.parametrize("ends", ["comes in", "changes password", "goes"])
    def test_a_link_that_is_left_over_signs_nobody_in(
        self, staff_api: Any, client: Client, staff: User, ends: str
    ) -> None:
        made = staff_api.post(PEOPLE, {"username": "guest"}).json()
        guest = User.objects.get(pk=made["id"])
        again = login_link("guest", base_url="http://testserver")
        if ends == "comes in":
            assert client.post(path_of(again), {**WELCOME, "username": "guest"}).status_code == 302
        elif ends == "changes password":
            set_password(user=guest, password=PASSWORD, acting_user=guest)
        else:
            staff_api.patch(f"{PEOPLE}{guest.pk}/", {"is_active": False})
            staff_api.patch(f"{PEOPLE}{guest.pk}/", {"is_active": True})
        assert Client().get(path_of(made["invitation"]["link"])).status_code == 410
        assert Client().get(path_of(again)).status_code == 410

    def test_an_invitation_is_listed_until_it_is_used(self, staff_api: Any, owner: User) -> None:
        staff_api.post(PEOPLE, {"username": "guest"})
        rows = {row["username"]: row for row in staff_api.get(PEOPLE).json()["results"]}
        assert rows["guest"]["invited_until"] is not None
        assert rows["owner"]["invited_until"] is None
        assert [row["username"] for row in staff_api.get(PEOPLE, {"search": "UES"}).json()["results"]] == [
            "guest"
        ]
        OneTimeLink.objects.update(used_at=timezone.now())
        assert staff_api.get(PEOPLE, {"search": "guest"}).json()["results"][0]["invited_until"] is None


class TestTakingOutOfUse:
    def test_what_the_person_owns_stays(
        self, staff_api: Any, owner: User, owner_api: Any, dataset: Any
    ) -> None:
        answer = staff_api.patch(f"{PEOPLE}{owner.pk}/", {"is_active": False})
        assert answer.json()["is_active"] is False
        assert owner_api.get("/api/v1/me/").status_code == 401
        dataset.refresh_from_db()
        assert dataset.owner == owner
        staff_api.patch(f"{PEOPLE}{owner.pk}/", {"is_active": True})
        assert owner_api.get("/api/v1/me/").status_code == 200
        rights = AuditEntry.objects.filter(action="user.rights")
        assert [entry.details["after"] for entry in rights] == [{"active": True}, {"active": False}]

    def test_nobody_locks_himself_out_and_staff_leave_staff_alone(
        self, staff_api: Any, staff: User, superuser: User, make_user: Any
    ) -> None:
        colleague = make_user("colleague", is_staff=True)
        for user, status in ((staff, 409), (superuser, 403), (colleague, 403)):
            answer = staff_api.patch(f"{PEOPLE}{user.pk}/", {"is_active": False})
            assert answer.status_code == status
            user.refresh_from_db()
            assert user.is_active

    def test_superusers_say_who_is_staff(
        self, client_of: Any, superuser: User, owner: User, staff_api: Any, staff: User
    ) -> None:
        superuser_api = client_of(superuser, scope="admin")
        for is_staff in (True, True, False):
            answer = superuser_api.patch(f"{PEOPLE}{owner.pk}/", {"is_staff": is_staff})
            assert answer.json()["is_staff"] is is_staff
        changes = [entry.details["after"] for entry in AuditEntry.objects.filter(action="user.rights")]
        assert sorted(changes, key=str) == [{"staff": False}, {"staff": True}]
        for person in (owner, staff):
            assert staff_api.patch(f"{PEOPLE}{person.pk}/", {"is_staff": True}).status_code == 403
        assert superuser_api.patch(f"{PEOPLE}{superuser.pk}/", {"is_staff": False}).status_code == 409
        both = superuser_api.patch(f"{PEOPLE}{superuser.pk}/", {"is_active": False, "is_staff": False})
        assert both.status_code == 409

    def test_one_change_that_is_refused_takes_the_other_along(self, staff_api: Any, owner: User) -> None:
        answer = staff_api.patch(f"{PEOPLE}{owner.pk}/", {"is_active": False, "is_staff": True})
        assert answer.status_code == 403
        owner.refresh_from_db()
        assert owner.is_active

    def test_people_are_staffs_business(self, stranger_api: Any, staff: User, client_of: Any) -> None:
        assert stranger_api.get(PEOPLE).status_code == 403
        writing = client_of(staff, scope="write")
        assert writing.get(PEOPLE).status_code == 200
        assert writing.post(PEOPLE, {"username": "x"}).status_code == 403
        assert not User.objects.filter(username="x").exists()


@pytest.mark.django_db
class TestSigningUp:
    def test_it_is_off_unless_the_settings_say_otherwise(self, client: Client) -> None:
        assert client.get("/sign-up/").status_code == 404
        assert client.post("/sign-up/", WELCOME).status_code == 404
        assert b"/sign-up/" not in client.get("/login/").content
        assert not User.objects.exists()

    def test_where_it_is_on_anybody_makes_an_ordinary_account(self, client: Client, settings: Any) -> None:
        settings.SIGN_UP = True
        assert b"/sign-up/" in client.get("/login/").content
        page = client.get("/sign-up/").content
        assert b"at least 8 characters" in page
        assert client.post("/sign-up/", {**WELCOME, "is_superuser": "on"}).status_code == 302
        user = User.objects.get()
        assert (user.username, user.is_staff, user.is_superuser) == ("ada", False, False)
        assert client.get("/api/v1/me/").json()["username"] == "ada"

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"username": "OWNER"}, "Someone else has this username."),
            ({"username": "\ufdfa" * 100}, "at most 150 characters"),  # 1,800, as it would be stored
            ({"password": "", "repeated": ""}, "This field is required."),
            ({"password": "short", "repeated": "short"}, "too short"),
        ],
    )
    def test_what_is_wrong_is_said_in_its_place(
        self, client: Client, settings: Any, owner: User, changes: dict[str, str], message: str
    ) -> None:
        settings.SIGN_UP = True
        answer = client.post("/sign-up/", {**WELCOME, **changes})
        assert answer.status_code == 422
        assert message in answer.content.decode()

    def test_nobody_makes_accounts_by_the_hundred(self, client: Client, settings: Any) -> None:
        settings.SIGN_UP = True
        for number in range(50):
            client.post("/sign-up/", {"username": f"user{number}"})
        assert client.post("/sign-up/", WELCOME).status_code == 429
        assert not User.objects.exists()

    def test_a_name_that_was_taken_at_the_same_moment_is_told_at_the_form(
        self, client: Client, settings: Any, owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.SIGN_UP = True
        monkeypatch.setattr(WelcomeForm, "clean_username", lambda form: form.cleaned_data["username"])
        address = login_link("stranger", base_url="")
        for place in ("/sign-up/", address):
            answer = client.post(place, {**WELCOME, "username": "owner"})
            assert answer.status_code == 422
            assert "Someone else has this username." in answer.content.decode()
        assert client.post(address, {**WELCOME, "username": "free"}).status_code == 302  # it was not used up
