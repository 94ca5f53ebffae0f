"""What the training process is started for; answers go to stdout as JSON, faults too."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import ContractError
from samplecase.contracts.states import JobState
from samplecase.training.runs.folder import RunFolder

REFUSED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: done, paused or cancelled; 1: refused, with the error as JSON in the last line of stdout."""
    chosen = _options().parse_args(arguments)
    try:
        answer = chosen.does(chosen)
    except ContractError as error:
        details = [{"pointer": each.pointer, "message": each.message} for each in error.details]
        print(
            json.dumps({"error": {"code": error.code, "message": error.message, "details": details}}),
            flush=True,
        )
        return REFUSED
    if answer is not None:
        print(json.dumps(answer), flush=True)
    return 0


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="samplecase.training", description=__doc__)
    commands = options.add_subparsers(required=True)
    train = commands.add_parser("train", help="start a run, or go on with it")
    train.add_argument("run", type=Path)
    train.add_argument("--continue", dest="accept", action="store_true")
    train.set_defaults(does=_train)
    smoke = commands.add_parser("smoke", help="two steps, an evaluation, a checkpoint and a reload")
    smoke.add_argument("run", type=Path)
    smoke.set_defaults(does=_smoke)
    evaluate = commands.add_parser("evaluate", help="metrics of kept weights")
    evaluate.add_argument("run", type=Path)
    evaluate.add_argument("--epoch", default="best")
    evaluate.add_argument("--split", default="validation")
    evaluate.add_argument("--verify", action="store_true")
    evaluate.set_defaults(does=_evaluate)
    predict = commands.add_parser("predict", help="labels of images")
    predict.add_argument("checkpoint", type=Path)
    predict.add_argument("images", type=Path, nargs="+")
    predict.set_defaults(does=_predict)
    shelve = commands.add_parser("shelve", help="put weights on the shelf")
    shelve.add_argument("file", type=Path)
    shelve.add_argument("architecture")
    shelve.add_argument("--license", default="")
    shelve.add_argument("--url", default="")
    shelve.set_defaults(does=_shelve)
    return options


def _train(chosen: argparse.Namespace) -> dict[str, Any] | None:
    from samplecase.training.engine.starting import train_run

    state: JobState = train_run(RunFolder(chosen.run), accept_differences=chosen.accept)
    return {"state": state}


def _smoke(chosen: argparse.Namespace) -> dict[str, Any]:
    from samplecase.training.engine.smoke import smoke_test

    return smoke_test(RunFolder(chosen.run))


def _evaluate(chosen: argparse.Namespace) -> dict[str, Any]:
    from samplecase.training.engine.kept import evaluate_kept, verify

    if chosen.verify:
        return verify(RunFolder(chosen.run))
    return evaluate_kept(RunFolder(chosen.run), chosen.epoch, split=chosen.split)


def _predict(chosen: argparse.Namespace) -> dict[str, Any]:
    from samplecase.training.engine.kept import predict_images

    return predict_images(chosen.checkpoint, chosen.images)


def _shelve(chosen: argparse.Namespace) -> dict[str, Any]:
    from dataclasses import asdict

    from samplecase.training.networks.shelving import import_weights

    return asdict(import_weights(chosen.file, chosen.architecture, license=chosen.license, url=chosen.url))


if __name__ == "__main__":
    sys.exit(main())
