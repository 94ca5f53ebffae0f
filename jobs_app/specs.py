"""Rows of the registry as the executor wants them: plain data that outlives the transaction."""

from __future__ import annotations

from typing import Any

from models_app.models import Deployment
from samplecase.contracts.jobs import ModelSpec
from samplecase.contracts.schema import Schema, parse_schema

REMEMBERED = 32  # deployments


def spec_of(deployment: Deployment, *, owner: int) -> ModelSpec:
    """What is needed to start a replica of `deployment` that sees the data of the user `owner`.

    Its plan, where it was tuned, takes the place of the mini-batch and the replicas that were entered.
    """
    version, plan = deployment.version, deployment.plan
    return ModelSpec(
        deployment=deployment.pk,
        model=version.model_id,
        version=version.pk,
        package_sha256=version.sha256,
        manifest=version.manifest,
        mini_batch=plan.mini_batch if plan else deployment.mini_batch,
        num_replicas=plan.num_replicas if plan else deployment.num_replicas,
        num_gpus=deployment.num_gpus,
        custom_environment=deployment.custom_environment,
        sandbox=deployment.sandbox,
        owner=owner,
        threads=plan.threads if plan else 0,
        tricks=plan.tricks if plan else None,
    )


class Specs:
    """Remembers the specs and schemas of deployments: a manifest is large, and asked for with every chunk."""

    def __init__(self) -> None:
        self._known: dict[Any, tuple[ModelSpec, Schema]] = {}

    def of(self, deployment: Deployment, *, owner: int) -> tuple[ModelSpec, Schema]:
        """The spec, as of the deployment's last change, and the parsed schema of its version."""
        key = deployment.pk, deployment.updated_at, owner
        if key not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            whole = Deployment.objects.select_related("version").get(pk=deployment.pk)
            self._known[key] = spec_of(whole, owner=owner), parse_schema(whole.version.schema)
        return self._known[key]
