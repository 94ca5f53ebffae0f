"""`model.json`: the manifest of a packed model, checked, completed, and written where the author sent none."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Any

from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels.reading import Reader, pointer_to, shown, suggestion
from samplecase.contracts.schema import Schema, differences, parse_schema
from samplecase.contracts.schema_dialect import Faults
from samplecase.packages.builtin_blocks import ENTRYPOINT_PREFIX, RUNNERS, WEIGHT_SUFFIXES, complete_blocks

MANIFEST = "model.json"
MAX_MANIFEST_BYTES = 2**20

_KEYS = ("format", "name", "version", "entrypoint", "schema", "classes", "license", "description", "tags")
_BUILTIN_KEYS = ("preprocess", "postprocess", "architecture", "weights")
_VERSION = re.compile(
    r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?\Z", re.ASCII
)
_ENTRYPOINT = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)\Z", re.ASCII)
_ARCHITECTURE = re.compile(r"[a-z][a-z0-9_]{0,63}\Z", re.ASCII)
_TEXT_LIMITS = {"name": 100, "license": 100, "description": 10_000}


def complete_manifest(
    given: dict[str, Any] | None, *, schema: Any, files: Collection[str]
) -> tuple[dict[str, Any], Schema]:
    """The whole manifest and its schema, from `model.json` (None: there is none) and the schema sent beside it.

    Raises `InvalidInput` (`invalid_manifest`, or that of the schema) with every fault; pointers lead into model.json.
    """
    faults = Faults()
    manifest = _check_keys(given, faults) if given is not None else _written(files, faults)
    parsed = _schema(manifest.get("schema"), schema, faults)
    entrypoint = _entrypoint(manifest, files, faults)
    if parsed is not None:
        manifest["schema"] = parsed.document
        if entrypoint in RUNNERS:
            manifest.update(complete_blocks(manifest, parsed, faults))
    if faults or parsed is None:
        raise _refused(faults)
    return manifest, parsed


def _refused(faults: Faults) -> InvalidInput:
    first = faults.all[0]
    message = f"The package's manifest is not valid at {first.pointer or MANIFEST}: {first.message}"
    return InvalidInput(message, code="invalid_manifest", details=faults.all)


def _check_keys(given: dict[str, Any], faults: Faults) -> dict[str, Any]:
    reader = Reader()
    manifest: dict[str, Any] = reader.plain(given, "")
    for fault in reader.faults:
        faults.add(fault.pointer, f"The manifest {fault.message}.")
    if faults:
        raise _refused(faults)
    is_builtin = str(manifest.get("entrypoint", "")).startswith("samplecase.")
    known = (*_KEYS, *_BUILTIN_KEYS) if is_builtin else _KEYS
    for key in [key for key in manifest if key not in known]:
        extra = " It goes with a samplecase.builtin entry point." if key in _BUILTIN_KEYS else ""
        faults.add(
            pointer_to("", key), f'There is no "{shown(key)[1:-1]}" here.{suggestion(key, known)}{extra}'
        )
    if manifest.get("format") != 1 or isinstance(manifest.get("format"), bool):
        faults.add("/format", f"Must be 1, not {shown(manifest.get('format'))}.")
    for key, limit in _TEXT_LIMITS.items():
        value = manifest.get(key, "-")
        if not isinstance(value, str) or len(value) > limit or (key == "name" and not value.strip()):
            faults.add(f"/{key}", f"Must be a text of at most {limit:,} characters, not {shown(value)}.")
    version = manifest.get("version", "0.0.0")
    if not isinstance(version, str) or not _VERSION.match(version) or len(version) > 40:
        faults.add("/version", f'Must be a semantic version such as "1.0.0", not {shown(version)}.')
    _check_names(manifest.get("classes", []), "/classes", 255, faults)
    _check_names(manifest.get("tags", []), "/tags", 100, faults)
    return manifest


def _check_names(given: Any, at: str, limit: int, faults: Faults) -> None:
    """A list of different, not empty texts."""
    if not isinstance(given, list):
        faults.add(at, f"Must be a list of texts, not {shown(given)}.")
        return
    seen = set()
    for index, each in enumerate(given):
        where = pointer_to(at, index)
        if not isinstance(each, str) or not each.strip() or len(each) > limit:
            faults.add(where, f"Must be a text of 1 to {limit} characters, not {shown(each)}.")
        elif each in seen:
            faults.add(where, f"{shown(each)} is there twice.")
        else:
            seen.add(each)


def _written(files: Collection[str], faults: Faults) -> dict[str, Any]:
    """The manifest of a package that has none: for its `model.py`, or its single weight file."""
    if "model.py" in files:
        return {"format": 1, "entrypoint": "model:Model"}
    suffixes = {suffix: runner for runner in reversed(RUNNERS[:3]) for suffix in WEIGHT_SUFFIXES[runner]}
    weights = [
        name for name in files if PurePosixPath(name).suffix.lower() in suffixes and not _is_litter(name)
    ]
    if len(weights) == 1:
        runner = suffixes[PurePosixPath(weights[0]).suffix.lower()]
        return {"format": 1, "entrypoint": ENTRYPOINT_PREFIX + runner, "weights": weights[0]}
    found = f"; there are {len(weights)}: {', '.join(sorted(weights)[:5])}" if weights else ""
    faults.add(
        MANIFEST,
        f"Is missing. Without it a package needs a model.py or a single weight file{found}.{_nested(files)}"
        " `samplecase models new` writes a folder that has all.",
    )
    return {"format": 1}


def _nested(files: Collection[str]) -> str:
    """What to do where the folder was packed instead of what is in it."""
    tops = {name.split("/")[0] for name in files if not _is_litter(name)}
    top = next(iter(tops), "")
    if len(tops) == 1 and (f"{top}/{MANIFEST}" in files or f"{top}/model.py" in files):
        return f' All files lie in the folder "{top}": pack what is inside it, not the folder itself.'
    return ""


def _is_litter(name: str) -> bool:
    """What macOS puts beside the files of a zip."""
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")


def _schema(inside: Any, beside: Any, faults: Faults) -> Schema | None:
    parsed: list[Schema] = []
    for document in (inside, beside):
        if document is None:
            continue
        try:
            parsed.append(parse_schema(document))
        except InvalidInput as error:
            for fault in error.details:
                faults.add("/schema" + fault.pointer, fault.message)
    if inside is None and beside is None:
        faults.add(
            "/schema", "Is missing: it describes the model's inputs and outputs, here or beside the zip."
        )
    if len(parsed) == 2:
        for fault in differences(*parsed):
            faults.add(
                "/schema" + fault.pointer,
                f"The schema inside and the one beside the zip differ: {fault.message}.",
            )
    return parsed[0] if parsed else None


def _entrypoint(manifest: dict[str, Any], files: Collection[str], faults: Faults) -> str | None:
    """The builtin runner's name, or None for a class of the author's."""
    entrypoint = manifest.get("entrypoint")
    if entrypoint is None:
        if "format" in manifest and MANIFEST in files:
            faults.add("/entrypoint", 'Is missing: "module:Class", such as "model:Model".')
        return None
    if not isinstance(entrypoint, str) or not _ENTRYPOINT.match(entrypoint):
        faults.add("/entrypoint", f'Must be "module:Class", such as "model:Model", not {shown(entrypoint)}.')
        return None
    if entrypoint.startswith("samplecase."):
        return _builtin(entrypoint, manifest, files, faults)
    module = entrypoint.partition(":")[0].replace(".", "/")
    if f"{module}.py" not in files and f"{module}/__init__.py" not in files:
        faults.add("/entrypoint", f'There is no file "{module}.py" in the package.{_nested(files)}')
    return None


def _builtin(entrypoint: str, manifest: dict[str, Any], files: Collection[str], faults: Faults) -> str | None:
    runner = entrypoint.removeprefix(ENTRYPOINT_PREFIX)
    if runner not in RUNNERS:
        known = [ENTRYPOINT_PREFIX + each for each in RUNNERS]
        faults.unknown(
            "/entrypoint", "entry point", entrypoint, known, extra=f" There are: {', '.join(known)}."
        )
        return None
    architecture = manifest.get("architecture")
    if runner == "Checkpoint":
        if not isinstance(architecture, str) or not _ARCHITECTURE.match(architecture):
            faults.add(
                "/architecture", f'A checkpoint needs one, such as "resnet18", not {shown(architecture)}.'
            )
    elif architecture is not None:
        faults.add(
            "/architecture", f"Goes with {ENTRYPOINT_PREFIX}Checkpoint; a {runner} file holds its own."
        )
    _find_weights(runner, manifest, files, faults)
    return runner


def _find_weights(runner: str, manifest: dict[str, Any], files: Collection[str], faults: Faults) -> None:
    suffixes = WEIGHT_SUFFIXES[runner]
    fitting = sorted(
        name for name in files if PurePosixPath(name).suffix.lower() in suffixes and not _is_litter(name)
    )
    given = manifest.get("weights")
    if given is not None and (not isinstance(given, str) or given not in files):
        faults.add("/weights", f"There is no file {shown(given)} in the package.{suggestion(given, fitting)}")
    elif given is None and len(fitting) != 1:
        found = f"there are {len(fitting)}: {', '.join(fitting[:5])}" if fitting else "there is none"
        wanted = f"a {runner} package needs one file that ends in {' or '.join(suffixes)}"
        faults.add("/weights", f"Name the weight file: {wanted}; {found}.")
    elif given is None:
        manifest["weights"] = fitting[0]
