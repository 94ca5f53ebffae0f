"""What `models new` has to know: from the options, and in a terminal by asking for the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from samplecase.contracts.errors import ContractError, Fault, InvalidInput

if TYPE_CHECKING:
    from samplecase.packages import Choice, Template

_CLASSES = Fault("--classes", "What the weights were trained on, in their order: a,b,c or a file.")


@dataclass(frozen=True)
class Given:
    """The options of the command; None: left out."""

    template: str | None
    name: str | None
    classes: str | None
    size: int | None
    architecture: str | None


def chosen(given: Given, *, default_name: str) -> tuple[Template, Choice]:
    """The template and what is chosen of it. Asks only where something needed is missing and a person can answer.

    Raises `InvalidInput` naming the options that are missing where nobody can be asked.
    """
    from samplecase.packages import Choice, find_template

    missing = _missing(given)
    if missing and not sys.stdin.isatty():
        raise InvalidInput("Options are missing, and this is no terminal to ask in.", details=missing)
    if missing:
        return _asked(given, default_name)
    template = find_template(given.template or "")
    classes = None if given.classes is None else read_classes(given.classes)
    return template, Choice(given.name or default_name, classes, given.size, given.architecture)


def read_classes(text: str) -> list[str]:
    """Of a file with one in each line, or of a list divided by commas."""
    path = Path(text)
    if "," not in text and path.is_file():
        try:
            names = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{path} cannot be read: {error}", pointer="--classes") from None
    else:
        names = text.split(",")
    return [name.strip() for name in names if name.strip()]


def _missing(given: Given) -> list[Fault]:
    from samplecase.packages import find_template, templates

    if given.template is None:
        known = ", ".join(each.name for each in templates())
        return [Fault("--template", f"One of {known}."), *([] if given.classes else [_CLASSES])]
    if find_template(given.template).weights and given.classes is None:
        return [_CLASSES]
    return []


def _asked(given: Given, default_name: str) -> tuple[Template, Choice]:
    """Every question has an answer to begin with; an option that was given is not asked for."""
    from samplecase.packages import Choice, find_template, templates

    if given.template is None:
        for each in templates():
            typer.echo(f"  {each.name:<24}{each.description}", err=True)
    template = _ask(given.template, "Template", default="plain-python", read=find_template)
    name = _ask(given.name, "Name of the model", default=default_name, read=str)
    question = "Classes, divided by commas, or a file with one in each line"
    classes = _ask(given.classes, question, default=",".join(template.classes), read=read_classes)
    size, architecture = given.size, given.architecture
    if template.architecture is not None:
        architecture = _ask(architecture, "Architecture", default=template.architecture, read=str)
    if template.size is not None:
        size = _ask(size, "Side of the images that it sees, in pixels", default=template.size, read=int)
    return template, Choice(name, classes, size, architecture)


def _ask(given: Any, question: str, *, default: Any, read: Callable[[str], Any]) -> Any:
    """What was given, else the answer, asked for again until it can be read."""

    def understood(text: str) -> Any:
        try:
            return read(text)
        except ContractError as error:
            raise typer.BadParameter(error.message) from None
        except ValueError:
            raise typer.BadParameter(f"{text!r} is no whole number.") from None

    if given is not None:
        return read(given)
    return typer.prompt(question, default=str(default), value_proc=understood, err=True)
