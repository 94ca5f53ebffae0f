"""What every walk through the page needs: signing in, and pictures of what it looks like."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.fixtures_server import PASSWORD, Installation

SHAPES = [("light", 1280, 800), ("light", 1920, 1080), ("dark", 1280, 800), ("dark", 1920, 1080)]


def sign_in(page: Page, served: Installation) -> None:
    """By the owner's password."""
    page.goto(served.url)
    page.get_by_label("Username").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Datasets", exact=True)).to_be_visible()


def sign_in_by_link(page: Page, served: Installation) -> str:
    """Through a one-time link, which is returned."""
    link = json.loads(
        served.manage("-m", "samplecase.cli", "login-link", "owner", "--url", served.url, "--json")
    )["link"]
    page.goto(link)
    page.get_by_role("button", name=re.compile("Sign in|Open Samplecase")).click()
    expect(page.get_by_role("heading", name="Datasets", exact=True)).to_be_visible()
    return str(link)


def shoot(page: Page, folder: Path, name: str) -> None:
    """The page as it stands, in both colour schemes and two widths; then as it was."""
    for scheme, width, height in SHAPES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": height})
        rest(page)
        page.screenshot(path=folder / f"{name}-{scheme}-{width}.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})
    rest(page)


def rest(page: Page) -> None:
    """Until what was asked of the page is drawn: nothing moves, and it has no more to do."""
    page.evaluate(
        """async () => {
            const frame = () => new Promise(requestAnimationFrame);
            for (let i = 0; i < 6; i += 1) {  // what one frame brings may ask for the next
                await frame();
                await new Promise((done) => setTimeout(done, 30));
            }
            const moves = (each) =>
                each.playState === "running" && each.effect?.getComputedTiming().endTime !== Infinity;
            while (document.getAnimations().some(moves)) {
                await frame();
            }
        }"""
    )
