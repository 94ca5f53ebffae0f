"""Who reviews which samples: claims by conditional update, which end when their holder has been idle for a while."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from datasets_app.review_models import Decided, Review, ReviewItem
from datasets_app.reviews import is_idle, refuse_problem
from samplecase.web.accounts.models import User

MOST_CLAIMED = 50  # by one person in one window
MOST_HELD = 4 * MOST_CLAIMED  # by one person, in however many windows


@transaction.atomic
def claim_samples(*, acting_user: User, review: Review, count: int, window: str | None = None) -> list[int]:
    """The next samples for `acting_user`, at most `count`: first those that he has already, so that he goes on there.

    Of somebody with several windows each has samples of its own; without a `window` all of his are meant.

    1. His own requests follow one another.
    2. His claims are renewed, also one that ran out, unless somebody else took it.
    3. What is missing is taken from the front, of the samples that nobody has, as long as he has not very many. On
       PostgreSQL the rows that somebody claims at this moment are passed over, on SQLite writers follow one another;
       the update asks once more.

    Raises `Conflict` where one of the review's fields was deleted.
    """
    refuse_problem(review)
    one_after_the_other(acting_user)
    renew_claims(review, acting_user, window)
    items = ReviewItem.objects.filter(review=review, decided=Decided.OPEN.value)
    own = _claimed(review, acting_user, window)
    held = list(own.order_by("rank").values_list("sample", flat=True)[:count])
    missing = min(count - len(held), MOST_HELD - _held_anywhere(review, acting_user))
    if missing <= 0:
        return held
    free = items.filter(claimable_by(None)).order_by("decided", "rank")
    locked = free.select_for_update(skip_locked=True, no_key=True)
    found = dict(locked.values_list("pk", "sample")[:missing])
    items.filter(claimable_by(None), pk__in=found).update(
        claimed_by=acting_user, claimed_in=window, claimed_at=Now()
    )
    taken = set(own.filter(pk__in=found).values_list("pk", flat=True))
    return [*held, *(sample for pk, sample in found.items() if pk in taken)]


@transaction.atomic
def release_samples(*, acting_user: User, review: Review, window: str | None = None) -> int:
    """Give the claims of `acting_user` back, so that others need not wait for them; returns how many these were.

    Those of one `window` only where it says which it is: what he has in another one he works on there.
    """
    one_after_the_other(acting_user)
    own = _claimed(review, acting_user, window)
    return own.update(claimed_by=None, claimed_in=None, claimed_at=None)


def one_after_the_other(user: User) -> None:
    """Let what one person asks for in several windows wait for one another, before anything else is locked."""
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))


def renew_claims(review: Review, user: User, window: str | None) -> None:
    """Whoever does something keeps all that he has there; what a window had that crashed runs out."""
    _claimed(review, user, window).update(claimed_at=Now())


def _claimed(review: Review, user: User, window: str | None) -> QuerySet[ReviewItem]:
    own = ReviewItem.objects.filter(review=review, claimed_by=user)
    return own if window is None else own.filter(claimed_in=window)


def _held_anywhere(review: Review, user: User) -> int:
    """Those that others have to wait for."""
    return _claimed(review, user, None).exclude(is_idle()).count()


def claimable_by(user: User | None) -> Q:
    """Open items that nobody has, or nobody who did anything lately; those of `user` too."""
    free = Q(claimed_by=None) | is_idle()
    return free if user is None else free | Q(claimed_by=user)
