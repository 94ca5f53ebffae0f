"""Reading untrusted values piece by piece: every fault is collected with its pointer, nothing is raised on the way."""

from __future__ import annotations

import difflib
import math
import re
import reprlib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from samplecase.contracts.errors import Fault

MAX_FAULTS = 20
MAX_DEPTH = 20
MAX_NODES = 1_000_000  # of one value: numbers, strings, lists and objects together
MAX_TEXT = 1_000_000  # characters of one string
MAX_INTEGER = 2**63 - 1  # what a database column and every JSON reader can hold

# How far over the edge rounding may carry a coordinate or a confidence, which is then moved onto the edge.
SLACK = 1e-3

_SURROGATE = re.compile("[\ud800-\udfff]")


def shown(value: object) -> str:
    """`value` as a person may read it in a message, never long."""
    text = _SHORT.repr(value)
    return text if len(text) <= 120 else text[:119] + "…"


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 80
_SHORT.maxdict = _SHORT.maxlist = _SHORT.maxtuple = 6
_SHORT.maxlevel = 3


def pointer_to(base: str, *parts: object) -> str:
    """The RFC 6901 pointer to what lies under `parts` of `base`."""
    return base + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def suggestion(word: object, known: Iterable[str]) -> str:
    """` Did you mean "x"?`, or nothing, to be put behind a sentence."""
    close = difflib.get_close_matches(str(word)[:80].lower(), list(known), n=1, cutoff=0.6)
    return f' Did you mean "{close[0]}"?' if close else ""


class Reader:
    """Collects what is wrong with a value. Each method returns what it read, or None after a fault."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._nodes = 0

    def fault(self, at: str, message: str) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(at, message))

    def plain(self, raw: Any, at: str, depth: int = 0) -> Any:
        """`raw` as what JSON has: arrays and scalars of numpy and torch become lists and numbers by their `tolist`."""
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            if not self.faults:
                self.fault(at, f"is nested deeper than {MAX_DEPTH} levels or holds over {MAX_NODES:,} values")
            return None
        if callable(getattr(type(raw), "tolist", None)):
            raw = raw.tolist()
        if raw is None or isinstance(raw, bool):
            return raw
        if isinstance(raw, str):
            return self._text(raw, at)
        if isinstance(raw, int | float):
            return self._finite(raw, at)
        if isinstance(raw, Mapping):
            return {
                self._key(key, at): self.plain(each, pointer_to(at, key), depth + 1)
                for key, each in raw.items()
            }
        if isinstance(raw, list | tuple):
            if all(
                type(each) is float and math.isfinite(each) for each in raw
            ):  # a vector: no need to go through it
                self._nodes += len(raw)
                return list(raw)
            return [self.plain(each, pointer_to(at, index), depth + 1) for index, each in enumerate(raw)]
        self.fault(at, f"must be made of what JSON has, not of {type(raw).__name__}: {shown(raw)}")
        return None

    def members(
        self, raw: Any, at: str, *, required: Collection[str], optional: Collection[str]
    ) -> dict[str, Any] | None:
        """An object with known keys only; those that are null count as absent."""
        if not isinstance(raw, dict):
            self.fault(at, f"must be an object, not {shown(raw)}")
            return None
        known = [*required, *optional]
        for key in raw:
            if key not in known:
                self.fault(
                    pointer_to(at, key), f'there is no "{shown(key)[1:-1]}" here.{suggestion(key, known)}'
                )
        found = {key: each for key, each in raw.items() if each is not None and key in known}
        for key in required:
            if key not in found:
                self.fault(pointer_to(at, key), f'"{key}" is missing in {shown(raw)}')
        return found

    def elements(self, raw: Any, at: str, read: Callable[[Any, str], Any]) -> list[Any]:
        """A list, each element of which `read` reads."""
        if not isinstance(raw, list):
            self.fault(at, f"must be a list, not {shown(raw)}")
            return []
        return [read(each, pointer_to(at, index)) for index, each in enumerate(raw)]

    def name(self, raw: Any, at: str, *, limit: int = 255) -> str | None:
        """A label, class or tag: 1 to `limit` characters."""
        if not isinstance(raw, str) or not raw.strip() or len(raw) > limit:
            self.fault(at, f"must be a text of 1 to {limit} characters, not {shown(raw)}")
            return None
        return raw

    def number(self, raw: Any, at: str) -> float | None:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            self.fault(at, f"must be a number, not {shown(raw)}")
            return None
        return raw

    def unit(self, raw: Any, at: str) -> float | None:
        """A number from 0 to 1."""
        number = self.number(raw, at)
        if number is None:
            return None
        if not -SLACK <= number <= 1 + SLACK:
            self.fault(at, f"must be from 0 to 1, not {shown(raw)}")
            return None
        return float(min(max(number, 0.0), 1.0))

    def integer(self, raw: Any, at: str, *, least: int) -> int | None:
        if isinstance(raw, bool) or not isinstance(raw, int | float) or raw != int(raw) or raw < least:
            self.fault(at, f"must be a whole number from {least} on, not {shown(raw)}")
            return None
        return int(raw)

    def flag(self, raw: Any, at: str) -> bool | None:
        if not isinstance(raw, bool):
            self.fault(at, f"must be true or false, not {shown(raw)}")
            return None
        return raw

    def _key(self, key: Any, at: str) -> str:
        if isinstance(key, str):
            return self._text(key, at) or ""
        self.fault(at, f"has a key that is no text: {shown(key)}")
        return ""

    def _text(self, raw: str, at: str) -> str | None:
        if len(raw) > MAX_TEXT:
            self.fault(at, f"is longer than {MAX_TEXT:,} characters: {shown(raw)}")
            return None
        if "\x00" in raw or _SURROGATE.search(raw):
            self.fault(at, f"holds a NUL or half a character: {shown(raw)}")
            return None
        return raw

    def _finite(self, raw: float, at: str) -> float | None:
        if isinstance(raw, float) and not math.isfinite(raw):
            self.fault(at, f"must be a finite number, not {raw}")
            return None
        if isinstance(raw, int) and abs(raw) > MAX_INTEGER:
            self.fault(at, "must be a number that fits into 64 bits")
            return None
        return raw
