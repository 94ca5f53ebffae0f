"""From a run folder to a run that goes: device, network, identity, and how it ends."""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch

from samplecase.contracts.errors import Conflict, ContractError, InvalidInput, TooLarge
from samplecase.contracts.states import JobState
from samplecase.training.config import TrainingConfig
from samplecase.training.config.base import stateful
from samplecase.training.data.manifest import Manifest
from samplecase.training.data.media import changed_media, keep_media
from samplecase.training.engine.finishing import finish
from samplecase.training.engine.keeping import disk_need
from samplecase.training.engine.loop import Trainer
from samplecase.training.engine.processes import Processes
from samplecase.training.engine.repeating import unrepeated_own
from samplecase.training.engine.reporting import Reporter
from samplecase.training.inputs.randomness import seed_all, seed_of
from samplecase.training.networks.building import BuiltNetwork, build
from samplecase.training.networks.catalogue import is_own
from samplecase.training.networks.own import own_sources
from samplecase.training.networks.shelf import resolved
from samplecase.training.networks.weights import load_weights, read_weights
from samplecase.training.runs.files import write_json
from samplecase.training.runs.folder import RunFolder
from samplecase.training.runs.identity import (
    RunIdentity,
    differences,
    not_exact,
    run_identity,
    settings_changed,
)
from samplecase.training.runs.steering import ATTEMPT, Heart, alone, clear_order, note_failure, told
from samplecase.training.tasks import Task, task_for

SHOWN = 5  # images that a sentence names


def train_run(run: RunFolder, *, accept_differences: bool = False) -> JobState:
    """Start a run, or go on with it; in every process of it.

    1. The device is made deterministic, the network built and given its first weights.
    2. The identity is compared with that of the start. A difference refuses the resume, unless it is accepted: then it
       is recorded, and the run is a continued one.
    3. It trains until it is finished, paused or cancelled.
    4. A finished run is evaluated and gets its documents and checksums.
    """
    config, manifest = run.config(), run.manifest()
    processes = prepared_processes(config)
    with alone(run) if processes.is_first else nullcontext(), _failure_told(run, processes):
        task = task_for(config, manifest)
        unsure = ""
        if processes.is_first and is_own(config.architecture.name) and not run.identity_file.exists():
            trial, _ = begun(config, task)
            trial.network.to(processes.device)
            unsure = unrepeated_own(config, manifest, task, trial)
        built, facts = begun(config, task)
        inexact = ""
        if processes.is_first:
            clear_order(run)
            inexact = _identified(
                run, config, manifest, processes, facts, accept=accept_differences, unrepeated=unsure
            )
        processes.meet()
        trainer = Trainer(run, config=config, manifest=manifest, task=task, built=built, processes=processes)
        try:
            if not processes.is_first:
                trainer.resume()
                return _ended(trainer)
            check_room(run, trainer)
            with Heart(run):
                return _led(trainer, inexact=inexact)
        finally:
            trainer.close()


@contextmanager
def _failure_told(run: RunFolder, processes: Processes) -> Iterator[None]:
    """However early a run fails, and in whichever of its processes, its state says so.

    A refused resume is no failure: the run is as it was.
    """
    try:
        yield
    except Conflict:
        raise
    except Exception as error:
        if processes.has_lost_one(error):
            raise  # the run is interrupted, unless the one that was lost has said why
        if processes.is_first:
            code = error.code if isinstance(error, ContractError) else "error"
            reporter = Reporter(run, speaks=True)
            reporter.tell("failed", message=told(error), code=code, attempt=_attempt())
            reporter.close()
        else:
            note_failure(run, error)
        if not isinstance(error, ContractError):
            traceback.print_exc()
        raise


def _attempt() -> str:
    return os.environ.get(ATTEMPT, "")


def _led(trainer: Trainer, *, inexact: str) -> JobState:
    """The first process's part: it tells how the run began and how it ended."""
    resumed, tell = trainer.resume(), trainer.reporter.tell
    tell(
        "started", resumed=resumed, exact=not inexact, reason=inexact, epoch=trainer.at.epoch, batch=trainer.at.batch,
        epochs=trainer.config.epochs, batches=trainer.batches, device=device_name(trainer.processes.device),
        pid=os.getpid(), attempt=_attempt(),
    )  # fmt: skip
    state = _ended(trainer)
    clear_order(trainer.run)
    tell(str(state), attempt=_attempt())
    return state


def check_room(run: RunFolder, trainer: Trainer) -> None:
    """Raises `TooLarge` where the disk has no room for what the run will keep."""
    weights = sum(each.nbytes for each in trainer.built.network.state_dict().values())
    resume = (4 if trainer.config.ema else 3) * weights
    need = disk_need(trainer.config, weights=weights, resume=resume) - held(run.path)
    free = shutil.disk_usage(run.path).free
    if need > free:
        message = (
            f"The run will keep about {need / 1e9:.1f} GB, and the disk has {free / 1e9:.1f} GB left:"
            " keep fewer epochs (keep.kind best_k)."
        )
        raise TooLarge(message, pointer="/keep", code="no_room")


def held(folder: Path) -> int:
    """Bytes of the weights that a run has written; two names of one file count once."""
    files = {(facts := path.stat()).st_ino: facts.st_size for path in folder.rglob("*.pt")}
    return sum(files.values())


def _ended(trainer: Trainer) -> JobState:
    state = trainer.train()
    if state is JobState.FINISHED:
        finish(trainer)
    trainer.processes.meet()
    return state


def prepared_processes(config: TrainingConfig) -> Processes:
    """Threads and determinism are set before anything is computed."""
    if (
        config.threads or config.processes > 1
    ):  # torchrun gives each of several one; who verifies them takes as many
        torch.set_num_threads(config.threads or int(os.environ.get("OMP_NUM_THREADS", "1")))
    device = chosen_device(config)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(config.deterministic)
    torch.utils.deterministic.fill_uninitialized_memory = (
        False  # it only helps to find bugs, at each allocation
    )
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = not config.deterministic
        torch.cuda.set_device(device)
    return Processes(device)


def chosen_device(config: TrainingConfig) -> torch.device:
    """Raises `InvalidInput` for one that this machine lacks."""
    kind = config.device
    if kind == "auto":
        kind = "cuda" if torch.cuda.is_available() else "cpu"
    if (kind == "cuda" and not torch.cuda.is_available()) or (
        kind == "mps" and not torch.backends.mps.is_available()
    ):
        raise InvalidInput(f"This machine has no {kind} device.", pointer="/device", code="no_device")
    return (
        torch.device(kind, int(os.environ.get("LOCAL_RANK", "0"))) if kind == "cuda" else torch.device(kind)
    )


def device_name(device: torch.device) -> str:
    """What results depend on: the kind of processor, its instruction set, and how many threads add up."""
    if device.type == "cuda":
        return f"cuda {torch.cuda.get_device_name(device)}"
    if device.type == "mps":
        return "mps"
    return f"cpu {_cpu()} {torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads"


def _cpu() -> str:
    """The model, for libraries choose their ways by it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def begun(config: TrainingConfig, task: Task) -> tuple[BuiltNetwork, dict[str, Any]]:
    """The network with its first weights, and where these come from. The head is drawn from the run's seed."""
    seed_all(seed_of("network", config.seed))
    chosen = config.architecture
    weights, facts = resolved(chosen.name, chosen.weights)
    built = build(
        chosen.name, task.outputs(), input_size=config.data.input_size, dropout=chosen.dropout,
        pretrained=weights is not None,
    )  # fmt: skip
    if weights is not None:
        load_weights(built, read_weights(weights))
        built.weights_sha256 = str(facts["sha256"])
    return built, facts


def _identified(
    run: RunFolder,
    config: TrainingConfig,
    manifest: Manifest,
    processes: Processes,
    facts: dict[str, Any],
    *,
    accept: bool,
    unrepeated: str,
) -> str:
    """Why the run is not exact, which it is from its first start on under one identity; "" where it is."""
    now = run_identity(
        config, manifest, torch=torch.__version__, world_size=processes.world_size,
        device=device_name(processes.device), weights=str(facts.get("sha256", "")),
        own=own_sources(config.architecture.name),
    )  # fmt: skip
    settings = stateful(config)
    images = [f"the image {name}" for name in changed_media(manifest, run.media)]
    found = images[:SHOWN] + [f"{len(images) - SHOWN} more images"] * (len(images) > SHOWN)
    if not run.identity_file.exists():
        first = {
            "name": run.model_name, "identity": now.plain(), "settings": settings, "weights": facts,
            "continued": [], "unrepeated": unrepeated,
        }  # fmt: skip
        if found and not accept:
            message = f"Since the run was made, other than then is {'; '.join(found)}."
            raise InvalidInput(message, code="changed")
        write_json(run.identity_file, first)
        return _inexact(config, processes, first)
    kept = json.loads(run.identity_file.read_text())
    found += differences(RunIdentity(**kept["identity"]), now) + settings_changed(run, config)
    if not found:
        return _inexact(config, processes, kept)
    if not accept:
        raise not_exact(found)
    keep_media(manifest, run.media)
    kept["continued"].append({"at": round(time.time()), "differences": found})
    write_json(run.identity_file, {**kept, "identity": now.plain(), "settings": settings})
    return _inexact(config, processes, kept)


def _inexact(config: TrainingConfig, processes: Processes, kept: Mapping[str, Any]) -> str:
    """Everything that keeps an end from being, to the bit, that of a run that never stopped."""
    kind = processes.device.type
    reasons = {
        "it was continued under other conditions": bool(kept["continued"]),
        "deterministic is off": not config.deterministic,
        f"on {kind} it was never verified, on the CPU alone": kind != "cpu",
        str(kept.get("unrepeated", "")): bool(kept.get("unrepeated")),
    }
    return "; ".join(reason for reason, holds in reasons.items() if holds)
