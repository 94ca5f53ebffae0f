"""Reviews: queues in which people accept, reject or correct what a model said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from samplecase.client.transport import Transport
from samplecase.client.types import Json, Review


class Reviews:
    """What one may do with the reviews of a dataset."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, dataset: int) -> Iterator[Review]:
        """The reviews and how far each is, newest first."""
        return self._transport.pages(f"datasets/{dataset}/reviews/")

    def create(
        self,
        dataset: int,
        name: str,
        *,
        source: str,
        target: str | None = None,
        filter: Json | None = None,
        order: str = "confidence",
    ) -> Review:
        """Put the samples that the filter holds now into a queue, the least confident first.

        `target` is the field that people write; left out, `SOURCE_reviewed`. It is made where there is none.
        """
        body: Json = {"name": name, "source": source, "target": target, "filter": filter, "order": order}
        given = {key: value for key, value in body.items() if value is not None}
        return cast(Review, self._transport.post(f"datasets/{dataset}/reviews/", given))
