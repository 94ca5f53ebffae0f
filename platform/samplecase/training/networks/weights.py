"""Weights from a file into a network, strictly: only its head may differ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.training.networks.building import BuiltNetwork, build
from samplecase.training.networks.catalogue import ArchitectureEntry

Weights = dict[str, torch.Tensor]
WRAPPINGS = ("model", "state_dict", "model_state_dict", "teacher")  # what others put around a state dict
LISTED = 10


def read_weights(file: Path) -> Weights:
    """The tensors of a `.safetensors`, or of a `.pt` or `.pth` that needs no code. Raises `InvalidInput`."""
    try:
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(file))
        values: Any = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidInput(f"{file.name} cannot be read: {reason}", code="bad_checkpoint") from None
    for key in WRAPPINGS:
        if isinstance(values, Mapping) and isinstance(values.get(key), Mapping):
            values = values[key]
            break
    if not isinstance(values, Mapping) or not all(isinstance(each, torch.Tensor) for each in values.values()):
        raise InvalidInput(f"{file.name} holds no weights by name.", code="bad_checkpoint")
    return {key.removeprefix("module."): each for key, each in values.items()}


def fitted(weights: Weights, found: ArchitectureEntry) -> None:
    """Whether weights are those of an architecture, whatever its head. Raises `InvalidInput`."""
    outputs = {"label": 91 if found.is_detector else 1000}
    with torch.device("meta"):
        built = build(found.name, outputs)
    _complain(*_compared(weights, built))


def load_weights(built: BuiltNetwork, weights: Weights) -> None:
    """Put all but the head into the network, bit for bit; position embeddings of another size are resampled.

    Raises `InvalidInput` with each key that is missing, strange or of another shape.
    """
    resampled = _resampled(built, weights)
    _complain(*_compared(resampled, built))
    own = built.network.state_dict()
    with torch.no_grad():
        for key, tensor in resampled.items():
            if key in own and not _is_head(built, key):
                own[key].copy_(tensor)


def _resampled(built: BuiltNetwork, weights: Weights) -> Weights:
    own = built.network.state_dict()
    key = "pos_embed"
    if key not in weights or key not in own or weights[key].shape == own[key].shape:
        return weights
    from timm.layers import resample_abs_pos_embed

    network: Any = built.network
    prefix = 0 if getattr(network, "no_embed_class", False) else getattr(network, "num_prefix_tokens", 1)
    changed = resample_abs_pos_embed(
        weights[key], new_size=network.patch_embed.grid_size, num_prefix_tokens=prefix
    )
    return {**weights, key: changed}


def _is_head(built: BuiltNetwork, key: str) -> bool:
    return key == built.head or key.startswith(f"{built.head}.")


def _compared(weights: Weights, built: BuiltNetwork) -> tuple[list[str], list[str], list[str]]:
    """Keys that are missing, strange, and of another shape; the head's, and aux heads', do not count."""
    own = {key: each for key, each in built.network.state_dict().items() if not _is_head(built, key)}
    given = {
        key: each
        for key, each in weights.items()
        if not _is_head(built, key) and not key.startswith(("aux1.", "aux2."))
    }
    counters = {key for key in own if key.endswith("num_batches_tracked")}
    missing = sorted(own.keys() - given.keys() - counters)
    strange = sorted(key for key in given.keys() - own.keys() if not key.endswith("num_batches_tracked"))
    other = [
        f"{key} {[*given[key].shape]} for {[*own[key].shape]}"
        for key in sorted(own.keys() & given.keys())
        if given[key].shape != own[key].shape
    ]
    return missing, strange, other


def _complain(missing: list[str], strange: list[str], other: list[str]) -> None:
    if not (missing or strange or other):
        return
    names = {"is missing": missing, "does not belong to it": strange, "has another shape": other}
    faults = [
        Fault(key.partition(" ")[0], f"{key} {what}.")
        for what, keys in names.items()
        for key in keys[:LISTED]
    ]
    counts = f"{len(missing)} missing, {len(strange)} strange, {len(other)} of another shape"
    raise InvalidInput(
        f"The weights are not of this architecture: {counts}.", code="weights_do_not_fit", details=faults
    )
