"""What a model gets of each sample beside its image: values of fields, constants and defaults."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from datasets_app.models import Value
from jobs_app.models import Job
from samplecase.contracts.schema import Port, Schema


def value_ports(schema: Schema) -> dict[str, Port]:
    """The inputs that are not the sample's image; the runtime itself gives that to the replica."""
    return {name: port for name, port in schema.inputs.items() if not port.is_media}


class Inputs:
    """The inputs of a job's samples, read with one query for all of them."""

    def __init__(self, job: Job, schema: Schema, samples: Collection[int]) -> None:
        self._ports = value_ports(schema)
        self._required = sorted(name for name, port in self._ports.items() if port.required)
        self._mapping: Mapping[str, Any] = job.inputs
        names = {source for source in self._mapping.values() if isinstance(source, str)}
        self._values: dict[tuple[str, int], Any] = {}
        self._shared = None if names else {name: self._one(port, 0) for name, port in self._ports.items()}
        if names:
            rows = Value.objects.filter(
                field__dataset=job.dataset_id,
                field__name__in=names,
                field__deleted_at=None,
                sample__in=samples,
            )
            found = rows.values_list("field__name", "sample", "data")
            self._values = {(name, sample): data for name, sample, data in found}

    def of(self, sample: int) -> Mapping[str, Any]:
        """A value for each input; None where there is none. Samples of which all are constants share what they get."""
        if self._shared is not None:
            return self._shared
        return {name: self._one(port, sample) for name, port in self._ports.items()}

    def digests(self, samples: Collection[int]) -> dict[str, str]:
        """The digest of each sample's inputs, under its id; one under `""` where all have the same."""
        if not self._ports:
            return {}
        if self._shared is not None:
            return {"": _digest(self._shared)}
        return {str(sample): _digest(self.of(sample)) for sample in samples}

    def missing(self, sample: int) -> list[str]:
        """The required inputs that are null."""
        if not self._required:
            return []
        values = self.of(sample)
        return [name for name in self._required if values[name] is None]

    def _one(self, port: Port, sample: int) -> Any:
        source = self._mapping.get(port.name)
        if isinstance(source, str):
            value = self._values.get((source, sample))
        else:
            value = None if source is None else source["constant"]
        return port.default if value is None else value


class Origins:
    """Of each value of one output a digest of all that it is made from, beside its sample's media: those never change.

    `digests` are what `Inputs.digests` returned.
    """

    def __init__(self, *, version_sha256: str, output: str, digests: Mapping[str, str]) -> None:
        self._made_from = [version_sha256, output]
        self._shared = self._origin(digests.get("", ""))
        self._digests = {} if "" in digests else digests

    def of(self, sample: int) -> str:
        own = self._digests.get(str(sample)) if self._digests else None
        return self._origin(own) if own else self._shared

    def _origin(self, digest: str) -> str:
        return _digest([*self._made_from, digest])


def _digest(what: Any) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:32]
