"""The command `models try`: a package asked about local images, in the box that a server would give it."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplecase.cli.models import SchemaFile
from samplecase.cli.output import AsJson, Exit, harmless, show
from samplecase.cli.packing import checked, zip_of
from samplecase.contracts.errors import Fault, InvalidInput

if TYPE_CHECKING:
    from samplecase.contracts.states import Sandbox
    from samplecase.packages import Package
    from samplecase.runtime.settings import ExecutorSettings
    from samplecase.runtime.trying import Attempt

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"}  # of what an upload takes
MAX_SHOWN = 400  # characters of a value, where no program reads


def try_package(
    package: Annotated[Path, typer.Argument(exists=True, help="A zip, or a folder to be packed.")],
    images: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, help="Images, or folders of them. Default: its examples."),
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option("--input", help="NAME=JSON, for an input that is not the image.")
    ] = None,
    mini_batch: Annotated[int, typer.Option(min=1)] = 1,
    gpus: Annotated[int, typer.Option(min=0, max=1)] = 0,
    custom_env: Annotated[bool, typer.Option(help="Build the package's own environment.")] = False,
    no_sandbox: Annotated[
        bool, typer.Option("--no-sandbox", help="Run its code as yourself: only what you trust.")
    ] = False,
    masks: Annotated[
        Path | None, typer.Option(file_okay=False, help="A folder for masks and heat maps, as PNG.")
    ] = None,
    schema: SchemaFile = None,
    as_json: AsJson = False,
) -> None:
    """Run a package over local images with the engine and the box of a server; needs no server."""
    from samplecase.runtime.memory_ledger import model_spec
    from samplecase.runtime.trying import attempt

    level = _level(no_sandbox=no_sandbox)
    _check_gpus(gpus)
    with tempfile.TemporaryDirectory(prefix="samplecase-try-") as scratch, zip_of(package) as packed:
        found = checked(packed, schema=schema)
        spec = model_spec(
            package_sha256=found.sha256,
            manifest=found.manifest,
            mini_batch=mini_batch,
            num_gpus=gpus,
            custom_environment=custom_env,
            sandbox=level.value,
        )
        chosen = _images(packed, found, images or [], Path(scratch))
        tried = attempt(
            packed,
            list(chosen.values()),
            spec=spec,
            inputs=_inputs(found, given or []),
            settings=_settings(Path(scratch)),
            say=_keep_quiet if as_json else _say,
        )
        rows = _rows(list(chosen), tried, masks)
    _show(rows, tried, level, as_json=as_json)
    if tried.error is not None:
        raise typer.Exit(Exit.NOT_FINISHED)
    if any("error" in row for row in rows):
        raise typer.Exit(Exit.SAMPLES_FAILED)


def _level(*, no_sandbox: bool) -> Sandbox:
    from samplecase.contracts.states import Sandbox
    from samplecase.runtime.sandbox import probe_sandbox

    if no_sandbox:
        return Sandbox.NONE
    report = probe_sandbox()
    if report.level is not Sandbox.BWRAP:
        message = f"This host has no sandbox: {report.why_not} For code that you trust: --no-sandbox."
        raise InvalidInput(message, code="no_sandbox")
    return report.level


def _check_gpus(gpus: int) -> None:
    """Before anything is packed or built. Raises `InvalidInput` where there is none."""
    from samplecase.runtime.engines.launch import gpu_devices

    if gpus and not gpu_devices():
        message = f"--gpus {gpus}: this host has no GPU that its driver shows. Without the option, the CPU is taken."
        raise InvalidInput(message, code="no_gpu")


def _settings(scratch: Path) -> ExecutorSettings:
    """This installation's, all in a folder that goes; environments, which take long to build, stay."""
    from samplecase.cli import local

    local.start_django()
    from samplecase.cli.executor import executor_settings

    logging.getLogger("samplecase").setLevel(logging.CRITICAL)  # what goes wrong is told below
    scratch.chmod(0o755)  # the box is another user's
    mine = executor_settings()
    environments = mine.work_dir / "environments"
    quick = replace(mine, poll_seconds=0.05, commit_seconds=0.05)
    return replace(quick, work_dir=scratch, environments_dir=environments)


def _images(packed: Path, found: Package, given: Sequence[Path], scratch: Path) -> dict[str, Path]:
    """By the names that are shown. Raises `InvalidInput` where there are none."""
    if not given:
        return _examples(packed, found, scratch / "examples")
    chosen = {}
    for path in given:
        for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if each == path or each.suffix.lower() in SUFFIXES:
                chosen[str(each)] = each
    if not chosen:
        raise InvalidInput(f"There is no image in {', '.join(map(str, given))}.", code="no_image")
    return chosen


def _examples(packed: Path, found: Package, folder: Path) -> dict[str, Path]:
    from samplecase.packages import open_archive

    if not found.examples:
        raise InvalidInput("Name images to try; the package has no examples.", code="no_image")
    folder.mkdir()
    chosen = {}
    with open_archive(packed) as archive:
        for number, example in enumerate(found.examples):
            target = folder / f"{number}{Path(example.image).suffix}"
            with archive.open(example.image) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
            chosen[example.image] = target
    return chosen


def _inputs(found: Package, pairs: Sequence[str]) -> dict[str, Any]:
    """The values of inputs that are not the image. Raises `InvalidInput` for one that is missing or not there."""
    ports = {name: port for name, port in found.schema.inputs.items() if not port.is_media}
    values: dict[str, Any] = {}
    faults = []
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or name not in ports:
            known = ", ".join(ports) or "none"
            faults.append(Fault(f"--input {pair}", f"Must be NAME=JSON; inputs beside the image: {known}."))
            continue
        try:
            values[name] = json.loads(text)
        except ValueError:
            values[name] = text  # a text needs no quotes
    for name, port in ports.items():
        if name not in values and port.required and port.default is None:
            faults.append(Fault(f"--input {name}=…", f"The model needs a value of type {port.type}."))
    if faults:
        raise InvalidInput("The model's inputs are not as its schema says.", details=faults)
    return values


def _say(text: str) -> None:
    typer.echo(harmless(text), err=True, nl=False)


def _keep_quiet(text: str) -> None:
    """The log stands in what is printed at the end."""


def _rows(names: Sequence[str], tried: Attempt, masks: Path | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name, result in zip(names, tried.results, strict=True):
        row: dict[str, Any] = {"name": name, "outputs": {}}
        if result is None:
            row["error"] = {"reason": "not_run", "message": "the model ended before it came to this image"}
        elif result.reason:
            row["error"] = {"reason": result.reason, "message": result.message}
        else:
            row["outputs"] = {
                output: _with_mask(value, tried, masks, f"{len(rows) + 1:03}-{Path(name).stem}-{output}.png")
                for output, value in result.values.items()
            }
        rows.append(row)
    return rows


def _with_mask(value: Any, tried: Attempt, masks: Path | None, file: str) -> Any:
    """A mask's file in place of its digest, which means something within a store only."""
    mask = value.get("mask") if isinstance(value, Mapping) else None
    if not isinstance(mask, str) or mask not in tried.masks:
        return value
    if masks is None:
        return {key: each for key, each in value.items() if key != "mask"}
    masks.mkdir(parents=True, exist_ok=True)
    return {**value, "mask": str(shutil.copyfile(tried.masks[mask], masks / file))}


def _show(rows: Sequence[Mapping[str, Any]], tried: Attempt, level: Sandbox, *, as_json: bool) -> None:
    error = None if tried.error is None else dict(zip(("code", "message"), tried.error, strict=True))
    told = {
        "sandbox": level.value, "seconds": round(tried.seconds, 2), "results": rows, "error": error, "log": tried.log
    }  # fmt: skip
    if as_json:
        show(told, as_json=True)
        return
    if error is not None:
        typer.echo(harmless(f"samplecase: The model cannot run: {error['message']}"), err=True)
        return
    for row in rows:
        typer.echo(harmless(f"{row['name']}: {_line(row)}"), err="error" in row)
    answered = sum("error" not in row for row in rows)
    typer.echo(f"{answered} of {len(rows)} answered in {told['seconds']} s, sandbox {level.value}.", err=True)


def _line(row: Mapping[str, Any]) -> str:
    if "error" in row:
        return f"{row['error']['reason']}: {row['error']['message']}"
    text = json.dumps(row["outputs"], ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… (--json shows all)"


def add_to(app: typer.Typer) -> None:
    app.command("try")(try_package)
