"""The tables of reviews: a queue of samples whose labels by a model are looked at by people."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.conf import settings
from django.db import models


class Decided(StrEnum):
    """What somebody said of the model's value on one sample."""

    OPEN = ""  # nothing yet
    ACCEPTED = "accepted"  # it stands in the target field too, as the person's
    REJECTED = "rejected"  # it is wrong; the target field stays as it was
    CORRECTED = "corrected"  # another value stands in the target field


def known(column: str) -> models.Q:
    """The condition of an index that leaves rows without the column's value out."""
    return models.Q(**{f"{column}__isnull": False})


class Review(models.Model):
    """A queue over the samples that a filter held when it was made, for all who label the dataset."""

    AUDITED_UNDER: ClassVar[str] = "dataset"

    dataset = models.ForeignKey("datasets_app.Dataset", on_delete=models.CASCADE, related_name="reviews")
    name = models.CharField(max_length=100)
    filter = models.JSONField(null=True)  # as it was sent
    order = models.CharField(max_length=200)  # as it was sent
    source = models.ForeignKey(
        "datasets_app.Field", on_delete=models.CASCADE, related_name="+"
    )  # the model's
    target = models.ForeignKey(
        "datasets_app.Field", on_delete=models.CASCADE, related_name="+"
    )  # the people's
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="review_name_once")]

    def __str__(self) -> str:
        return self.name


class ReviewItem(models.Model):
    """One sample of a review: its place, who has it, and what was decided. It goes with its sample."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="items", db_index=False)
    sample = models.ForeignKey(
        "datasets_app.Sample", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    rank = models.PositiveBigIntegerField()  # from 1, in the review's order
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    claimed_in = models.CharField(max_length=36, null=True)  # in which of his windows, if it said so
    claimed_at = models.DateTimeField(
        null=True
    )  # when whoever has it did something last, by the database's clock
    decided = models.CharField(
        max_length=9, blank=True, default="", choices=[(each.value, each.value) for each in Decided]
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    # Revisions of the target's value before and after, 0: none; both null where nothing was written.
    before = models.PositiveIntegerField(null=True)
    after = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sample", "review"], name="review_sample_once")]
        # A review of a million samples is made in one statement, so only two of them hold every row.
        indexes = [
            models.Index(fields=["review", "decided", "rank"], name="review_next"),
            models.Index(
                fields=["review", "claimed_by"], name="review_claims", condition=known("claimed_by")
            ),
            models.Index(fields=["claimed_by"], name="review_claimer", condition=known("claimed_by")),
            models.Index(
                fields=["decided_by", "review", "decided_at"],
                name="review_decider",
                condition=known("decided_by"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}#{self.rank}"
