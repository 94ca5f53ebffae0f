"""Finds the files of the built page by the manifest that Vite writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static

ENTRY = "src/main.tsx"
FOLDER = "samplecase"


class BundleMissing(Exception):
    """The page has not been built in this checkout, or the build was cut off."""


@dataclass(frozen=True)
class Bundle:
    """Addresses: the entry's script, the styles, and the scripts it will ask for at once."""

    script: str
    styles: tuple[str, ...]
    preloads: tuple[str, ...]


def bundle() -> Bundle:
    """What the shell links to. Raises `BundleMissing`."""
    path = Path(settings.STATICFILES_DIRS[0]) / FOLDER / "manifest.json"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError) as error:
        raise BundleMissing((BundleMissing.__doc__ or "").strip()) from error


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> Bundle:
    """`changed` makes a rebuilt page known without a restart."""
    manifest: dict[str, Any] = json.loads(path.read_text())
    entry = manifest[ENTRY]
    chunks = _imported(manifest, entry)
    styles = [name for chunk in (*chunks, entry) for name in chunk.get("css", ())]
    return Bundle(
        script=_address(entry["file"]),
        styles=tuple(_address(name) for name in dict.fromkeys(styles)),
        preloads=tuple(_address(chunk["file"]) for chunk in chunks),
    )


def _imported(manifest: dict[str, Any], entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The chunks that `entry` imports, and those that they import, each once, in order."""
    found: dict[str, dict[str, Any]] = {}
    waiting = list(entry.get("imports", ()))
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = manifest[name]
            waiting.extend(manifest[name].get("imports", ()))
    return list(found.values())


def _address(name: str) -> str:
    return static(f"{FOLDER}/{name}")
