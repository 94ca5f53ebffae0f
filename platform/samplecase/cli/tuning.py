"""The command `tune`: many trainings, each with settings that the ones before suggest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from samplecase.cli.output import AsJson, Exit, show, show_rows
from samplecase.cli.progress import to_stderr
from samplecase.cli.training import Settings, absolute, configured, new_folder
from samplecase.contracts.errors import InvalidInput

METHODS, PRUNINGS = ("tpe", "random", "grid"), ("none", "median", "halving")


def tune(
    data: Annotated[Path, typer.Option(exists=True, help="A folder of images, or a manifest.jsonl.")],
    search: Annotated[
        list[str], typer.Option(help="PATH=LOW:HIGH, PATH=log:LOW:HIGH or PATH=ONE,OTHER; again for each.")
    ],
    arch: Annotated[str | None, typer.Option(help="Of `samplecase architectures`, or FILE.py:Class.")] = None,
    weights: Annotated[str | None, typer.Option(help="pretrained, none (from scratch), or a file.")] = None,
    epochs: Annotated[int | None, typer.Option()] = None,
    settings: Settings = None,
    trials: Annotated[int, typer.Option(min=1)] = 10,
    parallel: Annotated[int, typer.Option(min=1, help="Trials at once.")] = 1,
    method: Annotated[str, typer.Option(help=", ".join(METHODS))] = "tpe",
    pruning: Annotated[str, typer.Option(help=", ".join(PRUNINGS))] = "none",
    seed: Annotated[int, typer.Option(help="Of the search.")] = 0,
    save_dir: Annotated[Path, typer.Option(file_okay=False)] = Path("trained_models/tuning"),
    as_json: AsJson = False,
) -> None:
    """Search for good settings; the same command again goes on with the search of that folder."""
    from samplecase.training.tuning.space import parse_space
    from samplecase.training.tuning.study import TrialRow, importances
    from samplecase.training.tuning.trials import Search, best_of

    given = {"architecture.name": absolute(arch), "architecture.weights": absolute(weights), "epochs": epochs}
    shortcuts = [f"{path}={value}" for path, value in given.items() if value is not None]
    base = configured({}, [*shortcuts, "keep=best_k", "keep.number=1", *(settings or [])])
    console = to_stderr()

    def tell(row: TrialRow) -> None:
        if not as_json and row.state != "running":
            console.print(f"trial {row.number}: {row.state}, {_figure(row.best)}", highlight=False)

    space = parse_space(search)
    save_dir.mkdir(parents=True, exist_ok=True)
    found = Search(
        save_dir / "trials.json", base, space, trials,
        lambda config, name: new_folder(config, data, save_dir=save_dir, description=name, quiet=True),
        method=_one_of(method, METHODS), pruning=_one_of(pruning, PRUNINGS), parallel=parallel, seed=seed, tell=tell,
    )  # fmt: skip
    try:
        rows = found.run()
    except KeyboardInterrupt:
        found.stop()
        raise
    best, weights_of = best_of(rows), importances(rows, space)
    table = [
        {"trial": row.number, "state": row.state, "best": _figure(row.best), **row.settings} for row in rows
    ]
    if as_json:
        answer = {
            "trials": [vars(row) for row in rows],
            "best": best and best.number,
            "importances": weights_of,
        }
        show(answer, as_json=True)
    else:
        show_rows(table, columns=["trial", "state", "best", *(each.path for each in space)], as_json=False)
        if best:
            show(None, as_json=False, text=f"Best: trial {best.number}, {best.run}")
    if best is None:
        raise typer.Exit(Exit.NOT_FINISHED)


def add_to(app: typer.Typer) -> None:
    app.command()(tune)


def _one_of(chosen: str, known: tuple[str, ...]) -> Any:
    if chosen not in known:
        raise InvalidInput(f"{chosen!r} is none of {', '.join(known)}.")
    return chosen


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
