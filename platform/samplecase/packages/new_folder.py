"""A folder ready to be packed, written from a template: `templates/NAME`, and what all of them have in common."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels.reading import suggestion
from samplecase.packages.manifest import MANIFEST, complete_manifest

_TEMPLATES = Path(__file__).with_name("templates")
_COMMON = "common"
_MODULE = "model.py"
_NAME = "my-model"  # in the templates' texts, where the model's own is to stand
_SIDES = range(1, 8_193)
_ARCHITECTURE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}\Z", re.ASCII)


@dataclass(frozen=True)
class Template:
    """A template, and what may be chosen of it: None where it has no such thing."""

    name: str
    description: str
    classes: tuple[str, ...]
    size: int | None  # of the square that the network sees, in pixels
    architecture: str | None
    weights: bool  # the author has to add a file


@dataclass(frozen=True)
class Choice:
    """What an author chose; None: as the template has it."""

    name: str
    classes: Sequence[str] | None = None
    size: int | None = None
    architecture: str | None = None


def templates() -> list[Template]:
    """All there are, by name."""
    return [_read(folder) for folder in sorted(_TEMPLATES.iterdir()) if folder.name != _COMMON]


def find_template(name: str) -> Template:
    """Raises `InvalidInput` with those that there are."""
    known = {each.name: each for each in templates()}
    if name not in known:
        message = f"There is no template “{name}”.{suggestion(name, known)} There are: {', '.join(known)}."
        raise InvalidInput(message, code="unknown_template")
    return known[name]


def write_folder(template: Template, folder: Path, choice: Choice) -> list[str]:
    """Write the template into `folder`, which must be new or empty, with what was chosen; returns the files' names.

    Raises `InvalidInput`, and then has written nothing.
    """
    _check(template, choice)
    check_empty(folder)
    files = _files(template)
    texts = {name: _chosen(name, files[name].read_text("utf-8"), choice) for name in _changing(files)}
    complete_manifest(json.loads(texts[MANIFEST]), schema=None, files=[*files, "weights/model.onnx"])
    for name, source in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name in texts:
            target.write_text(texts[name], "utf-8")
        else:
            shutil.copyfile(source, target)
    return list(files)


def check_empty(folder: Path) -> None:
    """Raises `InvalidInput` where something of somebody's would lie among what is written."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput(
            f"{folder} is not empty; a template is written into a new folder.", code="not_empty"
        )


def _read(folder: Path) -> Template:
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    module = folder / _MODULE
    constants = _constants(module.read_text("utf-8")) if module.exists() else {}
    size = constants.get("SIZE", manifest.get("preprocess", {}).get("resize", [None])[0])
    return Template(
        name=folder.name,
        description=manifest["description"],
        classes=tuple(manifest["classes"]),
        size=size,
        architecture=constants.get("ARCHITECTURE"),
        weights=(folder / "weights").is_dir(),
    )


def _constants(code: str) -> dict[str, Any]:
    return {
        name: json.loads(value) for name, value in re.findall(r"^([A-Z]+) = (\d+|\"[^\"]*\")", code, re.M)
    }


def _check(template: Template, choice: Choice) -> None:
    faults = []
    if choice.size is not None and template.size is None:
        faults.append(Fault("--size", f"The template {template.name} sees images as large as they are."))
    elif choice.size is not None and choice.size not in _SIDES:
        faults.append(Fault("--size", f"Must be from 1 to {_SIDES[-1]} pixels, not {choice.size}."))
    if choice.architecture is not None and template.architecture is None:
        faults.append(Fault("--architecture", f"The template {template.name} has none to choose."))
    elif choice.architecture is not None and not _ARCHITECTURE.match(choice.architecture):
        faults.append(Fault("--architecture", f"“{choice.architecture}” is no name of an architecture."))
    if choice.classes is not None and not choice.classes:
        faults.append(Fault("--classes", "Name at least one class."))
    if faults:
        raise InvalidInput("This cannot be chosen.", details=faults)


def _files(template: Template) -> dict[str, Path]:
    found = {}
    for root in (_TEMPLATES / _COMMON, _TEMPLATES / template.name):
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found[path.relative_to(root).as_posix()] = path
    return found


def _changing(files: dict[str, Path]) -> list[str]:
    return [name for name in files if name.endswith((".json", ".py", ".md"))]


def _chosen(name: str, text: str, choice: Choice) -> str:
    """The text of a file with what was chosen in its place, laid out as it was."""
    if name == MANIFEST:
        text = _replaced(text, '("name": ).*(?=,$)', choice.name)
        text = _replaced(text, r'("classes": )\[.*\](?=,$)', choice.classes)
        return _replaced(text, r'("resize": )\[.*\](?=,$)', choice.size and [choice.size] * 2)
    if name == _MODULE:
        text = _replaced(text, r"(^SIZE = )\d+", choice.size)
        return _replaced(text, r'(^ARCHITECTURE = )"[^"]*"', choice.architecture)
    return text.replace(_NAME, choice.name)


def _replaced(text: str, pattern: str, value: Any) -> str:
    """What follows the group of `pattern`, as JSON, which is Python too for a text without escapes and a number."""
    if value is None:
        return text
    written = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
    return re.sub(pattern, lambda found: found[1] + written, text, flags=re.M)
