"""Which server the commands speak to, and with whose token: the environment, else what `login` kept."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from samplecase.client import Client
from samplecase.contracts.errors import InvalidInput


@dataclass(frozen=True)
class Credentials:
    """A server and a token for it."""

    url: str
    token: str


def _path() -> Path:
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return home / "samplecase" / "credentials.json"


def keep(credentials: Credentials) -> Path:
    """Remember them for the next commands, readable by this user alone."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"url": credentials.url, "token": credentials.token}, file)
    fresh.replace(path)
    return path


def load() -> Credentials:
    """SAMPLECASE_URL and SAMPLECASE_TOKEN, else those kept; raises `InvalidInput` when there are none."""
    url, token = os.environ.get("SAMPLECASE_URL"), os.environ.get("SAMPLECASE_TOKEN")
    if url and token:
        return Credentials(url, token)
    try:
        kept = json.loads(_path().read_text())
        return Credentials(url or kept["url"], token or kept["token"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InvalidInput(
            "You are not signed in: samplecase login URL, or set SAMPLECASE_URL and SAMPLECASE_TOKEN."
        ) from None


def connect() -> Client:
    """A client with the present credentials."""
    credentials = load()
    return Client(credentials.url, token=credentials.token)
