"""The pages of the ways in do what they say: each block is run, in order, against one server, as its reader would.

`sh` and `python` blocks are run, and what they keep (variables, files) is there for the next block of the page. A
`json` or `output` block shows what the block before it prints: of JSON, some of it; `…` stands for anything, alone on a
line for any lines. A `text` block is not run, and the page says why. The server's address stands for the page's.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from samplecase.packages import Choice, find_template, write_folder
from tests.fixtures_server import PASSWORD, ROOT, Installation, serving
from tests.worlds import shaded_images

PAGES = [
    "docs/guides/rest.md",
    "docs/guides/python-client.md",
    "docs/guides/command-line.md",
]
ADDRESS = "http://127.0.0.1:8000"
RUN = {"sh", "python"}
SHOWN = {"json", "output"}
MAKE_ADA = f"""
import django; django.setup()
from samplecase.web.accounts.models import User
User.objects.create_superuser("ada", "", {PASSWORD!r})
"""
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = """set -a; [ -f "$STATE" ] && . "$STATE"; set -eo pipefail
{block}
export -p > "$STATE"
"""


@dataclass(frozen=True)
class Block:
    """A fenced block, and where it stands."""

    language: str
    text: str
    place: str


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2], f"{page.name}:{text.count(chr(10), 0, found.start()) + 1}")
        for found in FENCE.finditer(text)
    ]


class Reader:
    """Somebody who goes through a page, in a folder and with a home of his own."""

    def __init__(self, server: Installation, folder: Path) -> None:
        self._url = server.url
        self.folder = folder
        self._namespace: dict[str, Any] = {"__name__": "page"}
        tools = folder / ".tools"
        tools.mkdir()
        (tools / "samplecase").write_text(f'#!/bin/sh\nexec {sys.executable} -m samplecase.cli "$@"\n')
        (tools / "samplecase").chmod(0o755)
        self.surroundings = {
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": server.environment["PYTHONPATH"],
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / ".config"),
            "SAMPLECASE_DATA_DIR": str(folder / ".data"),
            "STATE": str(folder / ".state"),
            "COLUMNS": "120",
            "LANG": "C.UTF-8",
            "no_proxy": "127.0.0.1",
        }

    def do(self, block: Block) -> str:
        """What the block prints."""
        text = block.text.replace(ADDRESS, self._url)
        return (
            self._python(text, block.place) if block.language == "python" else self._shell(text, block.place)
        )

    def _shell(self, text: str, place: str) -> str:
        done = subprocess.run(
            ["bash", "-c", SHELL.format(block=text)],
            cwd=self.folder,
            env=self.surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert done.returncode == 0, f"{place}\n{text}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _python(self, text: str, place: str) -> str:
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            exec(compile(text, place, "exec"), self._namespace)
        return printed.getvalue()

    def check(self, shown: Block, printed: str) -> None:
        """That what was printed is what the page shows."""
        text = shown.text.replace(ADDRESS, self._url)
        if shown.language == "json":
            try:
                found = last_json(printed)
            except ValueError:
                pytest.fail(f"{shown.place}: this is not JSON:\n{printed}")
            assert holds(found, json.loads(text)), f"{shown.place}\n{printed}"
        else:
            assert pattern_of(text).fullmatch(printed), f"{shown.place}\n{printed}"


def last_json(printed: str) -> Any:
    """The last of the documents that were printed one after the other."""
    decoder, rest, found = json.JSONDecoder(), printed.strip(), None
    while rest:
        found, end = decoder.raw_decode(rest)
        rest = rest[end:].lstrip()
    return found


def holds(answer: Any, shown: Any) -> bool:
    """Whether what is shown is part of the answer: of objects some keys, of lists every element."""
    if shown == "…":
        return answer is not None
    if isinstance(shown, dict):
        return isinstance(answer, dict) and all(
            key in answer and holds(answer[key], each) for key, each in shown.items()
        )
    if isinstance(shown, list):
        return (
            isinstance(answer, list)
            and len(answer) == len(shown)
            and all(holds(each, expected) for each, expected in zip(answer, shown, strict=True))
        )
    return bool(answer == shown)


def pattern_of(shown: str) -> re.Pattern[str]:
    lines = [
        r"(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + r" *\n"
        for line in shown.splitlines()
    ]
    return re.compile("".join(lines))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with serving(tmp_path_factory.mktemp("server"), prepared=MAKE_ADA) as made:
        yield made


@pytest.fixture
def reader(server: Installation, tmp_path: Path) -> Reader:
    """With a folder of photographs, as the pages say."""
    for name, content in shaded_images(4).items():
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(content)
    return Reader(server, tmp_path)


@pytest.mark.parametrize("guide", PAGES)
def test_each_block_of_the_page_does_what_it_says(guide: str, reader: Reader) -> None:
    printed: str | None = None
    checked = 0
    for block in blocks_of(ROOT / guide):
        if block.language in RUN:
            printed = reader.do(block)
        elif block.language in SHOWN:
            assert printed is not None, f"{block.place} shows what no block prints"
            reader.check(block, printed)
            checked += 1
            printed = None
        else:
            assert block.language == "text", f"{block.place} is neither run nor marked"
            printed = None
    assert checked >= 10


def test_the_loop_of_the_readme_runs(reader: Reader, server: Installation) -> None:
    """The blocks about a server that runs; what they bring along is laid out as it says."""
    (reader.folder / "photos").rename(reader.folder / "images")
    write_folder(
        find_template("plain-python"), reader.folder / "digits-cnn", Choice("digits-cnn", ["3", "8"])
    )
    reader.surroundings |= {"SAMPLECASE_URL": server.url, "SAMPLECASE_TOKEN": server.token}
    blocks = blocks_of(ROOT / "README.md")
    loop = [each for each in blocks if each.text.startswith("samplecase ")]
    python = [each for each in blocks if each.language == "python"]
    assert [len(loop), len(python)] == [1, 1]
    reader.do(loop[0])
    script = python[0].text.replace('token="…"', f'token="{server.token}"').replace('"3"', '"dark"')
    printed = reader.do(Block("python", script, python[0].place))
    assert len(printed.splitlines()) == 4
    assert "'digits_cnn_predictions': {'label': '3'" in printed


@pytest.mark.parametrize("guide", sorted((ROOT / "docs").glob("**/*.md")), ids=lambda guide: guide.name)
def test_what_a_page_calls_json_is_json(guide: Path) -> None:
    for block in blocks_of(guide):
        if block.language == "json":
            try:
                json.loads(block.text)
            except ValueError as error:
                pytest.fail(f"{block.place}: {error}")
