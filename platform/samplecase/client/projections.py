"""Projections of embeddings, and the samples nearest to one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from samplecase.client.transport import Transport
from samplecase.client.types import Json, Neighbour, Points, Projection
from samplecase.client.waiting import poll

list_ = list  # within the class, `list` is what lists the projections


class Projections:
    """What one may do with the vectors of a dataset."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, dataset: int) -> Iterator[Projection]:
        """The projections made so far, newest first."""
        return self._transport.pages(f"datasets/{dataset}/projections/")

    def make(
        self,
        dataset: int,
        *,
        field: str,
        method: str = "pca",
        filter: Json | None = None,
        timeout: float = 300,
    ) -> Projection:
        """Lay a field of embeddings out by `pca` or `umap`, and wait for the end; its `state` says how it ended."""
        body: Json = {"field": field, "method": method}
        if filter is not None:
            body["filter"] = filter
        path = f"datasets/{dataset}/projections/"
        made = self._transport.post(path, body)
        *_, last = poll(
            lambda: cast(Projection, self._transport.get(f"{path}{made['id']}/")),
            until=lambda seen: seen["state"] in {"finished", "failed", "cancelled"},
            every=0.3,
            timeout=timeout,
        )
        return last

    def points(
        self, dataset: int, projection: int, *, filter: Json | None = None, colour: str | None = None
    ) -> Points:
        """The points of the samples under the filter, up to 100,000; `colour` names a field with labels."""
        found = self._transport.get(
            f"datasets/{dataset}/projections/{projection}/points/",
            filter=None if filter is None else json.dumps(filter),
            colour=colour,
        )
        return cast(Points, found)

    def delete(self, dataset: int, projection: int) -> None:
        """Delete a projection and its points."""
        self._transport.delete(f"datasets/{dataset}/projections/{projection}/")

    def nearest(
        self, dataset: int, sample: int, *, field: str, k: int = 20, metric: str = "cosine"
    ) -> list_[Neighbour]:
        """The `k` samples whose vectors are nearest to a sample's, the nearest first."""
        path = f"datasets/{dataset}/samples/{sample}/nearest/"
        found = self._transport.get(path, field=field, k=k, metric=metric)
        return cast(list_[Neighbour], found["results"])
