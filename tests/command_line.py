"""`samplecase` as a person runs it, with a home folder of his own."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.fixtures_server import Installation


class CommandLine:
    """One person's command line."""

    def __init__(self, installation: Installation, home: Path) -> None:
        self._environment = {**installation.environment, "XDG_CONFIG_HOME": str(home), "COLUMNS": "200"}

    def __call__(self, *arguments: str, given: str = "", code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "samplecase.cli", *arguments],
            env=self._environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout or done.stderr

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", code=code))

    def with_token(self, url: str, token: str) -> CommandLine:
        """Somebody who has a token in his environment."""
        other = copy.copy(self)
        other._environment = {**self._environment, "SAMPLECASE_URL": url, "SAMPLECASE_TOKEN": token}
        return other

    def completed(self, words: str) -> str:
        """What the Tab key offers after these words, as the shell asks for it."""
        asked = {"_SAMPLECASE_COMPLETE": "complete_bash", "COMP_WORDS": words}
        done = subprocess.run(
            [sys.executable, "-m", "samplecase.cli"],
            env={**self._environment, **asked, "COMP_CWORD": str(len(words.split()) - 1)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stderr == ""
        return done.stdout.strip()
