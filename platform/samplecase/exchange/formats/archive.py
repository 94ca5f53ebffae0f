"""Samplecase's own archive: everything of a dataset, with who wrote each value; nothing is lost, nothing rounded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels import FIELD_TYPES, MASK_TYPES, FieldType
from samplecase.exchange.names import safe_path
from samplecase.exchange.records import Content, FieldFacts, Reading, Record, Value
from samplecase.exchange.sources import Files, content, document, faulty
from samplecase.exchange.targets import Target

NAME, TITLE = "samplecase", "Samplecase archive"
TYPES = frozenset(FieldType)
KIND, VERSION = "samplecase-archive", 1
ABOUT, SAMPLES = "samplecase.json", "samples.jsonl"
_FACTS = ("classes", "colors", "attributes", "dimension")


def sniff(files: Files) -> float:
    return 1 if _about(files) else 0


def _about(files: Files) -> str | None:
    return next((name for name in files.names if name.rpartition("/")[2] == ABOUT), None)


def read(files: Files) -> Reading:
    name = _about(files)
    about = document(files, name) if name else None
    if name is None or not isinstance(about, dict) or about.get("format") != KIND:
        raise faulty(name or ABOUT, "is no description of a Samplecase archive")
    if about.get("version") != VERSION:
        raise faulty(name, f"is of version {about.get('version')}; {VERSION} is read")
    try:
        fields = [_field(each) for each in about["fields"]]
    except (KeyError, TypeError, ValueError) as error:
        raise faulty(name, f"describes a field wrongly ({error})") from None
    reading = Reading(NAME, iter(()), fields={each.name: each for each in fields})
    reading.records = _records(files, name.removesuffix(ABOUT), reading)
    return reading


def _field(raw: dict[str, Any]) -> FieldFacts:
    if raw["type"] not in FIELD_TYPES:
        raise ValueError(f"the type {raw['type']}")
    return FieldFacts(
        str(raw["name"]), raw["type"], **{key: raw[key] for key in _FACTS if raw.get(key) is not None}
    )


def _records(files: Files, root: str, reading: Reading) -> Iterator[Record]:
    there = frozenset(files.names)
    if root + SAMPLES not in there:
        raise faulty(root + SAMPLES, "is missing")
    with files.open(root + SAMPLES) as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield _record(json.loads(line), root, there, reading)
            except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
                reading.warnings.append(f"Line {number} of {SAMPLES} cannot be read.")


def _record(raw: dict[str, Any], root: str, there: frozenset[str], reading: Reading) -> Record:
    media = root + raw["media"] if raw.get("media") else None
    record = Record(str(raw["name"]), media=media if media in there else None)
    record.tags = [str(tag) for tag in raw.get("tags") or ()]
    record.width, record.height = raw.get("width"), raw.get("height")
    for name, held in raw["values"].items():
        if name not in reading.fields:
            record.warnings.append(f"the field {name} is not described")
            continue
        type_ = reading.fields[name].type
        record.values[name] = Value(type_, held["value"])
        record.facts[name] = {key: part for key, part in held.items() if key != "value"}
        if type_ in MASK_TYPES:
            digest = str(held["value"]["mask"])
            record.masks[digest] = root + mask_path(record.name, digest)
    return record


def mask_path(sample: str, digest: str) -> str:
    """Each sample's own, for parts that are written apart cannot know of each other's."""
    own = _number(sample)
    return f"masks/{own[:2]}/{own}-{digest}.png"


def media_path(record: Record, content: Content) -> str:
    # By number, for two names may be one to a file system; the name itself stands in the line.
    own = _number(record.name)
    return f"media/{own[:2]}/{own}-{safe_path(record.name).rpartition('/')[2]}"


def _number(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def write(content: Content, records: Iterable[Record], target: Target) -> None:
    """Masks are put beside these by whoever has their pixels, under `mask_path`."""
    about = {
        **{"format": KIND, "version": VERSION, "name": content.name, "description": content.description},
        "tags": list(content.tags),
        "fields": [
            {"name": field.name, "type": field.type, **{key: getattr(field, key) for key in _FACTS}}
            for field in content.fields
        ],
    }
    target.put(ABOUT, json.dumps(about, indent=2, ensure_ascii=False).encode())
    with target.text(SAMPLES) as file:
        for record in records:
            file.write(json.dumps(_line(record, content), ensure_ascii=False) + "\n")


def _line(record: Record, content: Content) -> dict[str, Any]:
    return {
        "name": record.name,
        "media": media_path(record, content) if content.has_media else None,
        **{"width": record.width, "height": record.height, "tags": record.tags},
        "values": {
            field.name: {"value": record.values[field.name].data, **record.facts.get(field.name, {})}
            for field in content.fields
            if field.name in record.values
        },
    }


def check_mask(content_: bytes, digest: str) -> bytes:
    """The pixels of a mask, if they are what the value says. Raises `InvalidInput`."""
    if hashlib.sha256(content_).hexdigest() != digest:
        raise InvalidInput(f"The mask {digest[:12]}… has other bytes than its digest says.")
    return content_


def mask_bytes(files: Files, name: str, digest: str) -> bytes:
    return check_mask(content(files, name, max_bytes=256 * 2**20), digest)
