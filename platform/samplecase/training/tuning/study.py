"""The next trial's settings and whether a trial is given up: functions of the rows so far and a seed."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from samplecase.training.runs.files import write_json
from samplecase.training.tuning.space import Choice, Range, Space

if TYPE_CHECKING:
    import optuna

Method = Literal["random", "tpe", "grid"]
Pruning = Literal["none", "median", "halving"]
HALVING = (1, 2)  # the epoch (from 0) of the first rung, and the factor from one to the next


@dataclass
class TrialRow:
    """One trial: its settings, and its judgement after each epoch, the more the better."""

    number: int
    settings: dict[str, Any]
    state: Literal["running", "finished", "pruned", "failed"] = "running"
    values: list[float] = field(default_factory=list)
    run: str = ""

    @property
    def best(self) -> float | None:
        return max(self.values, default=None)


def read_rows(file: Path) -> list[TrialRow]:
    return [TrialRow(**each) for each in json.loads(file.read_text())] if file.exists() else []


def write_rows(file: Path, rows: Sequence[TrialRow]) -> None:
    write_json(file, [asdict(row) for row in rows])


def next_settings(
    rows: Sequence[TrialRow], space: Space, *, method: Method, seed: int
) -> dict[str, Any] | None:
    """Settings by path for one more trial; None where a grid is exhausted. Ranges of a grid have four steps."""
    if method == "grid":
        taken = [json.dumps(row.settings, sort_keys=True) for row in rows]
        return next((each for each in _grid(space) if json.dumps(each, sort_keys=True) not in taken), None)
    study = _study(rows, space, method=method, seed=seed + len(rows))
    return dict(study.ask(_distributions(space)).params)


def is_hopeless(rows: Sequence[TrialRow], row: TrialRow, space: Space, *, pruning: Pruning) -> bool:
    """Whether a running trial is to be given up, by its values so far and those of the others."""
    if pruning == "none" or not row.values:
        return False
    others = [each for each in rows if each.number != row.number]
    study = _study([*others, row], space, method="random", seed=0, pruning=pruning)
    return bool(study.pruner.prune(study, study.trials[-1]))


def importances(rows: Sequence[TrialRow], space: Space) -> dict[str, float]:
    """How much each setting mattered, summing to 1 (PED-ANOVA); nothing before there are four finished trials."""
    import optuna

    finished = [row for row in rows if row.state == "finished"]
    if len(finished) < 4 or len({row.best for row in finished}) < 2:
        return {}
    study = _study(finished, space, method="random", seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it calls its evaluator experimental
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        return dict(optuna.importance.get_param_importances(study, evaluator=evaluator))


def _study(
    rows: Sequence[TrialRow], space: Space, *, method: Method, seed: int, pruning: Pruning = "none"
) -> optuna.Study:
    """A study in memory, made from the rows: there is no second database that could say otherwise."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # constant_liar is called experimental
        samplers: dict[str, Any] = {
            "random": lambda: optuna.samplers.RandomSampler(seed=seed),
            "tpe": lambda: optuna.samplers.TPESampler(seed=seed, constant_liar=True, n_startup_trials=5),
        }
        pruners: dict[str, Any] = {
            "none": optuna.pruners.NopPruner,
            "median": lambda: optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=1),
            "halving": lambda: optuna.pruners.SuccessiveHalvingPruner(
                min_resource=HALVING[0], reduction_factor=HALVING[1]
            ),
        }
        study = optuna.create_study(
            direction="maximize", sampler=samplers[method](), pruner=pruners[pruning]()
        )
    for row in rows:
        study.add_trial(_trial(row, space))
    return study


def _trial(row: TrialRow, space: Space) -> optuna.trial.FrozenTrial:
    import optuna

    states = {
        "running": optuna.trial.TrialState.RUNNING,
        "finished": optuna.trial.TrialState.COMPLETE,
        "pruned": optuna.trial.TrialState.PRUNED,
        "failed": optuna.trial.TrialState.FAIL,
    }
    state = states[row.state]
    if row.state == "finished" and row.best is None:
        state = optuna.trial.TrialState.FAIL
    return optuna.create_trial(
        params=row.settings, distributions=_distributions(space), state=state,
        value=row.best if state is optuna.trial.TrialState.COMPLETE else None,
        intermediate_values=dict(enumerate(row.values)), system_attrs=_rungs(row),
    )  # fmt: skip


def _rungs(row: TrialRow) -> dict[str, float]:
    """What *halving* has noted: values at epochs 1, 2, 4 … (from 0). A running trial's last is not yet judged."""
    values = row.values[:-1] if row.state == "running" else row.values
    found, rung = {}, 0
    while (epoch := HALVING[0] * HALVING[1] ** rung) < len(values):
        found[f"completed_rung_{rung}"], rung = values[epoch], rung + 1
    return found


def _distributions(space: Space) -> dict[str, Any]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    found: dict[str, Any] = {}
    for each in space:
        if isinstance(each, Choice):
            found[each.path] = CategoricalDistribution(each.values)
        elif each.is_whole:
            found[each.path] = IntDistribution(int(each.low), int(each.high), log=each.log)
        else:
            found[each.path] = FloatDistribution(each.low, each.high, log=each.log)
    return found


GRID_STEPS = 4


def _grid(space: Space) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = [{}]
    for each in space:
        points = [{**point, each.path: value} for point in points for value in _steps(each)]
    return points


def _steps(searched: Range | Choice) -> list[Any]:
    if isinstance(searched, Choice):
        return [*searched.values]
    low, high = searched.low, searched.high
    shares = [step / (GRID_STEPS - 1) for step in range(GRID_STEPS)]
    values = [low * (high / low) ** share if searched.log else low + (high - low) * share for share in shares]
    return [*dict.fromkeys(round(value) for value in values)] if searched.is_whole else values


def as_settings(chosen: Mapping[str, Any]) -> list[str]:
    """For `with_settings`."""
    return [f"{path}={json.dumps(value)}" for path, value in chosen.items()]
