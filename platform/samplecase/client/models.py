"""Models, versions and deployments."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from samplecase.client.transport import Transport
from samplecase.client.types import Deployment, Json, Model, Version
from samplecase.client.waiting import poll

SETTLED = frozenset({"ready", "failed", "stopped"})


class Models:
    """What one may do with models."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> Iterator[Model]:
        return self._transport.pages("models/")

    def get(self, model: int) -> Model:
        return cast(Model, self._transport.get(f"models/{model}/"))

    def find(self, name: str) -> Model | None:
        """The model of this name, or None where there is none that you may see."""
        return next((each for each in self.list() if each["name"] == name), None)

    def create(self, name: str, *, description: str = "", tags: Sequence[str] = ()) -> Model:
        body = {"name": name, "description": description, "tags": [*tags]}
        return cast(Model, self._transport.post("models/", body))

    def update(self, model: int, **changes: Any) -> Model:
        return cast(Model, self._transport.patch(f"models/{model}/", changes))

    def push(
        self, model: int, package: Path, *, schema: Json | None = None, version: str | None = None
    ) -> Version:
        """Upload a packed model as a new version, with its schema where the package holds none."""
        parts: dict[str, Any] = {}
        if schema is not None:
            parts["schema"] = (None, json.dumps(schema))
        if version is not None:
            parts["version"] = (None, version)
        with package.open("rb") as file:
            parts["package"] = (package.name, file, "application/zip")
            answer = self._transport.request("POST", f"models/{model}/versions/", files=parts)
        return cast(Version, answer)


class Deployments:
    """What one may do with deployments."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, model: int | None = None) -> Iterator[Deployment]:
        return self._transport.pages("deployments/", model=model)

    def get(self, deployment: int) -> Deployment:
        return cast(Deployment, self._transport.get(f"deployments/{deployment}/"))

    def create(
        self,
        model: int,
        *,
        name: str,
        version: str | None = None,
        mini_batch: int = 1,
        num_replicas: int = 1,
        num_gpus: int = 0,
        custom_environment: bool = False,
        dataset: int | None = None,
        tune: bool | None = None,
        allow_bf16: bool = False,
    ) -> Deployment:
        """With a `dataset`, some of its samples are asked too, and a no-code package is tuned on them.

        `tune` False tells it not to; `allow_bf16` lets it try bfloat16.
        """
        body: Json = {
            "model": model,
            "name": name,
            "model_type": "inference",
            "mini_batch": mini_batch,
            "num_replicas": num_replicas,
            "num_gpus": num_gpus,
            "custom_environment": custom_environment,
            "dataset": dataset,
            "tune": tune,
            "allow_bf16": allow_bf16,
        }
        if version is not None:
            body["version"] = version
        return cast(Deployment, self._transport.post("deployments/", body))

    def follow(self, deployment: int, *, timeout: float | None = None) -> Iterator[Deployment]:
        """The deployment again and again, until it is ready, failed or stopped."""
        return poll(
            lambda: self.get(deployment),
            until=lambda seen: seen["state"] in SETTLED,
            every=0.5,
            timeout=timeout,
        )

    def wait_ready(self, deployment: int, *, timeout: float = 600) -> Deployment:
        """The deployment once its state is settled: look at `state` and, if it is not ready, at `reason`."""
        *_, last = self.follow(deployment, timeout=timeout)
        return last
