"""The demo's second dataset: scenes composed from the digits, with exact boxes, imported as COCO."""

from __future__ import annotations

import json
from pathlib import Path

from samplecase.cli import progress
from samplecase.cli.demo import digits
from samplecase.cli.demo.recipes import Drawn, run_recipe
from samplecase.client import Client
from samplecase.client.types import Dataset, Job, Json
from samplecase.contracts.errors import Unavailable

NAME = "digit-scenes"
COUNT = 600
GROUND_TRUTH = "ground_truth"
NOT_TRAINED_ON: Json = {"field": "tags", "op": "eq", "value": "test"}
PATIENCE_SECONDS = 180.0


def scenes(folder: Path, images: Drawn) -> Drawn:
    """The scenes as files; those tagged test are composed from digits of which none is in the others."""

    def draw() -> None:
        drawn = images.folder()
        splits = folder.with_suffix(".json")
        splits.write_text(json.dumps(digits.by_split(drawn)))
        run_recipe("scenes.py", drawn, splits, folder)

    return Drawn(folder, draw)


def ensure_dataset(client: Client, drawn: Drawn) -> Dataset:
    """The dataset with all its samples, boxes and tags; what is there already is left as it is."""
    dataset = client.datasets.find(NAME) or client.datasets.create(
        NAME,
        description="600 scenes composed from the handwritten digits that scikit-learn carries: several digits of "
        "different sizes on a canvas of 192 pixels, with exact boxes around their ink. "
        "The demo's detector was trained on those tagged train; those tagged test show other digits.",
        tags=["demo"],
    )
    if is_complete(dataset):
        return dataset
    bring(client, dataset, drawn)
    return client.datasets.get(dataset["id"])


def is_complete(dataset: Dataset) -> bool:
    return min(dataset["sample_count"], digits.field_count(dataset, GROUND_TRUTH)) >= COUNT


def bring(client: Client, dataset: Dataset, drawn: Drawn) -> None:
    """Import the scenes, or follow an import that an earlier run began."""
    begun = client.jobs.list(dataset=dataset["id"], kind="import")
    job = next((each for each in begun if each["state"] in {"queued", "running"}), None)
    if job is None:
        key = client.exchange.start_import(dataset["id"], drawn.folder(), format="coco", field=GROUND_TRUTH)
        job = client.jobs.get(key)
    require_whole(
        progress.follow(client, [job], names={job["id"]: "Importing scenes"}, patience=PATIENCE_SECONDS)[0]
    )


def require_whole(job: Job) -> None:
    if job["state"] != "finished" or job["failed"]:
        raise Unavailable(f"The import of {NAME} is {progress.describe(job)}.")
