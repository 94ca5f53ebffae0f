"""What people decide in a review, written to its target field like any other value of theirs, and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from datasets_app.bulk_undoing import undo_labels
from datasets_app.models import Field, Value
from datasets_app.review_claims import claimable_by, one_after_the_other, renew_claims
from datasets_app.review_models import Decided, Review, ReviewItem
from datasets_app.reviews import refuse_problem
from datasets_app.values import Author, NewValue, WriteConflict, lock_field, write_to_locked
from samplecase.contracts.errors import Conflict, InvalidInput
from samplecase.contracts.labels import ValueChecker
from samplecase.contracts.states import Source
from samplecase.web.accounts.models import User

OF_A_MODEL = ("confidence", "scores")  # what a person who says the same does not say


class Decision(StrEnum):
    """What somebody does with the model's value of one sample."""

    ACCEPT = "accept"
    REJECT = "reject"
    CORRECT = "correct"


DECIDED = {
    Decision.ACCEPT: Decided.ACCEPTED,
    Decision.REJECT: Decided.REJECTED,
    Decision.CORRECT: Decided.CORRECTED,
}


@dataclass(frozen=True)
class Outcome:
    """A sample that was decided, or given back. `revision` is that of the target's value now, 0: there is none."""

    sample: int
    revision: int
    restored: bool | None = None  # of an undo: whether the target is as before, or was changed since


class Overtaken(Conflict):
    """Somebody else changed the value first; look at theirs and repeat."""

    def __init__(self, conflict: WriteConflict) -> None:
        super().__init__(pointer="/revision")
        self.conflict = conflict


@transaction.atomic
def decide(
    *,
    acting_user: User,
    review: Review,
    sample: int,
    decision: Decision,
    value: Any = None,
    revision: int | None = None,
    source_revision: int | None = None,
    window: str | None = None,
) -> Outcome:
    """Decide on one sample that nobody else has.

    1. His own requests follow one another. The target field is locked, as by everybody who writes to it, and before the
       item: in the order of deletions.
    2. The item is decided by one conditional update; who comes second finds that it is not open any more.
    3. Accepted: the model's value, without its confidence; corrected: `value`; rejected: nothing is written.

    `revision` is that of the target's value which was seen, `source_revision` that of the model's; None: whatever
    stands there. The same decision once more, after an answer that was lost, changes nothing.

    Raises `Conflict`: `claimed`, `decided`, `not_in_review`, `no_value`, `field_gone`, and `Overtaken`.
    """
    refuse_problem(review)
    one_after_the_other(acting_user)
    target = lock_field(review.target) if decision != Decision.REJECT else review.target
    items = ReviewItem.objects.filter(review=review, sample=sample)
    open_items = items.filter(claimable_by(acting_user), decided=Decided.OPEN.value)
    after = DECIDED[decision].value
    changed = open_items.update(
        decided=after,
        decided_by=acting_user,
        decided_at=Now(),
        claimed_by=None,
        claimed_in=None,
        claimed_at=None,
    )
    if not changed:
        item = items.select_related("claimed_by", "decided_by", "sample").first()
        if item is None or item.decided_by_id != acting_user.pk or item.decided != after:
            raise _refusal(item)
        if decision == Decision.CORRECT and not _stands(target, sample, _checked(target, value, decision)):
            raise _refusal(item)
        return Outcome(sample, _revision(target, sample))
    renew_claims(review, acting_user, window)
    before = _revision(target, sample)
    if decision == Decision.REJECT:
        return Outcome(sample, before)
    data = _accepted(review.source, sample, source_revision) if decision == Decision.ACCEPT else value
    data = _checked(target, data, decision)
    row = NewValue(sample, data, revision)
    report = write_to_locked(field=target, rows=[row], author=Author(Source.HUMAN, acting_user))
    if report.conflicts:
        raise Overtaken(report.conflicts[0])
    now = _revision(target, sample)
    if now != before:  # else the very same stood there already
        items.update(before=before, after=now)
    return Outcome(sample, now)


@transaction.atomic
def undo_last(*, acting_user: User, review: Review, window: str | None = None) -> Outcome:
    """Take back what `acting_user` decided last, in any window: the sample is his again, and the target as before.

    A value that somebody changed since stays (`restored` is False). Raises `Conflict` where there is nothing to undo.
    """
    refuse_problem(review)
    one_after_the_other(acting_user)
    own = ReviewItem.objects.filter(review=review, decided_by=acting_user)
    target = lock_field(review.target)
    item = own.order_by("-decided_at", "-pk").first()
    if item is None:
        raise Conflict("You have not decided anything in this review.", code="nothing_to_undo")
    reopened = own.filter(pk=item.pk, decided=item.decided).update(
        decided=Decided.OPEN.value,
        decided_by=None,
        decided_at=None,
        before=None,
        after=None,
        claimed_by=acting_user,
        claimed_in=window,
        claimed_at=Now(),
    )
    if not reopened:
        raise Conflict()
    renew_claims(review, acting_user, window)
    restored = item.after is None or bool(
        undo_labels(target, [[item.sample_id, item.before, item.after]], acting_user)
    )
    return Outcome(item.sample_id, _revision(target, item.sample_id), restored)


def _refusal(item: ReviewItem | None) -> Conflict:
    """Why nothing could be decided on it."""
    if item is None:
        message = "The sample is not in this review: it was deleted, or never there."
        return Conflict(message, code="not_in_review", pointer="/sample")
    if item.decided == Decided.OPEN:
        holder = item.claimed_by.username if item.claimed_by else "somebody else"
        message = f"“{item.sample}” is with {holder} at the moment; take another sample."
        return Conflict(message, code="claimed", pointer="/sample")
    decider = item.decided_by.username if item.decided_by else "somebody"
    message = f"“{item.sample}” was {item.decided} by {decider} already."
    return Conflict(message, code="decided", pointer="/sample")


def _stands(field: Field, sample: int, data: Any) -> bool:
    found = Value.objects.filter(field=field, sample=sample).values_list("data", flat=True).first()
    return bool(found == data)


def _accepted(source: Field, sample: int, revision: int | None) -> Any:
    """The model's value as a person says it: without its confidence."""
    found = Value.objects.filter(field=source, sample=sample).first()
    if found is None:
        message = f"“{source.name}” has no value on this sample any more; reject or correct it."
        raise Conflict(message, code="no_value", pointer="/sample")
    if revision is not None and revision != found.revision:
        message = f"“{source.name}” has another value than you saw; look again."
        raise Conflict(message, code="source_changed", pointer="/source_revision")
    return _without(found.data) if isinstance(found.data, dict) else [_without(each) for each in found.data]


def _without(label: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in label.items() if key not in OF_A_MODEL}


def _checked(target: Field, data: Any, decision: Decision) -> Any:
    if data is None:
        raise InvalidInput("A correction has a value; to say that there is none, reject.", pointer="/value")
    checker = ValueChecker(target.type, dimension=target.dimension, classes=target.classes)
    try:
        return checker.normalise(data, at="/value")
    except InvalidInput as error:
        if decision == Decision.CORRECT:
            raise
        message = f"“{target.name}” does not take the model's value: {error.message}"
        raise InvalidInput(message, code="invalid_value", pointer="/decision") from None


def _revision(field: Field, sample: int) -> int:
    found = Value.objects.filter(field=field, sample=sample).values_list("revision", flat=True).first()
    return found or 0
