"""One action over many samples: tags, labels and deletion, group by group, each group whole or not at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone

from datasets_app.bulk_labels import LabelChange, label_change, write_labels
from datasets_app.filters import parse_filter
from datasets_app.models import BulkAction, BulkPart, Dataset, Sample
from datasets_app.samples import lock_dataset, samples_changed
from datasets_app.values import GROUP, in_groups, samples_among, uncount_samples
from samplecase.contracts.errors import InvalidInput
from samplecase.web.accounts.models import User, record

MOST_SAMPLES = 100_000
MOST_TAGS = 100  # of one sample
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


def act_on_samples(
    *,
    acting_user: User,
    dataset: Dataset,
    action: Action,
    samples: Sequence[int] | None = None,
    filter: Any = None,
    tags: Sequence[str] = (),
    field: str | None = None,
    label: str | None = None,
) -> BulkReport:
    """Carry out `action` on the `samples`, or on those of the `filter`: exactly one of the two is given.

    Groups are committed one by one, so that others write in between; what a group changed stands with what undoes it.
    Raises `InvalidInput` at the place of each fault before anything is changed.
    """
    change = _label_change(dataset, action, field, label)
    if action in {Action.TAG, Action.UNTAG} and not tags:
        raise InvalidInput("Say which tags.", pointer="/tags")
    report = BulkReport()
    chosen = _chosen(dataset, samples, filter)
    undo = None
    if action != Action.DELETE:
        _forget_old(acting_user)
        undo = BulkAction.objects.create(
            dataset=dataset, user=acting_user, field=change.field if change else None
        )
    for group in in_groups(chosen, GROUP):
        with transaction.atomic():
            step = _step(action, dataset, tags, change, acting_user)
            changes = step(group, report)
            if not changes:
                continue
            report.changed += len(changes)
            record(actor=acting_user, action=f"sample.bulk_{action}", subject=dataset, samples=len(changes))
            if undo is not None:
                BulkPart.objects.create(action=undo, changes=changes)
    if undo is not None and report.changed:
        report.undo = str(undo.token)
    elif undo is not None:
        undo.delete()
    return report


# A step changes one group and returns what a `BulkPart` keeps of it: one entry for each sample that changed.
Step = Callable[[Sequence[int], BulkReport], list[Any]]


def _step(
    action: Action, dataset: Dataset, tags: Sequence[str], change: LabelChange | None, user: User
) -> Step:
    if change is not None:
        return lambda group, report: write_labels(change, group, user, report.skipped)
    if action == Action.DELETE:
        return lambda group, report: _delete(dataset, group, report)
    return lambda group, report: _change_tags(dataset, group, tags, action == Action.TAG, report)


def _label_change(
    dataset: Dataset, action: Action, field: str | None, label: str | None
) -> LabelChange | None:
    if action not in {Action.SET_LABEL, Action.CLEAR_LABEL}:
        return None
    return label_change(dataset, field, label, sets=action == Action.SET_LABEL)


def _chosen(dataset: Dataset, samples: Sequence[int] | None, filter: Any) -> list[int]:
    if (samples is None) == (filter is None):
        raise InvalidInput("Give either samples or a filter.", pointer="/samples")
    if samples is not None:
        chosen = list(dict.fromkeys(samples))
    else:
        rows = Sample.objects.filter(parse_filter(filter, dataset), dataset=dataset)
        chosen = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST_SAMPLES + 1])
    if len(chosen) > MOST_SAMPLES:
        raise InvalidInput(
            f"This takes at most {MOST_SAMPLES:,} samples at once; narrow the filter, for example by a range of ids,"
            " and repeat for the rest.",
            code="too_many_samples",
            pointer="/samples" if samples is not None else "/filter",
        )
    return chosen


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


def _forget_old(user: User) -> None:
    BulkAction.objects.filter(user=user, created_at__lt=timezone.now() - KEPT_FOR).delete()
