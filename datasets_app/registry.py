"""Making, changing and deleting datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from datasets_app.models import (
    Dataset,
    Evaluation,
    EvaluationMatch,
    Field,
    LabelClass,
    LabelIndex,
    Sample,
    Value,
    ValueHistory,
)
from datasets_app.review_models import Review, ReviewItem
from samplecase.contracts.errors import InvalidInput, NotFound
from samplecase.web.accounts.models import User, record


@transaction.atomic
def create_dataset(
    *, acting_user: User, name: str, description: str = "", tags: Sequence[str] = ()
) -> Dataset:
    """An empty dataset of `acting_user`. Raises `InvalidInput` at `/name` where that is taken."""
    _refuse_taken_name(name)
    try:
        with transaction.atomic():
            dataset: Dataset = Dataset.objects.create(
                owner=acting_user, name=name, description=description, tags=list(tags)
            )
    except IntegrityError:
        raise _name_taken(name) from None
    record(actor=acting_user, action="dataset.create", subject=dataset)
    return dataset


@transaction.atomic
def update_dataset(*, acting_user: User, dataset: Dataset, changes: Mapping[str, Any]) -> Dataset:
    """Change name, description or tags. Raises `InvalidInput` at `/name` where that is taken."""
    if "name" in changes:
        _refuse_taken_name(changes["name"], besides=dataset)
    try:
        with transaction.atomic():
            Dataset.objects.filter(pk=dataset.pk).update(**changes, updated_at=Now())
    except IntegrityError:
        raise _name_taken(changes["name"]) from None
    dataset.refresh_from_db()
    record(actor=acting_user, action="dataset.update", subject=dataset, changed=sorted(changes))
    return dataset


@transaction.atomic
def delete_dataset(*, acting_user: User, dataset: Dataset) -> None:
    """Delete a dataset with its samples, fields, values, evaluations and jobs; the blobs stay (docs/decisions).

    1. The row is locked: uploads, new fields and other deletions wait, and then find nothing. Then its jobs and its
       fields, in the order in which a job that writes takes them, so that neither waits for the other.
    2. The large tables are emptied from the leaves up, each by one ranged statement instead of row by row.
    3. What is left is small, and goes with the dataset.
    """
    locked = Dataset.objects.select_for_update().filter(pk=dataset.pk).first()
    if locked is None:
        raise NotFound(f"There is no dataset {dataset.pk} that you may see.")
    record(actor=acting_user, action="dataset.delete", subject=locked, samples=locked.sample_count)
    fields = Field.with_deleted.filter(dataset=locked)
    for rows in (locked.jobs.all(), fields):  # the jobs are of an app above this one
        list(rows.select_for_update().order_by("pk").values_list("pk"))
    for table in (LabelIndex, ValueHistory, Value, LabelClass):
        rows = table.objects.filter(field__in=fields.order_by())
        rows._raw_delete(rows.db)
    evaluations = Evaluation.objects.filter(dataset=locked)
    matches = EvaluationMatch.objects.filter(evaluation__in=evaluations.order_by())
    matches._raw_delete(matches.db)
    evaluations.delete()
    items = ReviewItem.objects.filter(review__in=Review.objects.filter(dataset=locked).order_by())
    items._raw_delete(items.db)
    fields.delete()
    samples = Sample.objects.filter(dataset=locked)
    samples._raw_delete(samples.db)
    locked.delete()


def _refuse_taken_name(name: str, *, besides: Dataset | None = None) -> None:
    others = Dataset.objects.filter(name=name)
    if (others.exclude(pk=besides.pk) if besides else others).exists():
        raise _name_taken(name)


def _name_taken(name: str) -> InvalidInput:
    return InvalidInput(f"The name “{name}” is taken; choose another.", code="name_taken", pointer="/name")
