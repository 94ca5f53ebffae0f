"""The readable description of the API: drawn from this server alone, under its own policy."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.walking import shoot, sign_in
from tests.fixtures_server import Installation

pytestmark = pytest.mark.browser


def test_an_operation_is_read_with_its_examples_and_tried(
    walker: Page, served: Installation, artefacts: Path
) -> None:
    sign_in(walker, served)
    walker.goto(f"{served.url}/api/v1/docs/")
    expect(walker.get_by_role("heading", name="Samplecase")).to_be_visible()
    operations = walker.locator(".opblock")
    expect(operations.first).to_be_visible()
    submit = walker.locator("#operations-jobs-jobs_create")
    submit.locator(".opblock-summary-control").click()
    expect(submit.locator(".opblock-section-request-body")).to_contain_text("guess.confidence")
    for status, code in (("404", "not_found"), ("429", "too_many_requests")):
        row = submit.locator(f"tr.response[data-code='{status}']")
        expect(row).to_contain_text(code)
    shoot(walker, artefacts, "api-docs")
    me = walker.locator("#operations-me-me_retrieve")
    me.locator(".opblock-summary-control").click()
    me.get_by_role("button", name="Try it out").click()
    me.get_by_role("button", name="Execute").click()
    expect(me.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(me.locator(".live-responses-table")).to_contain_text('"username": "owner"')
