"""The task of whole images: a class, several classes or a number, for one field or for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from samplecase.contracts.errors import InvalidInput
from samplecase.training.config.data import Augmentation
from samplecase.training.data.manifest import ManifestRow
from samplecase.training.inputs.images import ImageTransform, InputFormat
from samplecase.training.inputs.loading import Batch, Item, Prepare
from samplecase.training.networks.own import StepOutput
from samplecase.training.tasks.base import EvaluationResult, SampleOutput, Task, scalar
from samplecase.training.tasks.heads import Head


@dataclass(frozen=True)
class _Prepared:
    """A class and no closure: where processes are spawned it has to be pickled."""

    transform: ImageTransform
    heads: Sequence[Head]

    def __call__(self, image: Image.Image, row: ManifestRow) -> tuple[Any, Any]:
        return self.transform(image), {
            head.name: head.target(row.labels.get(head.name)) for head in self.heads
        }


class LabelsTask(Task):
    """Heads over one backbone. A network of one field returns `[n, outputs]`, of several a dict of those."""

    def __init__(self, heads: Sequence[Head], augmentation: Augmentation) -> None:
        self.heads = list(heads)
        self._augmentation = augmentation
        self.log_columns = tuple(f"{head.name}_{head.score}" for head in heads)

    def outputs(self) -> dict[str, int]:
        return {head.name: head.outputs for head in self.heads}

    def prepare(self, wanted: InputFormat, *, training: bool) -> Prepare:
        return _Prepared(ImageTransform(wanted, self._augmentation if training else None), self.heads)

    def collate(self, items: list[Item]) -> Batch:
        images, targets, indices = zip(*items, strict=True)
        stacked = {head.name: torch.stack([each[head.name] for each in targets]) for head in self.heads}
        return Batch(torch.stack(images), stacked, torch.tensor(indices))

    def step(self, network: nn.Module, batch: Batch) -> StepOutput:
        found = self._run(network, batch.images)
        losses = [
            head.weight * head.loss.mean(found[head.name].float(), batch.targets[head.name])
            for head in self.heads
        ]
        scores = {
            f"{head.name}_{head.score}": scalar(
                head.batch_score(found[head.name].detach(), batch.targets[head.name])
            )
            for head in self.heads
        }
        return StepOutput(losses[0] if len(losses) == 1 else torch.stack(losses).sum(), scores)

    def examine(self, network: nn.Module, batch: Batch) -> list[SampleOutput]:
        found = self._run(network, batch.images)
        parts = {
            head.name: head.loss.each(found[head.name].float(), batch.targets[head.name])
            for head in self.heads
        }
        losses = (
            torch.stack([head.weight * parts[head.name] for head in self.heads]).sum(dim=0).double().tolist()
        )
        each_loss = {name: values.double().tolist() for name, values in parts.items()}
        values = {head.name: head.values(found[head.name]).cpu().numpy() for head in self.heads}
        return [
            SampleOutput(
                int(index),
                loss,
                {name: each[place] for name, each in values.items()},
                {name: each[place] for name, each in each_loss.items()},
            )
            for place, (index, loss) in enumerate(zip(batch.indices.tolist(), losses, strict=True))
        ]

    def evaluate(self, outputs: Sequence[SampleOutput], rows: Sequence[ManifestRow]) -> EvaluationResult:
        fields, predictions = [], []
        for head in self.heads:
            values = np.stack([each.outputs[head.name] for each in outputs])
            labels = [row.labels[head.name] for row in rows]
            fields.append(head.result(values, labels))
        for output, row in zip(outputs, rows, strict=True):
            for head in self.heads:
                facts = head.row(output.outputs[head.name], row.labels[head.name])
                predictions.append(
                    {
                        "sample_id": row.id,
                        "split": row.split,
                        "field": head.name,
                        **facts,
                        "loss": output.loss,
                    }
                )
        return EvaluationResult(self._mean_loss(outputs, rows), fields, predictions)

    def _mean_loss(self, outputs: Sequence[SampleOutput], rows: Sequence[ManifestRow]) -> float:
        """As in training: with class weights a field's is divided by their sum."""
        total = 0.0
        for head in self.heads:
            weights = sum(head.sample_weight(row.labels[head.name]) for row in rows)
            total += head.weight * sum(each.losses[head.name] for each in outputs) / (weights or 1.0)
        return total

    def readable(self, outputs: dict[str, Any]) -> dict[str, Any]:
        return {head.name: head.label(outputs[head.name]) for head in self.heads}

    def _run(self, network: nn.Module, images: torch.Tensor) -> dict[str, torch.Tensor]:
        found = network(images)
        outputs: dict[str, torch.Tensor] = found if isinstance(found, dict) else {self.heads[0].name: found}
        for head in self.heads:
            shape = [*outputs[head.name].shape] if head.name in outputs else None
            if shape != [len(images), head.outputs]:
                message = (
                    f"The network gives {shape or 'nothing'} for {head.name};"
                    f" [{len(images)}, {head.outputs}] is needed."
                )
                raise InvalidInput(message, code="invalid_network", pointer="/architecture/name")
        return outputs
