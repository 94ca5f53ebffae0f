"""What the worker does in slices: for a while, and then the next task goes on, so that none holds a worker for long."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError

from jobs_app import lifecycle
from samplecase.contracts.errors import ContractError
from samplecase.storage.port import StorageUnavailable

logger = logging.getLogger(__name__)

STRETCH = 10  # seconds after which a task hands over to the next
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

    Raises what passes by itself: a database, a store or a disk that does not serve.
    """
    try:
        yield
    except ContractError as error:
        lifecycle.fail(job_id=job_id, code=error.code, message=error.message)
    except PASSING:
        raise
    except Exception as error:
        logger.exception("job %s met what nobody foresaw", job_id)
        lifecycle.fail(
            job_id=job_id,
            code="unforeseen",
            message=f"A fault of Samplecase ended this job ({type(error).__name__}). What it did until then stands. "
            "The worker's log has the details; please report them.",
        )
