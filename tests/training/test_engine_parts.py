"""The parts of the engine by themselves: schedules as torch has them, order and reading as functions, frozen layers."""

from __future__ import annotations

import math
import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler

from samplecase.training.config import parse_config, with_settings
from samplecase.training.config.data import Data
from samplecase.training.config.optimizers import SGD, Adam, AdamW, RMSprop
from samplecase.training.data.folder import manifest_of
from samplecase.training.data.manifest import Manifest
from samplecase.training.engine.averaging import AveragedWeights
from samplecase.training.engine.checkpoint import Position, ResumeFiles, load, save, weights_sha256
from samplecase.training.engine.evaluating import input_format
from samplecase.training.engine.freezing import freeze, train_mode
from samplecase.training.engine.keeping import disk_need
from samplecase.training.engine.logs import BatchLog
from samplecase.training.engine.optimizers import make_optimizer
from samplecase.training.engine.processes import Processes
from samplecase.training.engine.progress import OpenEpoch, Progress
from samplecase.training.engine.schedule import Schedule
from samplecase.training.inputs.loading import EvaluationLoader, ManifestDataset
from samplecase.training.inputs.order import EpochBatches, permutation
from samplecase.training.inputs.randomness import restore_rng, rng_state, seed_all
from samplecase.training.networks.building import build
from samplecase.training.runs.folder import RunFolder, fill
from samplecase.training.tasks import EvaluationResult, task_for
from tests.training.running import NETWORKS, small
from tests.training.worlds import image_folder

EPOCHS, STEPS = 6, 4
THEIRS: dict[str, tuple[list[str], Any]] = {
    "step": (
        ["scheduler.step_size=2", "scheduler.gamma=0.5"],
        lambda o: lr_scheduler.StepLR(o, 2 * STEPS, 0.5),
    ),
    "multi_step": (
        ["scheduler.milestones=[1,4]", "scheduler.gamma=0.3"],
        lambda o: lr_scheduler.MultiStepLR(o, [STEPS, 4 * STEPS], 0.3),
    ),
    "cosine": ([], lambda o: lr_scheduler.CosineAnnealingLR(o, EPOCHS * STEPS)),
    "one_cycle": (
        ["scheduler.rise=0.25"],
        lambda o: lr_scheduler.OneCycleLR(o, 0.1, EPOCHS * STEPS, pct_start=0.25, cycle_momentum=False),
    ),
}


def optimizer() -> torch.optim.Optimizer:
    return torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)


@pytest.mark.parametrize("kind", THEIRS)
def test_a_schedule_is_that_of_torch(kind: str) -> None:
    settings, make = THEIRS[kind]
    chosen = parse_config(with_settings({}, [f"scheduler={kind}", *settings])).scheduler
    own, other = optimizer(), optimizer()
    schedule, theirs = Schedule(chosen, own, steps_per_epoch=STEPS, epochs=EPOCHS), make(other)
    for step in range(EPOCHS * STEPS):
        schedule.set(step)
        assert own.param_groups[0]["lr"] == pytest.approx(other.param_groups[0]["lr"], rel=1e-9, abs=1e-12)
        other.step()
        if step + 1 < EPOCHS * STEPS:
            theirs.step()


def test_a_plateau_is_that_of_torch_and_survives_a_resume() -> None:
    chosen = parse_config(
        with_settings(
            {},
            ["scheduler=plateau", "scheduler.patience=1", "scheduler.cooldown=1", "scheduler.min_lr=0.002"],
        )
    ).scheduler
    own, other = optimizer(), optimizer()
    schedule = Schedule(chosen, own, steps_per_epoch=1, epochs=99)
    theirs = lr_scheduler.ReduceLROnPlateau(other, factor=0.1, patience=1, cooldown=1, min_lr=0.002)
    for epoch, loss in enumerate([1, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6]):
        schedule.epoch_ended(loss)
        theirs.step(loss)
        again = Schedule(chosen, optimizer(), steps_per_epoch=1, epochs=99)
        again.load_state_dict(schedule.state_dict())
        schedule = Schedule(chosen, own_at(own), steps_per_epoch=1, epochs=99)
        schedule.load_state_dict(again.state_dict())
        schedule.set(epoch + 1)
        assert own.param_groups[0]["lr"] == pytest.approx(other.param_groups[0]["lr"])


def own_at(chosen: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """At the learning rate of its begin: what a resume builds anew."""
    chosen.param_groups[0]["lr"] = 0.1
    return chosen


def test_warm_up_rises_to_the_schedule() -> None:
    chosen = parse_config(with_settings({}, ["scheduler=constant", "scheduler.warmup_epochs=1.5"])).scheduler
    own = optimizer()
    schedule = Schedule(chosen, own, steps_per_epoch=4, epochs=9)
    rates = []
    for step in range(8):
        schedule.set(step)
        rates.append(own.param_groups[0]["lr"])
    assert rates == pytest.approx([0.1 * each / 6 for each in range(1, 7)] + [0.1, 0.1])


@pytest.mark.parametrize(
    "chosen", [SGD(nesterov=True), Adam(amsgrad=True), AdamW(beta1=0.8), RMSprop(centered=True)]
)
def test_every_field_of_an_optimizer_arrives(chosen: Any) -> None:
    made = make_optimizer(
        chosen, [{"name": "head", "params": [nn.Parameter(torch.zeros(1))], "lr": chosen.lr}]
    )
    group = made.param_groups[0]
    assert type(made).__name__ == type(chosen).__name__
    values = chosen.model_dump(exclude={"kind", "head_lr_factor"})
    if "beta1" in values:
        values["betas"] = (values.pop("beta1"), values.pop("beta2"))
    assert {name: group[name] for name in values} == values


def test_an_epoch_shows_each_sample_once_and_begins_anywhere() -> None:
    batches = EpochBatches(23, 5, seed=1)
    whole = [*batches]
    assert sorted(index for batch in whole for _, index in batch) == [*range(23)]
    batches.first = 2
    assert [*batches] == whole[2:]
    batches.epoch, batches.first = 1, 0
    assert [*batches] != whole


@pytest.mark.parametrize(("size", "batch"), [(23, 5), (21, 5), (20, 4), (7, 3), (3, 8)])
def test_two_processes_part_a_step_between_them(size: int, batch: int) -> None:
    ranks = [EpochBatches(size, batch, seed=3, rank=rank, world_size=2) for rank in range(2)]
    parts = [[*each] for each in ranks]
    assert len(parts[0]) == len(parts[1]) == ranks[0].batches
    assert [len(each) for each in parts[0]] == [len(each) for each in parts[1]]
    assert all(len(each) > 1 for each in parts[0])
    seen = {index for part in parts for one in part for _, index in one}
    assert len(seen) >= size - 2


@pytest.mark.parametrize("world_size", [2, 3])
def test_an_evaluation_s_batches_are_the_same_for_however_many_processes(
    tmp_path: Path, world_size: int
) -> None:
    def batches(rank: int, of: int) -> list[list[int]]:
        loader = EvaluationLoader(dataset, task.collate, batch_size=4, workers=0, rank=rank, world_size=of)
        return [batch.indices.tolist() for batch in loader]

    manifest = manifest_of(image_folder(tmp_path, 5), Data())
    task = task_for(small(), manifest)
    wanted = input_format(small(), build(f"{NETWORKS}:Tiny", task.outputs()))
    dataset = ManifestDataset(manifest.rows, task.prepare(wanted, training=False), seed=0)
    parts = [batches(rank, world_size) for rank in range(world_size)]
    assert sorted(each for part in parts for each in part) == batches(0, 1)


def test_a_loss_that_is_no_number_leaves_a_best_epoch_all_the_same() -> None:
    progress, config = Progress(), small("best_metric=loss")
    assert progress.note(config, 1, EvaluationResult(math.nan, [], []))
    assert not progress.note(config, 2, EvaluationResult(math.inf, [], []))
    assert progress.note(config, 3, EvaluationResult(2.0, [], []))
    assert (progress.best, progress.best_epoch) == (-2.0, 3)


def test_epochs_are_counted_beyond_four_digits(tmp_path: Path) -> None:
    run = fill(tmp_path, small("epochs=100000"), Manifest([]))
    for number in (3, 10_000, 12_345):
        run.epoch(number).touch()
    assert run.kept_epochs() == [3, 10_000, 12_345]


def test_while_nothing_waits_the_loss_is_the_last_one(tmp_path: Path) -> None:
    log = BatchLog(RunFolder(tmp_path), Processes.alone(torch.device("cpu")), [])
    assert math.isnan(log.settle(OpenEpoch()))
    log.add((1, 1, 1), 4, 0.1, torch.tensor(2.5), {})
    assert [log.settle(OpenEpoch()) for _ in range(2)] == [2.5, 2.5]
    log.close()


def test_a_batch_norm_never_meets_a_single_sample() -> None:
    assert [len(batch) for batch in EpochBatches(9, 4, seed=0)] == [4, 4]
    assert [len(batch) for batch in EpochBatches(3, 1, seed=0)] == [1, 1, 1]


def test_a_balanced_order_draws_the_rare_as_often() -> None:
    weights = [1 / 90] * 90 + [1 / 10] * 10
    drawn = permutation(100, seed=0, epoch=0, weights=weights)
    assert 35 < sum(index >= 90 for index in drawn) < 65
    assert drawn == permutation(100, seed=0, epoch=0, weights=weights)


def test_a_sample_is_the_same_whenever_it_is_read_and_leaves_the_generators_alone(tmp_path: Path) -> None:
    config = small(
        "data.augmentation.crop_scale=0.5", "data.augmentation.hue=0.2", "data.augmentation.erasing=0.5"
    )
    manifest = manifest_of(image_folder(tmp_path, 4), Data())
    task = task_for(config, manifest)
    wanted = input_format(config, build(f"{NETWORKS}:Tiny", task.outputs()))
    dataset = ManifestDataset(manifest.rows, task.prepare(wanted, training=True), seed=0)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = dataset[2, 3][0]
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    dataset[0, 1]
    assert torch.equal(dataset[2, 3][0], first)
    assert not torch.equal(dataset[3, 3][0], first)
    assert torch.equal(pickle.loads(pickle.dumps(dataset))[2, 3][0], first)


def test_every_generator_goes_on_where_it_was(tmp_path: Path) -> None:
    def draws() -> list[float]:
        return [random.random(), float(np.random.rand()), float(np.random.randn()), float(torch.rand(1))]

    seed_all(3)
    draws()
    save(tmp_path / "state.pt", rng_state())
    wanted = draws()
    restore_rng(load(tmp_path / "state.pt"))
    assert draws() == wanted


def test_frozen_stages_keep_weights_and_statistics() -> None:
    built = build(f"{NETWORKS}:Tiny", {"label": 2})
    freeze(built, ["second"])
    train_mode(built, ["second"])
    before = weights_sha256(built.network.first.state_dict())  # type: ignore[operator, union-attr]
    chosen = torch.optim.SGD(built.network.parameters(), lr=0.1)
    built.network(torch.randn(4, 3, 32, 32)).sum().backward()
    chosen.step()
    assert weights_sha256(built.network.first.state_dict()) == before  # type: ignore[operator, union-attr]
    modes = {name: module.training for name, module in built.network.named_children()}
    assert modes == {"first": False, "second": True, "head": True}
    freeze(built, [])
    assert [name for name, each in built.network.named_parameters() if each.requires_grad] == [
        "head.weight",
        "head.bias",
    ]


def test_averaged_weights_are_put_in_and_taken_out_again() -> None:
    network = nn.Linear(2, 1, bias=False)
    network.weight.data.fill_(1.0)
    average = AveragedWeights(network, 0.5)
    network.weight.data.fill_(3.0)
    average.update()
    with average.applied():
        assert network.weight.flatten().tolist() == pytest.approx([1 + 2 * (1 - 2 / 11)] * 2)
    assert network.weight.flatten().tolist() == [3.0, 3.0]


def test_a_resume_file_that_was_cut_off_never_hides_the_one_before(tmp_path: Path) -> None:
    files = ResumeFiles(tmp_path)
    for step in range(1, 4):
        newest = files.write({"step": step}, Position(0, step, step))
    newest.write_bytes(newest.read_bytes()[:-20])
    again = ResumeFiles(tmp_path)
    found = again.newest()
    assert found is not None
    assert load(found) == {"step": 2}
    again.write({"step": 3}, Position(0, 3, 3))
    assert found.exists()
    assert load(found) == {"step": 2}


@pytest.mark.parametrize(
    ("settings", "epochs"), [(["keep=all"], 30), (["keep=best_k"], 5), (["keep=every_n"], 6)]
)
def test_the_disk_need_follows_what_is_kept(settings: list[str], epochs: int) -> None:
    config = parse_config(with_settings({"epochs": 30}, ["keep.kind=" + settings[0].partition("=")[2]]))
    assert disk_need(config, weights=10, resume=100) == 400 + 10 * epochs
