"""Which names an entry of a zip may have; others are refused, for two readers could make them right differently."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_MAX_PART_BYTES = 255
_MAX_NAME_BYTES = 1_000
_MAX_PARTS = 32
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def name_fault(name: str) -> str | None:
    """Why no entry may be called `name` (with its `/` at the end when it is a folder), or None."""
    parts = name.removesuffix("/").split("/")
    size = len(name.encode(errors="replace"))
    for applies, reason in (
        (not name.strip("/"), "is no name"),
        (_CONTROL.search(name), "holds a character that no name has"),
        ("\\" in name, "has a backslash; folders are divided by /"),
        (name.startswith("/"), "is an absolute path"),
        (re.match(r"[A-Za-z]:", name), "begins with a drive letter"),
        (".." in parts, 'leads out of the package by ".."'),
        ("." in parts, 'has a part "."; pack the files by their plain names'),
        ("" in parts, "has an empty part"),
        (size > _MAX_NAME_BYTES or len(parts) > _MAX_PARTS, "is too long"),
        (any(len(part.encode(errors="replace")) > _MAX_PART_BYTES for part in parts), "is too long"),
    ):
        if applies:
            return reason
    return None


class NameSet:
    """The names met so far, as a file system that ignores case and Unicode's ways of writing would take them."""

    def __init__(self) -> None:
        self._paths: dict[str, tuple[str, bool]] = {}  # folded path -> as written, and whether it is a file
        self._listed: set[str] = set()

    def add(self, name: str) -> str | None:
        """Why `name` cannot lie beside those before it, or None."""
        whole = name.removesuffix("/")
        is_file = whole == name
        for folded, path in _prefixes(whole):
            file = is_file and path == whole
            written, file_there = self._paths.setdefault(folded, (path, file))
            if written != path:
                return f'differs from "{written}" in case or writing only'
            if file_there != file:
                return "is the name of a file and of a folder"
        if whole in self._listed:
            return "is there twice"
        self._listed.add(whole)
        return None


def _prefixes(path: str) -> Iterator[tuple[str, str]]:
    """`a`, `a/b`, `a/b/c` of `a/b/c`, each folded and as written."""
    folded = written = ""
    for part in path.split("/"):
        written = f"{written}/{part}" if written else part
        folded = f"{folded}/{_fold(part)}"
        yield folded, written


def _fold(part: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", part).casefold())
