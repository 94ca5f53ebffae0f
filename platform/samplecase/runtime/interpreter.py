"""The Python interpreter that runs a model, and which folders of the host it is made of."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from samplecase.contracts.errors import InvalidInput
from samplecase.runtime.sandbox import SYSTEM_FOLDERS

_ASK = """
import json, site, sys
prefixes = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]
print(json.dumps([*prefixes, *site.getsitepackages()]))
"""


@dataclass(frozen=True)
class Interpreter:
    """An executable, and the folders to mount so that it runs inside a box.

    `log` is what the installer said, where its environment was built just now.
    """

    python: Path
    folders: tuple[Path, ...]
    log: str = field(default="", compare=False)


@functools.cache
def host_interpreter(python: Path) -> Interpreter:
    """The operator's own interpreter, which is trusted and therefore asked itself."""
    try:
        # -I: neither the working folder nor the environment decides what this prints.
        answer = subprocess.run(
            [str(python), "-I", "-c", _ASK],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise InvalidInput(
            f"the interpreter {python} does not run: {error}", code="bad_interpreter"
        ) from error
    reported = [Path(text) for text in json.loads(answer.stdout)]
    return Interpreter(python, _collapsed([*reported, *_links(python)]))


def folders_of_new(folder: Path) -> tuple[Path, ...]:
    """What a virtual environment that was just made needs of the host, itself included: never run here to ask it.

    Foreign packages may replace its interpreter and its `pyvenv.cfg`, so that they would name what they want to see.
    """
    folders = [folder, *_links(folder / "bin" / "python")]
    for line in _configuration(folder):
        key, _, value = line.partition("=")
        if key.strip() == "home":
            folders.append(Path(value.strip()).resolve().parent)
    return _collapsed(folders)


def _configuration(folder: Path) -> list[str]:
    file = folder / "pyvenv.cfg"
    return file.read_text("utf-8").splitlines() if file.exists() else []


def _links(python: Path) -> list[Path]:
    """The prefix of each file on the way from the name of an interpreter to its real place."""
    prefixes = [python.parent.parent]
    while python.is_symlink():
        python = python.parent / python.readlink()
        prefixes.append(Path(os.path.normpath(python)).parent.parent)
    prefixes.append(python.resolve().parent.parent)
    return prefixes


def _collapsed(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Each folder once, without those that a system folder or another one of them holds."""
    kept: list[Path] = []
    for folder in sorted(set(folders), key=lambda path: (len(path.parts), path)):
        is_held = any(folder.is_relative_to(other) for other in [*map(Path, SYSTEM_FOLDERS), *kept])
        if folder != Path("/") and folder.is_dir() and not is_held:
            kept.append(folder)
    return tuple(kept)
