"""What the values of a sample were, and who wrote, replaced or took them away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasets_app.masks import shown_value
from datasets_app.models import Field, Sample, Value, ValueHistory
from datasets_app.provenance import Versions, names_of_versions, shown_model

MOST_SHOWN = 500  # of one sample, the newest


def history_of(*, sample: Sample, fields: Sequence[Field]) -> list[dict[str, Any]]:
    """The present values first, then the earlier ones, the newest first.

    `until` and `replaced_by` are None for a value that stands.
    """
    by_id = {field.pk: field for field in fields}
    present = list(Value.objects.filter(sample=sample, field__in=by_id).select_related("editor"))
    present.sort(key=lambda value: (value.written_at, value.pk), reverse=True)
    rows = ValueHistory.objects.filter(sample=sample, field__in=by_id).select_related("editor", "replaced_by")
    past = list(rows.order_by("-pk")[:MOST_SHOWN])
    versions = names_of_versions(
        [*(value.model_version for value in present), *(row.model_version for row in past)]
    )
    return [
        *(_entry(value, by_id[value.field_id], versions) for value in present),
        *(_past(row, by_id[row.field_id], versions) for row in past),
    ]


def _entry(row: Value | ValueHistory, field: Field, versions: Versions) -> dict[str, Any]:
    return {
        "field": field.name,
        "value": shown_value(field, row.sample_id, row.data),
        "source": row.source,
        "user": row.editor.username if row.editor else None,
        "job": row.job,
        "model": shown_model(row.model_version, versions),
        "revision": row.revision,
        "written_at": row.written_at,
        "until": None,
        "replaced_by": None,
    }


def _past(row: ValueHistory, field: Field, versions: Versions) -> dict[str, Any]:
    user = row.replaced_by.username if row.replaced_by else None
    replaced = {"user": user, "job": row.replaced_by_job}
    return {**_entry(row, field, versions), "until": row.replaced_at, "replaced_by": replaced}
