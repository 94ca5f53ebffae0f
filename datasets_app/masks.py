"""Segmentations and heat maps of samples: where their pixels are to be had, and what they are."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.conf import settings
from django.urls import reverse
from numpy.typing import NDArray
from PIL import Image

from datasets_app.models import Field, Sample, Value, ValueHistory
from samplecase.contracts.errors import InvalidInput, NotFound
from samplecase.contracts.labels import MASK_TYPES
from samplecase.storage.port import BlobNotFound, mask_key
from samplecase.web.rest.blobs import blob_store

EDITION = 16  # digits of the digest that an address names


def shown_value(field: Field, sample: int, data: Any) -> Any:
    """`data` for people and programs; of a mask, where its pixels are to be had instead of where they lie."""
    if field.type not in MASK_TYPES or data is None:
        return data
    place = {"pk": field.dataset_id, "sid": sample, "name": field.name}
    facts = {key: each for key, each in data.items() if key != "mask"}
    # The digest makes the address another one when the mask is: what a browser keeps is never stale.
    return {"url": f"{reverse('sample-mask', kwargs=place)}?v={data['mask'][:EDITION]}", **facts}


def find_mask(*, field: Field, sample: Sample | int, edition: str | None) -> Mapping[str, Any] | None:
    """The mask that stands on a sample; with an `edition`, the one that it names, also if it stood there earlier.

    An address that a browser keeps for a year may never show another mask than the one it was made for.
    """
    if field.type not in MASK_TYPES:
        return None
    standing = Value.objects.filter(field=field, sample=sample).values_list("data", flat=True).first()
    if edition is None or (standing is not None and _is(standing, edition)):
        return standing
    past = ValueHistory.objects.filter(field=field, sample=sample).order_by("-pk")
    return next((data for data in past.values_list("data", flat=True).iterator() if _is(data, edition)), None)


def class_pixels(data: Mapping[str, Any]) -> NDArray[Any]:
    """The class numbers of a mask's pixels. Raises `NotFound` or `InvalidInput` where they cannot be had."""
    if data["width"] * data["height"] > settings.MAX_IMAGE_PIXELS:
        raise InvalidInput("A mask has more pixels than SAMPLECASE_MAX_IMAGE_PIXELS.", code="mask_too_large")
    try:
        with blob_store().open(mask_key(data["mask"])) as stream:
            content = stream.read()
    except BlobNotFound:
        raise NotFound("The blob store has lost the pixels of a mask.", code="mask_gone") from None
    with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
        return np.asarray(image)


def _is(data: Mapping[str, Any], edition: str) -> bool:
    return len(edition) == EDITION and data["mask"].startswith(edition)
