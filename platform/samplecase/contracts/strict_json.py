"""JSON as it must be sent to us: no duplicate keys, no NaN, no depth that breaks who reads it."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from samplecase.contracts.errors import InvalidInput


def parse_json(text: str | bytes, *, max_bytes: int, code: str = "invalid_json", source: str = "") -> Any:
    """What `text` (UTF-8) says; raises `InvalidInput(code)` with line and column at the pointer `source`."""
    size = len(text)
    if size > max_bytes:
        raise InvalidInput(
            f"This is {size:,} bytes of JSON; at most {max_bytes:,} are read.", code=code, pointer=source
        )
    try:
        return json.loads(
            text if isinstance(text, str) else text.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        message = f"This is no JSON: line {error.lineno}, column {error.colno}: {error.msg}."
    except UnicodeDecodeError as error:
        message = f"This is no JSON: byte {error.start} is not UTF-8."
    except RecursionError:
        message = "This JSON is nested too deep."
    except ValueError as error:  # of the two hooks below, or an integer of thousands of digits
        message = f"This is no JSON that can be kept: {error}."
    raise InvalidInput(message, code=code, pointer=source)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'"{twice[:80]}" stands twice in one object')
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")
