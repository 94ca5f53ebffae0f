"""What apps above this one have to say of versions and deployments: they register, so that nothing imports upwards."""

from __future__ import annotations

from collections.abc import Callable, Collection

from models_app.models import Deployment
from samplecase.contracts.errors import Conflict

# Given the ids of deployments: a sentence that says what still needs one of them, or "".
Guard = Callable[[Collection[int]], str]
# Given the ids of a deployment and of its copy: what needs the one goes on with the other.
Heir = Callable[[int, int], None]
# Given the ids of versions: those of them of which something is known.
Witness = Callable[[Collection[int]], Collection[int]]

_guards: list[Guard] = []
_heirs: list[Heir] = []
_returners: list[Heir] = []
_writers: list[Witness] = []
_proofs: list[Witness] = []


def guard_deployments(guard: Guard) -> Guard:
    """Register a guard; as a decorator, or in `AppConfig.ready`. Registering one twice is registering it once."""
    if guard not in _guards:
        _guards.append(guard)
    return guard


def inherit_deployments(*, heir: Heir, returner: Heir) -> None:
    """Register what goes on with the copy of a deployment that turns to another version, and returns to it."""
    if heir not in _heirs:
        _heirs.append(heir)
        _returners.append(returner)


def know_versions(*, written: Witness, proven: Witness) -> None:
    """Register who knows which versions have written values, and which have finished work."""
    if written not in _writers:
        _writers.append(written)
        _proofs.append(proven)


def need_of(deployments: Collection[int]) -> str:
    """What still needs one of the deployments, in a sentence, or nothing."""
    return next(filter(None, (guard(deployments) for guard in _guards)), "")


def refuse_while_needed(deployments: Collection[Deployment]) -> None:
    """Raise `Conflict` if a guard names a need.

    Called in the transaction that deletes them, with the rows locked: a job that is submitted at the same moment
    is either seen here or waits for the end, and then finds no deployment.
    """
    need = need_of([deployment.pk for deployment in deployments])
    if need:
        raise Conflict(need, code="in_use")


def hand_over(deployment: int, copy: int) -> None:
    """Let what still needs `deployment` go on with `copy`."""
    for heir in _heirs:
        heir(deployment, copy)


def give_back(copy: int, deployment: int) -> None:
    """Let what ran on `copy`, and needs it no more, name `deployment` again."""
    for returner in _returners:
        returner(copy, deployment)


def have_written(versions: Collection[int]) -> set[int]:
    """Those of the versions that values refer to."""
    return {pk for witness in _writers for pk in witness(versions)}


def have_finished(versions: Collection[int]) -> set[int]:
    """Those of the versions that have answered for samples, in a job or a try."""
    return {pk for witness in _proofs for pk in witness(versions)}
