"""The README, the CHANGELOG and the checksums of a run folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from samplecase.contracts.errors import Fault, InvalidInput, NotFound
from samplecase.training.data.media import sha256_of
from samplecase.training.data.manifest import Manifest
from samplecase.training.runs.files import write_text
from samplecase.training.runs.folder import RunFolder

# What changes while a run goes, or is only of use to it.
_PASSING = {"CHECKSUMS", "control.json", "heartbeat.json", "events.jsonl", "output.log", "run.lock"}


def write_documents(
    run: RunFolder,
    *,
    manifest: Manifest,
    metrics: Mapping[str, float],
    weights: Mapping[str, Any],
    best_epoch: int,
) -> None:
    """Say what this model is, how it was made and how it is loaded."""
    config = run.config()
    origin = weights.get("origin", "")
    begun = "Trained from scratch." if origin == "trained from scratch" else (
        f"Begun with {weights.get('file')} ({origin}, SHA-256 {str(weights.get('sha256'))[:16]}…"
        f"{', ' + weights['license'] if weights.get('license') else ''})."
    )  # fmt: skip
    counts = ", ".join(f"{len(manifest.of(split))} {split}" for split in ("training", "validation", "test"))
    figures = "".join(f"| {name} | {value:.4f} |\n" for name, value in metrics.items())
    write_text(
        run.path / "README.md",
        f"# {run.model_name}\n\n{config.architecture.name}, {config.epochs} epochs, best after epoch {best_epoch}."
        f" {begun}\n\n"
        f"Samples: {counts}. Fields: {', '.join(f'{each.name} ({each.type})' for each in config.data.fields)}.\n\n"
        f"| metric | validation |\n|---|---|\n{figures}\n## Load\n```python\nimport torch\n\n"
        f'saved = torch.load("{run.best.name}", map_location="cpu", weights_only=True)\n'
        "network.load_state_dict(saved[\"model\"])\n```\nThe classes are in classes.json, in the order of the outputs."
        "\n\n"
        "`samplecase evaluate .` computes the figures again,"
        f" `samplecase predict --checkpoint {run.best.name} IMAGE` asks it.\n",
    )  # fmt: skip
    changelog = run.path / "CHANGELOG.md"
    if not changelog.exists():
        write_text(changelog, f"# Changes\n\n## v1.0.0\n- First training of {run.path.name}.\n")


def write_checksums(run: RunFolder) -> None:
    """`CHECKSUMS`, as `sha256sum -c` reads it."""
    lines = [f"{sha256_of(run.path / name)}  {name}\n" for name in _lasting(run)]
    write_text(run.path / "CHECKSUMS", "".join(lines))


def verify_checksums(run: RunFolder) -> int:
    """How many files are as they were. Raises `InvalidInput` with each that is not."""
    listing = run.path / "CHECKSUMS"
    if not listing.exists():
        raise NotFound(f"{run.path} has no CHECKSUMS: it was not finished.")
    faults, lines = [], listing.read_text().splitlines()
    for line in lines:
        digest, _, name = line.partition("  ")
        file = run.path / name
        if not file.exists():
            faults.append(Fault(name, "It is gone."))
        elif sha256_of(file) != digest:
            faults.append(Fault(name, "It was changed."))
    if faults:
        raise InvalidInput(f"{run.path.name} is not as it was finished.", code="changed", details=faults)
    return len(lines)


def weights_facts(run: RunFolder) -> dict[str, Any]:
    """Where the first weights came from."""
    facts: dict[str, Any] = json.loads(run.identity_file.read_text())["weights"]
    return facts


def _lasting(run: RunFolder) -> Sequence[str]:
    names = [path.relative_to(run.path).as_posix() for path in run.path.rglob("*") if path.is_file()]
    return sorted(
        name for name in names if name not in _PASSING and not name.startswith(("checkpoints/resume_", "."))
    )
