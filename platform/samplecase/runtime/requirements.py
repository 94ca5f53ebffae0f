"""The lists of packages that an author sends along, read strictly: names and versions, nothing that reaches out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from samplecase.contracts.errors import Fault, InvalidInput

MAX_BYTES = 64 * 1024
MAX_LINES = 500
MAX_DEPTH = 8
MAX_SHOWN = 100  # characters of what is refused
MAX_CHARACTERS = 300
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_VERSION = r"(?:===?|~=|!=|<=?|>=?)\s*[A-Za-z0-9.*+!_-]+"
_REQUIREMENT = re.compile(
    rf"{_NAME}\s*(?:\[\s*{_NAME}(?:\s*,\s*{_NAME})*\s*\])?\s*"
    rf"(?:\(?\s*{_VERSION}(?:\s*,\s*{_VERSION})*\s*\)?)?\s*(?:;[\w\s.,'\"()<>=!~-]+)?"
)
_CONDA = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:\s*[=<>!~]=?\s*[A-Za-z0-9*][=A-Za-z0-9.*+!_,|<>~ -]*)?")
_CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_REFUSED = (  # pattern, what it is: so that the author reads why
    (re.compile(r"^-e\b|^--editable"), "an editable install"),
    (re.compile(r"^-r\b|^--requirement|^-c\b|^--constraint"), "another file"),
    (re.compile(r"(^|\s)--?[A-Za-z]"), "an option"),
    (re.compile(r"\b(git|hg|svn|bzr)\+"), "a version control address"),
    (re.compile(r"://|@"), "an address"),
    (re.compile(r"^[./~]|[/\\]|\.(whl|zip|tar\.gz)$"), "a path"),
)


@dataclass(frozen=True)
class CondaEnvironment:
    """What an `environment.yml` asks for."""

    channels: Sequence[str]
    conda: Sequence[str]
    pip: Sequence[str]

    @property
    def python(self) -> str | None:
        """The version of `python=…` among the conda packages, or None."""
        found = (
            re.fullmatch(r"python\s*=+\s*([0-9]+(?:\.[0-9]+){0,2})(?:\.\*)?", line) for line in self.conda
        )
        return next((match[1] for match in found if match), None)

    @property
    def is_pip_only(self) -> bool:
        """Whether python and pip are all that conda would bring."""
        return all(re.match(r"(python|pip)\b(?!-)", line) for line in self.conda)


def read_requirements(text: str, file: str = "requirements.txt") -> list[str]:
    """The requirements of a pip file. Raises `InvalidInput` naming each line that is refused, and why."""
    _check_size(text, file)
    requirements, faults = [], []
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise InvalidInput(f"{file} has more than {MAX_LINES} lines", pointer=file)
    for number, line in enumerate(lines, 1):
        bare = re.sub(r"(^|\s)#.*$", "", line).strip()
        if not bare:
            continue
        why = why_refused(bare)
        if why:
            faults.append(Fault(f"{file}:{number}", why))
        else:
            requirements.append(bare)
    if faults:
        raise InvalidInput(f"{file} holds lines that are not allowed", details=faults)
    return requirements


def why_refused(line: str) -> str:
    """Empty for a plain requirement (PEP 508 without an address), else what it is."""
    if len(line) > MAX_CHARACTERS:
        return "this line is too long"
    before_marker, _, marker = (part.strip() for part in line.partition(";"))
    for pattern, what in _REFUSED:
        if pattern.search(before_marker) or (what == "an option" and pattern.search(marker)):
            return f"{line!r} is {what}; only names and versions are allowed"
    return "" if _REQUIREMENT.fullmatch(line) else f"{line!r} is not a requirement"


def read_conda_environment(text: str, file: str = "environment.yml") -> CondaEnvironment:
    """Raises `InvalidInput` naming what is wrong or refused."""
    content = _plain_yaml(text, file)
    if not isinstance(content, dict) or not isinstance(content.get("dependencies"), list):
        raise InvalidInput(f"{file} has no list of dependencies", pointer=f"{file}:/dependencies")
    faults = [
        Fault(f"{file}:/{_shown(key)}", f"the key {_shown(key)} is not allowed")
        for key in content
        if key not in ("name", "channels", "dependencies")
    ]
    if len(content["dependencies"]) > MAX_LINES:
        raise InvalidInput(f"{file} has more than {MAX_LINES} dependencies", pointer=f"{file}:/dependencies")
    conda, pip = _dependencies(content["dependencies"], file, faults)
    channels = _channels(content, file, faults)
    if faults:
        raise InvalidInput(f"{file} holds what is not allowed", details=faults)
    return CondaEnvironment(channels, conda, pip)


def _plain_yaml(text: str, file: str) -> Any:
    """Lists, mappings and texts. Raises `InvalidInput` for tags and references: a few lines of these are gigabytes."""
    _check_size(text, file)
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            what = "lists in lists without end" if depth > MAX_DEPTH else _more_than_plain(event)
            if what:
                line = f":{event.start_mark.line + 1}" if event.start_mark else ""
                raise InvalidInput(f"{file} holds {what}", pointer=f"{file}{line}")
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes texts, lists and mappings only
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{file} is not YAML: {_shown(error, MAX_CHARACTERS)}", pointer=file) from error


def _more_than_plain(event: yaml.Event) -> str:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        return "an anchor or a reference to one; write the packages out"
    if getattr(event, "tag", None):
        return "a tag; only plain texts, lists and mappings are allowed"
    return ""


def _check_size(text: str, file: str) -> None:
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise InvalidInput(f"{file} is larger than {MAX_BYTES // 1024} kB", pointer=file)


def _shown(what: object, most: int = MAX_SHOWN) -> str:
    text = str(what)
    return text if len(text) <= most else f"{text[:most]}…"


def _channels(content: Mapping[str, Any], file: str, faults: list[Fault]) -> list[str]:
    channels = content.get("channels") or ["conda-forge"]
    if not isinstance(channels, list):
        faults.append(Fault(f"{file}:/channels", "expected a list"))
        return []
    for index, channel in enumerate(channels):
        if not isinstance(channel, str) or not _CHANNEL.fullmatch(channel):
            faults.append(
                Fault(f"{file}:/channels/{index}", f"{_shown(channel)!r} is not the name of a channel")
            )
    return channels


def _dependencies(entries: Sequence[Any], file: str, faults: list[Fault]) -> tuple[list[str], list[str]]:
    conda: list[str] = []
    pip: list[str] = []
    for index, entry in enumerate(entries):
        pointer = f"{file}:/dependencies/{index}"
        if isinstance(entry, str) and len(entry) <= MAX_CHARACTERS and _CONDA.fullmatch(entry):
            conda.append(entry)
        elif isinstance(entry, dict) and list(entry) == ["pip"] and isinstance(entry["pip"], list):
            for place, line in enumerate(entry["pip"]):
                why = why_refused(line) if isinstance(line, str) else "expected a text"
                if why:
                    faults.append(Fault(f"{pointer}/pip/{place}", why))
                else:
                    pip.append(line)
        else:
            faults.append(Fault(pointer, f"{_shown(entry)!r} is not a package's name and version"))
    return conda, pip
