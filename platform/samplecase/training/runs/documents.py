"""The README, the CHANGELOG and the checksums of a run folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from samplecase.contracts.errors import Fault, InvalidInput, NotFound
from samplecase.storage.files import sha256_of
from samplecase.training.data.manifest import Manifest
from samplecase.training.runs.files import write_text
from samplecase.training.runs.folder import RunFolder

RESULTS = ("evaluation_results", "evaluation_results_test")
_DOCUMENTS = ("README.md", "CHANGELOG.md", "manifest.jsonl", "classes.json")
_RESULTS = (
    "summary_metrics.csv", "per_class_metrics.csv", "predictions.csv", "confusion_matrix*.csv", "confusion_matrix*.png",
)  # fmt: skip


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
        f"| metric | validation |\n|---|---|\n{figures}\n## Load\n```python\nfrom pathlib import Path\n\n"
        "from samplecase.training.engine.kept import restored\n"
        "from samplecase.training.runs.folder import RunFolder\n\n"
        f'built, task = restored(RunFolder(Path(".")), Path("{run.best.name}"))\n'
        "network = built.network  # a torch.nn.Module\n```\n"
        "The classes are in classes.json, in the order of the outputs.\n\n"
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
    """Files that the engine wrote: what others put beside them is theirs to change."""
    own = [run.config_file, run.identity_file, run.training_log, run.batch_log, run.best, run.last]
    own += [run.epoch(number) for number in run.kept_epochs()]
    own += [run.path / name for name in _DOCUMENTS]
    own += [each for folder in RESULTS for pattern in _RESULTS for each in (run.path / folder).glob(pattern)]
    return sorted(path.relative_to(run.path).as_posix() for path in own if path.is_file())
