"""What the Tab key offers: names that the server knows. It never waits long, and says nothing where it cannot ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from samplecase.contracts.errors import ContractError

if TYPE_CHECKING:
    from samplecase.client import Client

PATIENCE = 2.0  # seconds
MOST = 500


def datasets(incomplete: str) -> list[str]:
    return _offered("datasets/", "name", incomplete)


def models(incomplete: str) -> list[str]:
    return _offered("models/", "name", incomplete)


def people(incomplete: str) -> list[str]:
    return _offered("people/", "username", incomplete)


def jobs(incomplete: str) -> list[str]:
    return _offered("jobs/", "id", incomplete)


def deployments(incomplete: str) -> list[str]:
    return _offered("deployments/", "id", incomplete)


def tokens(incomplete: str) -> list[str]:
    return _offered("tokens/", "name", incomplete)


def _offered(path: str, key: str, incomplete: str) -> list[str]:
    try:
        with _quick_client() as client:
            rows: Iterable[dict[str, object]] = client.transport.get(path, limit=MOST)["results"]
        names = dict.fromkeys(str(row[key]) for row in rows)
    except (ContractError, ValueError, KeyError, TypeError):  # nothing there, or no server of ours
        return []
    return [name for name in names if name.startswith(incomplete)]


def _quick_client() -> Client:
    from samplecase.cli.credentials import load
    from samplecase.client import Client

    kept = load()
    return Client(kept.url, token=kept.token, timeout=PATIENCE, attempts=1)


DatasetName = Annotated[str, typer.Argument(help="The dataset's name.", autocompletion=datasets)]
ModelName = Annotated[str, typer.Argument(help="The model's name.", autocompletion=models)]
Username = Annotated[str, typer.Argument(help="Whose account.", autocompletion=people)]
JobId = Annotated[int, typer.Argument(help="The job's number.", autocompletion=jobs)]
DeploymentId = Annotated[int, typer.Argument(help="The deployment's number.", autocompletion=deployments)]
