"""What apps above this one have to say before deployments go: they register here, so that nothing imports upwards."""

from __future__ import annotations

from collections.abc import Callable, Collection

from models_app.models import Deployment
from samplecase.contracts.errors import Conflict

# Given the ids of deployments: a sentence that says what still needs one of them, or "".
Guard = Callable[[Collection[int]], str]

_guards: list[Guard] = []


def guard_deployments(guard: Guard) -> Guard:
    """Register a guard; as a decorator, or in `AppConfig.ready`. Registering one twice is registering it once."""
    if guard not in _guards:
        _guards.append(guard)
    return guard


def refuse_while_needed(deployments: Collection[Deployment]) -> None:
    """Raise `Conflict` if a guard names a need.

    Called in the transaction that deletes them, with the rows locked: a job that is submitted at the same moment
    is either seen here or waits for the end, and then finds no deployment.
    """
    ids = [deployment.pk for deployment in deployments]
    for guard in _guards:
        need = guard(ids)
        if need:
            raise Conflict(need, code="in_use")
