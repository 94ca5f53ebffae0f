"""The command line on accounts, tokens, sessions, rights, the audit log, views, evaluations and reviews."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.command_line import CommandLine
from tests.fixtures_server import PASSWORD, Installation, free_port, serving
from tests.worlds import images

MAKE_GROUP = """
import django; django.setup()
from django.contrib.auth.models import Group
from samplecase.web.accounts.models import User
Group.objects.create(name="annotators")
User.objects.create_user("grace", "", "correct horse battery", first_name="Grace")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with serving(tmp_path_factory.mktemp("server"), prepared=MAKE_GROUP) as made:
        yield made


@pytest.fixture(scope="module")
def admin(server: Installation, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The owner, with a token that may change accounts."""
    made = CommandLine(server, tmp_path_factory.mktemp("admin"))
    given = f"{PASSWORD}\n"
    made("login", server.url, "--username", "owner", "--password-stdin", "--scope", "admin", given=given)
    return made


@pytest.fixture(scope="module")
def grace(server: Installation, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Somebody else, who is no staff; her token may write."""
    made = CommandLine(server, tmp_path_factory.mktemp("grace"))
    made("login", server.url, "--username", "grace", "--password-stdin", given=f"{PASSWORD}\n")
    return made


@pytest.fixture(scope="module")
def pictures(server: Installation) -> str:
    """A dataset of the owner's with five samples, of which four have a guess and three the truth."""
    with server.api() as api:
        dataset = api.post("/datasets/", json={"name": "pictures"}).json()["id"]
        files = [("files", (name, content)) for name, content in images(5).items()]
        api.post(f"/datasets/{dataset}/samples/", files=files).raise_for_status()
        samples = [row["id"] for row in api.get(f"/datasets/{dataset}/samples/").json()["results"]]
        for field, count in (("guess", 4), ("truth", 3)):
            api.post(f"/datasets/{dataset}/fields/", json={"name": field, "type": "classification"})
            values = [{"sample": pk, "value": {"label": "cat"}} for pk in samples[:count]]
            api.put(
                f"/datasets/{dataset}/values/", json={"field": field, "values": values}
            ).raise_for_status()
    return "pictures"


def test_an_account_from_its_invitation_to_the_end_of_its_use(
    admin: CommandLine, grace: CommandLine, server: Installation
) -> None:
    link = admin(
        "people", "invite", "agatha", "--name", "Agatha Christie", "--email", "m@example.org"
    ).strip()
    assert link.startswith(f"{server.url}/welcome/")
    another = admin.json("people", "link", "agatha")
    assert another["link"] != link
    assert (another["purpose"], another["valid_seconds"]) == ("invitation", 604800)
    (agatha,) = admin.json("people", "list", "--search", "christie")
    assert (agatha["username"], agatha["email"], agatha["is_active"]) == ("agatha", "m@example.org", True)
    assert "agatha is out of use." in admin("people", "deactivate", "agatha")
    assert admin.json("people", "activate", "agatha")["is_active"] is True
    assert "agatha is staff." in admin("people", "staff", "agatha")
    assert admin.json("people", "staff", "agatha", "--remove")["is_staff"] is False
    assert "agatha" in admin("people", "list")

    assert "/username" in admin("people", "invite", "AGATHA", code=1)
    assert "There is no person “nobody”" in admin("people", "deactivate", "nobody", code=1)
    assert "You cannot deactivate yourself." in admin("people", "deactivate", "owner", code=1)
    assert "Only staff" in grace("people", "list", code=1)


def test_a_token_for_a_script_and_what_its_scope_keeps_it_from(
    admin: CommandLine, server: Installation
) -> None:
    made = admin.json("tokens", "create", "nightly", "--scope", "read", "--expires", "2099-12-31T12:00:00Z")
    assert (made["scope"], made["expires"][:10]) == ("read", "2099-12-31")
    script = admin.with_token(server.url, made["token"])
    assert script.json("whoami")["username"] == "owner"
    refusal = script("datasets", "create", "by the script", code=1)
    assert "scope" in refusal
    assert "samplecase login URL --scope" in refusal
    assert "--scope admin" in script("tokens", "create", "more", code=1)
    assert {"nightly", "test"} <= {each["name"] for each in admin.json("tokens", "list")}

    admin("tokens", "create", "twins")
    admin("tokens", "create", "twins")
    assert "2 tokens are called “twins”" in admin("tokens", "revoke", "twins", code=1)
    twins = [each["id"] for each in admin.json("tokens", "list") if each["name"] == "twins"]
    assert admin.json("tokens", "revoke", twins[0])["revoked"] is True
    assert "“twins” is revoked" in admin("tokens", "revoke", "twins")
    admin("tokens", "revoke", "nightly")
    assert "samplecase login URL makes another" in script("whoami", code=1)
    assert "You have no token “nightly”" in admin("tokens", "revoke", "nightly", code=1)
    assert "scope" in admin("tokens", "create", "x", "--scope", "all", code=2)
    assert "/expires" in admin("tokens", "create", "x", "--expires", "2000-01-01T00:00:00Z", code=1)


def sign_in_a_browser(server: Installation) -> None:
    with httpx.Client(base_url=server.url, follow_redirects=True) as browser:
        browser.get("/login/")
        form = {"username": "owner", "password": PASSWORD}
        headers = {"X-CSRFToken": browser.cookies["csrftoken"], "Referer": server.url}
        browser.post("/login/", data=form, headers=headers).raise_for_status()


def test_browsers_are_signed_out(admin: CommandLine, server: Installation) -> None:
    for _ in range(3):
        sign_in_a_browser(server)
    sessions = admin.json("sessions", "list")
    assert len(sessions) == 3
    assert "httpx" in admin("sessions", "list")
    assert admin.json("sessions", "end", sessions[0]["id"]) == {"ended": 1}
    assert "2 signed out." in admin("sessions", "end", "--all")
    assert admin.json("sessions", "list") == []
    assert "Name one session, or --all" in admin("sessions", "end", code=1)


def test_rights_are_given_to_some_and_kept_by_the_others(
    admin: CommandLine, grace: CommandLine, pictures: str
) -> None:
    assert f"There is no dataset “{pictures}”" in grace("datasets", "show", pictures, code=1)
    assert "everyone" in admin("share", "dataset", pictures)
    admin("share", "dataset", pictures, "--user", "grace=view", "--group", "annotators=label")
    rights = admin.json("share", "dataset", pictures, "--everyone", "view", "--user", "grace=edit")
    assert rights == {
        "everyone": "view",
        "users": [{"username": "grace", "right": "edit"}],
        "groups": [{"name": "annotators", "right": "label"}],
    }
    assert "your right is edit" in grace("datasets", "show", pictures)
    assert admin.json("share", "dataset", pictures, "--group", "annotators=none")["groups"] == []
    assert "/users/0/right" in admin("share", "dataset", pictures, "--user", "grace=run", code=1)
    assert "/users/1/username" in admin("share", "dataset", pictures, "--user", "nobody=view", code=1)
    assert "--user grace is not NAME=RIGHT" in admin("share", "dataset", pictures, "--user", "grace", code=1)

    admin("models", "create", "given away")
    assert admin.json("share", "model", "given away", "--user", "grace=run")["users"][0]["right"] == "run"
    told = admin("transfer", "model", "given away", "grace", "--keep", "view")
    assert "belongs to grace now; your right is" in told
    assert grace.json("models", "list", "--shared", "mine")[0]["name"] == "given away"
    assert "/username" in grace("transfer", "model", "given away", "nobody", code=1)
    assert "is deleted" in grace("models", "delete", "given away", "--yes")
    admin("datasets", "create", "to grace")
    assert admin.json("transfer", "dataset", "to grace", "grace", "--keep", "none")["owner"] == "grace"


def test_the_audit_log_is_asked_by_what_was_done_by_whom_and_when(
    admin: CommandLine, grace: CommandLine
) -> None:
    admin("datasets", "create", "watched")
    (row,) = admin.json("audit", "--action", "dataset.create", "--search", "watched")
    assert (row["actor"], row["object"]["name"]) == ("owner", "watched")
    about = ("--type", "dataset", "--id", row["object"]["id"])
    assert admin.json("audit", *about, "--actor", "owner", "--since", "2020-01-01T00:00:00Z") == [row]
    assert admin.json("audit", *about, "--until", "2020-01-01T00:00:00Z") == []
    assert len(admin.json("audit", "--limit", "2")) == 2
    assert "watched" in admin("audit", *about)
    assert "Nothing found." in grace("audit", *about)
    assert "/since" in admin("audit", "--since", "yesterday", code=1)


def test_views_evaluations_and_reviews_of_a_dataset(admin: CommandLine, pictures: str) -> None:
    cats = '{"field": "guess.label", "op": "eq", "value": "cat"}'
    saved = admin.json(
        "views", "save", pictures, "cats", "--filter", cats, "--sort=-name", "--field", "guess"
    )
    assert (saved["sort"], saved["fields"]) == ("-name", ["guess"])
    assert [each["name"] for each in admin.json("views", "list", pictures)] == ["cats"]
    assert "/name" in admin("views", "save", pictures, "cats", code=1)
    assert "is deleted" in admin("views", "delete", pictures, "cats")
    assert "has no view “cats”" in admin("views", "delete", pictures, "cats", code=1)

    rows = admin.json("datasets", "samples", pictures, "--filter", cats, "--sort=-name", "--field", "truth")
    assert len(rows) == 4
    assert all(row["values"].keys() <= {"truth"} for row in rows)
    assert len(admin.json("datasets", "samples", pictures, "--limit", "2")) == 2

    counted = admin.json(
        "datasets", "evaluate", pictures, "--predictions", "guess", "--ground-truth", "truth"
    )
    pk = str(counted["id"])
    assert [each["id"] for each in admin.json("evaluations", "list", pictures)] == [counted["id"]]
    assert "accuracy" in admin("evaluations", "show", pictures, pk)
    assert admin.json("evaluations", "refresh", pictures, pk)["state"] == "finished"
    assert "is deleted" in admin("evaluations", "delete", pictures, pk)
    assert "404" not in admin("evaluations", "show", pictures, pk, code=1)

    made = admin.json("reviews", "create", pictures, "look", "--source", "guess", "--filter", cats)
    assert (made["target"], made["counts"]["total"]) == ("guess_reviewed", 4)
    assert "look" in admin("reviews", "list", pictures)
    assert "is deleted" in admin("reviews", "delete", pictures, "look")
    assert admin.json("reviews", "list", pictures) == []
    assert "/source" in admin("reviews", "create", pictures, "x", "--source", "nothing", code=1)


def test_who_is_asked_and_says_no_deletes_nothing(admin: CommandLine) -> None:
    admin("datasets", "create", "spared")
    admin("datasets", "delete", "spared", given="n\n", code=1)
    assert admin.json("datasets", "show", "spared")["sample_count"] == 0
    assert admin.json("datasets", "delete", "spared", "--yes")["deleted"] is True
    assert "There is no dataset" in admin("datasets", "show", "spared", code=1)


def test_tab_completes_the_names_that_the_server_knows(admin: CommandLine, pictures: str) -> None:
    admin("models", "create", "pretty")
    for words, offered in (
        ("samplecase datasets show pic", pictures),
        ("samplecase models versions pre", "pretty"),
        ("samplecase people deactivate gra", "grace"),
        ("samplecase share dataset nothing-like-that", ""),
    ):
        assert admin.completed(words) == offered
    elsewhere = admin.with_token(f"http://127.0.0.1:{free_port()}", "x")
    assert elsewhere.completed("samplecase datasets show pic") == ""
