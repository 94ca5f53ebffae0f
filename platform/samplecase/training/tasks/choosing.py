"""Which task the label fields of a configuration ask for."""

from __future__ import annotations

from collections import Counter

from samplecase.training.config import TrainingConfig
from samplecase.training.config.data import LabelField
from samplecase.training.data.manifest import Manifest, class_names
from samplecase.training.tasks.base import Task
from samplecase.training.tasks.heads import ClassHead, Head, LabelsHead, NumberHead
from samplecase.training.tasks.labels import LabelsTask

# The losses that torchvision's detectors tell apart, each a column of the batch log.
DETECTOR_LOSSES = {
    "fasterrcnn": ("loss_classifier", "loss_box_reg", "loss_objectness", "loss_rpn_box_reg"),
    "ssdlite320": ("bbox_regression", "classification"),
}


def task_for(config: TrainingConfig, manifest: Manifest) -> Task:
    """The task, with the classes of the manifest."""
    data = config.data
    if config.is_detection:
        from samplecase.training.tasks.detection import DetectionTask

        name = data.fields[0].name
        losses = DETECTOR_LOSSES.get(config.architecture.name.partition("_")[0], ())
        return DetectionTask(name, manifest.classes.get(name, []), data.augmentation, losses=losses)
    return LabelsTask([_head(config, field, manifest) for field in data.fields], data.augmentation)


def _head(config: TrainingConfig, field: LabelField, manifest: Manifest) -> Head:
    criterion = config.criterion_of(field)
    if field.type == "regression":
        return NumberHead(field, criterion)
    classes = manifest.classes.get(field.name, [])
    counts = class_counts(manifest, field.name)
    chosen = ClassHead if field.type == "classification" else LabelsHead
    return chosen(field, classes, criterion, counts)


def class_counts(manifest: Manifest, name: str) -> list[int]:
    """Training samples of each class, in the order of the classes."""
    found = Counter(label for row in manifest.of("training") for label in class_names(row.labels.get(name)))
    return [found[label] for label in manifest.classes.get(name, [])]


def sample_weights(manifest: Manifest, name: str) -> list[float]:
    """For each training sample one over how often its class comes, so that a draw has all classes equally often."""
    counts = dict(zip(manifest.classes.get(name, []), class_counts(manifest, name), strict=True))
    weights = []
    for row in manifest.of("training"):
        labels = class_names(row.labels.get(name))
        weights.append(max((1 / counts[label] for label in labels), default=0.0))
    return weights
