"""What people write: values of one field, checked by its type, with every fault named by its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from datasets_app.models import Dataset, Field
from datasets_app.values import NewValue, WriteReport, write_values
from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels import MASK_TYPES, FieldType, ValueChecker
from samplecase.contracts.states import Source
from samplecase.web.accounts.models import User


@transaction.atomic
def put_values(
    *, acting_user: User, dataset: Dataset, field: str, values: Sequence[Mapping[str, Any]]
) -> WriteReport:
    """Write `{sample, value, revision?}` entries as a person; a `value` of None takes the sample's value away.

    Raises `InvalidInput` with every fault, and then nothing is written.
    """
    found = Field.objects.filter(dataset=dataset, name=field).first()
    if found is None:
        raise InvalidInput(f"The dataset has no field “{field}”.", pointer="/field")
    rows = _checked(found, values)
    report = write_values(field=found, rows=rows, source=Source.HUMAN, acting_user=acting_user)
    if report.gone:
        _refuse(
            Fault(f"/values/{place}/sample", f"The dataset has no sample {row.sample}.")
            for place, row in enumerate(rows)
            if row.sample in report.gone
        )
    return report


def _checked(field: Field, values: Sequence[Mapping[str, Any]]) -> list[NewValue]:
    checker = ValueChecker(field.type, dimension=field.dimension, classes=field.classes)
    rows: list[NewValue] = []
    faults: list[Fault] = []
    seen: set[int] = set()
    for place, entry in enumerate(values):
        at = f"/values/{place}"
        if entry["sample"] in seen:
            faults.append(Fault(f"{at}/sample", f"The sample {entry['sample']} stands here twice."))
        seen.add(entry["sample"])
        try:
            data = _canonical(field, checker, entry["value"], f"{at}/value")
            rows.append(NewValue(entry["sample"], data, entry.get("revision")))
        except InvalidInput as error:
            faults.extend(error.details)
    if faults:
        _refuse(faults)
    return rows


def _canonical(field: Field, checker: ValueChecker, value: Any, at: str) -> Any:
    if value is None:
        return None
    if FieldType(field.type) in MASK_TYPES:
        # Its pixels would have to be in the blob store first, put there by the same person.
        raise InvalidInput(f"Values of type {field.type} are written by models only.", pointer=at)
    return checker.normalise(value, at=at)


def _refuse(faults: Any) -> None:
    found = list(faults)
    message = found[0].message if len(found) == 1 else f"{len(found)} places are not valid."
    raise InvalidInput(message, code="invalid_value", details=found)
