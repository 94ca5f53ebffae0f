"""What a host lacks: on a developer's a reason to skip, in continuous integration a failure."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def skip_or_fail(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} In CI nothing of this may be skipped.")
    pytest.skip(reason)
