"""The shelf of pretrained weights: each with its hash, licence and origin. Nothing is fetched from a network."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import InvalidInput, NotFound
from samplecase.training.networks.catalogue import ArchitectureEntry, entry
from samplecase.training.runs.files import sha256_of, write_json, write_whole

_OFFICIAL = re.compile(r"-([0-9a-f]{8,64})\.(?:pth|pt|safetensors)$")  # the hash in an official file's name
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
    file = _place(entry(name), shelf) / "weights.safetensors"
    return file if file.exists() else None


def listed(shelf: Path | None = None) -> list[ShelfEntry]:
    """Everything on the shelf, by name."""
    found = []
    for meta in sorted((shelf or shelf_folder()).glob("*/*/meta.json")):
        values = json.loads(meta.read_text())
        found.append(ShelfEntry(**{**values, "head": tuple(values["head"])}))
    return found


def import_weights(
    file: Path,
    name: str,
    *,
    license: str = "",
    url: str = "",
    origin: str = "user",
    shelf: Path | None = None,
) -> ShelfEntry:
    """Check a file against the architecture and put it on the shelf as safetensors.

    Raises `InvalidInput`: `wrong_hash` where an official name promises other bytes, `weights_do_not_fit` with every key
    that is missing or strange, `bad_checkpoint` for what cannot be read.
    """
    from safetensors.torch import save

    from samplecase.training.networks.weights import fitted, read_weights

    found = entry(name)
    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    digest = sha256_of(file)
    promised = _OFFICIAL.search(file.name)
    if promised and not digest.startswith(promised[1]):
        message = f"{file.name} should have the SHA-256 {promised[1]}…, but has {digest[:16]}…: it is not that file."
        raise InvalidInput(message, code="wrong_hash")
    weights = read_weights(file)
    head = tuple(sorted(key for key in weights if key.startswith(f"{found.head}.")))
    fitted(weights, found)
    folder = _place(found, shelf)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "weights.safetensors"
    data = save({key: each.contiguous().clone() for key, each in weights.items()})
    write_whole(target, lambda out: out.write(data))
    meta = ShelfEntry(
        name, file.name, digest, sha256_of(target), license or found.license, url, origin, promised is not None,
        sum(each.numel() for each in weights.values()), head,
    )  # fmt: skip
    write_json(folder / "meta.json", asdict(meta))
    return meta


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


def _place(found: ArchitectureEntry, shelf: Path | None) -> Path:
    return (shelf or shelf_folder()) / found.source / found.name
