"""The tables of what points at versions: aliases, their history, and the tombstones of versions that were deleted."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from models_app.models import Model, Version


class Alias(models.Model):
    """A word that says which version of a model is meant at this time; deployments may follow it."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=40)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="aliases")
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    moved_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["model", "name"], name="alias_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.model}"


class AliasMove(models.Model):
    """One step of an alias: from a version to another, by their numbers; empty before the first and after the last."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="alias_moves")
    name = models.CharField(max_length=40)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    moved_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["model", "name", "-id"], name="moves_of_alias")]

    def __str__(self) -> str:
        return f"{self.name}: {self.before} → {self.after}"


class Tombstone(models.Model):
    """What is left of a version that was deleted and had written values: enough to say which it was.

    Its key is that of the version, which values keep. The model may be gone too, its name is not.
    """

    id = models.BigIntegerField(primary_key=True)
    model = models.ForeignKey(Model, null=True, on_delete=models.SET_NULL, related_name="tombstones")
    model_name = models.CharField(max_length=100)
    version = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)  # `Version.digest`, which jobs keep
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    deleted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.model_name} {self.version}"
