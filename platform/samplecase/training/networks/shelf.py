"""The shelf of pretrained weights: each with its hash, licence and origin. Nothing is fetched from a network."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import InvalidInput, NotFound
from samplecase.storage.files import sha256_of
from samplecase.training.networks.catalogue import ArchitectureEntry, entry, is_own

FOLDER = "SAMPLECASE_WEIGHTS_DIR"


@dataclass(frozen=True)
class ShelfEntry:
    """Weights that may be begun with."""

    architecture: str
    file: str
    sha256: str  # of the file that was brought
    stored_sha256: str  # of the file on the shelf
    license: str
    url: str
    origin: str  # official | user | test
    verified: bool  # its bytes are those that its official name promises
    parameters: int
    head: tuple[str, ...]  # keys of the head that came with it


def shelf_folder() -> Path:
    """`SAMPLECASE_WEIGHTS_DIR`, else `weights` in the data folder."""
    if chosen := os.environ.get(FOLDER):
        return Path(chosen)
    return Path(os.environ.get("SAMPLECASE_DATA_DIR") or Path.home() / ".samplecase") / "weights"


def shelved(name: str, shelf: Path | None = None) -> Path | None:
    """The shelf's file of an architecture."""
    file = place_of(entry(name), shelf) / "weights.safetensors"
    return file if file.exists() else None


def listed(shelf: Path | None = None) -> list[ShelfEntry]:
    """Everything on the shelf, by name."""
    found = []
    for meta in sorted((shelf or shelf_folder()).glob("*/*/meta.json")):
        values = json.loads(meta.read_text())
        found.append(ShelfEntry(**{**values, "head": tuple(values["head"])}))
    return found


def resolved(name: str, weights: str, shelf: Path | None = None) -> tuple[Path | None, dict[str, Any]]:
    """The file to begin with and what is known of it; None from scratch.

    Raises `NotFound` naming the file to bring: nothing ever begins at random unseen.
    """
    if weights == "none":
        return None, {"origin": "trained from scratch"}
    if weights != "pretrained":
        file = Path(weights)
        if not file.is_file():
            raise NotFound(
                f"There is no file of weights {weights}.", pointer="/architecture/weights", code="no_weights"
            )
        return file, {"origin": "user", "file": file.name, "sha256": sha256_of(file)}
    if is_own(name):
        message = "An own network has no pretrained weights: name a file of them, or train from scratch (weights none)."
        raise NotFound(message, pointer="/architecture/weights", code="no_weights")
    found = entry(name)
    if file_on_shelf := shelved(name, shelf):
        meta = json.loads((file_on_shelf.parent / "meta.json").read_text())
        if sha256_of(file_on_shelf) != meta["stored_sha256"]:
            message = (
                f"The weights of {name} on the shelf are not those that were put there: import them again."
            )
            raise InvalidInput(message, code="wrong_hash")
        return file_on_shelf, meta
    message = (
        f"There are no pretrained weights of {found.title} on this machine. Bring {found.weights_file}"
        f" (samplecase weights import FILE --arch {name}), name a file, or train from scratch (weights none)."
    )
    raise NotFound(message, pointer="/architecture/weights", code="no_weights")


def place_of(found: ArchitectureEntry, shelf: Path | None) -> Path:
    """The folder of an architecture on the shelf."""
    return (shelf or shelf_folder()) / found.source / found.name
