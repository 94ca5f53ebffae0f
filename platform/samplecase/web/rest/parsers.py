"""Parsers that refuse what would break something further in, with the place of the fault."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any, NoReturn, cast

from django.conf import settings
from django.utils.http import parse_header_parameters
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from samplecase.contracts.errors import InvalidInput, TooLarge
from samplecase.web.errors import pointer

MAX_DEPTH = 64
BLOCK = 64 * 1024
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """UTF-8 JSON of limited size and depth, without NaN, doubled keys, NUL characters or lone surrogates.

    Raises `InvalidInput` (`malformed`, or with the pointer of a text that cannot be stored) and `TooLarge`.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        # Django forgets a charset that it does not know, so it is read from the header again.
        _, parameters = parse_header_parameters(media_type or "")
        if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8", "us-ascii"}:
            raise InvalidInput("JSON is sent as UTF-8; leave the charset out.", code="malformed")
        limit: int = settings.MAX_JSON_BYTES
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge(f"The JSON is larger than {limit:,} bytes.")
        return parse_strictly(raw)


class WholeMultiPartParser(MultiPartParser):
    """A form with files of which every byte has come; Django's takes the file in which a form breaks off for whole.

    Raises `InvalidInput` (`cut_off`) when the connection ended before the form did.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        counted = _Counted(stream)
        request = (parser_context or {})["request"]
        try:
            parsed = super().parse(cast(IO[Any], counted), media_type, parser_context)
        except BaseException:
            for handler in request.upload_handlers:
                handler.upload_interrupted()  # which Django tells nobody; the file would wait for the garbage collector
            raise
        while counted.read(BLOCK):
            pass  # what stands behind the form's end
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
        if counted.count < announced:
            for _, files in parsed.files.lists():
                for file in files:
                    file.close()
            message = f"The upload was cut off after {counted.count:,} of {announced:,} bytes; nothing of it was kept."
            raise InvalidInput(message, code="cut_off")
        return parsed


class _Counted:
    """A stream, and how much of it was read."""

    def __init__(self, stream: IO[Any]) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int) -> bytes:
        block: bytes = self._stream.read(size)
        self.count += len(block)
        return block


def parse_strictly(raw: bytes) -> Any:
    """The value that `raw` says, for bodies and for JSON within forms and queries."""
    try:
        value = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_float=_finite,
            parse_constant=_no_constant,
        )
    except RecursionError:
        raise InvalidInput(f"The JSON is nested deeper than {MAX_DEPTH}.", code="malformed") from None
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The JSON is not UTF-8 (byte {error.start}).", code="malformed") from None
    except ValueError as error:
        raise InvalidInput(f"The JSON cannot be read: {error}", code="malformed") from None
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH or b"\\u" in raw:
        _inspect(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {doubled!r} stands twice in one object")
    return made


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _inspect(value: Any) -> None:
    """Walk without recursion, so that no depth can end in a RecursionError here or later."""
    waiting: list[tuple[Any, tuple[str | int, ...]]] = [(value, ())]
    while waiting:
        found, path = waiting.pop()
        if isinstance(found, str):
            _check_text(found, path)
        elif isinstance(found, dict | list):
            if len(path) >= MAX_DEPTH:
                raise InvalidInput(f"The JSON is nested deeper than {MAX_DEPTH}.", code="malformed")
            waiting.extend((inner, (*path, key)) for key, inner in _items(found, path))


def _items(found: dict[str, Any] | list[Any], path: tuple[str | int, ...]) -> Iterator[tuple[str | int, Any]]:
    if isinstance(found, list):
        yield from enumerate(found)
        return
    for key, inner in found.items():
        _check_text(key, path)
        yield key, inner


def _check_text(text: str, path: tuple[str | int, ...]) -> None:
    if _UNSTORABLE.search(text):
        place = pointer(*path)
        raise InvalidInput("This text has a NUL character or half of a surrogate pair.", pointer=place)
