"""What is searched: paths of the configuration, and the values that each may have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from samplecase.contracts.errors import InvalidInput


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`; whole ones where both are whole; by their logarithm where `log`."""

    path: str
    low: float
    high: float
    log: bool = False

    @property
    def is_whole(self) -> bool:
        return isinstance(self.low, int) and isinstance(self.high, int)


@dataclass(frozen=True)
class Choice:
    """One of several values."""

    path: str
    values: tuple[Any, ...]


Space = list[Range | Choice]


def parse_space(texts: list[str]) -> Space:
    """`optimizer.lr=log:1e-5:0.1`, `optimizer.momentum=0:0.99`, `batch_size=8,16,32`. Raises `InvalidInput`."""
    return [_parsed(text) for text in texts]


def _parsed(text: str) -> Range | Choice:
    path, equals, value = text.partition("=")
    if not equals or not path:
        raise _wrong(text)
    log = value.startswith("log:")
    parts = value.removeprefix("log:").split(":")
    if len(parts) == 2:
        low, high = (_number(each, text) for each in parts)
        if low >= high or (log and low <= 0):
            raise _wrong(text)
        return Range(path, low, high, log)
    values = tuple(_value(each) for each in value.split(","))
    if log or len(set(map(str, values))) < 2:
        raise _wrong(text)
    return Choice(path, values)


def _number(text: str, whole: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise _wrong(whole) from None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _wrong(text: str) -> InvalidInput:
    message = f"{text!r} is no search: PATH=LOW:HIGH, PATH=log:LOW:HIGH, or PATH=ONE,OTHER."
    return InvalidInput(message, code="invalid_search")
