"""Datasets, samples, values and evaluations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from samplecase.client.archives import batches, collect, split
from samplecase.client.transport import Transport
from samplecase.client.types import (
    BulkReport,
    Dataset,
    Evaluation,
    Field,
    Json,
    Sample,
    Undo,
    UploadReport,
    ValuesReport,
)
from samplecase.client.uploads import Uploads, Watch, unwatched
from samplecase.client.waiting import poll

VALUES_PER_REQUEST = 1_000
list_ = list  # within the class, `list` is what lists the datasets


class Datasets:
    """What one may do with datasets."""

    def __init__(self, transport: Transport, uploads: Uploads) -> None:
        self._transport = transport
        self._uploads = uploads

    def list(self) -> Iterator[Dataset]:
        return self._transport.pages("datasets/")

    def get(self, dataset: int) -> Dataset:
        return cast(Dataset, self._transport.get(f"datasets/{dataset}/"))

    def find(self, name: str) -> Dataset | None:
        """The dataset of this name, or None where there is none that you may see."""
        return next((each for each in self.list() if each["name"] == name), None)

    def create(self, name: str, *, description: str = "", tags: Sequence[str] = ()) -> Dataset:
        body = {"name": name, "description": description, "tags": [*tags]}
        return cast(Dataset, self._transport.post("datasets/", body))

    def update(self, dataset: int, **changes: Any) -> Dataset:
        """Change `name`, `description` or `tags`."""
        return cast(Dataset, self._transport.patch(f"datasets/{dataset}/", changes))

    def delete(self, dataset: int) -> None:
        """Delete a dataset with all that is in it, for good."""
        self._transport.delete(f"datasets/{dataset}/")

    def add(
        self,
        dataset: int,
        paths: Iterable[Path],
        *,
        labels_from_folders: bool = False,
        order: Callable[[Path], Any] | None = None,
        progress: Callable[[int], None] = lambda files: None,
        watch: Watch = unwatched,
    ) -> UploadReport:
        """Upload images, or folders of them, as zips of some hundred files each; and zips of images as they are.

        With `labels_from_folders` the name of each image's folder becomes its `ground_truth`. A file that is
        there already is skipped as a duplicate, so an interrupted upload is simply started again. The files of a
        folder are sorted by `order`, by default by their paths. `progress` is told after each request how many
        files it carried. A zip goes in pieces, which `watch` is told of, and is gone on with where an earlier try
        broke off.
        """
        report: UploadReport = {"added": 0, "skipped": []}
        query = {"labels": "folder"} if labels_from_folders else {}
        zips, others = split(paths)
        for path in zips:
            with self._uploads.sent(path, watch=watch) as upload:
                answer = self._transport.request(
                    "POST",
                    f"datasets/{dataset}/samples/",
                    params=query,
                    json={"upload": upload},
                    timeout=None,
                )
            report["added"] += answer["added"]
            report["skipped"] += answer["skipped"]
            progress(1)
        for batch in batches(collect(others, order)):
            answer = self._transport.request(
                "POST",
                f"datasets/{dataset}/samples/",
                params=query,
                files={"files": ("samples.zip", batch.content, "application/zip")},
                repeatable=True,
            )
            report["added"] += answer["added"]
            report["skipped"] += answer["skipped"]
            progress(batch.files)
        return report

    def samples(
        self,
        dataset: int,
        *,
        filter: Json | None = None,
        sort: str | None = None,
        fields: Sequence[str] | None = None,
        limit: int = 500,
    ) -> Iterator[Sample]:
        """Every sample under the filter, page by page; `fields` names the values wanted (default: all)."""
        return self._transport.pages(
            f"datasets/{dataset}/samples/",
            limit=limit,
            filter=None if filter is None else json.dumps(filter),
            sort=sort,
            fields=None if fields is None else ",".join(fields),
        )

    def sample(self, dataset: int, sample: int) -> Sample:
        """One sample with its values, and where each is from."""
        return cast(Sample, self._transport.get(f"datasets/{dataset}/samples/{sample}/"))

    def download(self, dataset: int, sample: int, to: Path) -> int:
        """Write the image of a sample, as it was uploaded, to a file; returns its bytes."""
        return self._transport.save(f"datasets/{dataset}/samples/{sample}/media/", to)

    def set_tags(self, dataset: int, sample: int, tags: Sequence[str]) -> Sample:
        """Give a sample these tags and no others."""
        path = f"datasets/{dataset}/samples/{sample}/"
        return cast(Sample, self._transport.patch(path, {"tags": [*tags]}))

    def delete_sample(self, dataset: int, sample: int) -> None:
        self._transport.delete(f"datasets/{dataset}/samples/{sample}/")

    def history(self, dataset: int, sample: int, *, field: str | None = None) -> list_[Json]:
        """What the values of a sample were, the present ones first."""
        answer = self._transport.get(f"datasets/{dataset}/samples/{sample}/history/", field=field)
        return cast(list_[Json], answer["results"])

    def bulk(
        self,
        dataset: int,
        action: str,
        *,
        samples: Sequence[int] | None = None,
        filter: Json | None = None,
        **facts: Any,
    ) -> BulkReport:
        """Tag, untag, set_label, clear_label or delete the samples, or those under the filter.

        `facts` are `tags`, or `field` and `label`. Deleting is final. Over many samples it has only begun: its `job` is
        waited for, and undone, like others.
        """
        chosen: Json = {"samples": [*samples]} if samples is not None else {"filter": filter}
        body = {"action": action, **chosen, **facts}
        return cast(BulkReport, self._transport.post(f"datasets/{dataset}/bulk/", body))

    def undo_bulk(self, dataset: int, undo: str) -> Undo:
        """Take back what `bulk` did, with the `undo` of its report."""
        return cast(Undo, self._transport.post(f"datasets/{dataset}/bulk/undo/", {"undo": undo}))

    def facets(
        self,
        dataset: int,
        *,
        filter: Json | None = None,
        fields: Sequence[str] | None = None,
        faceted: bool = False,
        exact: bool = True,
    ) -> Json:
        """Per field its label counts, ranges and histograms, under the filter.

        With `faceted`, a field's own conditions do not count for it; without `exact`, very many samples are estimated.
        """
        answer = self._transport.get(
            f"datasets/{dataset}/facets/",
            filter=None if filter is None else json.dumps(filter),
            fields=None if fields is None else ",".join(fields),
            faceted="true" if faceted else None,
            exact="true" if exact else None,
        )
        return cast(Json, answer)

    def create_field(self, dataset: int, name: str, *, type: str, classes: Sequence[str] = ()) -> Field:
        body = {"name": name, "type": type, "classes": [*classes]}
        return cast(Field, self._transport.post(f"datasets/{dataset}/fields/", body))

    def update_field(self, dataset: int, name: str, **changes: Any) -> Field:
        """Rename a field, or change its `classes`, `colors` or `attributes`."""
        return cast(Field, self._transport.patch(f"datasets/{dataset}/fields/{name}/", changes))

    def delete_field(self, dataset: int, name: str) -> None:
        """Delete a field with its values; `restore_field` brings it back."""
        self._transport.delete(f"datasets/{dataset}/fields/{name}/")

    def restore_field(self, dataset: int, name: str) -> Field:
        """Take the deletion of a field back."""
        return cast(Field, self._transport.post(f"datasets/{dataset}/fields/{name}/restore/"))

    def put_values(self, dataset: int, field: str, values: Iterable[tuple[int, Any]]) -> ValuesReport:
        """Write a field's value on many samples, as `(sample id, value)`; None deletes it."""
        report: ValuesReport = {"written": 0, "conflicts": []}
        rows = [{"sample": sample, "value": value} for sample, value in values]
        for start in range(0, len(rows), VALUES_PER_REQUEST):
            part = rows[start : start + VALUES_PER_REQUEST]
            answer = self._transport.put(f"datasets/{dataset}/values/", {"field": field, "values": part})
            report["written"] += answer["written"]
            report["conflicts"] += answer["conflicts"]
        return report

    def evaluations(self, dataset: int) -> Iterator[Evaluation]:
        """The evaluations made so far."""
        return self._transport.pages(f"datasets/{dataset}/evaluations/")

    def evaluation(self, dataset: int, evaluation: int) -> Evaluation:
        """One of them, with its curves."""
        return cast(Evaluation, self._transport.get(f"datasets/{dataset}/evaluations/{evaluation}/"))

    def evaluate(
        self,
        dataset: int,
        *,
        predictions: str,
        ground_truth: str,
        filter: Json | None = None,
        iou_threshold: float | None = None,
        crowd_attribute: str | None = None,
        timeout: float = 300,
    ) -> Evaluation:
        """Compare two fields of one type on the samples under the filter, and wait for the result.

        The threshold and the attribute are options of detections, see docs/guides/evaluation.md.
        """
        asked = {"filter": filter, "iou_threshold": iou_threshold, "crowd_attribute": crowd_attribute}
        body: Json = {"predictions": predictions, "ground_truth": ground_truth}
        body.update({name: value for name, value in asked.items() if value is not None})
        started = self._transport.post(f"datasets/{dataset}/evaluations/", body)
        return self._counted(dataset, started["id"], timeout)

    def refresh_evaluation(self, dataset: int, evaluation: int, *, timeout: float = 300) -> Evaluation:
        """Count an evaluation again, over the values as they are now, and wait for the result."""
        self._transport.post(f"datasets/{dataset}/evaluations/{evaluation}/refresh/", {})
        return self._counted(dataset, evaluation, timeout)

    def delete_evaluation(self, dataset: int, evaluation: int) -> None:
        """Delete an evaluation and what it found on the samples."""
        self._transport.delete(f"datasets/{dataset}/evaluations/{evaluation}/")

    def _counted(self, dataset: int, evaluation: int, timeout: float) -> Evaluation:
        *_, last = poll(
            lambda: self.evaluation(dataset, evaluation),
            until=lambda seen: seen["state"] in {"finished", "failed", "cancelled"},
            every=0.3,
            timeout=timeout,
        )
        return last
