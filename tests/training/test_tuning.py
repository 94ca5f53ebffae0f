"""Searches: what is asked next depends on the rows alone; hopeless trials are given up."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from samplecase.contracts.errors import InvalidInput
from samplecase.training.config import TrainingConfig
from samplecase.training.data.manifest import Manifest
from samplecase.training.runs.folder import RunFolder, fill
from samplecase.training.runs.steering import Heart
from samplecase.training.tuning.space import Choice, Range, parse_space
from samplecase.training.tuning.study import (
    TrialRow,
    as_settings,
    importances,
    is_hopeless,
    next_settings,
    write_rows,
)
from samplecase.training.tuning.trials import Search, judgements

SPACE = parse_space(["optimizer.lr=log:1e-5:0.1", "batch_size=8,16,32", "epochs=1:9"])


def finished(number: int, settings: dict[str, Any], value: float) -> TrialRow:
    return TrialRow(number, settings, "finished", [value / 2, value])


def searched(method: Any, trials: int, *, seed: int = 0) -> list[TrialRow]:
    """Better the nearer the learning rate is to 0.001."""
    rows: list[TrialRow] = []
    for number in range(trials):
        settings = next_settings(rows, SPACE, method=method, seed=seed)
        assert settings is not None
        rows.append(finished(number, settings, -abs(math.log10(settings["optimizer.lr"]) + 3)))
    return rows


def test_a_space_is_read_from_words() -> None:
    assert [
        Range("optimizer.lr", 1e-5, 0.1, log=True), Choice("batch_size", (8, 16, 32)), Range("epochs", 1, 9)
    ] == SPACE  # fmt: skip
    assert as_settings({"optimizer": "sgd", "epochs": 3}) == ['optimizer="sgd"', "epochs=3"]


@pytest.mark.parametrize("text", ["epochs", "epochs=1", "epochs=9:1", "epochs=log:0:1", "lr=a:b", "=1:2"])
def test_what_is_no_space_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no search"):
        parse_space([text])


@pytest.mark.parametrize("method", ["random", "tpe"])
def test_the_next_settings_are_a_function_of_rows_and_seed(method: Any) -> None:
    assert searched(method, 8) == searched(method, 8)
    assert searched(method, 2) != searched(method, 2, seed=1)


def test_tpe_comes_nearer_than_chance() -> None:
    late = [row.best for row in searched("tpe", 30)[20:]]
    chance = [row.best for row in searched("random", 30)[20:]]
    assert sum(map(float, filter(None, late))) > sum(map(float, filter(None, chance)))


def test_a_grid_ends() -> None:
    space = parse_space(["optimizer.lr=log:0.001:1.0", "batch_size=8,16"])
    rows: list[TrialRow] = []
    while (settings := next_settings(rows, space, method="grid", seed=0)) is not None:
        rows.append(finished(len(rows), settings, 0.5))
    assert len(rows) == 8
    assert [rows[place].settings["optimizer.lr"] for place in (0, 2, 4, 6)] == pytest.approx(
        [0.001, 0.01, 0.1, 1.0]
    )


def test_a_trial_far_below_the_others_is_given_up_and_a_good_one_is_not() -> None:
    rows = [TrialRow(row.number, row.settings, "finished", [0.5, 0.6, 0.7]) for row in searched("random", 5)]
    worse = TrialRow(5, rows[0].settings, "running", [0.1, 0.1])
    better = TrialRow(5, rows[0].settings, "running", [0.6, 0.8])
    assert is_hopeless([*rows, worse], worse, SPACE, pruning="median")
    assert not is_hopeless([*rows, better], better, SPACE, pruning="median")
    assert not is_hopeless([*rows, worse], worse, SPACE, pruning="none")


def test_halving_gives_up_at_a_rung_and_between_rungs_nothing() -> None:
    rows = [TrialRow(row.number, row.settings, "finished", [0.5, 0.6, 0.7]) for row in searched("random", 5)]
    worse = TrialRow(5, rows[0].settings, "running", [0.1, 0.1])
    better = TrialRow(5, rows[0].settings, "running", [0.6, 0.8])
    early = TrialRow(5, rows[0].settings, "running", [0.1])
    late = TrialRow(5, rows[0].settings, "running", [0.6, 0.8, 0.9, 0.1])
    assert is_hopeless([*rows, worse], worse, SPACE, pruning="halving")
    for row in (better, early, late):
        assert not is_hopeless([*rows, row], row, SPACE, pruning="halving")


def test_a_judgement_that_is_no_number_is_the_worst(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.events.write_text('{"event": "epoch", "judged": null}\n{"event": "epoch", "judged": 0.5}\n')
    assert judgements(run) == [-math.inf, 0.5]


def test_a_trial_that_outlived_the_search_is_followed(tmp_path: Path) -> None:
    """It is a run whose heart beats; nothing here could start another process for it."""
    run = fill(tmp_path, TrainingConfig(), Manifest([]))
    run.events.write_text('{"event": "started", "attempt": "a"}\n')
    file = tmp_path / "trials.json"
    write_rows(file, [TrialRow(0, {}, "running", run=str(run.path))])

    def never(config: TrainingConfig, name: str) -> RunFolder:
        raise AssertionError("started again")

    search = Search(file, TrainingConfig(), [], 1, never)
    with Heart(run):
        search._go_on(search.rows[0])
        assert search._running == {0: None}
        assert not search._is_over(0)
    assert search._is_over(0)


def test_what_mattered_is_found() -> None:
    found = importances(searched("random", 30), SPACE)
    assert max(found, key=found.__getitem__) == "optimizer.lr"
    assert importances(searched("random", 2), SPACE) == {}
