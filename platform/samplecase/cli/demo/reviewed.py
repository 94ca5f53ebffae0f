"""A half-labelled field of the digits: what a person has looked at, and what waits for a review."""

from __future__ import annotations

from samplecase.cli.demo import digits
from samplecase.client import Client
from samplecase.client.types import Dataset, Json, Review, Sample

FIELD = "reviewed"
COUNT = (digits.COUNT + 1) // 2
REVIEW = "The other half"
UNLABELLED: Json = {"field": FIELD, "op": "exists", "value": False}
CLASSES = [str(digit) for digit in range(10)]


def ensure_half(client: Client, dataset: Dataset) -> None:
    """Every second digit labelled by the demo's owner, as its ground truth says; what stands there already stays."""
    if digits.field_count(dataset, FIELD) >= COUNT:
        return
    if not any(field["name"] == FIELD for field in dataset["fields"]):
        client.datasets.create_field(dataset["id"], FIELD, type="classification", classes=CLASSES)
    samples = client.datasets.samples(dataset["id"], fields=[FIELD, digits.GROUND_TRUTH])
    missing = [each for each in samples if is_labelled(each["name"]) and not digits.value_of(each, FIELD)]
    client.datasets.put_values(
        dataset["id"], FIELD, [(each["id"], {"label": truth_of(each)}) for each in missing]
    )


def ensure_review(client: Client, dataset: Dataset, source: str) -> Review:
    """A queue of what a model says of the other half, the least confident first."""
    found = next((each for each in client.reviews.list(dataset["id"]) if each["name"] == REVIEW), None)
    return found or client.reviews.create(
        dataset["id"], REVIEW, source=source, target=FIELD, filter=UNLABELLED
    )


def is_labelled(name: str) -> bool:
    """Every second digit. The number in the name decides, so that each run agrees."""
    return digits.number_of(name) % 2 == 0


def truth_of(sample: Sample) -> str:
    return str(sample["values"][digits.GROUND_TRUTH]["label"])
