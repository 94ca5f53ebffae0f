"""What a model or another user wrote never steers the terminal of who reads it with the command line."""

from __future__ import annotations

from typing import Any

import pytest

from samplecase.cli.output import complain, show, show_rows
from samplecase.contracts.errors import Fault, InvalidInput

TITLE = "\x1b]0;owned\x07\x9b2J\rcolour \x1b[31mred"


@pytest.mark.parametrize(
    "printed",
    [
        lambda: show({}, as_json=False, text=TITLE),
        lambda: show({"message": TITLE}, as_json=True),
        lambda: show_rows([{"name": TITLE, "tags": [TITLE]}], columns=["name", "tags"], as_json=False),
        lambda: show_rows([{"name": TITLE}], columns=["name"], as_json=True),
        lambda: complain(InvalidInput(TITLE, details=[Fault(f"/{TITLE}", TITLE)])),
    ],
)
def test_control_characters_are_shown_and_not_obeyed(
    printed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    printed()
    written = "".join(capsys.readouterr())
    assert "owned" in written
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(written)
