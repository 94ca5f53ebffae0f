"""The database's clock: leases of several hosts are compared by one clock, never by each host's own."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import DateTimeField, ExpressionWrapper, Q
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now


def from_now(seconds: float) -> ExpressionWrapper[CombinedExpression]:
    """An expression for `seconds` after (negative: before) the moment at which the database evaluates it."""
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())


def lapsed() -> Q:
    """Rows whose lease is over.

    So is one that ends later than any lease can: the clock was set back after it was given, and whoever holds it
    brings it up to date within a second, if he lives.
    """
    longest = 2 * settings.LEASE_SECONDS + 60
    return Q(lease_until__lt=Now()) | Q(lease_until__gt=from_now(longest))
