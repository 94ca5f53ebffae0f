"""One action over many samples: tags, labels and deletion, group by group, each group whole or not at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone

from datasets_app.bulk_labels import LabelChange, label_change, write_labels
from datasets_app.filters import parse_filter
from datasets_app.models import BulkAction, BulkPart, Dataset, Field, Sample
from datasets_app.samples import MOST_TAGS, lock_dataset, samples_changed
from datasets_app.values import GROUP, in_groups, samples_among, uncount_samples
from samplecase.contracts.errors import InvalidInput
from samplecase.web.accounts.models import User, record

AT_ONCE = 5_000  # samples that one request changes; more of them are a job's
KEPT_FOR = timedelta(days=1)


class Action(StrEnum):
    """What is done to each sample."""

    TAG = "tag"
    UNTAG = "untag"
    DELETE = "delete"  # final
    SET_LABEL = "set_label"
    CLEAR_LABEL = "clear_label"


@dataclass
class BulkReport:
    """How many samples changed, why the others did not, and what undoes it (None: nothing can)."""

    changed: int = 0
    skipped: Counter[str] = with_default(default_factory=Counter)
    undo: str | None = None


@dataclass(frozen=True)
class Order:
    """What is done to samples of a dataset. `change` is that of a label, None of all else."""

    dataset: Dataset
    action: Action
    tags: Sequence[str] = ()
    change: LabelChange | None = None

    @property
    def field(self) -> Field | None:
        """That whose values change."""
        return self.change.field if self.change else None


def checked_order(
    dataset: Dataset,
    action: Action,
    *,
    tags: Sequence[str] = (),
    field: str | None = None,
    label: str | None = None,
) -> Order:
    """Raises `InvalidInput` at the place of each fault."""
    change = None
    if action in {Action.SET_LABEL, Action.CLEAR_LABEL}:
        change = label_change(dataset, field, label, sets=action == Action.SET_LABEL)
    if action in {Action.TAG, Action.UNTAG} and not tags:
        raise InvalidInput("Say which tags.", pointer="/tags")
    return Order(dataset, action, tags, change)


def act_on_samples(
    *, acting_user: User, order: Order, samples: Sequence[int], needed: Collection[int] = ()
) -> BulkReport:
    """Carry out an order on `AT_ONCE` samples at most.

    Groups are committed one by one, so that others write in between; what a group changed stands with what undoes it.
    """
    report = BulkReport()
    undo = begin_undo(acting_user, order, needed)
    for group in in_groups(samples, GROUP):
        with transaction.atomic():
            changed = act_on_group(
                acting_user=acting_user, order=order, group=group, undo=undo, report=report
            )
            if changed:
                audit(acting_user, order, samples=changed)
    if undo is not None and report.changed:
        report.undo = str(undo.token)
    elif undo is not None:
        undo.delete()
    return report


def begin_undo(user: User, order: Order, needed: Collection[int]) -> BulkAction | None:
    """What keeps the way back; None where there is none. His older ones go, but those that are `needed`."""
    if order.action == Action.DELETE:
        return None
    old = BulkAction.objects.filter(user=user, created_at__lt=timezone.now() - KEPT_FOR)
    old.exclude(pk__in=needed).delete()
    made: BulkAction = BulkAction.objects.create(dataset=order.dataset, user=user, field=order.field)
    return made


def act_on_group(
    *, acting_user: User, order: Order, group: Sequence[int], undo: BulkAction | None, report: BulkReport
) -> int:
    """Change one group in the caller's transaction, and keep what undoes it; returns how many samples changed."""
    if order.change is not None:
        changes: list[Any] = write_labels(order.change, group, acting_user, report.skipped)
    elif order.action == Action.DELETE:
        changes = _delete(order.dataset, group, report)
    else:
        changes = _change_tags(order.dataset, group, order.tags, order.action == Action.TAG, report)
    if changes and undo is not None:
        BulkPart.objects.create(action=undo, changes=changes)
    report.changed += len(changes)
    return len(changes)


def audit(user: User, order: Order, **details: Any) -> None:
    record(actor=user, action=f"sample.bulk_{order.action}", subject=order.dataset, **details)


def chosen_samples(
    dataset: Dataset, *, samples: Sequence[int] | None = None, filter: Any = None
) -> list[int]:
    """The `samples`, or those of the `filter` by their ids: exactly one of the two is given. Raises `InvalidInput`."""
    if (samples is None) == (filter is None):
        raise InvalidInput("Give either samples or a filter.", pointer="/samples")
    if samples is not None:
        return list(dict.fromkeys(samples))
    rows = Sample.objects.filter(parse_filter(filter, dataset), dataset=dataset)
    return list(rows.order_by("pk").values_list("pk", flat=True).iterator(20_000))


def _change_tags(
    dataset: Dataset, group: Sequence[int], tags: Sequence[str], adds: bool, report: BulkReport
) -> list[Any]:
    """Samples with the same tags get their new ones by one statement."""
    lock_dataset(dataset.pk)
    rows = Sample.objects.select_for_update(no_key=True).filter(pk__in=group, dataset=dataset)
    alike: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for pk, before in rows.order_by("pk").values_list("pk", "tags"):
        alike[tuple(before)].append(pk)
    report.skipped["gone"] += len(group) - sum(map(len, alike.values()))
    changes: list[Any] = []
    for before, samples in alike.items():
        moved = [tag for tag in tags if (tag in before) != adds]
        after = [*before, *moved] if adds else [tag for tag in before if tag not in moved]
        if not moved:
            report.skipped["unchanged"] += len(samples)
        elif len(after) > MOST_TAGS:
            report.skipped["too_many_tags"] += len(samples)
        else:
            Sample.objects.filter(pk__in=samples).update(tags=after)
            changes += [[pk, moved, []] if adds else [pk, [], moved] for pk in samples]
    if changes:
        samples_changed(dataset.pk)
    return changes


def _delete(dataset: Dataset, group: Sequence[int], report: BulkReport) -> list[Any]:
    # The whole row, not only its counter: a field that is being made in this moment is then seen by one of the two.
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    found = sorted(samples_among(dataset.pk, group))
    report.skipped["gone"] += len(group) - len(found)
    uncount_samples(dataset=dataset.pk, samples=found)
    Sample.objects.filter(pk__in=found).delete()
    samples_changed(dataset.pk, added=-len(found))
    return found
