"""Small datasets: pictures, samples without bytes, and fields with values."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from PIL import Image


def picture(
    size: tuple[int, int] = (8, 6), color: Any = (200, 30, 60), kind: str = "PNG", **options: Any
) -> bytes:
    """The bytes of a picture of one colour."""
    made = io.BytesIO()
    Image.new("RGB", size, color).save(made, kind, **options)
    return made.getvalue()


@pytest.fixture
def make_samples(db: None) -> Callable[..., list[Any]]:
    """`make_samples(dataset, 5)`: rows without bytes, the counter in step."""
    from django.db.models import F

    from datasets_app.models import Dataset, Sample

    def make(dataset: Any, count: int, prefix: str = "s") -> list[Any]:
        rows = [
            Sample(
                dataset=dataset,
                name=f"{prefix}{place:05}.png",
                media_sha256=f"{place:064x}",
                width=10 + place % 7,
                height=20,
                bytes=100,
                mime="image/png",
            )
            for place in range(count)
        ]
        made = Sample.objects.bulk_create(rows)
        Dataset.objects.filter(pk=dataset.pk).update(sample_count=F("sample_count") + count)
        dataset.refresh_from_db()
        return made

    return make


@pytest.fixture
def make_field(db: None) -> Callable[..., Any]:
    """`make_field(dataset, "label", "classification")`."""
    from datasets_app.models import Field

    def make(dataset: Any, name: str, type: str = "classification", **facts: Any) -> Any:
        return Field.objects.create(dataset=dataset, name=name, type=type, **facts)

    return make


@pytest.fixture
def write(db: None) -> Callable[..., Any]:
    """`write(field, {sample: raw value})`, by default as a model."""
    from datasets_app.values import NewValue, write_values
    from samplecase.contracts.labels import normalise_value

    def put(field: Any, values: Mapping[Any, Any], source: str = "model", **how: Any) -> Any:
        rows = [
            NewValue(sample.pk, None if raw is None else normalise_value(field.type, raw))
            for sample, raw in values.items()
        ]
        return write_values(field=field, rows=rows, source=source, **how)

    return put


def assert_counters_are_right(dataset: Any) -> None:
    """Every counter of the dataset is what counting its rows gives, and every label row belongs to a value."""
    from django.db.models import Count

    from datasets_app.models import Field, LabelClass, LabelIndex, Sample, Value
    from samplecase.contracts.labels import index_labels

    dataset.refresh_from_db()
    assert dataset.sample_count == Sample.objects.filter(dataset=dataset).count()
    for field in Field.with_deleted.filter(dataset=dataset):
        values = list(Value.objects.filter(field=field))
        assert field.value_count == len(values), field.name
        counted = dict(
            LabelIndex.objects.filter(field=field).values_list("label_class__name").annotate(Count("pk"))
        )
        stored = dict(LabelClass.objects.filter(field=field, count__gt=0).values_list("name", "count"))
        assert stored == counted, field.name
        expected = sorted(
            (value.sample_id, place, label, confidence)
            for value in values
            for place, (label, confidence) in enumerate(index_labels(field.type, value.data))
        )
        rows = LabelIndex.objects.filter(field=field)
        assert sorted(rows.values_list("sample", "idx", "label_class__name", "confidence")) == expected


def random_value(field_type: str, choose: random.Random, labels: Sequence[str] = "abc") -> Any:
    """A raw value of a type, or None."""
    label = {"label": choose.choice(labels), "confidence": choose.choice([None, 0.1, 0.5, 0.9])}
    made = {key: part for key, part in label.items() if part is not None}
    match field_type:
        case "classification":
            return choose.choice([made, None])
        case "detections":
            boxes = [{**made, "label": choose.choice(labels)} for _ in range(choose.randrange(4))]
            return [{**box, "bounding_box": [0.1, 0.1, 0.2, 0.2]} for box in boxes]
        case "integer":
            return choose.choice([None, choose.randrange(-5, 6)])
        case "number":
            return choose.choice([None, choose.uniform(-1, 1)])
        case "boolean":
            return choose.choice([None, True, False])
        case "string":
            return choose.choice([None, "Red", "green", "dark red"])
    raise AssertionError(field_type)
