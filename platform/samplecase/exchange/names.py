"""How files name images: with their folder or without, by stem, by number; and which names a zip may have."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from samplecase.exchange.records import SPLITS

_UNSAFE = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|\ud800-\udfff]')
_HOLDERS = frozenset({"images", "data", "jpegimages", "img", "imgs", "media"})


class MediaIndex:
    """Finds the image that a name means among the files of a source."""

    def __init__(self, images: Iterable[str]) -> None:
        names = list(images)
        self._by_name = sorted((_backwards(name), name) for name in names)
        self._by_stem = sorted((_backwards(stem(name)), name) for name in names)

    def find(self, name: str) -> str | None:
        """The file with the longest common end, if there is one such; None if several fit alike."""
        return _closest(_backwards(clean(name)), self._by_name)

    def find_stem(self, name: str) -> str | None:
        return _closest(_backwards(stem(clean(name))), self._by_stem)


def _backwards(name: str) -> list[str]:
    return name.split("/")[::-1]


def _closest(parts: list[str], ordered: Sequence[tuple[list[str], str]]) -> str | None:
    """In their order, the names with the longest common end stand where this one would: there may be millions."""
    at = bisect_left(ordered, (parts, ""))
    near = [(_common(parts, other), name) for other, name in ordered[max(0, at - 2) : at + 2]]
    ranked = sorted(near, key=lambda each: -each[0])
    if not ranked or not ranked[0][0] or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def _common(left: list[str], right: list[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def sample_names(paths: Sequence[str]) -> dict[str, str]:
    """A name for each path: without the folders that only hold images or a split, unless two would be the same."""
    short = {path: _without_holders(path) for path in paths}
    times = Counter(short.values())
    return {path: name if times[name] == 1 else path for path, name in short.items()}


def _without_holders(path: str) -> str:
    folders, last = path.split("/")[:-1], base(path)
    at = max((n for n, part in enumerate(folders, 1) if part.lower() in _HOLDERS), default=None)
    if at is None:
        return path
    rest = folders[at:]
    if rest and rest[0].lower() in SPLITS:
        rest = rest[1:]
    return "/".join([*rest, last])


def split_in(path: str) -> str | None:
    """The split that a folder of the path names."""
    return next((SPLITS[part.lower()] for part in path.split("/")[:-1] if part.lower() in SPLITS), None)


def base(name: str) -> str:
    return clean(name).rpartition("/")[2]


def stem(name: str) -> str:
    """Without its extension, if it has a usual one."""
    suffix = PurePosixPath(name).suffix
    return name[: -len(suffix)] if suffix and len(suffix) <= 6 and not suffix[1:].isdigit() else name


def clean(name: str) -> str:
    return name.replace("\\", "/").removeprefix("./")


def number(name: str) -> int | None:
    """`000000000139.jpg` is 139."""
    digits = stem(base(name))
    return int(digits) if digits.isdecimal() and len(digits) <= 18 else None


def safe_path(name: str) -> str:
    """`name` as a file in a zip may be called, on every system."""
    parts = [_UNSAFE.sub("_", part)[-120:] for part in clean(name).split("/")]
    kept = [
        f"_{part.lstrip('.')}" if part.startswith(".") else part.rstrip(". ") or "_" for part in parts if part
    ]
    return "/".join(kept[-8:]) or "_"


def folded(name: str) -> str:
    """What two names have in common that a file system may take for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", safe_path(name)).casefold())
