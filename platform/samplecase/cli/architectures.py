"""Commands about what may be trained: the catalogue of architectures, and the shelf of pretrained weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from samplecase.cli.output import AsJson, show, show_rows


def architectures(as_json: AsJson = False) -> None:
    """The networks that may be trained, and whose weights are on the shelf."""
    from samplecase.training.networks.catalogue import CATALOGUE
    from samplecase.training.networks.shelf import shelved

    rows = [
        {
            "name": each.name, "title": each.title, "family": each.family, "input_size": each.input_size,
            "parameters": f"{each.parameters / 1e6:.1f} M", "weights": "on the shelf" if shelved(each.name) else None,
        }
        for each in CATALOGUE.values()
    ]  # fmt: skip
    show_rows(rows, columns=[*rows[0]], as_json=as_json)


weights_app = typer.Typer(name="weights", help="The shelf of pretrained weights.", no_args_is_help=True)


@weights_app.command("import")
def import_weights(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".safetensors, .pt or .pth.")],
    arch: Annotated[str, typer.Option(help="Of `samplecase architectures`.")],
    license: Annotated[str, typer.Option(help="Of the weights.")] = "",
    url: Annotated[str, typer.Option(help="Where they come from.")] = "",
    as_json: AsJson = False,
) -> None:
    """Check weights against their architecture and put them on the shelf."""
    from samplecase.training.runs.launching import ask

    answer = ask("shelve", file, arch, "--license", license, "--url", url)
    trust = "verified by its name" if answer["verified"] else "unverified: its name promises no hash"
    show(answer, as_json=as_json, text=f"{arch}: {answer['sha256'][:16]}…, {trust}.")


@weights_app.command("list")
def list_weights(as_json: AsJson = False) -> None:
    """What is on the shelf."""
    from dataclasses import asdict

    from samplecase.training.networks.shelf import listed

    rows = [asdict(each) for each in listed()]
    show_rows(rows, columns=["architecture", "file", "origin", "license", "verified"], as_json=as_json)


def add_to(app: typer.Typer) -> None:
    app.command()(architectures)
    app.add_typer(weights_app)
