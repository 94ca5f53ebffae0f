"""Samples as JSON. Plain dictionaries: a page of 500 samples with their values is made in two queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.urls import reverse

from datasets_app.masks import shown_value
from datasets_app.models import Dataset, Field, Sample, Value
from datasets_app.provenance import Versions, names_of_versions, shown_model
from samplecase.contracts.errors import InvalidInput


def chosen_fields(dataset: Dataset, names: str | None) -> list[Field]:
    """The fields that a comma-separated list names; without a list, all. Raises `InvalidInput` at `/fields`."""
    fields = list(Field.objects.filter(dataset=dataset))
    if names is None:
        return fields
    wanted = {name for name in names.split(",") if name}
    unknown = sorted(wanted - {field.name for field in fields})
    if unknown:
        raise InvalidInput(f"The dataset has no field “{unknown[0][:100]}”.", pointer="/fields")
    return [field for field in fields if field.name in wanted]


def shown_samples(samples: Sequence[Sample], fields: Collection[Field]) -> list[dict[str, Any]]:
    """Each sample in the shape of `SampleSerializer`, in the order given."""
    by_id = {field.pk: field for field in fields}
    written: defaultdict[int, list[Value]] = defaultdict(list)
    values = Value.objects.filter(sample__in=[sample.pk for sample in samples], field__in=by_id)
    # Sorted here: asked for an order, SQLite reads whole fields instead of these samples' few rows.
    found = sorted(values.select_related("editor"), key=lambda value: value.field_id)
    for value in found:
        written[value.sample_id].append(value)
    versions = names_of_versions({value.model_version for value in found})
    return [_sample(sample, written[sample.pk], by_id, versions) for sample in samples]


def _sample(
    sample: Sample, written: Sequence[Value], fields: dict[int, Field], versions: Versions
) -> dict[str, Any]:
    return {
        "id": sample.pk,
        "name": sample.name,
        "width": sample.width,
        "height": sample.height,
        "bytes": sample.bytes,
        "mime": sample.mime,
        "created": sample.created_at,
        **addresses(sample),
        "tags": sample.tags,
        "values": {
            fields[value.field_id].name: shown_value(fields[value.field_id], sample.pk, value.data)
            for value in written
        },
        "provenance": {fields[value.field_id].name: _provenance(value, versions) for value in written},
    }


def addresses(sample: Sample) -> dict[str, str]:
    """Where its pixels are to be had."""
    place = {"pk": sample.dataset_id, "sid": sample.pk}
    return {
        "media_url": reverse("sample-media", kwargs=place),
        "thumbnail_url": reverse("sample-thumbnail", kwargs=place),
    }


def _provenance(value: Value, versions: Versions) -> dict[str, Any]:
    return {
        "source": value.source,
        "job": value.job,
        "model_version": value.model_version,
        "model": shown_model(value.model_version, versions),
        "editor": value.editor.username if value.editor else None,
        "revision": value.revision,
        "written_at": value.written_at,
    }
