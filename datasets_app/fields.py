"""Making, changing, deleting and restoring fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """Rename a field, or change its classes, colors or attributes. Evaluations follow a new name.

    The place of a segmentation's class is the number of its pixels: raises `Conflict` (`classes_moved`) where one would
    get another number while there are masks.
    """
    name = changes.get("name", field.name)
    if name != field.name:
        check_field_name(name)
        if Field.objects.filter(dataset=field.dataset_id, name=name).exists():
            raise _name_taken(name)
    if "classes" in changes and field.type == FieldType.SEGMENTATION:
        _refuse_other_numbers(field, changes["classes"])
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


def _refuse_other_numbers(field: Field, classes: Sequence[str]) -> None:
    """Whoever writes masks holds the field's row too, so none comes in between."""
    held = Field.objects.select_for_update(no_key=True).filter(pk=field.pk).first()
    if held is None or not held.value_count:
        return
    known = held.classes
    moved = [name for place, name in enumerate(known) if name in classes and classes.index(name) != place]
    if moved or len(classes) < len(known):
        which = moved[0] if moved else known[len(classes)]
        message = (
            f"The masks of “{field.name}” have {known.index(which)} for “{which}”: classes keep their places, may be"
            " renamed, and new ones come behind them."
        )
        raise Conflict(message, code="classes_moved", pointer="/classes")


def _name_taken(name: str) -> InvalidInput:
    return InvalidInput(f"The dataset has a field “{name}” already.", code="name_taken", pointer="/name")
