"""A real Chromium: the machine's own where there is one, else the one that Playwright brought."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.fixtures_server import Installation

ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artifacts"
# How long a walk waits for what it expects to see: long enough for a machine that does other work beside it.
expect.set_options(timeout=20_000)
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    # Chromium's own sandbox does not work for root.
    sandbox = ["--no-sandbox", "--disable-dev-shm-usage"] if os.geteuid() == 0 else []
    found = {"executable_path": chromium} if chromium else {}
    return {**browser_type_launch_args, **found, "args": [*FLAGS, *sandbox]}


@pytest.fixture
def artefacts() -> Path:
    """Where screenshots are kept for whoever looks at the run."""
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS


@pytest.fixture(scope="session")
def base_url() -> str:
    """Every test has a server of its own, so there is no common one (and pytest-base-url's fixture is deprecated)."""
    return ""


@pytest.fixture
def served(installation: Installation) -> Installation:
    """An installation whose server, worker and executor run."""
    installation.start("up", "--port", str(installation.port))
    installation.wait_until_up()
    return installation


@pytest.fixture
def walker(page: Page, served: Installation) -> Iterator[Page]:
    """A page that has to stay free of errors and of requests to anybody else."""
    complaints: list[str] = []
    # The page may ask for what it is then refused; the refusal is what is looked at.
    expected = re.compile(r"status of 4\d\d")

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not expected.search(message.text):
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    elsewhere: list[str] = []
    page.on("request", lambda request: _note_foreign(request.url, served.url, elsewhere))
    page.set_viewport_size({"width": 1280, "height": 800})
    yield page
    assert complaints == []
    assert elsewhere == []


def _note_foreign(url: str, home: str, elsewhere: list[str]) -> None:
    if not url.startswith((home, "data:", "blob:")):
        elsewhere.append(url)
