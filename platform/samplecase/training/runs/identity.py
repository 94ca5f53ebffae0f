"""What has to be the same for a resumed run to end with the same weights, to the bit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import Conflict, InvalidInput
from samplecase.training.config import TrainingConfig, identity
from samplecase.training.config.base import stateful
from samplecase.training.data.manifest import Manifest
from samplecase.training.runs.folder import RunFolder, slug


@dataclass(frozen=True)
class RunIdentity:
    """Compared field by field; each is told in the reader's words."""

    config: str  # SHA-256 of what decides the weights
    manifest: str  # SHA-256 of samples and classes
    code: str  # SHA-256 of the engine's sources and those of an own network
    weights: str  # SHA-256 of the file that the weights begin with; "" from scratch
    torch: str
    world_size: int
    device: str  # kind, instruction set and threads: sums are added in another order on another machine
    libraries: str = ""  # those that decode, resize and build

    def plain(self) -> dict[str, str | int]:
        return asdict(self)


NAMES = {
    "config": "the configuration",
    "manifest": "the samples or their labels",
    "code": "the engine's or the network's code",
    "weights": "the file of first weights",
    "torch": "the version of PyTorch",
    "world_size": "the number of processes",
    "device": "the kind of machine",
    "libraries": "versions of libraries",
}


def differences(stored: RunIdentity, now: RunIdentity) -> list[str]:
    """What differs, as sentences; nothing: the resume is exact."""
    found = []
    for each in fields(RunIdentity):
        before, after = getattr(stored, each.name), getattr(now, each.name)
        if before != after:
            is_hash = each.name in ("config", "manifest", "code", "weights")
            found.append(NAMES[each.name] + ("" if is_hash else f" ({before} before, {after} now)"))
    return found


def changed_settings(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> list[str]:
    """What two configurations differ in, by path: `optimizer.lr: 0.01 before, 0.001 now`."""
    found = []
    for name in dict.fromkeys([*before, *after]):
        old, new, at = before.get(name), after.get(name), f"{path}{name}"
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += changed_settings(old, new, f"{at}.")
        elif old != new:
            found.append(f"{at}: {old} before, {new} now")
    return found


def settings_changed(run: RunFolder, config: TrainingConfig) -> list[str]:
    """What a resume under this configuration would change, as sentences; nothing for a run that never started.

    Raises `InvalidInput` for another name: its files have the one that it started with.
    """
    if not run.identity_file.exists():
        return []
    kept = json.loads(run.identity_file.read_text())
    name = kept.get("name", run.model_name)
    if name != (now := config.name or slug(config.architecture.name)):
        message = f"A run keeps its name: its weights are called {name}, not {now}."
        raise InvalidInput(message, pointer="/name", code="renamed")
    return changed_settings(kept["settings"], stateful(config))


def not_exact(found: Sequence[str]) -> Conflict:
    """What refuses a resume that would not be exact."""
    message = (
        f"This would be no exact resume: other than at the start is {'; '.join(found)}."
        " To go on all the same, and have that recorded: --continue."
    )
    return Conflict(message, code="not_exact")


def code_hash(own: Iterable[Path] = ()) -> str:
    """SHA-256 of every source of the engine and its metrics, and of the files of an own network."""
    digest = hashlib.sha256()
    package = Path(__file__).parent.parent
    metrics = package.parent / "evaluation"
    for path in [*sorted(package.rglob("*.py")), *sorted(metrics.rglob("*.py")), *own]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def run_identity(
    config: TrainingConfig,
    manifest: Manifest,
    *,
    torch: str,
    world_size: int,
    device: str,
    weights: str = "",
    own: Iterable[Path] = (),
) -> RunIdentity:
    """The identity of a run that starts now."""
    return RunIdentity(
        identity(config), manifest.sha256, code_hash(own), weights, torch, world_size, device, libraries()
    )


def libraries() -> str:
    """What an image, a network or a metric passes through beside PyTorch."""
    return ", ".join(f"{name} {version(name)}" for name in ("numpy", "pillow", "timm", "torchvision"))
