"""Requests that may be repeated without being carried out twice: per user and key, for 24 hours."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from jobs_app.clock import from_now
from jobs_app.models import IdempotencyKey, Submission
from samplecase.contracts.errors import Conflict, InvalidInput
from samplecase.web.accounts.models import User

LIFETIME = 24 * 60 * 60  # seconds
MAX_LENGTH = 100


@dataclass(frozen=True)
class RequestKey:
    """A key as it was sent, and the digest of the body that came with it."""

    user: User
    key: str
    body_sha256: str

    @classmethod
    def of(cls, *, user: User, key: str, body: Any) -> RequestKey:
        """Raises `InvalidInput` for a key that is empty, too long or not printable ASCII."""
        if not (0 < len(key) <= MAX_LENGTH and key.isascii() and key.isprintable()):
            message = f"Idempotency-Key has 1 to {MAX_LENGTH} printable ASCII characters."
            raise InvalidInput(message, pointer="Idempotency-Key")
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        return cls(user, key, hashlib.sha256(text.encode()).hexdigest())

    def earlier(self) -> Submission | None:
        """What the same request submitted before. Raises `Conflict` when it had another body."""
        valid = IdempotencyKey.objects.filter(created_at__gte=from_now(-LIFETIME))
        found = valid.select_related("submission").filter(user=self.user, key=self.key).first()
        if found is None:
            return None
        if found.body_sha256 != self.body_sha256:
            message = "This Idempotency-Key was used with another body less than 24 hours ago; use a new one."
            raise Conflict(message, code="idempotency_key_reused", pointer="Idempotency-Key")
        return found.submission

    def take(self, submission: Submission) -> bool:
        """Bind the key to `submission`, in its transaction; False if another request holds it.

        On PostgreSQL this waits for the other request's transaction; on SQLite that one is over already.
        """
        _expired().filter(user=self.user, key=self.key).delete()
        try:
            with transaction.atomic():
                IdempotencyKey.objects.create(
                    user=self.user, key=self.key, body_sha256=self.body_sha256, submission=submission
                )
        except IntegrityError:
            return False
        return True


def forget_expired() -> int:
    """Delete the keys that are over; return how many that were."""
    deleted, _ = _expired().delete()
    return deleted


def _expired() -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(created_at__lt=from_now(-LIFETIME))
