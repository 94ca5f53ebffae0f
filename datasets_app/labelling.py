"""What people write: values of one field, checked by its type, with every fault named by its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from django.db import transaction

from datasets_app.models import Dataset, Field
from datasets_app.painting import PaintedReader, Runs
from datasets_app.values import NewValue, WriteReport, write_values
from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels import FieldType, ValueChecker
from samplecase.contracts.states import Source
from samplecase.web.accounts.models import User


def put_values(
    *, acting_user: User, dataset: Dataset, field: str, values: Sequence[Mapping[str, Any]]
) -> WriteReport:
    """Write `{sample, value, revision?}` entries as a person; a `value` of None takes the sample's value away.

    Painted pixels are stored before the transaction, which nobody has to wait for meanwhile. Raises `InvalidInput` with
    every fault, and then no value is written.
    """
    found = Field.objects.filter(dataset=dataset, name=field).first()
    if found is None:
        raise InvalidInput(f"The dataset has no field “{field}”.", pointer="/field")
    rows = _stored(_checked(found, values))
    with transaction.atomic():
        report = write_values(field=found, rows=rows, source=Source.HUMAN, acting_user=acting_user)
        if report.gone:
            _refuse(
                Fault(f"/values/{place}/sample", f"The dataset has no sample {row.sample}.")
                for place, row in enumerate(rows)
                if row.sample in report.gone
            )
    return report


def _checked(field: Field, values: Sequence[Mapping[str, Any]]) -> list[NewValue]:
    read = _reader(field, values)
    rows: list[NewValue] = []
    faults: list[Fault] = []
    seen: set[int] = set()
    for place, entry in enumerate(values):
        at = f"/values/{place}"
        if entry["sample"] in seen:
            faults.append(Fault(f"{at}/sample", f"The sample {entry['sample']} stands here twice."))
        seen.add(entry["sample"])
        try:
            raw = entry["value"]
            data = None if raw is None else read(entry["sample"], raw, f"{at}/value")
            rows.append(NewValue(entry["sample"], data, entry.get("revision")))
        except InvalidInput as error:
            faults.extend(error.details)
    if faults:
        _refuse(faults)
    return rows


def _stored(rows: Sequence[NewValue]) -> list[NewValue]:
    return [row._replace(data=row.data.store()) if isinstance(row.data, Runs) else row for row in rows]


def _reader(field: Field, values: Sequence[Mapping[str, Any]]) -> Callable[[int, Any, str], Any]:
    """What makes a canonical value of what was sent for a sample; of a painting, runs that are still to be stored."""
    if field.type == FieldType.SEGMENTATION:
        return PaintedReader(field, [entry["sample"] for entry in values]).read
    if field.type == FieldType.HEATMAP:
        return _refuse_heatmap
    checker = ValueChecker(field.type, dimension=field.dimension, classes=field.classes)
    return lambda _, raw, at: checker.normalise(raw, at=at)


def _refuse_heatmap(_: int, __: Any, at: str) -> NoReturn:
    raise InvalidInput("Values of type heatmap are written by models only.", pointer=at)


def _refuse(faults: Any) -> NoReturn:
    found = list(faults)
    message = found[0].message if len(found) == 1 else f"{len(found)} places are not valid."
    raise InvalidInput(message, code="invalid_value", details=found)
