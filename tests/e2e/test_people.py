"""Two people in two browsers: invited, welcomed, shared with; a token made and revoked, a session ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.walking import shoot, sign_in
from tests.fixtures_server import Installation, wait_for

pytestmark = pytest.mark.browser

PASSWORD = "purple monkey dishwasher 9"


@pytest.fixture
def second(browser: Browser) -> Iterator[Page]:
    """Somebody else's browser."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_from_an_invitation_to_a_shared_dataset_a_token_and_a_session(
    walker: Page, second: Page, served: Installation, artefacts: Path
) -> None:
    with served.api() as api:
        api.post("/datasets/", json={"name": "pictures"}).raise_for_status()
    sign_in(walker, served)
    link = _invite(walker, artefacts)
    _come_in(second, link)
    _share(walker, served)
    second.reload()
    second.get_by_text("Shared with me", exact=True).click()
    expect(second.get_by_role("link", name="pictures")).to_be_visible()
    second.get_by_text("Mine", exact=True).click()
    expect(second.get_by_text("No dataset matches.")).to_be_visible()
    _make_and_revoke_a_token(second, served, artefacts)
    _end_a_session(second, served)
    _read_the_audit_log(walker, artefacts)


@pytest.fixture
def few_requests(installation: Installation) -> None:
    """A limit that a script of the same person uses up at once."""
    installation.settings["SAMPLECASE_RATE_LIMIT_USER"] = "40"


def test_people_can_be_tried_again_where_the_first_question_is_refused(
    few_requests: None, walker: Page, served: Installation, artefacts: Path
) -> None:
    sign_in(walker, served)
    with served.api() as api:
        while api.get("/me/").status_code != 429:
            pass
    walker.goto(f"{served.url}/people/")
    again = walker.get_by_role("main").get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    expect(walker.get_by_label("Loading", exact=True)).to_have_count(0)
    shoot(walker, artefacts, "people-refused")
    invite = walker.get_by_role("button", name="Invite")

    def is_there() -> bool:
        if again.is_visible():
            again.click()
        return invite.is_visible()

    wait_for(is_there, seconds=60, what="the people")


def _open(page: Page, item: str) -> None:
    page.get_by_role("button", name=re.compile("^Account of")).click()
    page.get_by_role("menuitem", name=item).click()
    expect(page.get_by_role("heading", name=item, level=1)).to_be_visible()


def _invite(page: Page, artefacts: Path) -> str:
    _open(page, "People")
    page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog", name="Invite somebody")
    dialog.get_by_label("Username").fill("OWNER")
    dialog.get_by_role("button", name="Make invitation").click()
    expect(dialog.get_by_text("Someone else has this username.")).to_be_visible()
    dialog.get_by_label("Username").fill("ada")
    dialog.get_by_label("Full name").fill("Ada Lovelace")
    dialog.get_by_role("button", name="Make invitation").click()
    expect(dialog).to_be_hidden()
    row = page.get_by_role("table", name="People").get_by_role("row", name=re.compile("^ada"))
    expect(row.get_by_text("invited until")).to_be_visible()
    shoot(page, artefacts, "people")
    return page.get_by_label("The new link").input_value()


def _come_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Password", exact=True).fill("12345678")
    page.get_by_label("Password again").fill("12345678")
    page.get_by_role("button", name="Open Samplecase").click()
    expect(page.get_by_text("This password is too common.")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Open Samplecase").click()
    expect(page.get_by_text("No datasets yet")).to_be_visible()


def _share(page: Page, served: Installation) -> None:
    """By keyboard: a part of the full name is enough for whom one may know."""
    page.goto(f"{served.url}/datasets")
    page.get_by_role("link", name="pictures").click()
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share pictures")
    dialog.get_by_placeholder("Username").fill("lovel")
    expect(page.get_by_role("option", name="ada · Ada Lovelace")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("combobox", name="Right of ada")).to_have_value("can label")
    expect(dialog.get_by_placeholder("Username")).to_have_value("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()


def _make_and_revoke_a_token(page: Page, served: Installation, artefacts: Path) -> None:
    _open(page, "Account")
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog", name="New token")
    dialog.get_by_label("Name").fill("nightly")
    dialog.get_by_role("radio", name="read", exact=True).check()
    dialog.get_by_role("button", name="Make token").click()
    token = page.get_by_label("The new token").input_value()

    def asked() -> int:
        headers = {"Authorization": f"Token {token}"}
        return httpx.get(f"{served.url}/api/v1/me/", headers=headers, timeout=60).status_code

    assert asked() == 200
    shoot(page, artefacts, "account")
    page.get_by_role("button", name="Revoke nightly").click()
    expect(page.get_by_text("No tokens.")).to_be_visible()
    assert asked() == 401


def _end_a_session(page: Page, served: Installation) -> None:
    """That of another browser, which finds itself at the sign-in page."""
    browser = page.context.browser
    assert browser is not None
    other = browser.new_context().new_page()
    other.goto(f"{served.url}/login/")
    other.get_by_label("Username").fill("ada")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="Datasets", exact=True)).to_be_visible()
    page.reload()
    sessions = page.get_by_role("table", name="Sessions").get_by_role("row")
    expect(sessions).to_have_count(3)
    page.get_by_role("button", name="Sign out Chrome on Linux").click()
    expect(sessions).to_have_count(2)
    other.reload()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    other.context.close()


def _read_the_audit_log(page: Page, artefacts: Path) -> None:
    _open(page, "Audit log")
    table = page.get_by_role("table", name="Audit log")
    shared = table.get_by_role("row").filter(has_text="dataset.share")
    expect(shared).to_contain_text("users: nothing → ada label")
    expect(table.get_by_role("row").filter(has_text="session.end")).to_contain_text("ada")
    shoot(page, artefacts, "audit")
    shared.get_by_role("button", name="dataset pictures").click()
    expect(table.get_by_role("row").filter(has_text="session.end")).to_have_count(0)
    expect(shared).to_be_visible()
