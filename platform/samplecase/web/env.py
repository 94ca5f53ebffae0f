"""Settings from the environment: each is declared once, with its meaning, and fails loudly by its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

from samplecase.storage import s3_address

PREFIX = "SAMPLECASE_"

_env: Any = Env()
T = TypeVar("T")


@dataclass(frozen=True)
class Setting:
    """One environment variable that the product reads."""

    name: str
    default: Any
    meaning: str


DECLARED: dict[str, Setting] = {}


def _declare(name: str, default: Any, meaning: str, read: Callable[[str, Any], T]) -> T:
    variable = PREFIX + name
    DECLARED[variable] = Setting(variable, default, meaning)
    try:
        return read(variable, default)
    except (EnvError, ValueError) as error:
        raise ImproperlyConfigured(f"{variable}: {error}") from error


def text(name: str, default: str, meaning: str) -> str:
    return _declare(name, default, meaning, lambda variable, fallback: str(_env.str(variable, fallback)))


def number(name: str, default: int, meaning: str) -> int:
    return _declare(name, default, meaning, lambda variable, fallback: int(_env.int(variable, fallback)))


def seconds(name: str, default: float, meaning: str) -> float:
    return _declare(name, default, meaning, lambda variable, fallback: float(_env.float(variable, fallback)))


def flag(name: str, default: bool, meaning: str) -> bool:
    return _declare(name, default, meaning, lambda variable, fallback: bool(_env.bool(variable, fallback)))


def choice(name: str, default: str, choices: Sequence[str], meaning: str) -> str:
    """One of a few words."""

    def read(variable: str, fallback: str) -> str:
        given = str(_env.str(variable, fallback))
        if given not in choices:
            raise ValueError(f"must be {' or '.join(choices)}, not {given!r}")
        return given

    return _declare(name, default, meaning, read)


def words(name: str, default: list[str], meaning: str) -> list[str]:
    return _declare(name, default, meaning, lambda variable, fallback: list(_env.list(variable, fallback)))


def secret(name: str, default: str, meaning: str) -> str:
    """A secret, given as NAME or as the path of a file in NAME_FILE."""
    return _declare(name, default, meaning, _hidden)


def _hidden(variable: str, fallback: str) -> str:
    path = os.environ.get(f"{variable}_FILE")
    if path is None:
        return str(_env.str(variable, fallback))
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise ValueError(f"{variable}_FILE cannot be read: {error}") from error


def folders(name: str, meaning: str) -> dict[str, str]:
    """Absolute folders, or prefixes of S3, by name: `photos=/srv/photos,scans=s3://ACCESS:SECRET@host/bucket/scans`.

    As a prefix holds a key, all of it may be given as the path of a file in NAME_FILE.
    """

    def read(variable: str, fallback: str) -> dict[str, str]:
        found = {}
        for pair in filter(None, _hidden(variable, fallback).split(",")):
            key, equals, path = pair.strip().partition("=")
            if not (key and equals and "/" not in key):
                raise ValueError("must be name=/absolute/folder or name=s3://…, and a name has no “/”")
            if path.startswith("s3://"):
                s3_address(path)
            elif not Path(path).is_absolute():
                raise ValueError(f"must be name=/absolute/folder or name=s3://…, which “{key}” is not")
            found[key] = path
        return found

    return _declare(name, "", meaning, read)


def folder(name: str, default: Path, meaning: str) -> Path:
    """An absolute folder. A relative one would move with the directory that the server is started in."""

    def read(variable: str, fallback: Path) -> Path:
        given = Path(_env.str(variable, str(fallback))).expanduser()
        if not given.is_absolute():
            raise ValueError(f"must be an absolute path, not {str(given)!r}")
        return given

    return _declare(name, default, meaning, read)
