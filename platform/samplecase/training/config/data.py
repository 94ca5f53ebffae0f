"""What is learnt from: label fields, the network's input, augmentation, and the split."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from samplecase.training.config.base import Settings
from samplecase.training.config.criteria import Criterion


class LabelField(Settings):
    """A field of the dataset that the network learns; each gets a head of its own."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")] = "label"
    """Its name."""
    type: Literal["classification", "classifications", "regression", "detections"] = "classification"
    """Its type, as in the dataset."""
    criterion: Criterion | None = None
    """Its own criterion; without one, that of the training."""
    weight: Annotated[float, Field(gt=0)] = 1.0
    """Its share in the sum of the losses."""


class Augmentation(Settings):
    """Random changes of training images; each is a function of seed, epoch and sample."""

    crop_scale: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Least share of the image that a random crop shows; 1 crops nothing."""
    horizontal_flip: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How often left and right are exchanged."""
    vertical_flip: Annotated[float, Field(ge=0, le=1)] = 0.0
    """How often top and bottom are exchanged."""
    rotation: Annotated[float, Field(ge=0, le=180)] = 0.0
    """Degrees that an image is turned at most."""
    brightness: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share by which brightness changes at most."""
    contrast: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share by which contrast changes at most."""
    saturation: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share by which saturation changes at most."""
    hue: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    """Part of the colour circle by which hues are turned at most."""
    erasing: Annotated[float, Field(ge=0, le=1)] = 0.0
    """How often a rectangle is erased."""


class Split(Settings):
    """Shares of the samples that have no split of their own; a sample's place never moves when others are added."""

    validation: Annotated[float, Field(ge=0, lt=1)] = 0.2
    """Share that the metrics of each epoch are computed on."""
    test: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share that is looked at only after the training."""
    seed: int = 0
    """Another number deals the samples anew."""


class Data(Settings):
    """From a sample to the network's input and target."""

    fields: tuple[LabelField, ...] = (LabelField(),)
    """The label fields."""
    input_size: Annotated[int, Field(ge=16, le=4096)] | None = None
    """Pixels of a side of the network's square input; that of the architecture where nothing is given."""
    resize: Literal["stretch", "crop", "letterbox"] = "crop"
    """How an image becomes a square: stretched, its middle cut out, or with borders."""
    augmentation: Augmentation = Augmentation()
    """Random changes of training images."""
    split: Split = Split()
    """How samples are dealt to training, validation and test."""
    unlabelled: Literal["skip", "fail"] = "skip"
    """What a sample without a value in one of the fields does."""
    unreadable: Literal["skip", "fail"] = "fail"
    """What an image does that cannot be decoded."""
    min_per_class: Annotated[int, Field(ge=1)] = 2
    """Fewer training samples of a class refuse the training."""
    balanced: bool = False
    """Draw samples so that each class of the first field comes equally often."""
