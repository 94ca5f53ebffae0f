"""Commands that need no server, for who packs a model: new, pack, check."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samplecase.cli.models import SchemaFile, read_schema
from samplecase.cli.output import AsJson, show

if TYPE_CHECKING:
    from samplecase.packages import Package


def new(
    folder: Annotated[Path, typer.Argument(help="The folder to write: new, or empty.")],
    template: Annotated[str | None, typer.Option(help="Which one; without it, a terminal is asked.")] = None,
    name: Annotated[str | None, typer.Option(help="The model's name. Default: the folder's.")] = None,
    classes: Annotated[
        str | None, typer.Option(help="Divided by commas, or a file with one in each line.")
    ] = None,
    size: Annotated[
        int | None, typer.Option(help="Side of the square that the network sees, in pixels.")
    ] = None,
    architecture: Annotated[str | None, typer.Option(help="By its name in torchvision or timm.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a folder ready to pack from a template; in a terminal, what is left out is asked for."""
    from samplecase.cli import wizard
    from samplecase.packages import check_empty, write_folder

    check_empty(folder)  # before anybody is asked anything
    given = wizard.Given(template, name, classes, size, architecture)
    chosen, choice = wizard.chosen(given, default_name=folder.resolve().name)
    files = write_folder(chosen, folder, choice)
    made = {"folder": str(folder), "template": chosen.name, "name": choice.name, "files": files}
    steps = [f"{folder}: {', '.join(files)}"]
    if chosen.weights:
        steps.append(f"Next: put the weights into {folder / 'weights'}, as its README.md says; then")
    steps += [f"  samplecase models try {folder} IMAGE…", f"  samplecase models pack {folder}"]
    show(made, as_json=as_json, text="\n".join(steps))


def pack(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The zip to write. Default: FOLDER.zip, here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a package of a folder, and check it; a faulty one is not written. Needs no server."""
    target = output or Path(f"{folder.resolve().name}.zip")
    target.parent.mkdir(parents=True, exist_ok=True)
    with zip_of(folder, beside=target) as packed:
        package = checked(packed)
        packed.replace(target)
    facts = {"path": str(target), **facts_of(package)}
    show(facts, as_json=as_json, text=f"{target}: {describe(facts)}")


def check(
    package: Annotated[Path, typer.Argument(exists=True, help="A zip, or a folder to be packed.")],
    schema: SchemaFile = None,
    as_json: AsJson = False,
) -> None:
    """Find the faults of a package before it is uploaded; needs no server and runs no code of it."""
    with zip_of(package) as packed:
        facts = facts_of(checked(packed, schema=schema))
    show(facts, as_json=as_json, text=f"{package}: {describe(facts)}")


@contextlib.contextmanager
def zip_of(package: Path, *, beside: Path | None = None) -> Iterator[Path]:
    """The package as a zip: itself, or one that is made of the folder for as long as it is looked at."""
    from samplecase.packages import pack_folder

    if package.is_file():
        yield package
        return
    place = None if beside is None else beside.absolute().parent
    # Hidden, so that it is not packed where it lies within the folder.
    with tempfile.TemporaryDirectory(prefix=".samplecase-", dir=place) as scratch:
        leave_out = {beside.absolute()} if beside else set()
        yield pack_folder(package, Path(scratch) / "package.zip", leave_out=leave_out)


def checked(packed: Path, *, schema: Path | None = None) -> Package:
    """All that can be known of a zip without running it. Raises `InvalidInput` with every fault and its place."""
    from samplecase.packages import check_source, inspect_package
    from samplecase.runtime.requirements import read_conda_environment, read_requirements

    package = inspect_package(packed, schema=read_schema(schema))
    check_source(packed, package)
    if package.requirements:
        read_requirements(package.requirements)
    if package.environment_yml:
        read_conda_environment(package.environment_yml)
    return package


def facts_of(package: Package) -> dict[str, Any]:
    return {
        "sha256": package.sha256,
        "size": package.size,
        "files": len(package.files),
        "examples": len(package.examples),
        "manifest": package.manifest,
    }


def describe(facts: Mapping[str, Any]) -> str:
    manifest = facts["manifest"]
    name = " ".join(str(manifest[key]) for key in ("name", "version") if manifest.get(key))
    outputs = ", ".join(manifest["schema"]["outputs"]["properties"])
    return f"{name or 'good'}, {facts['files']} files, gives {outputs}; sha256 {facts['sha256'][:12]}…"


def add_to(app: typer.Typer) -> None:
    for command in (new, pack, check):
        app.command()(command)
