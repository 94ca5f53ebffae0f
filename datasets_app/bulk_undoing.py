"""Taking a bulk action back, group by group: each sample as before, unless somebody changed it since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from datasets_app.models import BulkAction, BulkPart, Dataset, Field, Sample, Value, ValueHistory
from datasets_app.samples import lock_dataset, samples_changed
from datasets_app.undoing import UndoReport, written_again
from datasets_app.value_rows import put_values
from datasets_app.values import samples_among
from samplecase.contracts.errors import Forbidden, NotFound
from samplecase.contracts.states import DatasetRight
from samplecase.web.accounts.models import User, record

Entries = Sequence[Any]


def undo_action(*, acting_user: User, dataset: Dataset, token: Any) -> UndoReport:
    """Take back the action of `token`; each of its groups is undone and forgotten in one transaction.

    An undo that was interrupted is simply asked for again. Raises `NotFound` where it is undone or too old, and
    `Forbidden` unless it was his or he may *edit*.
    """
    action = (
        BulkAction.objects.filter(dataset=dataset, token=token).select_related("field", "dataset").first()
    )
    if action is None:
        raise NotFound("There is nothing to undo under this: it was undone, or is more than a day old.")
    if action.user_id != acting_user.pk and not dataset.allows(acting_user, DatasetRight.EDIT):
        raise Forbidden("You need the right “edit” to undo what somebody else did.")
    restored = kept = 0
    for pk in list(action.parts.order_by("-pk").values_list("pk", flat=True)):
        with transaction.atomic():
            part = (
                BulkPart.objects.select_for_update(of=("self",))
                .select_related("action")
                .filter(pk=pk)
                .first()
            )
            if part is None:
                continue  # somebody else undoes it at this moment
            undone, stay = undo_part(part, acting_user)
            restored, kept = restored + undone, kept + stay
    with transaction.atomic():
        record(actor=acting_user, action="sample.bulk_undo", subject=dataset, restored=restored, kept=kept)
        action.delete()
    return UndoReport(restored, kept)


def undo_part(part: BulkPart, user: User) -> tuple[int, int]:
    """Undo and forget one group in the caller's transaction; returns how many are as before, and how many stay."""
    action = part.action
    if action.field_id is None:
        undone = _undo_tags(action.dataset_id, part.changes)
    else:
        # Also of a deleted field: it may be restored, and is then without the action's work.
        locked = Field.with_deleted.select_for_update(no_key=True).get(pk=action.field_id)
        undone = undo_labels(locked, part.changes, user)
    part.delete()
    return undone, len(part.changes) - undone


def _undo_tags(dataset: int, changes: Entries) -> int:
    """A tag that was added and is still there goes; one that was taken away and is absent comes back."""
    lock_dataset(dataset)
    rows = Sample.objects.select_for_update(no_key=True).filter(
        dataset=dataset, pk__in=[pk for pk, _, _ in changes]
    )
    tags = {pk: list(each) for pk, each in rows.order_by("pk").values_list("pk", "tags")}
    again: dict[tuple[str, ...], list[int]] = {}
    for pk, added, removed in changes:
        if pk not in tags:
            continue
        before = [tag for tag in tags[pk] if tag not in added]
        before += [tag for tag in removed if tag not in before]
        if before != tags[pk]:
            again.setdefault(tuple(before), []).append(pk)
    for before_, samples in again.items():
        Sample.objects.filter(pk__in=samples).update(tags=list(before_))
    if again:
        samples_changed(dataset)
    return sum(map(len, again.values()))


def undo_labels(field: Field, changes: Entries, user: User) -> int:
    """A value that stands as the action left it gives way to the one before it, or to none."""
    samples = [sample for sample, _, _ in changes]
    standing = {each.sample_id: each for each in Value.objects.filter(field=field, sample__in=samples)}
    past: dict[int, dict[int, ValueHistory]] = {}
    for row in ValueHistory.objects.filter(field=field, sample__in=samples).order_by("pk"):
        past.setdefault(row.sample_id, {})[row.revision] = row
    present = samples_among(field.dataset_id, samples)
    again, replaced, undone = [], [], 0
    for sample, before, after in changes:
        now, rows = standing.get(sample), past.get(sample, {})
        if sample not in present or (before and before not in rows) or not _stands(now, after, rows):
            continue
        undone += 1
        if now:
            replaced.append(sample)
        if before:
            revision = max([*rows, now.revision if now else 0]) + 1
            again.append(written_again(field, rows[before], revision))
    put_values(field=field, values=again, replaced=replaced, by_user=user)
    return undone


def _stands(now: Value | None, after: int, rows: Mapping[int, ValueHistory]) -> bool:
    """Whether the value is the one of revision `after`: that itself, or brought back by another undo (0: none)."""
    if now is None or now.revision == after:
        return (now is None) == (after == 0)
    # What is brought back has a revision of its own, but was written when it was written.
    return after in rows and rows[after].written_at == now.written_at
