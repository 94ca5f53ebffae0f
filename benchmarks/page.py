"""The page in a browser: scripting per frame while scrolling, what a view asks for, how soon the next sample shows.

`python benchmarks/page.py [--images 2000] [--steps 40] [--out FILE]`, with a checkout's environment and Chromium.

A dataset of photographs (640 × 480) with a classification and five boxes each, in a `samplecase up` of its own; the
browser is headless, 1280 × 800, on the same cores as the server.

- scrolling: the wheel turns once a frame through the whole grid. Scripting is what Chromium's own trace has of scripts
  on the page's main thread (functions, timers, events, microtasks, garbage), between one frame's begin and the next.
  To reach: a 95th percentile of 16 ms.
- next sample: from the key's own time stamp to the frame after the picture is decoded and in its place, at a person's
  pace. To reach: 100 ms.
- requests and bytes: of the first view from an empty cache, of scrolling through all, and of a step to the next sample.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from benchmarks import measuring  # noqa: E402
from benchmarks.batch import images, ours  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WANTED = {"scripting per frame, p95 ms": 16, "next sample, p95 ms": 100}
BOXES = 5
SCRIPTS = frozenset(
    {
        *(
            "FunctionCall",
            "EvaluateScript",
            "FireAnimationFrame",
            "FireIdleCallback",
            "TimerFire",
            "EventDispatch",
        ),
        *("RunMicrotasks", "MajorGC", "MinorGC", "V8.GCFinalizeMC", "v8.callFunction"),
    }
)
PAUSE = 250  # milliseconds that a person looks at a sample
# Notes the milliseconds from each press of F until the next picture stands.
NOTING = """
() => {
  window.steps = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "f") return;
    const picture = () => document.querySelector("[data-stage] img");
    const before = picture()?.src;
    const look = async () => {
      const now = picture();
      if (!now || now.src === before || !now.complete || !now.naturalWidth) return requestAnimationFrame(look);
      await now.decode();
      requestAnimationFrame(() => window.steps.push(performance.now() - event.timeStamp));
    };
    requestAnimationFrame(look);
  }, true);
}
"""
ASKED = """
() => {
  const found = performance.getEntriesByType("resource");
  performance.clearResourceTimings();
  return { requests: found.length, bytes: found.reduce((sum, each) => sum + each.transferSize, 0) };
}
"""


def labelled(product: ours.Product, data: Path, count: int) -> int:
    """A dataset of photographs with a label and boxes on each."""
    client, dice = product.client, random.Random(7)
    dataset = product.upload("photographs", images.images(data, count))
    ids = [each["id"] for each in client.datasets.samples(dataset, fields=[])]
    client.datasets.create_field(dataset, "shape", type="classification")
    client.datasets.create_field(dataset, "boxes", type="detections")
    client.datasets.put_values(
        dataset, "shape", [(each, {"label": dice.choice(images.CLASSES)}) for each in ids]
    )
    client.datasets.put_values(dataset, "boxes", [(each, [_box(dice) for _ in range(BOXES)]) for each in ids])
    return dataset


def _box(dice: random.Random) -> dict[str, Any]:
    place = [dice.random() * 0.6, dice.random() * 0.6, 0.1 + dice.random() * 0.3, 0.1 + dice.random() * 0.3]
    return {"label": dice.choice(images.CLASSES), "bounding_box": place, "confidence": dice.random()}


def session_of_admin() -> str:
    """The key of a new session of the server's administrator."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from samplecase.cli import local

    admin = local.administrator()
    session = SessionStore()
    session[SESSION_KEY] = str(admin.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = admin.get_session_auth_hash()
    session.create()
    local.leave_database()
    return str(session.session_key)


def scrolled(browser: Browser, page: Page, folder: Path) -> dict[str, Any]:
    """Turn the wheel through the grid under a trace."""
    page.evaluate("() => performance.clearResourceTimings()")
    page.evaluate("() => performance.setResourceTimingBufferSize(20000)")
    trace = folder / "trace.json"
    browser.start_tracing(page=page, path=str(trace), categories=["devtools.timeline", "v8", "v8.execute"])
    page.mouse.move(500, 500)
    turns = page.evaluate(
        """() => new Promise((done) => {
          const grid = [...document.querySelectorAll("*")].find(
            (each) => each.scrollHeight > each.clientHeight * 2 && getComputedStyle(each).overflowY !== "visible");
          let turns = 0;
          const turn = () => {
            grid.scrollBy(0, 120);
            turns += 1;
            if (grid.scrollTop + grid.clientHeight >= grid.scrollHeight - 2 || turns > 3000) done(turns);
            else requestAnimationFrame(turn);
          };
          requestAnimationFrame(turn);
        })"""
    )
    browser.stop_tracing()
    page.wait_for_timeout(1_000)
    return {"turns": turns, **scripting(json.loads(trace.read_text())["traceEvents"]), **page.evaluate(ASKED)}


def scripting(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Milliseconds of scripts in each frame of the busiest main thread of a trace."""
    names = {
        (each["pid"], each["tid"]): each["args"]["name"]
        for each in events
        if each.get("name") == "thread_name" and each.get("ph") == "M"
    }
    frames: dict[tuple[int, int], list[float]] = {}
    for each in events:
        place = (each["pid"], each["tid"])
        if each.get("name") == "BeginMainThreadFrame" and names.get(place) == "CrRendererMain":
            frames.setdefault(place, []).append(each["ts"])
    place = max(frames, key=lambda each: len(frames[each]))
    begins = sorted(frames[place])
    spans = sorted(
        (each["ts"], each["ts"] + each.get("dur", 0))
        for each in events
        if each.get("ph") == "X" and each["name"] in SCRIPTS and (each["pid"], each["tid"]) == place
    )
    taken = [0.0] * len(begins)
    at, reached = 0, begins[0]
    for begin, end in spans:
        begin = max(begin, reached)  # what lies within another is counted with it
        if end <= begin:
            continue
        while at + 1 < len(begins) and begins[at + 1] <= begin:
            at += 1
        taken[at] += (end - begin) / 1_000
        reached = end
    return {"frames": len(begins), "scripting_ms": percentiles(taken)}


def percentiles(figures: Sequence[float]) -> dict[str, float]:
    ordered = sorted(figures)
    return {
        "median": measuring.short(statistics.median(ordered)),
        "p95": measuring.short(ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]),
        "most": measuring.short(ordered[-1]),
    }


def stepped(page: Page, steps: int) -> dict[str, Any]:
    """Open the first sample and go on to the next, at a person's pace."""
    page.get_by_role("button", name="Open ", exact=False).first.click()
    page.locator("[data-stage] img").wait_for()
    page.wait_for_timeout(1_000)
    page.evaluate(NOTING)
    page.evaluate(ASKED)
    for step in range(steps):
        page.keyboard.press("f")
        page.wait_for_function(f"() => window.steps.length > {step}")
        page.wait_for_timeout(PAUSE)
    asked = page.evaluate(ASKED)
    return {
        "steps": steps,
        "ms": percentiles(page.evaluate("() => window.steps")),
        "requests_per_step": measuring.short(asked["requests"] / steps),
        "bytes_per_step": measuring.short(asked["bytes"] / steps),
    }


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    flags = ["--disable-gpu", "--disable-background-networking"]
    flags += ["--no-sandbox", "--disable-dev-shm-usage"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        product = running.enter_context(ours.running(chosen.data))
        dataset = labelled(product, chosen.data, chosen.images)
        cookie = {"name": "sessionid", "value": session_of_admin(), "url": product.client.transport.url}
        playwright = running.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.context.add_cookies([cookie])
        page.goto(f"{cookie['url']}/datasets/{dataset}")
        page.get_by_role("button", name="Open ", exact=False).first.wait_for()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1_000)
        found = {"first view": page.evaluate(ASKED)}
        found["thumbnails not made yet"] = scrolled(browser, page, Path(folder))
        page.reload()
        page.get_by_role("button", name="Open ", exact=False).first.wait_for()
        page.wait_for_timeout(2_000)
        found["scrolling"] = scrolled(browser, page, Path(folder))
        page.reload()
        page.get_by_role("button", name="Open ", exact=False).first.wait_for()
        found["next sample"] = stepped(page, chosen.steps)
        browser.close()
    return {"wanted": WANTED, "images": chosen.images, **found}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=2_000)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "samplecase-bench")
    parser.add_argument("--out", type=Path, default=measuring.RESULTS / "page.json")
    chosen = parser.parse_args()
    chosen.data.mkdir(parents=True, exist_ok=True)
    answer = {"machine": measuring.machine(), **measure(chosen)}
    measuring.write_results(chosen.out, answer)
    print(json.dumps(answer, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
