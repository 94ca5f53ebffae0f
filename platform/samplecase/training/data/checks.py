"""What would spoil a training, found before it is queued."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.training.config.data import Data
from samplecase.training.data.manifest import Label, Manifest, ManifestRow, class_names

UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)  # what Pillow raises
LEAST_CLASSES = {"classification": 2, "classifications": 1, "detections": 1}
SHOWN = 5  # samples that a sentence names


@dataclass(frozen=True)
class Finding:
    """Something about the data; one that `refuses` keeps the training from starting."""

    code: str
    message: str
    refuses: bool
    samples: tuple[str, ...] = ()


def checked(manifest: Manifest, data: Data) -> tuple[Manifest, list[Finding]]:
    """The manifest without the samples that are to be skipped, and what is to be known about it.

    Raises `InvalidInput` with every finding that refuses the training.
    """
    findings = [*_unlabelled(manifest, data), *_read(manifest, data)]
    skipped = {sample for finding in findings for sample in finding.samples}
    kept = Manifest([row for row in manifest.rows if row.id not in skipped], manifest.classes)
    findings += [*_empty(kept), *_mistyped(kept, data), *_few(kept, data), *_unknown(kept), *_shared(kept)]
    if refusals := [finding for finding in findings if finding.refuses]:
        message = f"The training cannot start: {refusals[0].message}"
        faults = [Fault(finding.code, finding.message) for finding in refusals]
        raise InvalidInput(message, code="unfit_data", details=faults)
    return kept, findings


def _looked_at(rows: Sequence[ManifestRow]) -> list[tuple[ManifestRow, tuple[str, str]]]:
    """Every image is read and decoded once."""
    with ThreadPoolExecutor() as pool:
        return [*zip(rows, pool.map(_look, rows), strict=True)]


def _look(row: ManifestRow) -> tuple[str, str]:
    """Why an image cannot be decoded, and the SHA-256 of its file; empty where there is nothing to say."""
    try:
        data = Path(row.media).read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    except UNREADABLE as error:
        return str(error), ""
    return "", hashlib.sha256(data).hexdigest()


def _unlabelled(manifest: Manifest, data: Data) -> Iterable[Finding]:
    names = [field.name for field in data.fields]
    without = tuple(row.id for row in manifest.rows if any(row.labels.get(name) is None for name in names))
    if without:
        refuses = data.unlabelled == "fail"
        yield Finding("unlabelled", f"Without a label: {_listed(without)}.", refuses, without)


def _read(manifest: Manifest, data: Data) -> Iterable[Finding]:
    """What comes of reading every image once: some cannot be decoded, some are not those of the manifest."""
    looks = _looked_at(manifest.rows)
    changed = [row.id for row, (_, digest) in looks if digest and row.sha256 and digest != row.sha256]
    if changed:
        message = f"The image has another SHA-256 than the manifest says: {_listed(changed)}."
        yield Finding("changed", message, True)
    if found := {row.id: why for row, (why, _) in looks if why}:
        named = tuple(f"{sample} ({why})" for sample, why in found.items())
        refuses = data.unreadable == "fail"
        yield Finding("unreadable", f"Cannot be decoded: {_listed(named)}.", refuses, tuple(found))


def _empty(manifest: Manifest) -> Iterable[Finding]:
    if not manifest.of("training"):
        yield Finding("empty", "No sample is left to train on.", True)
    if not manifest.of("validation"):
        yield Finding(
            "no_validation", "No sample is left to validate on: the last epoch counts as the best.", False
        )


def _few(manifest: Manifest, data: Data) -> Iterable[Finding]:
    for field in data.fields:
        name, classes = field.name, manifest.classes.get(field.name, [])
        if len(classes) < LEAST_CLASSES.get(field.type, 0):
            yield Finding("few_classes", f"{name}: there {_are(len(classes))} to tell apart.", True)
        counts = {split: _counts(manifest.of(split), name) for split in ("training", "validation")}
        for label in classes:
            found = counts["training"][label]
            if found < data.min_per_class:
                message = (
                    f"{name}: class {label!r} has {found} training samples, fewer than {data.min_per_class}."
                )
                yield Finding("empty_class" if not found else "few_samples", message, True)
            elif manifest.of("validation") and not counts["validation"][label]:
                yield Finding("not_validated", f"{name}: no validation sample shows class {label!r}.", False)


def _mistyped(manifest: Manifest, data: Data) -> Iterable[Finding]:
    """Labels that are not of their field's type."""
    for field in data.fields:
        wrong = [row.id for row in manifest.rows if not _is_of(row.labels[field.name], field.type)]
        if wrong:
            yield Finding("mistyped", f"{field.name}: no label of type {field.type}: {_listed(wrong)}.", True)


def _is_of(label: Label, type: str) -> bool:
    if type == "regression":
        return isinstance(label, int | float) and not isinstance(label, bool)
    if type == "classification":
        return isinstance(label, str)
    if not isinstance(label, list):
        return False
    if type == "classifications":
        return all(isinstance(each, str) for each in label)
    return all(isinstance(each, dict) and len(each.get("bounding_box", ())) == 4 for each in label)


def _are(number: int) -> str:
    return "is one class" if number == 1 else "are no classes"


def _unknown(manifest: Manifest) -> Iterable[Finding]:
    """Labels that the list of classes does not have: a class that came later is never squeezed in between."""
    for name, classes in manifest.classes.items():
        strange = sorted(set(_counts(manifest.rows, name)) - set(classes))
        if strange:
            yield Finding("unknown_class", f"{name}: not among the classes: {_listed(strange)}.", True)


def _shared(manifest: Manifest) -> Iterable[Finding]:
    for code, what, key in (("leak", "image", "sha256"), ("group_leak", "group", "group")):
        splits: dict[str, dict[str, str]] = {}
        for row in manifest.rows:
            if value := getattr(row, key):
                splits.setdefault(value, {}).setdefault(row.split, row.id)
        leaks = [" and ".join(each.values()) for each in splits.values() if len(each) > 1]
        if leaks:
            yield Finding(code, f"The same {what} is in two splits: {_listed(leaks)}.", True)


def _counts(rows: Iterable[ManifestRow], name: str) -> Counter[str]:
    return Counter(label for row in rows for label in class_names(row.labels.get(name)))


def _listed(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
