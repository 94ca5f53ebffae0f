"""Uploads and their parts, and whose turn it is to add to one."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from samplecase.web.accounts.models import User

PREFIX = "uploads/"  # of the keys of parts; then the upload's id
MOST_PARTS = 10_000  # of one upload
HELD_SECONDS = 10  # without a byte, after which another request may go on
RENEW_SECONDS = 2.0  # after which a request says again that it holds an upload
USED_SECONDS = 15 * 60  # that a used upload stays, for whoever did not hear the answer


@dataclass(frozen=True)
class Part:
    """A stretch of an upload that lies in the blob store: its first byte's place, and its size in bytes."""

    start: int
    size: int
    key: str


class UploadQuerySet(models.QuerySet["Upload"]):
    """Visibility: an upload belongs to one person, and superusers have no part in it."""

    def of(self, user: User) -> UploadQuerySet:
        """Those of `user` whose time is not over."""
        return self.filter(owner=user, expires_at__gt=timezone.now())


class Upload(models.Model):
    """A file on its way. `offset` is how much of it is durably stored, whatever is killed."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    metadata = models.TextField(blank=True)  # as it was sent, for who asks where to go on
    length = models.PositiveBigIntegerField()  # bytes
    offset = models.PositiveBigIntegerField(default=0)  # bytes
    expected_sha256 = models.CharField(max_length=64, blank=True)  # said beforehand
    sha256 = models.CharField(max_length=64, blank=True)  # counted, once it is whole
    key = models.CharField(
        max_length=200, blank=True
    )  # a blob that holds it already; empty: it comes in parts
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=32, blank=True)  # the request that adds to it; empty: none
    held_until = models.DateTimeField(null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "expected_sha256"], name="upload_by_digest")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_whole(self) -> bool:
        """All of it came, and its digest was counted."""
        return bool(self.sha256)

    def take_turn(self) -> str:
        """Hold it for one request; returns by what name, empty where another request holds it.

        A request that got no byte for `HELD_SECONDS` may lose it: its connection is probably dead.
        """
        holder, now = secrets.token_hex(16), timezone.now()
        free = Upload.objects.filter(Q(holder="") | Q(held_until__lt=now), pk=self.pk)
        return holder if free.update(holder=holder, held_until=_held_until()) else ""

    def keep_turn(self, holder: str) -> bool:
        """Say that the request still gets bytes; False where it has lost the upload."""
        return bool(Upload.objects.filter(pk=self.pk, holder=holder).update(held_until=_held_until()))

    def end_turn(self, holder: str) -> None:
        Upload.objects.filter(pk=self.pk, holder=holder).update(holder="", held_until=None)

    def add(self, parts: Sequence[Part], *, holder: str) -> bool:
        """Record parts that follow on what is there; False, and nothing done, where `holder` has lost the upload."""
        size = sum(part.size for part in parts)
        with transaction.atomic():
            mine = Upload.objects.filter(pk=self.pk, holder=holder, offset=parts[0].start)
            if not mine.update(
                offset=F("offset") + size, held_until=_held_until(), expires_at=lasting_until()
            ):
                return False
            UploadPart.objects.bulk_create(UploadPart(upload=self, **vars(part)) for part in parts)
            return True

    def stretches(self) -> list[Part]:
        """Where its bytes lie, in their order."""
        if self.key:
            return [Part(0, self.length, self.key)]
        rows = self.parts.order_by("start").values_list("start", "size", "key")
        return [Part(*row) for row in rows]


class UploadPart(models.Model):
    """One stretch of an upload, in a blob of its own."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    start = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()
    key = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "start"], name="upload_part_once")]

    def __str__(self) -> str:
        return self.key


def lasting_until() -> datetime:
    """When an upload that somebody has just worked on is given up."""
    return timezone.now() + timedelta(seconds=settings.UPLOAD_EXPIRY_SECONDS)


def _held_until() -> datetime:
    return timezone.now() + timedelta(seconds=HELD_SECONDS)
