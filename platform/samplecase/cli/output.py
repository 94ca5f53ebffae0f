"""What commands print: a table for people, JSON for programs, errors on stderr, and the exit codes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Annotated, Any

import typer

from samplecase.contracts.errors import ContractError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


# All but tab and line feed: the rest steers a terminal, up to its title and its clipboard.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NOT_FINISHED = 3
    SAMPLES_FAILED = 4
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Exit.DONE: "done",
    Exit.REFUSED: "refused or unreachable",
    Exit.USAGE: "wrong usage",
    Exit.NOT_FINISHED: "a followed job or deployment ended otherwise than it should",
    Exit.SAMPLES_FAILED: "a followed job finished, but some samples failed",
    Exit.INTERRUPTED: "interrupted",
}


def show(value: Any, *, as_json: bool, text: str = "") -> None:
    """Print an object: as JSON, else as the text given."""
    shown = json.dumps(value, indent=2, ensure_ascii=False, default=str) if as_json else text
    typer.echo(harmless(shown))


def harmless(text: str) -> str:
    """What others wrote (names, messages, logs), without the characters that would steer the reader's terminal."""
    return _STEERING.sub("\ufffd", text)


def show_rows(
    rows: Sequence[Mapping[str, Any]], *, columns: Sequence[str], as_json: bool, empty: str = "Nothing yet."
) -> None:
    """Print a list: as a JSON array, else as a table of these columns."""
    if as_json:
        show([*rows], as_json=True)
        return
    if not rows:
        typer.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "))
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    Console().print(table, markup=False)


def _cell(value: Any) -> str:
    from rich.markup import escape

    if value is None:
        return "–"
    if isinstance(value, list):
        return escape(harmless(", ".join(map(str, value))))
    return escape(harmless(str(value)))


def complain(error: ContractError) -> None:
    """Print an expected failure on stderr: the sentence, then each place that is wrong."""
    print(harmless(f"samplecase: {error.message}"), file=sys.stderr)
    for fault in error.details:
        if fault.message != error.message or fault.pointer:
            print(harmless(f"  {fault.pointer or '/'}: {fault.message}"), file=sys.stderr)
    if hint := _hint(error):
        print(f"  {hint}", file=sys.stderr)


def _hint(error: ContractError) -> str:
    """What to do about it, where that is always the same."""
    if error.code == "unreachable":
        return (
            "Does it run (samplecase up), and is the address right (samplecase login URL, or SAMPLECASE_URL)?"
        )
    if getattr(error, "is_of_token", False):
        return "The token was revoked, or its time is over: samplecase login URL makes another."
    if getattr(error, "status", None) == 403 and "scope" in error.message:
        return "samplecase login URL --scope admin makes a token that may change accounts, --scope write all else."
    return ""
