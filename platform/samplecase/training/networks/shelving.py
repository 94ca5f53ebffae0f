"""Putting weights on the shelf, once it is shown that they are what they are said to be."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import save

from samplecase.contracts.errors import InvalidInput, NotFound
from samplecase.storage.files import sha256_of
from samplecase.training.networks.catalogue import entry
from samplecase.training.networks.shelf import ShelfEntry, place_of
from samplecase.training.networks.weights import fitted, read_weights
from samplecase.training.runs.files import write_json, write_whole

_OFFICIAL = re.compile(r"-([0-9a-f]{8,64})\.(?:pth|pt|safetensors)$")  # the hash in an official file's name


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
    folder = place_of(found, shelf)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "weights.safetensors"
    data = save({key: each.contiguous().clone() for key, each in weights.items()})
    write_whole(target, lambda out: out.write(data))
    is_official = promised is not None and file.name == found.weights_file
    meta = ShelfEntry(
        name, file.name, digest, sha256_of(target), license or (found.license if is_official else ""), url,
        "official" if is_official else origin, is_official,
        sum(each.numel() for each in weights.values()), head,
    )  # fmt: skip
    write_json(folder / "meta.json", asdict(meta))
    return meta
