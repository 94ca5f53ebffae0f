"""Changing and deleting single samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from datasets_app.models import Dataset, Sample
from datasets_app.values import uncount_samples
from samplecase.contracts.errors import InvalidInput, NotFound
from samplecase.web.accounts.models import User, record

MOST_TAGS = 100  # of one sample


def find_sample(*, dataset: Dataset, pk: int) -> Sample:
    """Raises `NotFound`."""
    found = Sample.objects.filter(dataset=dataset, pk=pk).first()
    if found is None:
        raise NotFound(f"The dataset “{dataset}” has no sample {pk}.")
    return found


@transaction.atomic
def update_sample(*, acting_user: User, sample: Sample, changes: Mapping[str, Any]) -> Sample:
    """Change name or tags: `tags` are all of them, `add_tags` and `remove_tags` are changes of those that stand there.

    Raises `InvalidInput` at `/name` where another sample has it, and at `/add_tags` where it had too many tags then.
    """
    lock_dataset(sample.dataset_id)
    changes = dict(changes)
    added, removed = changes.pop("add_tags", ()), changes.pop("remove_tags", ())
    if added or removed:
        changes["tags"] = _changed_tags(sample, added, removed)
    try:
        with transaction.atomic():
            # An update of no column touches no row, which says nothing about the sample.
            if changes and not Sample.objects.filter(pk=sample.pk).update(**changes):
                raise NotFound(f"There is no sample {sample.pk} any more.")
    except IntegrityError:
        message = f"The dataset has a sample “{changes['name']}” already."
        raise InvalidInput(message, code="name_taken", pointer="/name") from None
    samples_changed(sample.dataset_id)
    record(actor=acting_user, action="sample.update", subject=sample, changed=dict(changes))
    sample.refresh_from_db()
    return sample


def _changed_tags(sample: Sample, added: Sequence[str], removed: Sequence[str]) -> list[str]:
    """Those that stand there, with and without some; the lock of the dataset keeps others from changing them."""
    standing = Sample.objects.filter(pk=sample.pk).values_list("tags", flat=True).first()
    kept = [tag for tag in standing or () if tag not in removed]
    tags = list(dict.fromkeys([*kept, *added]))
    if added and len(tags) > MOST_TAGS:
        raise InvalidInput(f"A sample has at most {MOST_TAGS} tags.", pointer="/add_tags")
    return tags


@transaction.atomic
def delete_sample(*, acting_user: User, sample: Sample) -> None:
    """Delete a sample with its values; all counters of the dataset follow. The blob stays: others may share it."""
    # The whole row, not only its counter: a field that is being made in this moment is then seen by one of the two.
    Dataset.objects.select_for_update().get(pk=sample.dataset_id)
    if not Sample.objects.filter(pk=sample.pk).exists():
        raise NotFound(f"There is no sample {sample.pk} any more.")
    record(actor=acting_user, action="sample.delete", subject=sample, dataset=sample.dataset_id)
    uncount_samples(dataset=sample.dataset_id, samples=[sample.pk])
    Sample.objects.filter(pk=sample.pk).delete()
    samples_changed(sample.dataset_id, added=-1)


def sample_bytes(owner: User) -> int:
    """Of all samples of his datasets."""
    return Sample.objects.filter(dataset__owner=owner).aggregate(sum=Sum("bytes"))["sum"] or 0


def lock_dataset(dataset: int) -> None:
    """Held until the transaction ends: who changes samples takes their dataset first, as imports and deletions do.

    In the other order two of them would wait for each other.
    """
    list(Dataset.objects.select_for_update(no_key=True).filter(pk=dataset).values_list("pk"))


def samples_changed(dataset: int, *, added: int = 0) -> None:
    """Keep the dataset's counters, in the transaction of the change."""
    Dataset.objects.filter(pk=dataset).update(
        sample_count=F("sample_count") + added, changes=F("changes") + 1
    )
