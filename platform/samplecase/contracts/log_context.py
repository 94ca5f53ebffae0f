"""What a log line is about besides what it says: the request, job or deployment that its thread works for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_bound: ContextVar[Mapping[str, object]] = ContextVar("samplecase_log_context")


@contextmanager
def bound(**ids: object) -> Iterator[None]:
    """Every line that this thread logs inside names these, besides what it names already."""
    token = _bound.set({**present(), **ids})
    try:
        yield
    finally:
        _bound.reset(token)


def present() -> Mapping[str, object]:
    """What lines of this thread name now."""
    return _bound.get({})
