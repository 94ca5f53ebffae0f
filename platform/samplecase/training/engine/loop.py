"""The training loop: epochs of steps, each step a function of the configuration and of where the run stands."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import torch

from samplecase.contracts.errors import ContractError
from samplecase.contracts.states import JobState
from samplecase.training.config import TrainingConfig
from samplecase.training.data.manifest import Manifest
from samplecase.training.engine.checkpoint import Position, ResumeFiles, load
from samplecase.training.engine.evaluating import evaluate_split, input_format
from samplecase.training.engine.keeping import Keeper
from samplecase.training.engine.logs import BatchLog, epoch_header, epoch_line
from samplecase.training.engine.optimizers import optimizer_of
from samplecase.training.engine.orders import Next, Orders
from samplecase.training.engine.processes import Processes
from samplecase.training.engine.progress import OpenEpoch, Progress
from samplecase.training.engine.reporting import Reporter
from samplecase.training.engine.schedule import Schedule
from samplecase.training.engine.stepping import Stepper
from samplecase.training.inputs.loading import Batch, ManifestDataset, TrainingLoader
from samplecase.training.inputs.order import EpochBatches
from samplecase.training.inputs.randomness import restore_rng, rng_state, seed_all, seed_of
from samplecase.training.networks.building import BuiltNetwork
from samplecase.training.runs.files import Log
from samplecase.training.runs.folder import RunFolder
from samplecase.training.tasks import EvaluationResult, Task, sample_weights


class TrainingFailed(ContractError):
    """The training cannot go on."""

    code = "training_failed"


class Trainer:
    """One run in one process. `train` returns how it ended: finished, paused or cancelled."""

    def __init__(
        self,
        run: RunFolder,
        *,
        config: TrainingConfig,
        manifest: Manifest,
        task: Task,
        built: BuiltNetwork,
        processes: Processes,
    ) -> None:
        self.run, self.config, self.manifest, self.task = run, config, manifest, task
        self.built, self.processes = built, processes
        built.network.to(processes.device)
        self.optimizer = optimizer_of(config, built)
        self.stepper = Stepper(
            config=config, built=built, task=task, optimizer=self.optimizer, processes=processes
        )
        self.loader = self._loader()
        self.batches = self.loader.batches.batches
        self.schedule = Schedule(
            config.scheduler, self.optimizer, steps_per_epoch=self.batches, epochs=config.epochs
        )
        self.at, self.open, self.progress = Position(), OpenEpoch(), Progress()
        self.batch_log = BatchLog(run, processes, task.log_columns)
        self.epoch_log = Log(run.training_log) if processes.is_first else None
        self.reporter = Reporter(run, speaks=processes.is_first)
        self.orders = Orders(run, config, processes)
        self.keeper = Keeper(run, config)
        self.resume_files = ResumeFiles(run.checkpoints)
        self._updates_itself = False  # the network's own step gives no loss
        seed_all(seed_of("run", config.seed, processes.rank))

    def train(self) -> JobState:
        """Go on from where the run stands to its end, or until it is told to stop."""
        while self.at.epoch < self.config.epochs and not self.progress.is_over(self.config):
            last = self._train_epoch()
            if not last.leaves:
                last = self._close_epoch()
            if last.leaves:
                return self._leave(last)
        return JobState.FINISHED

    def close(self) -> None:
        """Files are whole and closed."""
        self.batch_log.show()
        self.batch_log.close()
        if self.epoch_log:
            self.epoch_log.close()
        self.reporter.close()

    # --- an epoch

    def _train_epoch(self) -> Next:
        """The steps that are left of the open epoch."""
        epoch = self.at.epoch
        self.stepper.open_epoch(epoch)
        begin, seen = time.monotonic(), 0
        for batch in self.loader.epoch(epoch, first=self.at.batch):
            self._step(batch.to(self.processes.device))
            seen += batch.size * self.processes.world_size
            if self.batch_log.is_full:
                self._settle(seen / (time.monotonic() - begin))
            told = self.orders.next()
            if told is not Next.GO_ON:
                self._settle(seen / (time.monotonic() - begin))
                if told.leaves:
                    return told
                self._checkpoint()
        self._settle(seen / max(time.monotonic() - begin, 1e-9))
        return Next.GO_ON

    def _step(self, batch: Batch) -> None:
        epoch, number, step = self.at.epoch, self.at.batch, self.at.step
        self.schedule.set(epoch * self.batches + number)  # whatever the steps of earlier epochs were
        output = self.stepper.step(batch)
        self._updates_itself = output.loss is None
        nothing = torch.full((), math.nan, device=self.processes.device)
        loss = nothing if output.loss is None else output.loss.detach().float()
        lr = float(self.optimizer.param_groups[0]["lr"])
        size = batch.size * self.processes.world_size
        self.batch_log.add((epoch + 1, number + 1, step + 1), size, lr, loss, output.scores)
        self.at = Position(epoch, number + 1, step + 1)

    def _settle(self, rate: float) -> None:
        """Figures come from the device into the logs; a loss that is no number ends the run."""
        loss = self.batch_log.settle(self.open)
        if not math.isfinite(self.open.loss) and not self._updates_itself:
            where = f"epoch {self.at.epoch + 1}, step {self.at.step}"
            raise TrainingFailed(f"The loss is {loss} in {where}: try a smaller learning rate, or clip_norm.")
        if self.reporter.is_due():
            self.batch_log.show()
            self.reporter.tell(
                "progress", epoch=self.at.epoch + 1, batch=self.at.batch, batches=self.batches,
                step=self.at.step, loss=loss, train_loss=self.open.mean_loss(), images_per_second=round(rate, 2),
            )  # fmt: skip

    def _close_epoch(self) -> Next:
        """Validate, log, judge, keep, and write the checkpoint from which the next epoch begins."""
        told: list[Next] = []

        def go_on() -> bool:
            told.append(self.orders.next())
            return not told[-1].leaves

        result = self._evaluated("validation", go_on)
        if told and told[-1].leaves:
            return told[-1]
        epoch = self.at.epoch + 1
        is_best = self.progress.note(self.config, epoch, result)
        lr = float(self.optimizer.param_groups[0]["lr"])
        train_loss, loss = self.open.mean_loss(), result.loss if result else None
        scores = result.logged() if result else {}
        if self.epoch_log:
            columns = [*scores] if result else []
            if not self.epoch_log.size():
                self.epoch_log.add([epoch_header(columns)])
            self.epoch_log.add([epoch_line(epoch, train_loss, loss, scores, columns, lr)])
        self.reporter.tell(
            "epoch", epoch=epoch, epochs=self.config.epochs, train_loss=train_loss, val_loss=loss,
            scores=scores, lr=lr, best=is_best, judged=self.progress.judged,
        )  # fmt: skip
        self.schedule.epoch_ended(train_loss if loss is None else loss)
        self.at, self.open = Position(epoch, 0, self.at.step), OpenEpoch()
        self._checkpoint()
        return self.orders.next()

    def _evaluated(self, split: str, go_on: Callable[[], bool]) -> EvaluationResult | None:
        """By the averaged weights where there are any; statistics are the first process's."""
        self.processes.share(self.built.network.buffers())
        with self.stepper.evaluated_weights():
            return evaluate_split(
                split, config=self.config, manifest=self.manifest, task=self.task, built=self.built,
                processes=self.processes, go_on=go_on,
            )  # fmt: skip

    # --- checkpoints

    def _checkpoint(self) -> None:
        """Everything that the next step depends on, and how long the logs are here."""
        states = self.processes.gathered(rng_state())
        if self.processes.is_first:
            self.resume_files.write(self.snapshot(states), self.at)
            self._publish()
        self.processes.meet()
        self.orders.checkpoint_written()
        self.reporter.tell("checkpoint", epoch=self.at.epoch, batch=self.at.batch, step=self.at.step)

    def _publish(self) -> None:
        """After a whole epoch: the last and the best weights and those of the epoch; doing it again changes nothing."""
        if self.at.batch == 0 and self.at.epoch:
            with self.stepper.evaluated_weights():
                self.keeper.keep(self.at.epoch, self._public(), self.progress)

    def _public(self) -> dict[str, Any]:
        """What S3 puts into a weights file; `model` is what was evaluated."""
        return {
            "model": self.built.network.state_dict(),
            "epoch": self.at.epoch,
            "best_metric": self.progress.best,
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.schedule.state_dict(),
            "config": self.config.plain(),
        }

    def snapshot(self, states: list[Any]) -> dict[str, Any]:
        """Everything that a resume needs; `states` are the generators' of each process."""
        return {
            **self._public(),
            **self.stepper.state_dict(),
            "at": vars(self.at),
            "open": vars(self.open),
            "progress": self.progress.plain(),
            "rng": states,
            "logs": {
                "batch": self.batch_log.size(),
                "epoch": self.epoch_log.size() if self.epoch_log else 0,
                "events": self.reporter.size(),
            },
        }

    def resume(self) -> bool:
        """Go back to the newest whole checkpoint, logs included; False where there is none."""
        found = self.resume_files.newest()
        if found is None:
            self._cut({"batch": 0, "epoch": 0, "events": 0})
            return False
        values = load(found, device=self.processes.device)
        self._load(values)
        self.schedule.load_state_dict(values["scheduler"])
        self.at = Position(**values["at"])
        self.open, self.progress = OpenEpoch(**values["open"]), Progress.of(values["progress"])
        if values["config"]["best_metric"] != self.config.best_metric:
            self.progress = self.progress.unjudged()
        if len(values["rng"]) == self.processes.world_size:
            restore_rng(values["rng"][self.processes.rank])
        self._cut(values["logs"])
        if self.processes.is_first:
            self._publish()
        self.processes.meet()
        return True

    def _load(self, values: dict[str, Any]) -> None:
        """The optimizer's memory is the checkpoint's, its settings are the configuration's, which may have changed."""
        is_same = values["config"]["optimizer"]["kind"] == self.config.optimizer.kind
        own = [_without(group, "params", "lr") for group in self.optimizer.param_groups]
        self.stepper.load_state_dict(values, with_optimizer=is_same)
        for group, settings in zip(self.optimizer.param_groups, own, strict=True):
            group.update(settings)

    def _cut(self, sizes: dict[str, int]) -> None:
        """Logs end where the checkpoint was written: what came after it will come again."""
        self.batch_log.cut(sizes["batch"])
        self.reporter.cut(sizes["events"])
        if self.epoch_log:
            self.epoch_log.cut(sizes["epoch"])

    def _leave(self, told: Next) -> JobState:
        self._checkpoint()
        return JobState.PAUSED if told is Next.PAUSE else JobState.CANCELLED

    def _loader(self) -> TrainingLoader:
        config, wanted = self.config, input_format(self.config, self.built)
        dataset = ManifestDataset(
            self.manifest.of("training"), self.task.prepare(wanted, training=True), seed=config.seed
        )
        weights = sample_weights(self.manifest, config.data.fields[0].name) if config.data.balanced else None
        batches = EpochBatches(
            len(dataset), config.batch_size, seed=config.seed,
            rank=self.processes.rank, world_size=self.processes.world_size, weights=weights,
        )  # fmt: skip
        return TrainingLoader(
            dataset, batches, self.task.collate, workers=config.workers,
            prefetch_factor=config.prefetch_factor, pin_memory=self.processes.device.type == "cuda",
        )  # fmt: skip


def _without(group: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name not in names}
