"""What a file says, made fit to be kept: texts that every database takes, and fields described as ours are."""

from __future__ import annotations

import json
import re
from typing import Any

from samplecase.contracts.texts import storable
from samplecase.exchange.records import FieldFacts, Record, Value

LONGEST_LABEL = 255
MOST_CLASSES = 10_000
MOST_ATTRIBUTE_BYTES = 64 * 1024
_COLOR = re.compile(r"#[0-9a-f]{6}\Z", re.IGNORECASE | re.ASCII)


def clean_record(record: Record) -> None:
    """Texts of `record` become storable; what names files of the source stays as it is."""
    record.name = storable(record.name)
    record.tags = [tag for each in record.tags if (tag := clean(each).strip()[:100])]
    record.values = {
        storable(name): Value(value.type, clean(value.data)) for name, value in record.values.items()
    }
    record.facts = {storable(name): clean(facts) for name, facts in record.facts.items()}
    record.warnings = [storable(warning) for warning in record.warnings]


def clean_fields(fields: dict[str, FieldFacts]) -> dict[str, FieldFacts]:
    """Of what is said about each field, what a field may have."""
    return {storable(name): _clean_facts(facts) for name, facts in fields.items()}


def clean(data: Any) -> Any:
    """`data` with every text in it storable."""
    if isinstance(data, str):
        return storable(data)
    if isinstance(data, list | tuple):
        return [clean(each) if isinstance(each, str | list | tuple | dict) else each for each in data]
    if isinstance(data, dict):
        return {storable(str(key)): clean(each) for key, each in data.items()}
    return data


def _clean_facts(facts: FieldFacts) -> FieldFacts:
    classes = facts.classes if isinstance(facts.classes, list | tuple) else ()
    names = dict.fromkeys(storable(each) for each in classes if isinstance(each, str))
    colors = facts.colors if isinstance(facts.colors, dict) else {}
    return FieldFacts(
        storable(facts.name),
        facts.type,
        classes=[name for name in names if 0 < len(name) <= LONGEST_LABEL],
        colors={
            storable(label): color
            for label, color in list(colors.items())[:MOST_CLASSES]
            if isinstance(label, str) and isinstance(color, str) and _COLOR.match(color)
        },
        attributes=_clean_attributes(facts.attributes),
        dimension=facts.dimension,
    )


def _clean_attributes(raw: Any) -> dict[str, Any]:
    try:
        cleaned = clean(raw) if isinstance(raw, dict) else {}
        return cleaned if len(json.dumps(cleaned, allow_nan=False)) <= MOST_ATTRIBUTE_BYTES else {}
    except ValueError:  # numbers that no JSON has
        return {}
