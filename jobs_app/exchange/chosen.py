"""What an export may carry: the fields that its format has shapes for, and names that no file system mixes up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from datasets_app.models import Dataset, Field, Sample
from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels import FieldType
from samplecase.exchange.names import folded, stem
from samplecase.exchange.port import Format, find_format


def check_order(dataset: Dataset, order: Mapping[str, Any]) -> list[str]:
    """The names of the fields to export; without a list, those that the format can carry.

    Raises `InvalidInput` at `/format`, `/fields` or `/media`.
    """
    format = find_format(order["format"])
    there = {field.name: field for field in Field.objects.filter(dataset=dataset)}
    if format.needs_media and not order["media"]:
        raise InvalidInput(f"{format.title} is made of the images themselves.", pointer="/media")
    names = order.get("fields")
    if names is None:
        fitting = [name for name, field in there.items() if FieldType(field.type) in format.types]
        names = fitting[:1] if format.is_single else fitting
    faults = [fault for place, name in enumerate(names) if (fault := _fault(place, name, there, format))]
    if format.is_single and len(names) != 1:
        message = f"{format.title} carries one field; choose it."
        if not names:
            types = ", ".join(sorted(format.types))
            message = f"{format.title} carries one field of type {types}; the dataset has none."
        faults.append(Fault("/fields", message))
    if faults:
        raise InvalidInput(faults[0].message, code="invalid_fields", details=faults)
    return list(dict.fromkeys(names))


def _fault(place: int, name: str, there: Mapping[str, Field], format: Format) -> Fault | None:
    field = there.get(name)
    if field is None:
        return Fault(f"/fields/{place}", f"The dataset has no field “{name[:100]}”.")
    if FieldType(field.type) not in format.types:
        return Fault(
            f"/fields/{place}", f"{format.title} has no place for {field.type}, the type of “{name}”."
        )
    return None


def clashing(dataset: Dataset, format: Format) -> list[int]:
    """The samples whose files would be taken for another's: their names get a number."""
    names = Sample.objects.filter(dataset=dataset).order_by("pk").values_list("pk", "name")

    def key(name: str) -> str:
        return folded(stem(name) if format.is_named_by_stem else name)

    times = Counter(key(name) for _, name in names.iterator(5_000))
    if len(times) == times.total():
        return []
    seen: set[str] = set()
    found = []
    for pk, name in names.iterator(5_000):
        if times[key(name)] > 1:
            if key(name) in seen:
                found.append(pk)
            seen.add(key(name))
    return found
