"""The names of a run folder: `trained_models/{type}/{type}_{description}_{date}/` and what is in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import Conflict, NotFound
from samplecase.training.config import TrainingConfig, parse_config
from samplecase.training.data.manifest import Manifest, read_manifest, write_manifest
from samplecase.training.data.media import keep_media
from samplecase.training.runs.files import write_json

_OTHER = re.compile(r"[^A-Za-z0-9.]+")


@dataclass(frozen=True)
class RunFolder:
    """One training run on the disk."""

    path: Path

    @property
    def config_file(self) -> Path:
        return self.path / "config.json"

    @property
    def identity_file(self) -> Path:
        return self.path / "identity.json"

    @property
    def training_log(self) -> Path:
        return self.path / "training_log.txt"

    @property
    def batch_log(self) -> Path:
        return self.path / "batch_log.csv"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def control(self) -> Path:
        return self.path / "control.json"

    @property
    def heartbeat(self) -> Path:
        return self.path / "heartbeat.json"

    @property
    def media(self) -> Path:
        return self.path / "media.json"

    @property
    def failure(self) -> Path:
        return self.path / "failure.json"

    @property
    def output(self) -> Path:
        return self.path / "output.log"

    @property
    def results(self) -> Path:
        return self.path / "evaluation_results"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def best(self) -> Path:
        return self.path / f"{self.model_name}_best.pt"

    @property
    def last(self) -> Path:
        return self.path / f"{self.model_name}_last.pt"

    def epoch(self, number: int) -> Path:
        """The weights after an epoch, counted from 1."""
        return self.checkpoints / f"{self.model_name}_epoch_{number:04}.pt"

    def kept_epochs(self) -> list[int]:
        return sorted(
            int(path.stem.rpartition("_")[2]) for path in self.checkpoints.glob("*_epoch_[0-9]*.pt")
        )

    @property
    def model_name(self) -> str:
        return str(self._values["name"]) or slug(str(self._values["architecture"]["name"]))

    @property
    def _values(self) -> dict[str, Any]:
        """Raises `NotFound` where there is no run."""
        if not self.config_file.exists():
            raise NotFound(f"{self.path} is no run folder: it has no config.json.")
        values: dict[str, Any] = json.loads(self.config_file.read_text(encoding="utf-8"))
        return values

    def config(self) -> TrainingConfig:
        return parse_config(self._values)

    def manifest(self) -> Manifest:
        return read_manifest(self.path / "manifest.jsonl")


def slug(text: str) -> str:
    """As part of a file's name; of an own network's `FILE.py:Class` the class."""
    return _OTHER.sub("-", text.rpartition(":")[2]).strip("-.") or "model"


def new_run(
    root: Path, config: TrainingConfig, manifest: Manifest, *, description: str, day: date
) -> RunFolder:
    """Make the folder of a run and freeze what it starts from. A name that is taken gets a number."""
    kind = slug(config.architecture.name)
    name = f"{kind}_{slug(description)}_{day.isoformat()}"
    for number in range(1, 1000):
        path = root / kind / (name if number == 1 else f"{name}_{number}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        return fill(path, config, manifest)
    raise Conflict(f"{root / kind} has a thousand runs of the name {name}.")


def fill(path: Path, config: TrainingConfig, manifest: Manifest) -> RunFolder:
    """Write configuration, manifest and classes into an empty folder."""
    run = RunFolder(path)
    run.checkpoints.mkdir()
    write_manifest(manifest, path)
    keep_media(manifest, run.media)
    write_json(run.config_file, config.plain())
    return run
