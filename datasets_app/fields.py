"""Making, changing, deleting and restoring fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from datasets_app.models import Dataset, Evaluation, Field
from samplecase.contracts.errors import Conflict, InvalidInput, NotFound
from samplecase.contracts.labels import FIELD_TYPES, FieldType, check_field_name
from samplecase.web.accounts.models import User, record


@transaction.atomic
def create_field(*, acting_user: User | None, dataset: Dataset, name: str, type: str, **facts: Any) -> Field:
    """A new, empty field; `facts` are classes, colors, attributes, dimension and created_by_job.

    Raises `InvalidInput` with the place of each fault, at `/name` also where the dataset has such a field.
    """
    check_field_name(name)
    if type not in FIELD_TYPES:
        raise InvalidInput(f"A type is one of {', '.join(sorted(FIELD_TYPES))}.", pointer="/type")
    if (type == FieldType.EMBEDDING) != (facts.get("dimension") is not None):
        raise InvalidInput("An embedding, and nothing else, has a dimension.", pointer="/dimension")
    if Field.objects.filter(dataset=dataset, name=name).exists():
        raise _name_taken(name)
    try:
        with transaction.atomic():
            field = Field.objects.create(dataset=dataset, name=name, type=type, **facts)
    except IntegrityError:
        raise _name_taken(name) from None
    record(actor=acting_user, action="field.create", subject=field, dataset=dataset.pk, type=type)
    return field


@transaction.atomic
def update_field(*, acting_user: User, field: Field, changes: Mapping[str, Any]) -> Field:
    """Rename a field, or change its classes, colors or attributes. Evaluations follow a new name."""
    name = changes.get("name", field.name)
    if name != field.name:
        check_field_name(name)
        if Field.objects.filter(dataset=field.dataset_id, name=name).exists():
            raise _name_taken(name)
    try:
        with transaction.atomic():
            # An update of no column touches no row, which says nothing about the field.
            if changes and not Field.objects.filter(pk=field.pk).update(**changes):
                raise NotFound(f"The field “{field.name}” was deleted.")
    except IntegrityError:
        raise _name_taken(name) from None
    if name != field.name:
        for side in ("predictions", "ground_truth"):
            Evaluation.objects.filter(dataset=field.dataset_id, **{side: field.name}).update(**{side: name})
    record(
        actor=acting_user,
        action="field.update",
        subject=field,
        dataset=field.dataset_id,
        changed=dict(changes),
    )
    field.refresh_from_db()
    return field


@transaction.atomic
def delete_field(*, acting_user: User | None, field: Field) -> None:
    """Take a field out of sight; its values stay until the dataset goes, and `restore_field` brings them back."""
    if not Field.objects.filter(pk=field.pk).update(deleted_at=Now()):
        raise NotFound(f"The field “{field.name}” was deleted.")
    record(
        actor=acting_user,
        action="field.delete",
        subject=field,
        dataset=field.dataset_id,
        values=field.value_count,
    )


@transaction.atomic
def restore_field(*, acting_user: User, dataset: Dataset, name: str) -> Field:
    """Bring back the field of that name that was deleted last.

    Raises `NotFound` where there is none, and `Conflict` where another one has the name by now.
    """
    deleted = Field.with_deleted.select_for_update().exclude(deleted_at=None)
    field = deleted.filter(dataset=dataset, name=name).order_by("-deleted_at").first()
    if field is None:
        raise NotFound(f"No field “{name}” was deleted.")
    try:
        with transaction.atomic():
            Field.with_deleted.filter(pk=field.pk).update(deleted_at=None)
    except IntegrityError:
        raise Conflict(f"There is a field “{name}” again; rename it first.", code="name_taken") from None
    field.deleted_at = None
    record(actor=acting_user, action="field.restore", subject=field, dataset=dataset.pk)
    return field


def _name_taken(name: str) -> InvalidInput:
    return InvalidInput(f"The dataset has a field “{name}” already.", code="name_taken", pointer="/name")
