"""What the worker does in slices: for a while, and then the next task goes on, so that none holds a worker for long."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import F

from jobs_app import lifecycle
from jobs_app.models import Job
from samplecase.contracts.errors import ContractError
from samplecase.storage.filesystem import REFUSALS
from samplecase.storage.port import StorageRefused, StorageUnavailable, reason_of

logger = logging.getLogger(__name__)

STRETCH = 10  # seconds after which a task hands over to the next
MOST_REFUSALS = 5  # slices in a row, a minute apart
REFUSED = (
    "Where this server keeps its files, it is refused: {}. Whoever runs it finds more in the worker's log; resume the"
    " job once that is put right."
)
# A database, a store or a disk that does not serve now may do so later: the sweep rings again for the job.
PASSING = (OperationalError, InterfaceError, StorageUnavailable, OSError)


def work_through(step: Callable[[], bool], *, hand_over: Callable[[], object]) -> bool:
    """Take steps until one says that there is nothing more (True), or hand over when the time is up (False)."""
    end = time.monotonic() + STRETCH
    while step():
        if time.monotonic() > end:
            hand_over()
            return False
    return True


@contextmanager
def failing(job_id: int) -> Iterator[None]:
    """What the work inside cannot get over makes the job fail with the reason, so that nobody rings for it for ever.

    Raises what passes by itself: a database, a store or a disk that does not serve. One that refuses, time and again,
    lets the job rest until somebody has put that right and resumes it.
    """
    before = _cursor(job_id)
    try:
        yield
        Job.objects.filter(pk=job_id, refusals__gt=0).update(refusals=0)
    except ContractError as error:
        lifecycle.fail(job_id=job_id, code=error.code, message=error.message)
    except PASSING as error:
        if _is_refusal(error):
            _count_refusal(job_id, error, goes_on=_cursor(job_id) != before)
        raise
    except Exception as error:
        logger.exception("job %s met what nobody foresaw", job_id)
        lifecycle.fail(
            job_id=job_id,
            code="unforeseen",
            message=f"A fault of Samplecase ended this job ({type(error).__name__}). What it did until then stands. "
            "The worker's log has the details; please report them.",
        )


def _is_refusal(error: BaseException) -> bool:
    """Whether it lasts until somebody changes rights or mounts."""
    is_refused = isinstance(error, OSError) and error.errno in REFUSALS
    return isinstance(error, StorageRefused) or is_refused


def _cursor(job_id: int) -> Any:
    return Job.objects.filter(pk=job_id).values_list("cursor", flat=True).first()


def _count_refusal(job_id: int, error: BaseException, *, goes_on: bool) -> None:
    """After so many slices in vain the job is paused, and says what was refused."""
    running = Job.objects.running().filter(pk=job_id)
    running.update(refusals=1 if goes_on else F("refusals") + 1)
    lifecycle.rest_refused(job_id, message=REFUSED.format(reason_of(error)), most=MOST_REFUSALS)
