"""Saved views of a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from samplecase.client.transport import Transport
from samplecase.client.types import Json, View


class Views:
    """What one may do with the views of a dataset."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, dataset: int) -> Iterator[View]:
        return self._transport.pages(f"datasets/{dataset}/views/")

    def find(self, dataset: int, name: str) -> View | None:
        """The view of this name, or None where there is none."""
        return next((each for each in self.list(dataset) if each["name"] == name), None)

    def save(
        self,
        dataset: int,
        name: str,
        *,
        filter: Json | None = None,
        sort: str | None = None,
        fields: Sequence[str] | None = None,
    ) -> View:
        """Keep a filter, an order and the fields that are drawn under a name, for everyone who sees the dataset."""
        drawn = None if fields is None else [*fields]
        body = {"name": name, "filter": filter, "sort": sort, "fields": drawn}
        return cast(View, self._transport.post(f"datasets/{dataset}/views/", body))

    def update(self, dataset: int, view: int, **changes: Any) -> View:
        """Change `name`, `filter`, `sort` or `fields`."""
        return cast(View, self._transport.patch(f"datasets/{dataset}/views/{view}/", changes))

    def delete(self, dataset: int, view: int) -> None:
        self._transport.delete(f"datasets/{dataset}/views/{view}/")
