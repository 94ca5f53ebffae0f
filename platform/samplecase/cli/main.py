"""The command and its subcommands, and how each ends: 0, or a sentence and a code that says what happened."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

import typer

from samplecase.cli import (
    accounts,
    architectures,
    auditing,
    datasets,
    deployments,
    exchange,
    jobs,
    kept,
    models,
    packing,
    people,
    sending,
    server,
    sharing,
    training,
    trying,
    tuning,
    versions,
)
from samplecase.cli.backup import command as backups
from samplecase.cli.output import AsJson, Exit, complain, show
from samplecase.contracts.errors import ContractError

app = typer.Typer(
    name="samplecase",
    help="Keep image datasets, label them, and run packed models over every sample.",
    epilog="Exit codes: " + " · ".join(f"{code.value} {code.meaning}" for code in Exit) + ".",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
server.add_to(app)
backups.add_to(app)
people.add_to(app)
exchange.add_to(datasets.app)
app.add_typer(datasets.app)
packing.add_to(models.app)
trying.add_to(models.app)
versions.add_to(models.app)
app.add_typer(models.app)
models.add_to(app)
jobs.add_to(app)
app.add_typer(jobs.app)
app.add_typer(deployments.app)
kept.add_to(app)
sharing.add_to(app)
accounts.add_to(app)
auditing.add_to(app)
app.add_typer(sending.app)
training.add_to(app)
architectures.add_to(app)
tuning.add_to(app)


@app.command("version")
def show_version(as_json: AsJson = False) -> None:
    """The version of this installation."""
    try:
        found = version("samplecase")
    except PackageNotFoundError:
        found = "a checkout"
    show({"version": found}, as_json=as_json, text=found)


def main() -> None:
    """Run the command. An expected failure becomes one sentence, its places, and exit code 1."""
    try:
        app(prog_name="samplecase")
    except ContractError as error:
        complain(error)
        sys.exit(Exit.REFUSED)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
