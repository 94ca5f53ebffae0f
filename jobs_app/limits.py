"""How much one user may ask for at once."""

from __future__ import annotations

from django.conf import settings

from jobs_app.models import UNFINISHED, Job
from samplecase.contracts.errors import Conflict
from samplecase.web.accounts.models import User


def refuse_too_many(*, owner: User, more: int) -> None:
    """Raises `Conflict` (`too_many_jobs`) if `owner` would have too many unfinished jobs with `more` of them.

    In the caller's transaction, which then holds the user's row: two requests at once are counted one after the other.
    """
    most: int = settings.MAX_JOBS_PER_USER
    if not most:
        return
    list(User.objects.select_for_update(no_key=True).filter(pk=owner.pk).values_list("pk"))
    unfinished = Job.objects.filter(owner=owner, state__in=UNFINISHED).count()
    if unfinished + more > most:
        message = (
            f"{owner.username} has {unfinished} unfinished jobs, and {most} is the most for one user; "
            "wait for some to end, or cancel them."
        )
        raise Conflict(message, code="too_many_jobs")
