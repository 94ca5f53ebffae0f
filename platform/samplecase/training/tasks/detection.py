"""The task of boxes, with torchvision's detectors: the loss is their own, the metrics are COCO's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn
from torchvision.transforms import v2
from torchvision.tv_tensors import BoundingBoxes

from samplecase.evaluation.boxes import Box, match_boxes
from samplecase.evaluation.precision import Ranked, area_counts, class_precision, coco_metrics, packed
from samplecase.training.config.data import Augmentation
from samplecase.training.data.manifest import Label, ManifestRow
from samplecase.training.inputs.images import InputFormat, changes_of
from samplecase.training.inputs.loading import Batch, Item, Prepare
from samplecase.training.inputs.randomness import seed_of, seeded
from samplecase.training.networks.own import StepOutput
from samplecase.training.tasks.base import EvaluationResult, FieldResult, SampleOutput, Task, scalar

LEAST_SIDE = 1.0  # pixels: a smaller box is degenerate, and left out


class DetectionTask(Task):
    """Targets are `{"boxes": float [n, 4] as x0, y0, x1, y1 in pixels, "labels": int64 [n]}`; 0 is the background."""

    def __init__(
        self, name: str, classes: Sequence[str], augmentation: Augmentation, *, losses: Sequence[str] = ()
    ) -> None:
        self.log_columns = tuple(losses)
        self.name, self.classes = name, list(classes)
        self._place = {label: number for number, label in enumerate(classes, start=1)}
        self._augmentation = augmentation

    def outputs(self) -> dict[str, int]:
        return {self.name: len(self.classes) + 1}

    def prepare(self, wanted: InputFormat, *, training: bool) -> Prepare:
        changes = changes_of(self._augmentation, rotates=False) if training else []
        return partial(self._prepared, wanted.size, v2.Compose(changes) if changes else None)

    def _prepared(
        self, size: int, change: v2.Compose | None, image: Image.Image, row: ManifestRow
    ) -> tuple[Any, Any]:
        resized = image.resize((size, size), Image.Resampling.BILINEAR)
        pixels = v2.functional.pil_to_tensor(resized).float().div_(255)
        boxes, labels = self._target(row.labels.get(self.name), size)
        if change:
            pixels, boxes = change(pixels, boxes)
        return pixels, {"boxes": torch.as_tensor(boxes), "labels": labels, "sides": torch.tensor(image.size)}

    def collate(self, items: list[Item]) -> Batch:
        images, targets, indices = zip(*items, strict=True)
        return Batch(list(images), list(targets), torch.tensor(indices))

    def step(self, network: nn.Module, batch: Batch) -> StepOutput:
        losses = network(batch.images, batch.targets)
        total: torch.Tensor = torch.stack([*losses.values()]).sum()
        return StepOutput(total, {name: scalar(value) for name, value in losses.items()})

    def examine(self, network: nn.Module, batch: Batch) -> list[SampleOutput]:
        found = network(batch.images)
        loss = _loss(network, batch)
        outputs = []
        for image, each, target, index in zip(
            batch.images, found, batch.targets, batch.indices.tolist(), strict=True
        ):
            scale = (target["sides"].float() / image.shape[-1]).cpu()
            boxes = each["boxes"].cpu() * torch.cat([scale, scale])
            facts = {
                "boxes": boxes.numpy(),
                "scores": each["scores"].float().cpu().numpy(),
                "labels": each["labels"].cpu().numpy(),
                "sides": target["sides"].cpu().numpy(),
            }
            outputs.append(SampleOutput(int(index), loss, {self.name: facts}))
        return outputs

    def evaluate(self, outputs: Sequence[SampleOutput], rows: Sequence[ManifestRow]) -> EvaluationResult:
        ranked: dict[str, list[tuple[float, int, str]]] = {}
        positives: dict[str, list[int]] = {}
        predictions = []
        for output, row in zip(outputs, rows, strict=True):
            facts = output.outputs[self.name]
            truth, found = self._true(row.labels[self.name], facts["sides"]), self._found(facts)
            for match in match_boxes(truth, found):
                if match.predicted:
                    ranked.setdefault(match.predicted.label, []).append(
                        (match.predicted.confidence, match.rank, match.marks)
                    )
            for label in {box.label for box in truth}:
                counted = area_counts([box for box in truth if box.label == label])
                before = positives.setdefault(label, [0] * len(counted))
                positives[label] = [one + two for one, two in zip(before, counted, strict=True)]
            predictions += [_row(row, self.name, box) for box in found]
        classes = {
            label: class_precision(_ranked(ranked.get(label, [])), counts)
            for label, counts in positives.items()
        }
        per_class = [
            {"label": label, "ap": float(np.mean(each.ap["all"])), "support": positives[label][0]}
            for label, each in sorted(classes.items())
            if "all" in each.ap
        ]
        metrics = {"map": 0.0, "map_50": 0.0, **coco_metrics(classes)}
        result = FieldResult(self.name, metrics, "map", ("map", "map_50"), per_class, self.classes)
        return EvaluationResult(sum(each.loss for each in outputs) / len(outputs), [result], predictions)

    def readable(self, outputs: dict[str, Any]) -> dict[str, Any]:
        facts = outputs[self.name]
        width, height = (float(side) for side in facts["sides"])
        scale = np.array([width, height, width, height])
        return {
            self.name: [
                {
                    "label": box.label,
                    "confidence": box.confidence,
                    "bounding_box": [*(np.array(box.box) / scale)],
                }
                for box in self._found(facts)
            ]
        }

    def _target(self, label: Label, size: int) -> tuple[Any, torch.Tensor]:
        boxes, labels = [], []
        for each in _boxes(label):
            x, y, width, height = (size * float(part) for part in each["bounding_box"])
            if width >= LEAST_SIDE and height >= LEAST_SIDE:
                boxes.append([x, y, x + width, y + height])
                labels.append(self._place[each["label"]])
        corners = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
        tensor = BoundingBoxes(corners, format="XYXY", canvas_size=(size, size))
        return tensor, torch.tensor(labels, dtype=torch.int64)

    def _true(self, label: Label, sides: Any) -> list[Box]:
        width, height = (float(side) for side in sides)
        found = []
        for each in _boxes(label):
            x, y, w, h = (float(part) for part in each["bounding_box"])
            found.append(Box(each["label"], (x * width, y * height, w * width, h * height)))
        return found

    def _found(self, facts: dict[str, Any]) -> list[Box]:
        boxes = []
        for corners, score, label in zip(facts["boxes"], facts["scores"], facts["labels"], strict=True):
            x0, y0, x1, y1 = (float(each) for each in corners)
            boxes.append(
                Box(self.classes[int(label) - 1], (x0, y0, x1 - x0, y1 - y0), confidence=float(score))
            )
        return boxes


def _boxes(label: Label) -> list[dict[str, Any]]:
    return [each for each in label if isinstance(each, dict)] if isinstance(label, list) else []


def _loss(network: nn.Module, batch: Batch) -> float:
    """The loss of a batch that is only looked at.

    Detectors give it in training mode alone, so all but what keeps statistics or drops at random is put there for a
    moment. What it samples is a function of the batch.
    """
    network.train()
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm | nn.Dropout):
            module.eval()
    with seeded(seed_of("examine", *batch.indices.tolist()), batch.images[0].device):
        losses = network(batch.images, batch.targets)
    network.eval()
    return float(torch.stack([*losses.values()]).sum())


def _ranked(rows: Sequence[tuple[float, int, str]]) -> Ranked:
    scores, ranks, marks = zip(*rows, strict=True) if rows else ((), (), ())
    return Ranked(np.array(scores), np.array(ranks, dtype=int), b"".join(map(packed, marks)))


def _row(row: ManifestRow, field: str, box: Box) -> dict[str, Any]:
    facts = {"sample_id": row.id, "split": row.split, "field": field, "prediction": box.label}
    return {**facts, "confidence": box.confidence, "bounding_box": [round(each, 2) for each in box.box]}
