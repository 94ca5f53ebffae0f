"""Commands that train on this machine, without a server: train, pause, resume, evaluate, predict, curves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplecase.cli.output import AsJson, show, show_rows
from samplecase.contracts.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from samplecase.training.config import TrainingConfig
    from samplecase.training.runs.folder import RunFolder

Run = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder of a run.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="PATH=VALUE of any part of the configuration: optimizer.lr=0.01."),
]
FREEZE = {"all": "fixed_extractor", "none": "whole", "staged": "staged"}


def train(
    data: Annotated[Path, typer.Option(exists=True, help="A folder of images, or a manifest.jsonl.")],
    arch: Annotated[str | None, typer.Option(help="Of `samplecase architectures`, or FILE.py:Class.")] = None,
    weights: Annotated[str | None, typer.Option(help="pretrained, none (from scratch), or a file.")] = None,
    freeze: Annotated[str | None, typer.Option(help="all (but the head), none, or staged.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd, adam, adamw, rmsprop.")] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate.")] = None,
    momentum: Annotated[float | None, typer.Option()] = None,
    weight_decay: Annotated[float | None, typer.Option()] = None,
    criterion: Annotated[str | None, typer.Option(help="cross_entropy, bce, focal, l1, mse.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="constant, step, multi_step, cosine, one_cycle, plateau.")
    ] = None,
    step_size: Annotated[int | None, typer.Option(help="Epochs from step to step.")] = None,
    gamma: Annotated[float | None, typer.Option(help="Factor of a step.")] = None,
    epochs: Annotated[int | None, typer.Option()] = None,
    batch_size: Annotated[int | None, typer.Option()] = None,
    input_size: Annotated[int | None, typer.Option(help="Pixels of a side.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that read images.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, mps.")] = None,
    processes: Annotated[int | None, typer.Option(help="One per GPU.")] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    keep: Annotated[str | None, typer.Option(help="Weights of epochs: all, best_k, every_n.")] = None,
    name: Annotated[str | None, typer.Option(help="What the weights files are called.")] = None,
    settings: Settings = None,
    config: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A config.json to begin with.")
    ] = None,
    save_dir: Annotated[Path, typer.Option(file_okay=False)] = Path("trained_models"),
    description: Annotated[str | None, typer.Option(help="Default: the name of the data's folder.")] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Two steps only: shapes, time and disk.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a network on a folder of images, with a live table; Ctrl+C pauses."""
    given = {
        "architecture.name": absolute(arch), "architecture.weights": absolute(weights),
        "optimizer": optimizer, "optimizer.lr": lr,
        "optimizer.momentum": momentum, "optimizer.weight_decay": weight_decay, "criterion": criterion,
        "scheduler": scheduler, "scheduler.step_size": step_size, "scheduler.gamma": gamma, "epochs": epochs,
        "batch_size": batch_size, "data.input_size": input_size, "workers": workers, "device": device,
        "processes": processes, "seed": seed, "keep": keep, "name": name, "freeze": _freeze(freeze),
    }  # fmt: skip
    shortcuts = [f"{path}={value}" for path, value in given.items() if value is not None]
    chosen = configured(_read(config), [*shortcuts, *(settings or [])])
    run = new_folder(chosen, data, save_dir=save_dir, description=description or data.resolve().stem)
    if smoke:
        _show_smoke(run, as_json=as_json)
        return
    go(run, as_json=as_json)


def resume(
    run: Run,
    settings: Settings = None,
    continue_: Annotated[
        bool, typer.Option("--continue", help="Also where the resume cannot be exact; that is recorded.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a run that was paused or interrupted: exactly, as if it had never stopped."""
    from samplecase.training.runs.files import write_json
    from samplecase.training.runs.identity import not_exact, settings_changed
    from samplecase.training.runs.steering import status

    found = folder_of(run)
    if (now := status(found)).pid is not None:
        raise Conflict(f"{run} is running, as process {now.pid}.")
    if settings:
        chosen = configured(found.config().plain(), settings)
        if (changes := settings_changed(found, chosen)) and not continue_:
            raise not_exact(changes)
        write_json(found.config_file, chosen.plain())
    go(found, accept_differences=continue_, as_json=as_json)


def pause(
    run: Run,
    cancel: Annotated[bool, typer.Option("--cancel", help="End it instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let a run finish its step, write a checkpoint and end; `resume` goes on there."""
    import time

    from samplecase.training.runs.steering import Order, give_order, status

    found = folder_of(run)
    if status(found).pid is None:
        raise Conflict(f"{run} is {status(found).state}: nothing runs that could be paused.")
    give_order(found, Order.CANCEL if cancel else Order.PAUSE)
    while (now := status(found)).pid is not None:
        time.sleep(0.1)
    answer = {"run": str(found.path), "state": now.state, "epoch": now.epoch, "epochs": now.epochs}
    show(answer, as_json=as_json, text=f"{now.state} after epoch {now.epoch} of {now.epochs}.")


def evaluate(
    run: Run,
    epoch: Annotated[str, typer.Option(help="best, last, an epoch's number, or all.")] = "best",
    split: Annotated[str, typer.Option(help="validation, test or training.")] = "validation",
    verify: Annotated[
        bool, typer.Option("--verify", help="Checksums, and whether the published figures come out again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compute the metrics of kept weights."""
    from samplecase.training.runs.launching import ask

    folder_of(run)
    if verify:
        answer = ask("evaluate", run, "--verify")
        show(answer, as_json=as_json, text=f"{answer['files']} files unchanged, metrics equal.")
        return
    answer = ask("evaluate", run, "--epoch", epoch, "--split", split)
    if as_json:
        show(answer, as_json=True)
        return
    rows = [{"epoch": name, **_short(metrics)} for name, metrics in answer["epochs"].items()]
    show_rows(rows, columns=[*rows[0]], as_json=False)


def predict(
    images: Annotated[list[Path], typer.Argument(exists=True, help="Images, or folders of them.")],
    checkpoint: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="Weights in their run folder.")
    ],
    as_json: AsJson = False,
) -> None:
    """Ask trained weights about images."""
    from samplecase.training.data.folder import images_below
    from samplecase.training.runs.launching import ask

    files = [file for path in images for file in (images_below(path) if path.is_dir() else [path])]
    if not files:
        raise InvalidInput("There is no image.", code="no_image")
    rows = ask("predict", checkpoint, *files)["predictions"]
    if as_json:
        show(rows, as_json=True)
        return
    show_rows([_plain(row) for row in rows], columns=["image", *_columns(rows)], as_json=False)


def curves(
    run: Run,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="PNG, SVG or PDF; default: curves.png.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw loss, scores and learning rate again from the logs."""
    from samplecase.training.runs.curves import draw_curves

    target = draw_curves(folder_of(run), out or run / "curves.png")
    show({"file": str(target)}, as_json=as_json, text=str(target))


def add_to(app: typer.Typer) -> None:
    for command in (train, pause, resume, evaluate, predict, curves):
        app.command()(command)


def folder_of(path: Path) -> RunFolder:
    """Raises `NotFound` where there is no run."""
    from samplecase.training.runs.folder import RunFolder

    run = RunFolder(path.resolve())
    run.config()
    return run


def configured(values: dict[str, Any], settings: Sequence[str]) -> TrainingConfig:
    from samplecase.training.config import parse_config, with_settings

    return parse_config(with_settings(values, settings))


def new_folder(
    config: TrainingConfig, data: Path, *, save_dir: Path, description: str, quiet: bool = False
) -> RunFolder:
    """A run folder over checked data; what is to be known about the data is said on stderr."""
    from samplecase.training.data.checks import checked
    from samplecase.training.data.folder import manifest_of
    from samplecase.training.networks.shelf import resolved
    from samplecase.training.runs.folder import new_run

    resolved(config.architecture.name, config.architecture.weights)
    manifest, findings = checked(manifest_of(data, config.data), config.data)
    for finding in () if quiet else findings:
        typer.echo(f"samplecase: {finding.message}", err=True)
    return new_run(save_dir.resolve(), config, manifest, description=description, day=date.today())


def go(run: RunFolder, *, accept_differences: bool = False, as_json: bool) -> None:
    """Train and follow; the exit code says how it ended."""
    from samplecase.cli.training_view import follow

    follow(run, accept_differences=accept_differences, as_json=as_json)


def absolute(path: str | None) -> str | None:
    """A file by its whole path, a name as it is: files are found from wherever the run is resumed."""
    file, colon, rest = (path or "").partition(":")
    return f"{Path(file).resolve()}{colon}{rest}" if Path(file).is_file() else path


def _freeze(chosen: str | None) -> str | None:
    if chosen is None or chosen in FREEZE:
        return FREEZE.get(chosen or "")
    raise InvalidInput(f"--freeze is one of {', '.join(FREEZE)}, not {chosen}.")


def _read(config: Path | None) -> dict[str, Any]:
    if config is None:
        return {}
    try:
        values: dict[str, Any] = json.loads(config.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(f"{config} is no JSON: {error}") from None
    if not isinstance(values, dict):
        raise InvalidInput(f"{config} is no configuration.")
    return values


def _show_smoke(run: RunFolder, *, as_json: bool) -> None:
    import shutil

    from samplecase.training.runs.launching import ask

    try:
        found = ask("smoke", run.path)
    finally:
        shutil.rmtree(run.path)
    minutes, megabytes = found["estimated_seconds"] / 60, found["disk_bytes"] / 1e6
    lines = [
        f"{found['parameters']:,} parameters, input {found['shapes']['images']}.",
        f"{found['seconds_per_step']:.3f} s a step, about {minutes:.1f} min in all; {megabytes:,.0f} MB on the disk.",
        *found["warnings"],
    ]
    show(found, as_json=as_json, text="\n".join(lines))


def _short(metrics: dict[str, float]) -> dict[str, str]:
    return {name: f"{value:.4f}" for name, value in metrics.items() if "weighted" not in name}


def _columns(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [name for name in dict.fromkeys(name for row in rows for name in row) if name != "image"]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _label(value) for name, value in row.items()}


def _label(value: Any) -> Any:
    if isinstance(value, dict):
        return f"{value['label']} {value['confidence']:.2f}"
    return [_label(each) for each in value] if isinstance(value, list) else value
