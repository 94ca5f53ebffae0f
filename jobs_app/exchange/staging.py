"""A file is read once: what it holds is counted, matched with the samples, and put aside in groups of records."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from datasets_app.models import Dataset
from datasets_app.values import in_groups
from jobs_app.exchange.matching import match
from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels import LABELLED_TYPES
from samplecase.contracts.texts import storable
from samplecase.exchange.cleaning import clean_fields, clean_record
from samplecase.exchange.fitting import Summary, classes_of, new_type, targets
from samplecase.exchange.port import detect, find_format
from samplecase.exchange.records import Reading, Record
from samplecase.exchange.sources import Files, Unpreviewed
from samplecase.web.rest.blobs import blob_store

GROUP = 128  # records that are done in one slice: images to decode, and values to write
MOST_PREVIEWED = 20_000  # records that a preview counts
# What a reader raises for a file that is built in another way than its format.
_ODD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
MOST_SHOWN = 100  # labels, names and warnings of an answer


@dataclass
class Staged:
    """All that was read of a source."""

    reading: Reading
    summary: Summary
    records: list[Record]
    samples: list[int | None]
    is_whole: bool = True

    @property
    def warnings(self) -> list[str]:
        """What was strange, the most frequent first."""
        counted = self.summary.warnings.most_common(MOST_SHOWN)
        lines = [f"{text} ({times} times)" if times > 1 else text for text, times in counted]
        return [storable(line)[:500] for line in [*self.reading.warnings, *lines]][:MOST_SHOWN]


def read(files: Files, *, dataset: Dataset, format: str = "", most: int | None = None) -> Staged:
    """Everything that `files` hold, or the first `most` records. Raises `InvalidInput`."""
    chosen = find_format(format) if format else detect(files)
    summary, records = Summary(), []
    try:
        reading = chosen.read(files)
        for record in islice(reading.records, most):
            clean_record(record)
            summary.add(record)
            records.append(record)
        is_whole = most is None or next(reading.records, None) is None
    except _ODD as error:
        reason = storable(str(error))[:200]
        message = f"This is no {chosen.title} that can be read ({type(error).__name__}: {reason})."
        raise InvalidInput(message, code="invalid_file", pointer="/file") from error
    reading.fields = clean_fields(reading.fields)
    if not is_whole:
        reading.warnings.append(f"Only the first {most:,} samples were counted.")
    return Staged(reading, summary, records, match(dataset, records), is_whole)


def look(files: Files, *, dataset: Dataset, format: str = "") -> Staged:
    """What the beginning of `files` holds. Raises `InvalidInput`.

    Of a document that is too large to be read while somebody waits, no more than its format.
    """
    try:
        staged = read(files, dataset=dataset, format=format, most=MOST_PREVIEWED)
    except Unpreviewed as error:
        chosen = find_format(format) if format else detect(files)
        reading = Reading(chosen.name, iter(()), warnings=[error.message])
        return Staged(reading, Summary(), [], [], is_whole=False)
    if files.is_cut:
        staged.is_whole = False
        staged.reading.warnings.append(f"Only the first {len(files.names):,} files were looked at.")
    return staged


def put_aside(job: int, staged: Staged) -> tuple[str, int]:
    """Keep the records in the blob store, in groups; returns where, and how many groups."""
    place = f"exchange/{job}/{secrets.token_hex(8)}"
    count = 0
    pairs = zip(staged.records, staged.samples, strict=True)
    for count, group in enumerate(in_groups(pairs, GROUP), 1):
        lines = [json.dumps({"sample": sample, **record.to_json()}) for record, sample in group]
        blob_store().put(_key(place, count - 1), io.BytesIO("\n".join(lines).encode()))
    return place, count


def take_back(place: str, index: int) -> list[tuple[Record, int | None]]:
    """The records of one group, each with the sample that it was matched with."""
    with blob_store().open(_key(place, index)) as stream:
        rows = [json.loads(line) for line in stream.read().split(b"\n") if line]
    return [
        (Record.from_json({key: row[key] for key in row if key != "sample"}), row["sample"]) for row in rows
    ]


def _key(place: str, index: int) -> str:
    return f"{place}/{index:06}.jsonl"


def remove(prefix: str) -> None:
    """Everything below it."""
    store = blob_store()
    for key in list(store.list(prefix)):
        store.delete(key)


def shown(
    staged: Staged, wanted: Mapping[str, str], fields: Mapping[str, Any], classes: Mapping[str, Any]
) -> dict[str, Any]:
    """A preview: what an import of it would find."""
    matched = sum(sample is not None for sample in staged.samples)
    pairs = zip(staged.records, staged.samples, strict=True)
    missing = [record.name for record, sample in pairs if sample is None and not record.media]
    rows, unmatched = [], []
    for source, counted in staged.summary.fields.items():
        field = fields.get(source)
        known = set(field.classes) if field is not None else set()
        labels = []
        order = classes_of(staged.reading, counted, {}) if counted.type in LABELLED_TYPES else []
        for label in order:
            target = classes.get(label, label)
            is_known = target is None or not known or target in known
            labels.append(
                {"label": label, "count": counted.labels[label], "target": target, "known": is_known}
            )
            if not is_known and label not in unmatched:
                unmatched.append(label)
        rows.append(
            {
                "name": source,
                "type": new_type(counted) if field is None else field.type,
                "target": wanted.get(source),
                "exists": field is not None,
                "values": counted.values,
                "labels": labels[:1000],
            }
        )
    return {
        "format": staged.reading.format,
        "samples": staged.summary.samples,
        "matched": matched,
        "new": staged.summary.samples - matched - len(missing),
        "missing": {"count": len(missing), "names": missing[:MOST_SHOWN]},
        "fields": rows,
        "unmatched": unmatched[:1000],
        "warnings": staged.warnings,
        "complete": staged.is_whole,
    }


def wanted_targets(staged: Staged, options: Mapping[str, Any]) -> dict[str, str]:
    return targets(
        staged.reading,
        staged.summary,
        field=options.get("field") or None,
        fields=options.get("fields"),
        as_predictions=bool(options.get("as_predictions")),
    )
