"""Models, versions and deployments."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from samplecase.client.transport import Transport
from samplecase.client.types import Alias, Deployment, Json, Model, Version
from samplecase.client.uploads import LARGE, Uploads, Watch, unwatched
from samplecase.client.waiting import poll

SETTLED = frozenset({"ready", "failed", "stopped"})


class Models:
    """What one may do with models."""

    def __init__(self, transport: Transport, uploads: Uploads) -> None:
        self._transport = transport
        self._uploads = uploads

    def list(
        self,
        *,
        search: str | None = None,
        tags: Sequence[str] = (),
        owner: str | None = None,
        shared: str | None = None,
        sort: str | None = None,
    ) -> Iterator[Model]:
        """Those that you may see. `shared`: mine or with_me; `sort`: name, created, updated, or -name …"""
        query = {"search": search, "owner": owner, "shared": shared, "sort": sort}
        return self._transport.pages("models/", tag=[*tags] or None, **query)

    def get(self, model: int) -> Model:
        return cast(Model, self._transport.get(f"models/{model}/"))

    def find(self, name: str) -> Model | None:
        """The model of this name, or None where there is none that you may see."""
        found = next((each for each in self.list(search=name) if each["name"] == name), None)
        return None if found is None else self.get(found["id"])  # a list does not have every version

    def create(self, name: str, *, description: str = "", tags: Sequence[str] = ()) -> Model:
        body = {"name": name, "description": description, "tags": [*tags]}
        return cast(Model, self._transport.post("models/", body))

    def update(self, model: int, **changes: Any) -> Model:
        return cast(Model, self._transport.patch(f"models/{model}/", changes))

    def delete(self, model: int) -> None:
        """Delete a model with its versions; refused while one is deployed or at work."""
        self._transport.delete(f"models/{model}/")

    def download(self, model: int, version: str, to: Path) -> int:
        """Write the package of a version to a file, for who may *edit*; returns its bytes."""
        return self._transport.save(f"models/{model}/versions/{version}/package/", to)

    def push(
        self,
        model: int,
        package: Path,
        *,
        schema: Json | None = None,
        version: str | None = None,
        watch: Watch = unwatched,
    ) -> Version:
        """Upload a packed model as a new version, with its schema where the package holds none.

        A large one goes in pieces, and is gone on with where an earlier try broke off.
        """
        if package.stat().st_size > LARGE:
            facts: Json = {"schema": schema, "version": version}
            given = {key: value for key, value in facts.items() if value is not None}
            with self._uploads.sent(package, watch=watch) as upload:
                body = {"upload": upload, **given}
                answer = self._transport.request("POST", f"models/{model}/versions/", json=body, timeout=None)
            return cast(Version, answer)
        parts: dict[str, Any] = {}
        if schema is not None:
            parts["schema"] = (None, json.dumps(schema))
        if version is not None:
            parts["version"] = (None, version)
        with package.open("rb") as file:
            parts["package"] = (package.name, file, "application/zip")
            answer = self._transport.request("POST", f"models/{model}/versions/", files=parts)
        return cast(Version, answer)

    def version(self, model: int, version: str) -> Version:
        return cast(Version, self._transport.get(f"models/{model}/versions/{version}/"))

    def propose(self, model: int, schema: Json) -> Json:
        """The number that a next version with this schema would get, and what the schema changes."""
        answer = self._transport.post("models/check-schema/", {"schema": schema, "model": model})
        return cast(Json, answer["proposal"])

    def changes(self, model: int, version: str, *, since: str) -> Json:
        """What a version changes since another, of the schema and of the files."""
        return cast(Json, self._transport.get(f"models/{model}/versions/{version}/changes/", since=since))

    def set_stage(self, model: int, version: str, stage: str) -> Version:
        """development → production → archived → development; refused where something speaks against it."""
        address = f"models/{model}/versions/{version}/stage/"
        return cast(Version, self._transport.post(address, {"stage": stage}))

    def delete_version(self, model: int, version: str) -> None:
        """Delete a version; if values name it, a tombstone stays."""
        self._transport.delete(f"models/{model}/versions/{version}/")

    def aliases(self, model: int) -> Iterator[Alias]:
        return self._transport.pages(f"models/{model}/aliases/")

    def set_alias(self, model: int, name: str, version: str) -> Alias:
        """Let the alias mean this version; the deployments that follow it are checked anew with that."""
        return cast(Alias, self._transport.put(f"models/{model}/aliases/{name}/", {"version": version}))

    def remove_alias(self, model: int, name: str) -> None:
        self._transport.delete(f"models/{model}/aliases/{name}/")

    def alias_history(self, model: int, name: str) -> Iterator[Json]:
        """Who moved it, when, from which version to which, the newest first."""
        return self._transport.pages(f"models/{model}/aliases/{name}/history/")


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
        """`version` is a number, or an alias to follow; by default the newest.

        With a `dataset`, some of its samples are asked too, and a no-code package is tuned on them.

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

    def rename(self, deployment: int, name: str) -> Deployment:
        return cast(Deployment, self._transport.patch(f"deployments/{deployment}/", {"name": name}))

    def start(self, deployment: int) -> Deployment:
        """Check a stopped or failed deployment anew; `wait_ready` waits for the end of it."""
        return cast(Deployment, self._transport.post(f"deployments/{deployment}/start/"))

    def stop(self, deployment: int) -> Deployment:
        """Let it take no more jobs; those that run with it are paused."""
        return cast(Deployment, self._transport.post(f"deployments/{deployment}/stop/"))

    def delete(self, deployment: int) -> None:
        self._transport.delete(f"deployments/{deployment}/")

    def log(self, deployment: int) -> str:
        """What its check and the model printed."""
        return str(self._transport.get(f"deployments/{deployment}/log/")["log"])

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
