"""Schemas as requests carry them: checked, every fault placed within the request."""

from __future__ import annotations

from typing import Any

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.schema import Schema, parse_schema


def checked_schema(document: Any, *, at: str) -> Schema:
    """The schema in `document` (text, bytes or parsed JSON), which stands at the pointer `at` of the request.

    Raises `InvalidInput` with every fault of it.
    """
    try:
        return parse_schema(document)
    except InvalidInput as error:
        faults = [Fault(at + fault.pointer, fault.message) for fault in error.details]
        raise InvalidInput(
            error.message, code=error.code, details=faults or [Fault(at, error.message)]
        ) from None
