"""The demo's models: trained and uploaded once, and deployed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from samplecase.cli.progress import to_stderr
from samplecase.client import Client
from samplecase.client.types import Deployment, Model
from samplecase.contracts.errors import Unavailable
from samplecase.packages import pack_folder

MINI_BATCH = 32
REPLICAS = 2

# Lays out the folder of each package under its model's name; returns what it has to say.
Train = Callable[[Path], str]


@dataclass(frozen=True)
class Recipe:
    """A model of the demo, as its page describes it."""

    name: str
    description: str
    tags: tuple[str, ...]


def ensure_models(client: Client, recipes: Sequence[Recipe], train: Train, *, title: str) -> list[Model]:
    """The models with one version each; trained only when a version is missing."""
    models = [ensure_model(client, recipe) for recipe in recipes]
    lacking = [model for model in models if not model["versions"]]
    if lacking:
        train_and_push(client, lacking, train, title)
    return [client.models.get(model["id"]) for model in models]


def ensure_model(client: Client, recipe: Recipe) -> Model:
    return client.models.find(recipe.name) or client.models.create(
        recipe.name, description=recipe.description, tags=recipe.tags
    )


def train_and_push(client: Client, models: Sequence[Model], train: Train, title: str) -> None:
    console = to_stderr()
    with tempfile.TemporaryDirectory() as name, console.status(f"{title} …"):
        folder = Path(name)
        console.print(train(folder), highlight=False)
        for model in models:
            package = folder / f"{model['name']}.zip"
            pack_folder(folder / model["name"], package)
            version = client.models.push(model["id"], package)
            line = f"{model['name']} {version['version']} uploaded, sha256 {version['sha256'][:12]}…"
            console.print(line, highlight=False)


def ensure_deployments(client: Client, models: Sequence[Model]) -> list[Deployment]:
    """A ready deployment of each model's newest version; both are checked by the executor meanwhile."""
    deployments = [usable_deployment(client, model) or deploy(client, model) for model in models]
    with to_stderr().status("Deploying: each model is loaded and asked once …"):
        settled = [client.deployments.wait_ready(each["id"]) for each in deployments]
    for model, deployment in zip(models, settled, strict=True):
        if deployment["state"] != "ready":
            raise Unavailable(
                f"The deployment of {model['name']} is {deployment['state']}: {deployment['reason']}"
            )
    return settled


def usable_deployment(client: Client, model: Model) -> Deployment | None:
    """One that an earlier run made and that did not fail."""
    newest = model["versions"][0]["version"]
    return next(
        (
            each
            for each in client.deployments.list(model=model["id"])
            if each["version"] == newest and each["state"] in {"pending", "building", "ready"}
        ),
        None,
    )


def deploy(client: Client, model: Model) -> Deployment:
    return client.deployments.create(
        model["id"], name=model["name"], mini_batch=MINI_BATCH, num_replicas=REPLICAS
    )
