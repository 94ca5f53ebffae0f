"""The fields that an import writes: found or made, with the classes that it brings, and taken for its time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from datasets_app.fields import create_field
from datasets_app.models import Dataset, Field
from jobs_app.models import Job, JobField
from samplecase.contracts.errors import Conflict, Fault, InvalidInput
from samplecase.contracts.labels import LABELLED_TYPES, check_field_name
from samplecase.exchange.fitting import Counted, Summary, classes_of, fits, new_type
from samplecase.exchange.records import FieldFacts, Reading

MOST_CLASSES = 10_000


def check_targets(dataset: Dataset, summary: Summary, targets: Mapping[str, str]) -> dict[str, Field | None]:
    """The dataset's field for each of the file's, None where it is to be made.

    Raises `InvalidInput` with a fault at `/fields/NAME` for each name or type that does not fit.
    """
    there = {field.name: field for field in Field.objects.filter(dataset=dataset)}
    faults: list[Fault] = []
    taken: dict[str, str] = {}
    for source, name in targets.items():
        pointer, counted = f"/fields/{source}", summary.fields[source]
        try:
            check_field_name(name, pointer=pointer)
        except InvalidInput as error:
            faults += error.details
            continue
        field = there.get(name)
        if name in taken:
            faults.append(Fault(pointer, f"“{taken[name]}” goes to “{name}” already."))
        elif field is not None and not fits(counted, field.type):
            message = f"“{source}” is of type {new_type(counted)}, the field “{name}” of type {field.type}."
            faults.append(Fault(pointer, message))
        taken[name] = source
    if faults:
        raise InvalidInput(faults[0].message, code="invalid_fields", details=faults)
    return {source: there.get(name) for source, name in targets.items()}


def take_fields(
    job: Job,
    reading: Reading,
    summary: Summary,
    targets: Mapping[str, str],
    classes: Mapping[str, str | None],
) -> dict[str, int]:
    """Make the fields that are missing, add classes that are new, and keep other jobs out; in one transaction.

    Returns the file's field → id of ours. Raises `Conflict` (`field_busy`).
    """
    found = check_targets(job.dataset, summary, targets)
    ids: dict[str, int] = {}
    for source, name in targets.items():
        counted, field = summary.fields[source], found[source]
        names = classes_of(reading, counted, classes) if counted.type in LABELLED_TYPES else []
        if field is None:
            field = _made(job, name, counted, names, reading.fields.get(source))
        elif field.classes and (new := [each for each in names if each not in field.classes]):
            whole = [*field.classes, *new][:MOST_CLASSES]
            Field.objects.select_for_update(no_key=True).filter(pk=field.pk).update(classes=whole)
        ids[source] = field.pk
        _take(job, source, field)
    return ids


def _made(job: Job, name: str, counted: Counted, names: list[str], facts: FieldFacts | None) -> Field:
    more: dict[str, Any] = {}
    if facts is not None:
        more = {"colors": facts.colors, "attributes": facts.attributes}
    return create_field(
        acting_user=job.owner,
        dataset=job.dataset,
        name=name,
        type=new_type(counted),
        classes=names[:MOST_CLASSES],
        dimension=counted.dimension,
        created_by_job=job.pk,
        **more,
    )


def _take(job: Job, source: str, field: Field) -> None:
    try:
        with transaction.atomic():
            JobField.objects.update_or_create(job=job, output=source[:100], defaults={"field": field})
    except IntegrityError:
        message = f"An unfinished job writes the field “{field.name}”; wait for it, or choose another."
        raise Conflict(message, code="field_busy", pointer=f"/fields/{source}") from None
