"""Reviews: queues in which people accept, reject or correct what a model said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

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

    def get(self, dataset: int, review: int) -> Review:
        return cast(Review, self._transport.get(f"datasets/{dataset}/reviews/{review}/"))

    def find(self, dataset: int, name: str) -> Review | None:
        """The newest review of this name, or None where there is none."""
        return next((each for each in self.list(dataset) if each["name"] == name), None)

    def delete(self, dataset: int, review: int) -> None:
        """Delete the queue; what people wrote in it stays."""
        self._transport.delete(f"datasets/{dataset}/reviews/{review}/")

    def claim(self, dataset: int, review: int, count: int = 5) -> Json:
        """`{results, counts}`: the next samples, which nobody else gets until they are decided or given back."""
        answer = self._transport.post(f"datasets/{dataset}/reviews/{review}/claims/", {"count": count})
        return cast(Json, answer)

    def give_back(self, dataset: int, review: int) -> None:
        """Let others have the samples that were claimed and are not decided."""
        self._transport.delete(f"datasets/{dataset}/reviews/{review}/claims/")

    def decide(self, dataset: int, review: int, sample: int, decision: str, **facts: Any) -> Json:
        """accept, reject or correct a claimed sample; `facts` are `value`, `revision` and `source_revision`."""
        body: Json = {"sample": sample, "decision": decision, **facts}
        return cast(Json, self._transport.post(f"datasets/{dataset}/reviews/{review}/decisions/", body))

    def undo(self, dataset: int, review: int) -> Json:
        """Take one's last decision back; the sample is one's own again."""
        return cast(Json, self._transport.post(f"datasets/{dataset}/reviews/{review}/undo/"))
