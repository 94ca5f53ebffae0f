"""The demo's first dataset: handwritten digits, their ground truth, and which of them may be trained on."""

from __future__ import annotations

from pathlib import Path

from rich.progress import Progress

from samplecase.cli.demo.recipes import Drawn, run_recipe
from samplecase.cli.progress import to_stderr
from samplecase.client import Client
from samplecase.client.types import Dataset, Json, Sample
from samplecase.contracts.errors import Unavailable

NAME = "digits"
COUNT = 1797
GROUND_TRUTH = "ground_truth"
SPLIT = "split"
NOT_TRAINED_ON: Json = {"field": SPLIT, "op": "eq", "value": "test"}


def images(folder: Path) -> Drawn:
    """The digits as files."""
    return Drawn(folder, lambda: run_recipe("digits.py", folder))


def by_split(folder: Path) -> dict[str, list[str]]:
    """The drawn images, relative to their folder, by the split that each belongs to."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    return {split: [path for path in paths if split_of(path) == split] for split in ("train", "test")}


def split_of(name: str) -> str:
    """Every third digit is kept from training. The number in the name decides, so that each run agrees."""
    return "test" if number_of(name) % 3 == 2 else "train"


def number_of(name: str) -> int:
    """The place of a digit in scikit-learn's set, as its file's name has it."""
    return int(Path(name).stem.rpartition("-")[2])


def ensure_dataset(client: Client, images: Drawn) -> Dataset:
    """The dataset with all its samples, ground truth and split; only what is missing is uploaded."""
    dataset = client.datasets.find(NAME) or client.datasets.create(
        NAME,
        description="1,797 handwritten digits that scikit-learn carries, enlarged to 96 pixels. "
        f"The field {SPLIT} says which of them the demo's models were trained on.",
        tags=["demo"],
    )
    if dataset["sample_count"] < COUNT:
        upload(client, dataset["id"], images)
    if field_count(client.datasets.get(dataset["id"]), SPLIT) < COUNT:
        write_split(client, dataset["id"])
    return client.datasets.get(dataset["id"])


def upload(client: Client, dataset: int, images: Drawn) -> None:
    folder = images.folder()
    with Progress(console=to_stderr()) as progress:
        bar = progress.add_task("Uploading images", total=COUNT)
        # By the number in the name, as scikit-learn has them: the first page shows every digit, not only zeros.
        report = client.datasets.add(
            dataset,
            [folder],
            labels_from_folders=True,
            order=lambda path: path.name,
            progress=lambda files: progress.advance(bar, files),
        )
    refused = [each for each in report["skipped"] if each["reason"] != "duplicate"]
    if refused:
        raise Unavailable(f"{len(refused)} images were refused; the first: {refused[0]}")


def write_split(client: Client, dataset: int) -> None:
    if not any(field["name"] == SPLIT for field in client.datasets.get(dataset)["fields"]):
        client.datasets.create_field(dataset, SPLIT, type="string")
    missing = [each for each in client.datasets.samples(dataset, fields=[SPLIT]) if not value_of(each, SPLIT)]
    client.datasets.put_values(dataset, SPLIT, [(each["id"], split_of(each["name"])) for each in missing])


def value_of(sample: Sample, field: str) -> object:
    """The sample's value of the field, or None."""
    return sample["values"].get(field)


def field_count(dataset: Dataset, name: str) -> int:
    """How many samples have a value of this field; 0 where there is no such field."""
    return next((field["value_count"] for field in dataset["fields"] if field["name"] == name), 0)
