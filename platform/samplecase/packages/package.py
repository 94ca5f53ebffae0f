"""A packed model: read and checked as a whole, and unpacked for who runs it."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels import OutputChecker
from samplecase.contracts.labels.reading import shown
from samplecase.contracts.schema import Schema
from samplecase.contracts.strict_json import parse_json
from samplecase.packages.archive import Archive, open_archive
from samplecase.packages.limits import DEFAULT_LIMITS, Limits
from samplecase.packages.manifest import MANIFEST, MAX_MANIFEST_BYTES, complete_manifest
from samplecase.storage.files import sha256_of

_MAX_TEXT_BYTES = 2**20
_IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"}


@dataclass(frozen=True)
class Example:
    """An image in the package's `examples/`, and the outputs it should give (None: any valid ones)."""

    image: str  # name in the package
    expected: dict[str, Any] | None  # output -> canonical value


@dataclass(frozen=True)
class Package:
    """All that a checked package says of itself. `manifest` is complete: what was left out is written out."""

    manifest: dict[str, Any]
    schema: Schema
    sha256: str
    size: int  # bytes of the zip
    files: tuple[tuple[str, int], ...]  # name and size unpacked, in bytes
    readme: str
    changelog: str
    requirements: str
    environment_yml: str
    license: str
    examples: tuple[Example, ...]


def inspect_package(
    source: Path | BinaryIO,
    *,
    schema: Any = None,
    limits: Limits = DEFAULT_LIMITS,
    sha256: str | None = None,
) -> Package:
    """Check the zip, at a path or as a seekable file, from its first byte to its last. No code in it is run.

    `schema` is the one sent beside it (text or parsed), `sha256` its digest where that was counted already. Raises
    `InvalidInput` whose details name files of the zip or pointers into model.json, and `TooLarge`.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            return inspect_package(file, schema=schema, limits=limits, sha256=sha256)
    with open_archive(source, limits) as archive:
        given = _json(archive, MANIFEST, MAX_MANIFEST_BYTES) if MANIFEST in archive else None
        if MANIFEST in archive and not isinstance(given, dict):
            raise InvalidInput(
                f"Must be an object, not {shown(given)}.", code="invalid_manifest", pointer=MANIFEST
            )
        manifest, parsed = complete_manifest(given, schema=schema, files={entry.name for entry in archive})
        archive.verify()
        return Package(
            manifest=manifest,
            schema=parsed,
            sha256=sha256 or _digest(source),
            size=source.seek(0, 2),
            files=tuple((entry.name, entry.size) for entry in archive),
            readme=_text(archive, "README.md"),
            changelog=_text(archive, "CHANGELOG.md"),
            requirements=_text(archive, "requirements.txt"),
            environment_yml=_text(archive, "environment.yml"),
            license=manifest.get("license", ""),
            examples=tuple(_examples(archive, parsed)),
        )


def unpack_package(
    path: Path, into: Path, *, limits: Limits = DEFAULT_LIMITS, sha256: str | None = None
) -> None:
    """Unpack the zip at `path` into the new folder `into`; whole or not at all.

    With `sha256`, a file of other bytes is refused first. Raises `InvalidInput`.
    """
    if sha256 is not None and (found := sha256_of(path)) != sha256:
        message = f"The package's digest is {found}, and {sha256} was expected: it was changed or damaged."
        raise InvalidInput(message, code="wrong_digest")
    with open_archive(path, limits) as archive:
        archive.unpack(into)


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    return hashlib.file_digest(cast(io.BufferedReader, file), "sha256").hexdigest()


def _text(archive: Archive, name: str) -> str:
    if name not in archive:
        return ""
    try:
        text = archive.read(name, max_bytes=_MAX_TEXT_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"{name} is not UTF-8 at byte {error.start}.", code="invalid_package", pointer=name
        ) from error
    if "\x00" in text:
        raise InvalidInput(f"{name} holds a NUL.", code="invalid_package", pointer=name)
    return text


def _json(archive: Archive, name: str, max_bytes: int) -> Any:
    return parse_json(
        archive.read(name, max_bytes=max_bytes), max_bytes=max_bytes, code="invalid_manifest", source=name
    )


def _examples(archive: Archive, schema: Schema) -> list[Example]:
    found = []
    for entry in archive:
        place = PurePosixPath(entry.name)
        if (
            place.parts[0] == "examples"
            and place.suffix.lower() in _IMAGE_SUFFIXES
            and not place.name.startswith(".")
        ):
            expected = place.with_suffix(".json").as_posix()
            found.append(
                Example(entry.name, _expected(archive, expected, schema) if expected in archive else None)
            )
    return found


def _expected(archive: Archive, name: str, schema: Schema) -> dict[str, Any]:
    document = _json(archive, name, _MAX_TEXT_BYTES)
    if not isinstance(document, dict):
        message = f"{name} must be an object of output and expected value, not {shown(document)}."
        raise InvalidInput(message, code="invalid_example", pointer=name)
    checker = OutputChecker(schema)
    try:
        return {output: checker.check(output, value) for output, value in document.items()}
    except InvalidInput as error:
        faults = [Fault(f"{name}#{fault.pointer}", fault.message) for fault in error.details]
        raise InvalidInput(f"{name}: {error.message}", code="invalid_example", details=faults) from error
